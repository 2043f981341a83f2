"""What an import would do is shown row by row before anything is written: what it makes, changes, joins, leaves out."""

import re
from datetime import UTC, datetime

import pytest
from sqlmodel import select
from support.uploads import Importing

from feedback.imports.history.row import CLIENT
from feedback.models import Audit, Contact, ImportRow, Invitation, Meeting

# What people are promised, by its own number: one that moves in the code is to be noticed.
ROWS = 20

ACCOUNTS = (
    "account,contact,contact_email,value\n"
    "Northwind,Anna Schmidt,anna@northwind.example,1200\n"
    "Northwind,D. Whitfield,dana@northwind.example,\n"
    "Northwind,Zoë,,\n"
    "Contoso,,,\n"
)


@pytest.fixture
def importing(cast, clock, sign_in, tmp_path):
    """Olive at /import; two Anna Schmidts are known, at two companies."""
    cast.meeting("alice", "Anna Schmidt", "Northwind", email="anna@northwind.example")
    cast.meeting("alice", "Anna Schmidt", "Fabrikam", email="anna@fabrikam.example")
    cast.meeting("alice", "Dana Whitfield", "Northwind", email="dana@northwind.example")
    cast.meeting("alice", "Zoë", "Northwind")
    return Importing(sign_in("olive"), cast, clock, tmp_path)


def test_each_row_says_what_it_would_do(importing):
    place = importing.check("accounts", ACCOUNTS)
    assert [(row["row"], row["comes_of_it"], row["in_words"]) for row in importing.rows(place)] == [
        (
            "2",
            "changed, joined",
            "Northwind, value: nothing → 1200; "
            "Joined by name and e-mail to Anna Schmidt, anna@northwind.example, Northwind",
        ),
        (
            "3",
            "changed, joined",
            "Joined by e-mail to Dana Whitfield, dana@northwind.example, Northwind; "
            "D. Whitfield, name: Dana Whitfield → D. Whitfield",
        ),
        ("4", "joined, left out", "Joined by name to Zoë, Northwind; Nothing new"),
        ("5", "new", "New account: Contoso"),
    ]
    assert [row["row"] for row in importing.rows(place, show="joined", q="whitf")] == ["3"]
    page = importing.page(f"{place}?show=changed")
    assert "changed (2)" in page
    assert "name: Dana Whitfield → D. Whitfield row 3" in page
    assert "row 5" not in page
    assert importing.browser.get(f"{place}?show=nonsense").status_code == 404


def test_history_says_whose_meeting_it_is(importing):
    columns = ",".join(CLIENT)
    text = f"rep_email,account,contact,contact_email,held_at,{columns}\n" + "".join(
        f"alice@example.com,{account},{contact},{email},2026-05-0{day}T10:00Z,4,4,4,4,4,4\n"
        for day, account, contact, email in (
            (1, "Fabrikam", "Anna Schmidt", ""),
            (2, "Northwind", "Zoë", "zoe@northwind.example"),
            (3, "Northwind", "Uma", ""),
        )
    )
    place = importing.bring("history", text)
    new = "New meeting of alice@example.com, with answer"
    assert [(row["comes_of_it"], row["in_words"]) for row in importing.rows(place)] == [
        ("new, joined", f"Joined by name to Anna Schmidt, anna@fabrikam.example; {new}"),
        (
            "new, changed, joined",
            f"Zoë, email: nothing → zoe@northwind.example; Joined by name to Zoë; {new}",
        ),
        ("new", f"New contact: Uma; {new}"),
    ]
    again = importing.check("history", text)
    assert {row["comes_of_it"] for row in importing.rows(again)} == {"joined, left out"}


