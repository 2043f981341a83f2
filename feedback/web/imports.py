"""The owner's pages to bring people, clients and past feedback in."""

from collections.abc import Iterator
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from feedback.context import app_context
from feedback.db.change import Invalid
from feedback.db.engine import Database
from feedback.imports import jobs
from feedback.imports.doubts import IdentityDoubt
from feedback.imports.jobs import LARGEST_FILE
from feedback.imports.run import HEADERS, ImportKind
from feedback.imports.signals import Signals
from feedback.store import import_jobs, import_rows
from feedback.store.import_jobs import JobView, job_for
from feedback.store.import_rows import ImportRowView, RowFilter
from feedback.web.bodies import allow_files
from feedback.web.context import changing, current_user, db, now, owner_required, read_session, today
from feedback.web.csv import csv_parts
from feedback.web.htmx import redirect_to, render
from feedback.web.paging import ListPage, paginate_query

pages = Blueprint("imports", __name__)
pages.url_value_preprocessor(allow_files)

# What is in a file of a kind, the columns it may have, those it must have, and an example row.
KINDS = {
    ImportKind.PEOPLE: ("People who sign in", *HEADERS[ImportKind.PEOPLE], ("Sam Ortega", "sam@example.com", "rep", "North")),
    ImportKind.ACCOUNTS: ("Clients: accounts and contacts", *HEADERS[ImportKind.ACCOUNTS],
                          ("Northwind", "Dana Whitfield", "dana@northwind.example", "Head of purchasing", "en", "120000", "90")),
    ImportKind.HISTORY: ("Past feedback from another tool", *HEADERS[ImportKind.HISTORY], ()),
    ImportKind.OUTCOMES: ("Outcomes: what became of clients", *HEADERS[ImportKind.OUTCOMES],
                          ("Northwind", "", "2026-05-01", "renewed", "120000", "130000", "two more sites", "")),
}  # fmt: skip

# By what the rows of a file can be looked for, in words.
SHOWN = {
    "made": "new",
    "changed": "changed",
    "joined": "joined",
    "left_out": "left out",
    "asks": "asked about",
}
ROW_COLUMNS = ("row", "comes_of_it", "about", "in_words")


@pages.get("/import")
@owner_required
def index() -> Response:
    return _index_page()


@pages.post("/import")
@owner_required
def upload() -> Response:
    """Take a file; a worker checks it."""
    file = request.files.get("file")
    content = file.read(LARGEST_FILE + 1) if file else b""
    try:
        with changing() as c:
            name = (file.filename or "") if file else ""
            job_id = jobs.add_job(c, current_user().id, request.form.get("kind", ""), name, content)
    except Invalid as error:
        return _index_page(error.reasons, 422)
    return redirect_to(url_for("imports.show", job_id=job_id))


