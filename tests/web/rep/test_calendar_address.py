"""/meetings/calendar/address and /meetings/calendar/own: where the calendar is read from, and who is the rep."""

import pytest
from sqlmodel import select
from support.dump import dump
from support.pages import words

from feedback.actions.erasure import erase_person
from feedback.calendar import address
from feedback.calendar.planned import CalendarReading
from feedback.core.calendar.faults import CalendarFault
from feedback.models import RepCalendar, User

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
SECRET = "webcal://calendar.example/private-7f3a/basic.ics"
PAGE = "/meetings/calendar"
DANA = "dana@client.example"
ICS = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
DTSTART:20261118T140000Z
SUMMARY:Quarterly
ATTENDEE;PARTSTAT=DECLINED:mailto:alice@example.com
ATTENDEE:mailto:dana@client.example
ORGANIZER:mailto:sales@northgroup.example
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART:20261118T150000Z
SUMMARY:Lunch
ATTENDEE:mailto:sales@northgroup.example
ATTENDEE:mailto:colleague@northgroup.example
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def alice(cast, sign_in):
    return sign_in("alice")


@pytest.fixture
def row(db):
    """row() is what is stored of the one calendar."""

    def look() -> RepCalendar:
        with db.reading() as session:
            return session.exec(select(RepCalendar)).one()

    return look


def test_address_is_taken_and_shown_masked(alice, row, db, clock):
    page = alice.get(PAGE).text
    assert "Read it from an address" in words(page)
    assert "Or upload it as a file" in words(page)
    reply = alice.post(f"{PAGE}/address", {"address": f" {SECRET} ", "password": "not used"})
    assert (reply.status_code, reply.location) == (303, PAGE)
    kept = row()
    assert (kept.kind, kept.address.text, kept.password, kept.due_at) == (
        "ics",
        SECRET.replace("webcal", "https"),
        None,
        clock(),
    )
    page = alice.get(PAGE).text
    assert "Read from https://calendar.example/… It is being read. Look again in a moment." in words(page)
    assert "Or upload it as a file" not in page
    for text in (page, repr(dump(db)), alice.get("/meetings").text):
        assert "7f3a" not in text
    reply = alice.post(PAGE, {"calendar": ICS})
    assert (reply.status_code, "Stop that first, then upload." in reply.text) == (422, True)


def test_bad_addresses_are_422_and_change_nothing(alice, db):
    before = dump(db)
    for form, why in (
        ({"address": ""}, "begins with https:// or webcal://"),
        ({"address": "http://calendar.example/x.ics"}, "begins with https:// or webcal://"),
        ({"address": "file:///etc/passwd"}, "begins with https:// or webcal://"),
        ({"address": "https:///x"}, "begins with https:// or webcal://"),
        ({"address": "https://x.example:99999/"}, "begins with https:// or webcal://"),
        ({"address": "https://x.example/ü b"}, "begins with https:// or webcal://"),
        ({"address": "https://me:pass@x.example/"}, "Leave name and password out"),
        ({"address": f"https://x.example/{'x' * 2000}"}, "This is too long."),
        ({"address": "https://x.example/", "kind": "caldav"}, "asks for a name and a password"),
        (
            {"address": "https://x.example/", "kind": "caldav", "user_name": "me"},
            "asks for a name and a password",
        ),
    ):
        reply = alice.post(f"{PAGE}/address", form)
        assert (reply.status_code, why in words(reply.text)) == (422, True), form
        assert form["address"][:40].replace("ü", "ü") in reply.text
    assert dump(db) == before


def test_caldav_keeps_its_password_for_the_same_server_only(alice, row):
    server = {"kind": "caldav", "user_name": "me"}
    assert (
        alice.post(
            f"{PAGE}/address", {"address": "https://dav.example/a", "password": "sesame", **server}
        ).status_code
        == 303
    )
    assert (row().user_name.text, row().password.text) == ("me", "sesame")
    page = alice.get(PAGE).text
    assert 'value="me"' in page
    assert "sesame" not in page
    alice.post(f"{PAGE}/address", {"address": "https://dav.example/b", **server})
    assert (row().address.text, row().password.text) == ("https://dav.example/b", "sesame")
    elsewhere = alice.post(f"{PAGE}/address", {"address": "https://evil.example/", **server})
    assert elsewhere.status_code == 422
    alice.post(f"{PAGE}/address", {"address": "https://dav.example/c.ics"})
    assert (row().kind, row().user_name, row().password) == ("ics", None, None)


