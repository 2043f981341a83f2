"""/import: a file is uploaded, tried in a dry run, looked at, and imported by the worker."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from sqlmodel import select
from support.cast import Browser
from support.pages import words

from feedback.imports.running import run_jobs
from feedback.imports.signals import Signals
from feedback.jobs.daily import run_daily
from feedback.models import Account, ImportJob, User
from feedback.web.bodies import UPLOADS

# What people are promised, by its own number: one that moves in the code is to be noticed.
KEPT_FOR = timedelta(days=1)
LARGEST_FILE = 10 << 20

PEOPLE = "name,email,role,team\nSam,sam@example.com,rep,North\nZoë,zoe@example.com,manager,North\n"


@pytest.fixture
def olive(sign_in):
    return sign_in("olive")


@pytest.fixture
def worker(cast, clock, tmp_path):
    """worker() runs what waits; it and the page share a folder."""
    return lambda: run_jobs(cast.db, clock, tmp_path)


@pytest.fixture
def rows(cast):
    """rows(User) are those of our organisation."""

    def read(table):
        with cast.db.reading() as session:
            return session.exec(
                select(table).where(table.organisation_id == cast.olive.organisation_id).order_by(table.id)
            ).all()

    return read


def upload(browser: Browser, text: str | bytes, kind: str = "people", name: str = "people.csv"):
    content = text.encode() if isinstance(text, str) else text
    return browser.post(
        "/import", {"kind": kind, "file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )


def test_file_is_checked_before_it_is_imported(olive, worker, rows):
    place = upload(olive, PEOPLE).location
    assert "Being checked" in olive.get(place).text
    assert worker() == 1
    page = words(olive.get(place).text)
    assert "Would be added: 2 people." in page
    assert len(rows(User)) == 4  # nobody has come in yet
    olive.post(place, {"what": "import"})
    assert "Being imported" in olive.get(place).text
    worker()
    assert "Added: 2 people." in words(olive.get(place).text)
    assert {user.name for user in rows(User)} >= {"Sam", "Zoë"}
    assert rows(ImportJob)[0].content is None
    assert worker() == 0


def test_wrong_rows_are_listed_and_nothing_is_written(olive, worker, rows):
    place = upload(olive, PEOPLE + "Kim,nonsense,rep,\nLee,lee@example.com,king,\n").location
    worker()
    page = words(olive.get(place).text)
    assert "2 rows need fixing. Nothing was written." in page
    assert "&#39;nonsense&#39; is not an e-mail address row 4" in page
    assert "Import it" not in page
    assert olive.post(place, {"what": "import"}).status_code == 422
    assert len(rows(User)) == 4


def test_workbook_is_read_like_the_file_it_could_be_saved_as(olive, worker, rows):
    book = openpyxl.Workbook()
    for row in (
        ("Company", "Contact name", "Annual value", "Colour"),
        ("Northwind", "Zoë", 1200.0, "red"),
        (None,),
    ):
        book.active.append(row)
    book.create_sheet("Old")
    out = io.BytesIO()
    book.save(out)
    place = upload(olive, out.getvalue(), "accounts", "clients.xlsx").location
    worker()
    page = words(olive.get(place).text)
    assert "Would be added: 1 account, 1 contact." in page
    assert "Only the first sheet was read, Sheet; the workbook has 2." in page
    assert "&#39;Company&#39; is account" in page
    assert "none of ours were left out: &#39;Colour&#39;" in page
    olive.post(place, {"what": "import"})
    worker()
    assert [(row.name, row.value) for row in rows(Account)] == [("Northwind", 1200)]


def test_columns_can_be_chosen_by_hand(olive, worker):
    place = upload(olive, "Wer,Wohin,Was\nSam,sam@example.com,rep\n").location
    worker()
    assert "missing: name, email, role" in olive.get(place).text
    olive.post(place, {"what": "check", "column-name": "Wer", "column-email": "wohin", "column-role": "WAS"})
    worker()
    page = olive.get(place).text
    assert "Would be added:" in page
    assert 'name="column-name" value="Wer"' in page


def test_import_stops_when_asked(olive, worker, rows, tmp_path):
    place = upload(olive, PEOPLE).location
    worker()
    olive.post(place, {"what": "import"})
    job = rows(ImportJob)[0]
    Signals(tmp_path, job.id).stop()
    worker()
    assert "Not imported" in olive.get(place).text
    assert len(rows(User)) == 4
    assert list(tmp_path.iterdir()) == []


def test_stop_reaches_the_worker(app, olive, rows):
    place = upload(olive, PEOPLE).location
    olive.post(place, {"what": "stop"})
    folder = app.extensions["feedback"].settings.instance / "imports"
    assert run_jobs(app.extensions["feedback"].db, app.extensions["feedback"].clock, folder) == 1
    assert rows(ImportJob)[0].state == "stopped"


def test_dead_workers_import_is_taken_up_again(cast, olive, clock, worker, rows):
    upload(olive, PEOPLE)
    with cast.changing() as c:
        c.session.exec(select(ImportJob)).one().claimed_at = clock()
    assert worker() == 0  # another has it
    clock.forward(minutes=15)
    assert worker() == 1


def test_two_owners_do_not_import_twice(cast, olive, sign_in, worker, rows):
    cast.add("oscar", "owner")
    oscar = sign_in("oscar")
    places = [upload(browser, PEOPLE).location for browser in (olive, oscar)]
    worker()
    for browser, place in zip((olive, oscar), places, strict=True):
        browser.post(place, {"what": "import"})
    worker()
    assert len([user for user in rows(User) if user.name == "Sam"]) == 1
    assert "Already here, and left as they are: 2 rows" in words(oscar.get(places[1]).text)


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [("people", "", "this one is empty"), ("pets", PEOPLE, "Choose what is in the file")],
)
def test_wrong_upload_is_refused(olive, kind, text, why):
    reply = upload(olive, text, kind)
    assert (reply.status_code, why in reply.text) == (422, True)


def test_too_large_a_file_is_refused_on_its_own_page(olive, rows, monkeypatch):
    monkeypatch.setattr("feedback.imports.jobs.LARGEST_FILE", 50)
    reply = upload(olive, PEOPLE)
    assert (reply.status_code, "At most" in reply.text) == (422, True)
    monkeypatch.setitem(UPLOADS, "/import", 100)  # a body of half a gigabyte is not read at all
    assert upload(olive, PEOPLE).status_code == 413
    assert rows(ImportJob) == []


def test_larger_file_of_whoever_is_not_signed_in_is_not_read(olive, stranger, monkeypatch):
    monkeypatch.setattr("feedback.web.bodies.LARGEST_FORM", 100)
    with stranger.client.session_transaction() as session:
        session["asks"] = "for a link"  # as one who has not signed in may have a cookie, too
    for browser, status, read in ((stranger, 303, 0), (olive, 400, 500)):
        body = io.BytesIO(b"x" * 500)
        reply = browser.client.post(
            "/import", input_stream=body, content_type="multipart/form-data; boundary=b", content_length=500
        )
        assert (reply.status_code, body.tell()) == (status, read)


def test_largest_file_fits_into_what_is_read():
    assert UPLOADS["/import"] > LARGEST_FILE


def test_only_so_many_imports_wait(olive):
    codes = [upload(olive, PEOPLE).status_code for _ in range(4)]
    assert codes == [303, 303, 303, 422]


def test_file_that_nobody_imports_is_forgotten(cast, olive, clock, worker, rows):
    place = upload(olive, PEOPLE).location
    worker()
    clock.forward(seconds=KEPT_FOR.total_seconds())
    run_daily(cast.db, cast.olive.organisation_id, clock())
    assert (rows(ImportJob)[0].content, rows(ImportJob)[0].state) == (None, "stopped")
    assert olive.post(place, {"what": "import"}).status_code == 422


def test_file_can_be_put_away(olive, worker, rows):
    place = upload(olive, PEOPLE).location
    worker()
    assert rows(ImportJob)[0].content is not None
    olive.post(place, {"what": "away"})
    assert rows(ImportJob)[0].content is None


@pytest.mark.parametrize("name", ["alice", "carol"])
def test_import_is_for_owners_only(cast, olive, sign_in, name):
    place = upload(olive, PEOPLE).location
    browser = sign_in(name)
    assert [browser.get(path).status_code for path in ("/import", place)] == [403, 403]
    assert upload(browser, PEOPLE).status_code == 403


def test_import_of_another_organisation_is_unknown(cast, olive, sign_in):
    place = upload(olive, PEOPLE).location
    mallory = sign_in("mallory")
    assert mallory.get(place).status_code == 404
    assert mallory.post(place, {"what": "stop"}).status_code == 404


@pytest.mark.parametrize("kind", ["people", "accounts", "history"])
def test_example_file_has_the_columns(olive, kind):
    text = olive.get(f"/import/{kind}.csv").text.lstrip("\ufeff")
    assert re.match(
        {"people": "name,email", "accounts": "account,contact", "history": "rep_email"}[kind], text
    )


@pytest.mark.parametrize("kind", ["people", "accounts"])
def test_example_file_can_be_imported(olive, worker, kind):
    place = upload(olive, olive.get(f"/import/{kind}.csv").data, kind).location
    worker()
    assert "Would be added" in olive.get(place).text
