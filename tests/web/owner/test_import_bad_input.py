"""What people upload by mistake, or on purpose, and what happens in the middle: clear words, and nothing half done."""

import io
import zipfile

import openpyxl
import pytest
from sqlmodel import select
from support.uploads import Importing, workbook

from feedback.imports import running
from feedback.imports import workbook as books
from feedback.models import Account, ImportJob, User
from feedback.web.bodies import UPLOADS
from feedback.web.uploads import largest_body_of

# What people are promised, by its own number: one that moves in the code is to be noticed.
LARGEST_FORM = 256 << 10

PEOPLE = "name,email,role\nSam,sam@example.com,rep\n"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.fixture
def importing(cast, clock, sign_in, tmp_path):
    return Importing(sign_in("olive"), cast, clock, tmp_path)


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def everybody(importing):
    with importing.cast.db.reading() as session:
        return sorted(session.exec(select(User.name)).all())


OTHERS = {
    "a PDF": (b"%PDF-1.7\n", "This is a PDF, and no table."),
    "a photo": (b"\xff\xd8\xff\xe0\0\x10JFIF", "This is a picture, and no table."),
    "an old workbook": (OLD_OFFICE, "This is an old Excel file (.xls), or another document."),
    "a workbook with a password": (
        OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"),
        "This workbook has a password.",
    ),
    "a text document": (archive(word__document=b"x"), "no Excel workbook"),
    "half a workbook": (workbook("a,b")[:200], "This file is damaged"),
    "a mark of a workbook": (b"PK\x03\x04", "This file is damaged"),
    "a table of a page": (b"<table><tr><td>account", "This is a web page, and no table."),
    "a calendar": (b"BEGIN:VCALENDAR\r\n", "This is a calendar, and no table."),
    "cards": (b"\xef\xbb\xbfBEGIN:VCARD\r\n", "This is an address book, and no table."),
    "a page": (b"\n <!doctype html><p>", "This is a web page, and no table."),
    "nothing": (b"", "this one is empty"),
}


def test_what_is_no_table_is_refused_in_words(importing):
    for what, (content, said) in OTHERS.items():
        reply = importing.upload("people", content, "people.xlsx")
        assert (reply.status_code, said in reply.text) == (422, True), what
    with importing.cast.db.reading() as session:
        assert session.exec(select(ImportJob)).all() == []


def test_workbook_that_unfolds_into_a_bomb_is_refused(importing, monkeypatch):
    bomb = archive(**{"xl__workbook.xml": b"", "xl__sharedStrings.xml": b"<t>a</t>" * (7 << 20)})
    assert len(bomb) < LARGEST_FORM
    assert "too large" in importing.upload("people", bomb).text
    monkeypatch.setattr(books, "LARGEST_UNFOLDED", 1 << 20)
    bomb = archive(**{"xl__workbook.xml": b"", "xl__worksheets__sheet1.xml": b" " * (2 << 20)})
    assert "too large" in importing.upload("people", bomb).text


def test_cell_far_to_the_right_widens_no_row(importing):
    book = openpyxl.Workbook()
    for row in ("name email role".split(), "Sam sam@example.com rep".split()):
        book.active.append(row)
    book.active["XFD2"] = "far away"
    out = io.BytesIO()
    book.save(out)
    assert "Added: 1 person." in importing.page(importing.bring("people", out.getvalue()))


def test_half_a_gigabyte_is_not_read(app, sign_in):
    """The server asks how much of a body may be read, before it reads any."""
    largest, cookie = largest_body_of(app), sign_in("olive").client.get_cookie("session")
    signed_in = [(b"cookie", f"a=b; session={cookie.value}".encode())]
    assert largest("POST", "/import", signed_in) == UPLOADS["/import"] < 500 << 20
    for headers in ([], [(b"cookie", b"session=forged")], [(b"cookie", b"\xff;=")]):
        assert largest("POST", "/import", headers) == LARGEST_FORM
    assert largest("POST", "/sign-in", []) == LARGEST_FORM


def test_large_upload_of_a_stranger_leads_to_sign_in(stranger):
    reply = stranger.client.post(
        "/import", data=b"x" * (1 << 20), content_type="multipart/form-data; boundary=x"
    )
    assert (reply.status_code, reply.location) == (303, "/sign-in")


