"""The owner's page of the audit log, and the same as a CSV file."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from flask import Blueprint, Response, abort, request

from feedback.core.audit import AuditKind
from feedback.db.engine import Database
from feedback.pages.audit import AuditFilter, AuditLine, audit_lines, every_audit_line
from feedback.store.people import Viewer
from feedback.store.staff import everybody
from feedback.web.context import current_user, db, owner_required, read_session, today
from feedback.web.csv import csv_parts
from feedback.web.htmx import render
from feedback.web.paging import paginate_by_cursor
from feedback.wording.labels import AUDIT_LABELS

pages = Blueprint("audit", __name__)

COLUMNS = ("at", "who", "what", "about", "about_id", "before", "after", "network")
# What can be opened, by what an entry is about: endpoint, and the name of its id.
OPENED = {
    "answer": ("answers.show", "invitation_id"),
    "alert": ("alerts.show", "alert_id"),
    "account": ("accounts.show", "account_id"),
    "contact": ("clients.show", "contact_id"),
}


@pages.get("/audit")
@owner_required
def index() -> Response:
    """Show who did what, the newest first; of a person, of a kind, of some days."""
    wanted, who = _wanted(), current_user()
    return render(
        "audit/list.html",
        sheet=paginate_by_cursor(
            lambda after, take: audit_lines(read_session(), who, wanted, after, take), lambda line: line.id
        ),
        wanted=wanted,
        labels=AUDIT_LABELS,
        people=everybody(read_session(), who.organisation_id),
        opened=OPENED,
        asked={name: request.args[name] for name in ("person", "kind", "first", "last") if request.args.get(name)},
        today=today(),
    )  # fmt: skip


@pages.get("/audit.csv")
@owner_required
def file() -> Response:
    """Send all entries that are looked for, a part at a time, so that a long log takes no memory."""
    response = Response(_csv(db(), current_user(), _wanted()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="audit-{today()}.csv"'
    return response


def _wanted() -> AuditFilter:
    """Return what the address asks for; 404 for what nobody can ask for."""
    kind = request.args.get("kind") or None
    if kind and kind not in set(AuditKind):
        abort(404)
    try:
        return AuditFilter(
            UUID(request.args["person"]) if request.args.get("person") else None,
            kind,
            *(
                date.fromisoformat(request.args[name]) if request.args.get(name) else None
                for name in ("first", "last")
            ),
        )
    except ValueError:
        abort(404)


def _csv(database: Database, who: Viewer, wanted: AuditFilter) -> Iterator[str]:
    """Runs after the view has returned: it may not ask the request for anything."""
    with database.reading() as session:
        yield from csv_parts(COLUMNS, (_cells(line) for line in every_audit_line(session, who, wanted)))


def _cells(line: AuditLine) -> tuple[str, ...]:
    return (
        line.at.isoformat(),
        line.who or "",
        line.what,
        line.about_name or "",
        str(line.about_id or ""),
        *("; ".join(f"{name}: {each[at]}" for name, *each in line.changes if each[at] is not None) for at in (0, 1)),
        line.network or "",
    )  # fmt: skip