def test_faults_say_what_to_do_and_reading_can_be_stopped(alice, cast, row, clock, sign_in):
    alice.post(f"{PAGE}/address", {"address": SECRET})
    for fault in CalendarFault:
        with cast.changing() as c:
            kept = c.session.exec(select(RepCalendar)).one()
            address.note_fault(c, kept.id, kept.address.stored, fault, None)
        text = words(alice.get(PAGE).text)
        assert "It cannot be read since 18 Nov, 12:00. What was read before is kept." in text
    assert "put the key back" in text
    alice.post(f"{PAGE}/address/read")
    assert row().due_at > clock()  # a moment ago
    clock.forward(days=14)
    alice = sign_in("alice")
    assert "soon=1" in alice.post(f"{PAGE}/address/read").location
    with cast.changing() as c:
        kept = c.session.exec(select(RepCalendar)).one()
        address.note_fault(c, kept.id, kept.address.stored, CalendarFault.SERVER, None)
    assert "Given up on 2 Dec, after it failed since 18 Nov." in words(alice.get(PAGE).text)
    assert row().due_at is None
    alice.post(f"{PAGE}/address/end")
    assert (row().address, row().kind, row().fault, row().due_at) == (None, None, None, None)
    assert "Read from" not in alice.get(PAGE).text
    log = words(sign_in("olive").get("/audit").text)
    assert "Had the own calendar read from an address" in log
    assert "Stopped the reading of the own calendar" in log
    assert "7f3a" not in log
    tried = [alice.post(f"{PAGE}/address/read").status_code for _ in range(12)]
    assert tried[-1] == 429


def test_own_other_address_is_nobody_from_outside(alice, cast, db, row):
    cast.meeting(email=DANA)
    with db.reading():
        pass
    alice.post(PAGE, {"calendar": ICS})
    page = words(alice.get(PAGE).text)
    assert "Quarterly" not in page  # declined, as Alice
    assert "Is one of these you?" in page
    assert "sales@northgroup.example This is me" in page
    for email, why in (
        (DANA, "address of a client"),
        ("bob@example.com", "a colleague"),
        ("x", "no e-mail address"),
    ):
        reply = alice.post(f"{PAGE}/own", {"email": email})
        assert (reply.status_code, why in words(reply.text)) == (422, True)
    assert alice.post(f"{PAGE}/own", {"email": "Sales@NorthGroup.example"}).status_code == 303
    assert row().own_emails == ("sales@northgroup.example",)
    page = words(alice.get(PAGE).text)
    assert "sales@northgroup.example this is you Not me" in page
    assert "colleague@northgroup.example" not in page  # of the same house
    alice.post(PAGE, {"calendar": ICS})
    assert "Quarterly 15:00 · Dana Whitfield" in words(
        alice.get(PAGE).text
    )  # accepted under the other address
    alice.post(f"{PAGE}/own", {"email": "sales@northgroup.example", "remove": "1"})
    assert row().own_emails == ()


def test_answer_of_304_keeps_what_was_named(alice, cast, row):
    alice.post(f"{PAGE}/address", {"address": SECRET})
    with cast.changing() as c:
        kept = c.session.exec(select(RepCalendar)).one()
        address.note_reading(
            c,
            kept.id,
            kept.address.stored,
            CalendarReading([], 2, ("Landing", "")),
            address.Validators('"x"'),
        )
    with cast.changing() as c:
        kept = c.session.exec(select(RepCalendar)).one()
        address.note_same(c, kept.id, kept.address.stored)
    assert (row().etag, row().unread) == ('"x"', 2)
    text = words(alice.get(PAGE).text)
    assert (
        "2 events could not be read. All others are here. Landing 1 that is private or has no title" in text
    )
    assert "Last read on 18 Nov, 12:00; every 15 minutes." in text


@pytest.mark.parametrize("path", ["address", "address/read", "address/end", "own"])
def test_only_reps_have_a_calendar(cast, sign_in, stranger, path):
    assert [sign_in(name).post(f"{PAGE}/{path}").status_code for name in ("carol", "olive", "mallory")] == [
        403
    ] * 3
    assert stranger.post(f"{PAGE}/{path}").status_code in (302, 303)
    assert sign_in("alice").get(f"{PAGE}/{path}").status_code == 405


def test_erased_rep_leaves_no_address_behind(cast, alice, db, clock):
    alice.post(f"{PAGE}/address", {"address": SECRET})
    with cast.changing() as c:
        c.session.get_one(User, (c.organisation_id, cast.alice.id)).ended_at = clock()
    with cast.changing() as c:
        erase_person(c, cast.olive.id, cast.alice.id)
    assert dump(db)["rep_calendars"] == []