@pages.get("/import/<kind>.csv")
@owner_required
def example(kind: str) -> Response:
    """Send the header of a kind, with an example row, to be filled in."""
    if kind not in tuple(ImportKind):
        abort(404)
    _, columns, _, cells = KINDS[ImportKind(kind)]
    lines = [",".join(columns), *([",".join(cells)] if cells else [])]
    response = Response("\ufeff" + "\r\n".join(lines) + "\r\n", content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return response


@pages.get("/import/<uuid:job_id>")
@owner_required
def show(job_id: UUID) -> Response:
    return _job_page(_job(job_id))


@pages.post("/import/<uuid:job_id>")
@owner_required
def act(job_id: UUID) -> Response:
    """Import it, check it anew, stop it, put it away or undo it; `what` in the form says which."""
    job, what = _job(job_id), request.form.get("what")
    try:
        if what == "stop" and job.working:
            _signals(job_id).stop()
        else:
            with changing() as c:
                match what:
                    case "import":
                        jobs.start_import(c, current_user().id, job_id)
                    case "check":
                        jobs.check_again(c, job_id, _chosen(job), _said(job))
                    case "check-as":
                        jobs.check_as(c, job_id, request.form.get("kind", ""))
                    case "undo":
                        jobs.start_undo(c, current_user().id, job_id)
                    case "away":
                        jobs.put_away(c, job_id)
                    case _:
                        raise Invalid(file="Choose one of the buttons.")
    except Invalid as error:
        return _job_page(_job(job_id), error.reasons, 422)
    wanted = _wanted()
    return redirect_to(
        url_for("imports.show", job_id=job_id, show=wanted.show, q=wanted.words or None, page=_page())
    )


def _page() -> str | None:
    return request.args.get("page", "")[:8] or None


@pages.get("/import/<uuid:job_id>/rows.csv")
@owner_required
def rows_file(job_id: UUID) -> Response:
    """Send what comes of each row that is looked for, a part at a time, so that a long file takes no memory."""
    job = _job(job_id)
    response = Response(
        _rows_csv(db(), current_user().organisation_id, job.id, _wanted()),
        content_type="text/csv; charset=utf-8",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="import-{today()}.csv"'
    return response


def _rows_csv(database: Database, organisation_id: UUID, job_id: UUID, wanted: RowFilter) -> Iterator[str]:
    """Runs after the view has returned: it may not ask the request for anything."""
    with database.reading() as session:
        found = import_rows.every_import_row(session, organisation_id, job_id, wanted)
        yield from csv_parts(ROW_COLUMNS, (_cells(row) for row in found))


def _cells(row: ImportRowView) -> list[str]:
    comes = [words for flag, words in SHOWN.items() if getattr(row, flag)]
    return [str(row.number), ", ".join(comes), row.about, "; ".join(row.says)]


def _wanted() -> RowFilter:
    """Return which rows the address asks for; 404 for what nobody can ask for."""
    show = request.args.get("show") or None
    if show and show not in SHOWN:
        abort(404)
    return RowFilter(show, request.args.get("q", "").strip()[:200])


def _chosen(job: JobView) -> dict[str, str]:
    """Return what the file calls our columns, as it was chosen now or before; a blank choice is left to the guess."""
    columns = KINDS[ImportKind(job.kind)][1]
    if not any(name.startswith("column-") for name in request.form):
        return job.columns or {}
    typed = {name: request.form.get(f"column-{name}", "").strip()[:200] for name in columns}
    return {name: theirs for name, theirs in typed.items() if theirs}


def _said(job: JobView) -> dict[str, str]:
    """Return what was said about doubts, now or before; a blank answer takes back what was."""
    fields = {f"doubt-{doubt}": doubt.value for doubt in IdentityDoubt}
    fields |= {name: name.removeprefix("row-") for name in request.form if name.startswith("row-")}
    now_said = {about: request.form[name] for name, about in fields.items() if name in request.form}
    return {about: said for about, said in ((job.choices or {}) | now_said).items() if said}


def _job(job_id: UUID) -> JobView:
    return job_for(read_session(), current_user().organisation_id, job_id)


def _signals(job_id: UUID) -> Signals:
    return Signals(app_context().settings.instance / "imports", job_id)


def _index_page(reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    return render(
        "imports/list.html",
        status=status,
        kinds=KINDS,
        jobs=import_jobs.jobs(read_session(), current_user().organisation_id),
        reasons=reasons or {},
        chosen=request.form.get("kind", ImportKind.PEOPLE),
        largest=LARGEST_FILE >> 20,
    )


def _job_page(job: JobView, reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    title, columns, needed, _ = KINDS[ImportKind(job.kind)]
    wanted = _wanted()
    counts = (job.report or {}).get("rows", {})
    # rows that are in doubt become fewer by an answer: a page after the last is empty then
    whole = None if wanted.words or wanted.show == "asks" else counts.get(wanted.show or "rows", 0)
    return render(
        "imports/job.html",
        "imports/_state.html",
        status=status,
        job=job,
        title=title,
        meant=KINDS[ImportKind(job.report["meant"])][0] if job.report and job.report.get("meant") else None,
        columns=columns,
        needed=needed,
        progress=_signals(job.id).progress() if job.working else 1.0,
        reasons=reasons or {},
        wanted=wanted,
        counts=counts,
        shown=SHOWN,
        sheet=None if job.working else _sheet(job, wanted, whole),
        now=now(),
    )


def _sheet(job: JobView, wanted: RowFilter, whole: int | None) -> ListPage[ImportRowView]:
    where = read_session(), current_user().organisation_id, job.id, wanted
    return paginate_query(lambda skip, take: import_rows.import_rows(*where, skip, take), whole)