def test_two_owners_at_once_import_once(importing, sign_in):
    importing.cast.add("oscar", "owner")
    other = Importing(sign_in("oscar"), importing.cast, importing.clock, importing.folder)
    both = [each.check("people", PEOPLE) for each in (importing, other)]
    for each, place in zip((importing, other), both, strict=True):
        each.browser.post(place, {"what": "import"})
    assert other.browser.post(both[0], {"what": "import"}).status_code == 422  # it runs already
    importing.work()
    assert everybody(importing).count("Sam") == 1
    assert "Already here, and left as they are: 1 row" in other.page(both[1])


def test_nobody_looks_and_it_goes_on(importing):
    place = importing.upload("people", PEOPLE).location
    importing.work()
    importing.browser.post(place, {"what": "import"})
    importing.work()  # the browser was closed after each press
    assert "Added: 1 person." in importing.page(place)


class WorkerKilled(BaseException):
    """A worker that is killed writes nothing more."""


@pytest.mark.parametrize("what", ["import", "undo"])
def test_killed_worker_leaves_nothing_half_done(importing, monkeypatch, what):
    place = importing.check("people", PEOPLE)
    before = everybody(importing)
    if what == "undo":
        importing.act(place, "import")
    kept = everybody(importing)
    importing.browser.post(place, {"what": what})

    def die(*_):
        raise WorkerKilled

    with monkeypatch.context() as patched:
        patched.setattr(running, "finish_job" if what == "import" else "undo_import", die)
        with pytest.raises(WorkerKilled):
            importing.work()
    assert everybody(importing) == kept
    assert importing.work() == 0  # for a while it is taken for alive
    importing.clock.forward(minutes=16)
    importing.work()
    assert everybody(importing) == (before if what == "undo" else sorted([*before, "Sam"]))


def test_slow_worker_writes_nothing_after_another_took_over(importing, monkeypatch):
    place = importing.check("people", PEOPLE)
    importing.browser.post(place, {"what": "import"})
    real = running.import_file

    def slow(*arguments, **options):
        importing.clock.forward(minutes=16)
        monkeypatch.setattr(running, "import_file", real)
        importing.work()  # another worker
        return real(*arguments, **options)

    monkeypatch.setattr(running, "import_file", slow)
    importing.work()
    assert everybody(importing).count("Sam") == 1
    page = importing.page(place)
    assert "Added: 1 person." in page
    assert "Undo this import" in page


def test_demoted_owner_with_the_page_open_is_refused(importing):
    importing.cast.add("oscar", "owner")
    place = importing.check("people", PEOPLE)
    with importing.cast.changing() as c:
        c.session.get_one(User, (c.organisation_id, importing.cast.olive.id)).role = "manager"
    before = everybody(importing)
    assert [importing.act(place, what) for what in ("import", "check", "undo", "stop")] == [403] * 4
    assert importing.upload("people", PEOPLE).status_code == 403
    assert everybody(importing) == before


def test_xls_with_letters_like_a_table_is_read(importing):
    """A CSV file that begins like nothing else is left alone, whatever it is called."""
    assert importing.upload("accounts", "account,contact\nGIF8,PDF\n", "photo.jpg").status_code == 303
    importing.work()
    with importing.cast.db.reading() as session:
        assert session.exec(select(Account)).all() == []


LIST = "Clients of North\n\nVorname,Nachname,Firma\nZoë,O'Brien,Northwind\n"


def test_list_of_clients_that_was_taken_for_people_is_checked_as_one_by_a_button(importing):
    place = importing.check("people", LIST)
    said = "It has the columns of another kind of file: Clients: accounts and contacts. Nothing was written. Check it as that"
    assert said in importing.page(place)
    assert importing.act(place, "check-as", kind="doughnuts") == 422
    assert importing.act(place, "check-as", kind="accounts") == 303
    page = importing.page(place)
    assert "another kind of file" not in page
    assert "Would be added: 1 account, 1 contact." in page
    assert "&#39;Vorname&#39; and &#39;Nachname&#39; together are contact." in page
    importing.act(place, "import")
    with importing.cast.db.reading() as session:
        assert "Northwind" in session.exec(select(Account.name)).all()
    assert importing.act(place, "check-as", kind="people") == 422  # it is in


def test_file_of_no_kind_at_all_is_taken_for_none(importing):
    page = importing.page(importing.check("people", "colour,taste\nred,sweet\n"))
    assert "wrong header" in page
    assert "another kind of file" not in page


def test_refused_file_says_what_was_assumed(importing):
    page = importing.page(importing.check("accounts", LIST + "Zoë,#N/A,\n"))
    assert "1 row needs fixing." in page
    assert "What was assumed" in page
    assert "The header is row 3: what stands above it was left out." in page