def test_doubt_is_asked_and_answered_on_the_page(importing):
    namesake = "account,contact,contact_email\nNorthwind,Anna Schmidt,other@northwind.example\n"
    place = importing.check("accounts", namesake)
    page = importing.page(place)
    assert "Somebody has to say who is meant." in page
    assert "Another person of the same name: a new contact" in page
    assert "is here with another address, anna@northwind.example" in page
    assert importing.act(place, "import") == 422  # not before somebody has said
    assert importing.act(place, "check", **{"doubt-other_email": "nonsense"}) == 422
    importing.act(place, "check", **{"doubt-other_email": "new"})
    assert importing.rows(place)[0]["comes_of_it"] == "new, asked about"
    assert "Import it" in importing.page(place)
    importing.act(place, "import")
    assert "Added: 1 contact." in importing.page(place)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_doubts_are_answered_row_by_row(importing):
    """One row, and all the rest; kept when the page is opened again, changed, and taken back."""
    namesakes = "account,contact,contact_email\n" + "".join(
        f"{account},Anna Schmidt,{email}@x.example\n"
        for account, email in (("Northwind", "a"), ("Fabrikam", "b"))
    )
    place = importing.check("accounts", namesakes)
    sent = importing.browser.post(f"{place}?show=asks", {"what": "check", "row-2": "same"})
    again = re.search(r'hx-get="([^"]+)"', importing.browser.get(sent.location).text)[1].replace("&amp;", "&")
    assert (sent.location, again) == (f"{place}?show=asks", f"{place}?show=asks")
    importing.work()
    page = importing.page(place)
    assert "1 row, each has the name" in page.replace("1 row has", "1 row, each has")
    importing.act(place, "check", **{"doubt-other_email": "new"})
    came = {row["row"]: row["comes_of_it"] for row in importing.rows(place, show="asks")}
    assert came == {"2": "changed, joined, asked about", "3": "new, asked about"}
    shown = importing.browser.get(f"{place}?show=asks").text
    assert re.findall(r'name="(row-\d)" value="(\w*)" form="doubts" checked', shown) == [
        ("row-2", "same"),
        ("row-3", ""),
    ]
    importing.act(place, "check", **{"row-2": "", "row-3": "same"})
    came = {row["row"]: row["comes_of_it"] for row in importing.rows(place)}
    assert came == {"2": "new, asked about", "3": "changed, joined, asked about"}
    for wrong in ({"row-2": "maybe"}, {"row-x": "same"}, {"row-": "same"}):
        assert importing.act(place, "check", **wrong) == 422, wrong
    importing.act(place, "import")
    assert "Added: 1 contact. Changed: 1 contact." in importing.page(place)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.parametrize("said", ["same", "new"])
def test_an_answer_holds_for_all_rows_of_one_person(importing, said):
    """Past feedback has a row for each meeting: whoever is asked about is asked about once."""
    columns = ",".join(CLIENT)
    text = f"rep_email,account,contact,contact_email,held_at,{columns}\n" + "".join(
        f"alice@example.com,Northwind,Anna Schmidt,other@x.example,2026-05-0{day}T10:00Z,4,4,4,4,4,4\n"
        for day in (1, 2, 3)
    )
    place = importing.check("history", text)
    assert [row["row"] for row in importing.rows(place, show="asks")] == ["2"]
    assert "asked about in row 2, which this row follows" in importing.page(place)
    importing.act(place, "check", **{"row-2": said})
    importing.act(place, "import")
    with importing.cast.db.reading() as session:
        may = select(Invitation.contact_id).join(Meeting, Meeting.id == Invitation.meeting_id)
        met = set(session.exec(may.where(Meeting.held_at < datetime(2026, 6, 1, tzinfo=UTC))).all())
        annas = session.exec(select(Contact).where(Contact.name == "Anna Schmidt")).all()
    assert (len(met), len(annas)) == (1, 2 if said == "same" else 3)


def test_people_are_joined_by_address_and_never_by_name(importing):
    text = "name,email,role\nAlice,alice@example.com,rep\nAlice,other@example.com,rep\n"
    place = importing.bring("people", text)
    assert [(row["comes_of_it"], row["in_words"]) for row in importing.rows(place)] == [
        ("joined, left out", "Joined by e-mail to Alice, alice@example.com, rep; Nothing new"),
        (
            "new",
            "New person: Alice, other@example.com, rep; "
            "Same name as alice@example.com; another e-mail, so another person",
        ),
    ]
    assert "1 person has the name of somebody who is here" in importing.page(place)
    with importing.cast.db.reading() as session:
        told = session.exec(
            select(Audit).where(Audit.user_id == importing.cast.olive.id).order_by(Audit.id)
        ).all()
    assert [(each.what, each.about_name) for each in told[-3:]] == [
        ("import.started", "file.csv"),
        ("person.added", "Alice"),
        ("import.done", "file.csv"),
    ]
    assert told[-1].after == {"kind": "people", "added": ["1 person"], "updated": []}


def test_every_wrong_row_is_listed_and_can_be_taken_along(importing):
    place = importing.check("people", "name,email,role\n" + "A,no address,rep\n" * 70)
    assert len(importing.rows(place)) == 70  # the page itself shows some of them
    assert importing.browser.get(place).text.count("no address") == ROWS
    assert "21 to 40 of 70" in importing.page(f"{place}?page=2")


def test_rows_go_with_the_file(importing):
    place = importing.check("accounts", ACCOUNTS)
    with importing.cast.db.reading() as session:
        assert len(session.exec(select(ImportRow)).all()) > 0
    importing.act(place, "away")
    with importing.cast.db.reading() as session:
        assert session.exec(select(ImportRow)).all() == []


def test_erasing_somebody_forgets_the_rows(importing):
    place = importing.bring("accounts", ACCOUNTS)
    contact = importing.cast.meeting("alice", "Gone", "Contoso").contact_id
    importing.clock.forward(minutes=1)
    importing.browser.post(f"/contacts/{contact}/erase", {"sure": "1"})
    with importing.cast.db.reading() as session:
        assert session.exec(select(ImportRow)).all() == []
    importing.act(place, "undo")
    assert "no longer known" in importing.page(place)
