"""/meetings/calendar/address and /meetings/calendar/own: where the calendar is read from, and who is the rep."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select
from support.dump import dump
from support.pages import words

from feedback.actions.erasure import erase_person
from feedback.calendar import address
from feedback.calendar.planned import CalendarReading, PlannedMeeting
from feedback.core.calendar.faults import CalendarFault
from feedback.models import CalendarAddress, CalendarEntry, HeldMeeting, RepCalendar, User

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
SECRET = "webcal://calendar.example/private-7f3a/basic.ics"
PAGE, NOBODY = "/meetings/calendar", UUID(int=1)
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


def stored(db) -> list[CalendarAddress]:
    with db.reading() as session:
        return list(session.exec(select(CalendarAddress).order_by(CalendarAddress.id)))


def own(db) -> tuple[str, ...]:
    with db.reading() as session:
        return session.exec(select(RepCalendar.own_emails)).one()


@pytest.fixture
def row(db):
    """row() is what is stored of the one calendar."""

    def look() -> CalendarAddress:
        with db.reading() as session:
            return session.exec(select(CalendarAddress)).one()

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
    assert (
        "calendar.example Read from https://calendar.example/… It is being read. Look again in a moment."
        in words(page)
    )
    assert "Or upload it as a file" not in page
    for text in (page, repr(dump(db)), alice.get("/meetings").text):
        assert "7f3a" not in text
    reply = alice.post(PAGE, {"calendar": ICS})
    assert (reply.status_code, "Remove that first, then upload." in reply.text) == (422, True)


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
    server["calendar"] = str(row().id)
    alice.post(f"{PAGE}/address", {"address": "https://dav.example/b", **server})
    assert (row().address.text, row().password.text) == ("https://dav.example/b", "sesame")
    elsewhere = alice.post(f"{PAGE}/address", {"address": "https://evil.example/", **server})
    assert elsewhere.status_code == 422
    alice.post(f"{PAGE}/address", {"address": "", "name": "Work", **server})  # another name alone
    assert (row().name, row().address.text, row().password.text) == (
        "Work",
        "https://dav.example/b",
        "sesame",
    )
    alice.post(f"{PAGE}/address", {"address": "https://dav.example/c.ics", "calendar": server["calendar"]})
    assert (row().kind, row().user_name, row().password) == ("ics", None, None)


def test_faults_say_what_to_do_and_reading_can_be_stopped(alice, cast, db, row, clock, sign_in):
    alice.post(f"{PAGE}/address", {"address": SECRET})
    for fault in CalendarFault:
        with cast.changing() as c:
            kept = c.session.exec(select(CalendarAddress)).one()
            address.note_fault(c, kept.id, kept.address.stored, fault, None)
        text = words(alice.get(PAGE).text)
        assert "It could not be read since 18 Nov, 12:00. What was read before is kept." in text
    assert "put the key back" in text
    this = {"calendar": str(row().id)}
    alice.post(f"{PAGE}/address/read", this)
    assert row().due_at > clock()  # a moment ago
    clock.forward(days=14)
    alice = sign_in("alice")
    assert "soon=1" in alice.post(f"{PAGE}/address/read", this).location
    with cast.changing() as c:
        kept = c.session.exec(select(CalendarAddress)).one()
        address.note_fault(c, kept.id, kept.address.stored, CalendarFault.SERVER, None)
    assert "We stopped trying on 2 Dec, after it had failed since 18 Nov." in words(alice.get(PAGE).text)
    assert row().due_at is None
    alice.post(f"{PAGE}/address/end", this)
    assert dump(db)["calendar_addresses"] == []
    assert "Read from" not in alice.get(PAGE).text
    log = words(sign_in("olive").get("/audit").text)
    assert "Had the own calendar read from an address" in log
    assert "Stopped the reading of the own calendar" in log
    assert "7f3a" not in log
    tried = [alice.post(f"{PAGE}/address/read", this).status_code for _ in range(12)]
    assert tried[-1] == 429


def test_five_calendars_have_names_faults_and_rests_of_their_own(alice, cast, db, clock, sign_in):
    for n, name in enumerate(("Work", "", "Team <b>", "رنا", "x" * 60)):
        form = {"address": f"https://c{n}.example/secret-{n}.ics", "name": name}
        assert alice.post(f"{PAGE}/address", form).status_code == 303
    for form, why in (
        ({"address": "https://c9.example/"}, "at most 5 calendars"),
        ({"address": "webcal://c0.example/secret-0.ics"}, "You have this calendar already."),
        ({"address": "https://c9.example/", "name": "x" * 61}, "This is too long."),
        ({"address": "https://c9.example/", "calendar": str(NOBODY)}, "You have removed this calendar."),
    ):
        reply = alice.post(f"{PAGE}/address", form)
        assert (reply.status_code, why in words(reply.text)) == (422, True), form
    rows = stored(db)
    with cast.changing() as c:
        address.note_fault(c, rows[1].id, rows[1].address.stored, CalendarFault.GONE, None)
        read = CalendarReading([], 1, ("Landing",))
        address.note_reading(c, rows[0].id, rows[0].address.stored, read, address.Validators())
    page = alice.get(PAGE).text
    assert [card.partition("<")[0] for card in page.split('<section class="card" aria-label="')[1:]] == [
        f'{name}">\n  ' for name in ("Work", "c1.example", "Team &lt;b&gt;", "رنا", "x" * 60)
    ]
    assert "secret-" not in page
    assert page.count("1 event could not be read.") == page.count("There is no calendar at this address") == 1
    assert "Add another calendar" not in page
    this = {"calendar": str(rows[2].id)}
    for name in ("bob", "alice"):
        assert sign_in(name).post(f"{PAGE}/address/pause", this).status_code == 303
        assert (stored(db)[2].paused_at is not None) is (name == "alice")  # nobody else's
    assert f"Paused since {clock():%-d %b}." in words(alice.get(PAGE).text)
    assert "soon" not in alice.post(f"{PAGE}/address/read", this).location
    with cast.changing() as c:  # what comes late of it changes nothing
        address.note_same(c, rows[2].id, rows[2].address.stored)
    assert (stored(db)[2].due_at, stored(db)[2].read_at) == (None, None)
    alice.post(f"{PAGE}/address/pause", this | {"on": "1"})
    assert (stored(db)[2].due_at, stored(db)[2].paused_at) == (clock(), None)
    sign_in("bob").post(f"{PAGE}/address/end", this)
    assert len(stored(db)) == 5
    alice.post(f"{PAGE}/address/end", this)
    assert [row.name for row in stored(db)] == ["Work", "", "رنا", "x" * 60]
    assert alice.post(f"{PAGE}/address/end", {"calendar": "x"}).status_code == 404
    log = words(sign_in("olive").get("/audit").text)
    assert "c2.example" in log
    assert "secret-" not in log


def test_meeting_in_two_calendars_is_one(alice, cast, db, clock):
    """It goes when it is in neither; what was held stays counted when its calendar is removed."""
    cast.meeting(email=DANA)
    for n in (1, 2):
        alice.post(f"{PAGE}/address", {"address": f"https://c{n}.example/"})
    first, second = stored(db)

    def read(row, *planned):
        with cast.changing() as c:
            reading = CalendarReading(list(planned), 0, ())
            address.note_reading(c, row.id, row.address.stored, reading, address.Validators())

    def entries():
        with db.reading() as session:
            rows = session.exec(select(CalendarEntry).order_by(CalendarEntry.starts_at)).all()
            return [(row.title, row.emails, len(row.read_from)) for row in rows]

    soon = clock() + timedelta(hours=1)
    review = PlannedMeeting(soon, "Review", (DANA,), soon + timedelta(hours=1))
    other = PlannedMeeting(soon + timedelta(hours=2), "Choir", (), None)
    read(first, review)
    read(second, replace(review, emails=("eli@client.example",)), other)
    assert entries() == [("Review", (DANA, "eli@client.example"), 2), ("Choir", (), 1)]
    read(first, review)
    read(second, other)
    assert entries() == [("Review", (DANA, "eli@client.example"), 1), ("Choir", (), 1)]
    read(first, review)
    assert entries() == [("Review", (DANA,), 1), ("Choir", (), 1)]
    read(second, review, other)
    read(first)
    assert [(title, count) for title, _, count in entries()] == [("Review", 1), ("Choir", 1)]
    clock.forward(hours=4)
    alice.post(f"{PAGE}/address/end", {"calendar": str(second.id)})
    assert entries() == []
    with db.reading() as session:
        assert len(session.exec(select(HeldMeeting)).all()) == 1


def test_own_other_address_is_nobody_from_outside(alice, cast, db):
    cast.meeting(email=DANA)
    alice.post(PAGE, {"calendar": ICS})
    page = words(alice.get(PAGE).text)
    assert "Quarterly" not in page  # declined, as Alice
    assert "Is one of these you?" in page
    assert "sales@northgroup.example This is me" in page
    for email, why in (
        (DANA, "address of a client"),
        ("bob@example.com", "a colleague"),
        ("x", "not an e-mail address"),
    ):
        reply = alice.post(f"{PAGE}/own", {"email": email})
        assert (reply.status_code, why in words(reply.text)) == (422, True)
    assert alice.post(f"{PAGE}/own", {"email": "Sales@NorthGroup.example"}).status_code == 303
    assert own(db) == ("sales@northgroup.example",)
    page = words(alice.get(PAGE).text)
    assert "sales@northgroup.example this is you Not me" in page
    assert "colleague@northgroup.example" not in page  # of the same house
    alice.post(PAGE, {"calendar": ICS})
    assert "Quarterly 15:00 · Dana Whitfield" in words(
        alice.get(PAGE).text
    )  # accepted under the other address
    alice.post(f"{PAGE}/own", {"email": "sales@northgroup.example", "remove": "1"})
    assert own(db) == ()


def test_answer_of_304_keeps_what_was_named(alice, cast, row):
    alice.post(f"{PAGE}/address", {"address": SECRET})
    with cast.changing() as c:
        kept = c.session.exec(select(CalendarAddress)).one()
        address.note_reading(
            c,
            kept.id,
            kept.address.stored,
            CalendarReading([], 2, ("Landing", "")),
            address.Validators('"x"'),
        )
    with cast.changing() as c:
        kept = c.session.exec(select(CalendarAddress)).one()
        address.note_same(c, kept.id, kept.address.stored)
    assert (row().etag, row().unread) == ('"x"', 2)
    text = words(alice.get(PAGE).text)
    assert (
        "2 events could not be read. All others are here. Landing 1 that is private or has no title" in text
    )
    assert "Last read on 18 Nov, 12:00; every 15 minutes." in text


@pytest.mark.parametrize("path", ["address", "address/read", "address/pause", "address/end", "own"])
def test_only_reps_have_a_calendar(cast, sign_in, stranger, path):
    assert [sign_in(name).post(f"{PAGE}/{path}").status_code for name in ("carol", "olive", "mallory")] == [
        403
    ] * 3
    assert stranger.post(f"{PAGE}/{path}").status_code in (302, 303)
    assert sign_in("alice").get(f"{PAGE}/{path}").status_code == 405


def test_erased_rep_leaves_no_address_behind(cast, alice, db, clock):
    alice.post(f"{PAGE}/address", {"address": SECRET})
    assert len(dump(db)["rep_calendars"]) == 1
    with cast.changing() as c:
        c.session.get_one(User, (c.organisation_id, cast.alice.id)).ended_at = clock()
    with cast.changing() as c:
        erase_person(c, cast.olive.id, cast.alice.id)
    assert [dump(db)[name] for name in ("rep_calendars", "calendar_addresses")] == [[], []]
