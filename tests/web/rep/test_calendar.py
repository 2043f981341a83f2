"""/meetings/calendar: today's and tomorrow's meetings, one tap from the code."""

import re
from io import BytesIO

import pytest
from sqlmodel import select
from support.dump import dump
from support.pages import NOBODY, words
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from feedback.calendar.address import add_own
from feedback.models import CalendarEntry

# What people are promised, by its own number: one that moves in the code is to be noticed.
LARGEST = 30 << 20

DANA = "dana@northwind.example"


def ics(start: str = ":20261118T140000Z", title: str = "Quarterly review", *people: str) -> str:
    invited = "".join(f"ATTENDEE:mailto:{person}\r\n" for person in ("alice@example.com", *people))
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        f"DTSTART{start}\r\nSUMMARY:{title}\r\n{invited}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


@pytest.fixture
def alice(cast, sign_in):
    return sign_in("alice")


@pytest.fixture
def upload(alice):
    """upload(ics(...)) pastes a calendar into Alice's page; answers with the page after it."""

    def send(text: str) -> str:
        reply = alice.post("/meetings/calendar", {"calendar": text})
        assert (reply.status_code, reply.location) == (303, "/meetings/calendar")
        return alice.get("/meetings/calendar").text

    return send


def address(page: str) -> str:
    """Where the one tap of the first entry goes."""
    return re.search(r'action="(/meetings/calendar/[^"]+)"', page)[1]


def test_pasted_calendar_shows_todays_meeting(cast, upload):
    cast.meeting(email=DANA)
    text = words(upload(ics(":20261118T140000Z", "Quarterly review", DANA)))
    assert "Today Quarterly review 15:00 · Dana Whitfield · Northwind Show code" in text


def test_calendar_file_can_be_uploaded(cast, alice):
    file = (BytesIO(ics(":20261119T090000Z", "Lunch", "eli@x.example").encode()), "work.ics")
    assert alice.post("/meetings/calendar", {"file": file, "calendar": ""}).status_code == 303
    assert "Tomorrow Lunch 10:00 · eli@x.example Who is it?" in words(alice.get("/meetings/calendar").text)


def test_one_tap_makes_codes_for_known_contacts(cast, alice, upload):
    cast.meeting(email=DANA)
    cast.meeting(contact="Eli Ode", email="eli@northwind.example")
    tap = address(upload(ics(":20261118T140000Z", "Review", DANA, "Eli@Northwind.example", "new@x.example")))
    shown = alice.get(alice.post(tap).location).text
    assert re.findall(r"<h1>Show this to <bdi>(.+?)</bdi></h1>", shown) == ["Dana Whitfield", "Eli Ode"]


def test_double_tap_makes_one_meeting(cast, clock, db, alice, upload):
    cast.meeting(email=DANA)
    clock.forward(hours=2)
    tap = address(upload(ics(":20261118T140000Z", "Review", DANA)))
    assert alice.post(tap).location == alice.post(tap).location
    assert len(dump(db)["meetings"]) == 2


def test_started_meeting_survives_the_next_upload(cast, alice, upload):
    cast.meeting(email=DANA)
    calendar = ics(":20261118T140000Z", "Review", DANA)
    meeting = alice.post(address(upload(calendar))).location
    page = upload(calendar)
    assert f'href="{meeting}"' in page
    assert "Code shown" in words(page)


def test_meeting_keeps_its_calendar_title(cast, db, alice, upload):
    cast.meeting(email=DANA)  # a moment ago, by hand: the same meeting
    alice.post(address(upload(ics(":20261118T140000Z", "Review", DANA))))
    assert "Review" in repr(dump(db)["meetings"])


def test_what_was_declined_under_another_own_address_is_not_planned(cast, alice, upload):
    with cast.changing() as c:
        add_own(c, cast.alice.id, "alice@example.com", "al@partners.example")
    own, other = "ATTENDEE:mailto:alice@example.com", "ATTENDEE;PARTSTAT={}:mailto:al@partners.example"
    invited = ics(":20261118T140000Z", "Review", "eli@x.example").replace(own, other)
    assert "Review 15:00 · eli@x.example Who is it?" in words(upload(invited.format("ACCEPTED")))
    refused = alice.post("/meetings/calendar", {"calendar": invited.format("DECLINED")})
    assert (refused.status_code, "There is no meeting in it" in words(refused.text)) == (422, True)


@pytest.fixture
def entry(db):
    """entry() is the id of the one meeting that is planned."""

    def look():
        with db.reading() as session:
            return session.exec(select(CalendarEntry.id)).one()

    return look


@pytest.mark.parametrize(("people", "search"), [(("new@x.example",), "q=new@x.example&"), ((), "")])
def test_unknown_attendee_leads_to_new_contact(cast, alice, upload, entry, people, search):
    page = upload(ics(":20261118T140000Z", "Review", *people))
    leads_to = f"/meetings/new?{search}entry={entry()}"
    assert f'href="{leads_to}"' in page.replace("&amp;", "&")
    assert alice.post(f"/meetings/calendar/{entry()}").location == leads_to


def test_entry_becomes_one_meeting_with_its_title(alice, upload, entry, db):
    planned = upload(ics(":20261118T140000Z", "Quarterly review", "eli@x.example"))
    leads_to = re.search(r'href="(/meetings/new[^"]+)"', planned)[1].replace("&amp;", "&")
    page = alice.get(leads_to).text
    assert f'name="entry" value="{entry()}"' in page
    assert 'name="topic" value="Quarterly review"' in page
    assert 'name="contact_email" value="eli@x.example"' in page
    form = {
        "contact_name": "Eli Ode",
        "account_name": "X",
        "contact_email": "eli@x.example",
        "entry": entry(),
    }
    meeting = alice.post("/meetings/new", {**form, "form_key": "one"}).location
    assert alice.post("/meetings/new", {**form, "form_key": "two"}).location == meeting
    assert alice.get(leads_to).location == meeting
    home = alice.get("/meetings").text
    assert f'href="{meeting}"' in home
    assert "Who is it?" not in home
    assert ("Quarterly review" in repr(dump(db)["meetings"]), len(dump(db)["meetings"])) == (True, 1)


def test_entry_survives_search_and_refused_form(alice, upload, entry):
    upload(ics(":20261118T140000Z", "Review"))
    kept = f'name="entry" value="{entry()}"'
    assert alice.get(f"/meetings/new?q=zz&entry={entry()}").text.count(kept) == 2
    reply = alice.post("/meetings/new", {"contact_name": "Eli", "topic": "Tea", "entry": entry()})
    assert (reply.status_code, reply.text.count(kept)) == (422, 2)


def test_another_reps_entry_is_404(cast, db, sign_in, upload, entry):
    upload(ics(":20261118T140000Z", "Review"))
    cast.add("mike", "rep", organisation_id=cast.mallory.organisation_id)
    others, form = (
        [sign_in("bob"), sign_in("mike")],
        {"contact_name": "Eli", "account_name": "X", "entry": entry()},
    )
    before = dump(db)
    for other in others:
        assert other.get(f"/meetings/new?entry={entry()}").status_code == 404
        assert other.post("/meetings/new", form).status_code == 404
    assert dump(db) == before


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_unknown_entry_starts_no_meeting(cast, alice, which):
    assert alice.get(f"/meetings/new?entry={which}").status_code == 404
    assert alice.post("/meetings/new", {"entry": which}).status_code == 404


def test_home_shows_the_next_planned_meeting(cast, clock, alice, upload):
    assert "Upload your calendar to see" in words(alice.get("/meetings").text)
    cast.meeting(email=DANA)
    upload(ics(":20261126T140000Z", "Review", DANA))
    home = words(alice.get("/meetings").text)
    assert (
        "Nothing is planned for today or tomorrow. Next: Review , 26 Nov, 15:00, with Dana Whitfield." in home
    )
    assert "Your calendar" in home
    assert "Upload your calendar to see" not in home
    clock.forward(days=7)
    assert "Tomorrow Review" in (home := words(alice.get("/meetings").text))
    assert "Your calendar" in home
    clock.forward(days=9)
    assert "Upload your calendar to see" in words(alice.get("/meetings").text)


def test_colleagues_are_not_shown_as_attendees(cast, upload):
    page = upload(ics(":20261118T140000Z", "Standup", "bob@example.com", "eli@x.example"))
    assert "eli@x.example" in page
    assert "bob@example.com" not in page


def test_contact_of_another_organisation_is_unknown(cast, sign_in, upload):
    cast.add("mike", "rep", organisation_id=cast.mallory.organisation_id)
    cast.meeting(rep="mike", email=DANA)
    page = upload(ics(":20261118T140000Z", "Review", DANA))
    assert f"Review 15:00 · {DANA} Who is it?" in words(page)
    assert "Dana Whitfield" not in page


def test_newest_contact_with_address_is_used(cast, clock, upload):
    cast.meeting(email=DANA)
    clock.forward(minutes=1)
    cast.meeting(account="Contoso", email=DANA)
    assert "Dana Whitfield · Contoso" in words(upload(ics(":20261118T140000Z", "Review", DANA)))


def test_calendar_days_use_organisations_time_zone(cast, clock, alice, upload):
    text = words(upload(ics(":20261119T230000Z", "Midnight")))  # Friday in Berlin, the day after tomorrow
    assert "Nothing is planned for today or tomorrow. 1 meeting is kept" in text
    clock.forward(hours=12)  # Thursday, a minute past midnight
    assert "Tomorrow Midnight 00:00" in words(alice.get("/meetings/calendar").text)


def test_empty_calendar_page_explains_itself(alice):
    text = words(alice.get("/meetings/calendar").text)
    assert "Connect your calendar" in text
    assert "Nothing else of your calendar" in text


def test_calendar_text_is_escaped(upload):
    page = upload(ics(":20261118T140000Z", "<script>alert(1)</script>", "x<b>@x.example"))
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page
    assert "x<b>" not in page


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "There is nothing in it."),
        ("Dear Alice", "This is not a calendar."),
        (ics()[:80], "This calendar stops in the middle."),
        (ics(":20250101T090000Z"), "There is no meeting in it for the coming 14 days."),
        (ics(";TZID=Mars:20261118T140000"), "1 event could not be read: &#39;Quarterly review&#39;."),
    ],
)
def test_bad_calendar_is_422_with_reason(cast, db, alice, upload, text, reason):
    upload(ics())
    before = dump(db)
    reply = alice.post("/meetings/calendar", {"calendar": text})
    assert reply.status_code == 422
    assert reason in words(reply.text)
    assert "What you uploaded before is kept." in words(reply.text)
    assert text.split("\r\n")[0] in reply.text
    assert dump(db) == before


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.parametrize("as_file", [True, False], ids=["file", "paste"])
@pytest.mark.parametrize(
    ("size", "status"), [(2_200_000, 303), (LARGEST + 1, 422), (LARGEST + (2 << 20), 413)]
)
def test_calendar_may_have_30_mb(alice, as_file, size, status):
    text = ics()[:-15] + "X-WASTE:" + "x" * (size - len(ics()) - 10) + "\r\nEND:VCALENDAR\r\n"
    token = re.search(r'name="csrf_token" value="([^"]+)"', alice.get("/meetings/calendar").text)[1]
    sent = {"file": FileStorage(BytesIO(text.encode()), "work.ics")} if as_file else {"calendar": text}
    # Not by the test client: it would leave a file open.
    boundary, body = encode_multipart({"csrf_token": token, **sent})
    reply = alice.client.post(
        "/meetings/calendar", data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )
    assert reply.status_code == status
    assert ("larger than 30 MB" in reply.text) == (status == 422)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_events_that_cannot_be_read_are_counted(alice):
    titles = ("SUMMARY:Landing\r\n", "", "SUMMARY:Doctor\r\nCLASS:PRIVATE\r\n")
    bad = "".join(
        f"BEGIN:VEVENT\r\nUID:b{n}\r\nDTSTART:20261118T1\r\n{more}END:VEVENT\r\n"
        for n, more in enumerate(titles)
    )
    reply = alice.post(
        "/meetings/calendar", {"calendar": ics().replace("END:VCALENDAR", f"{bad}END:VCALENDAR")}
    )
    assert (reply.status_code, reply.location) == (303, "/meetings/calendar")
    page = words(alice.get(reply.location).text)
    assert (
        "3 events could not be read. All others are here. Landing 2 that are private or have no title" in page
    )
    alice.post("/meetings/calendar", {"calendar": ics()})
    assert "could not be read" not in alice.get("/meetings/calendar").text


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_uploads_are_limited_by_person(alice):
    tried = [alice.post("/meetings/calendar", {"calendar": "x"}).status_code for _ in range(11)]
    assert tried == [422] * 10 + [429]


def test_other_forms_keep_their_size_limit(alice):
    assert alice.post("/meetings/new", {"topic": "t" * 300_000}).status_code == 413


def test_binary_calendar_is_422(alice):
    reply = alice.post("/meetings/calendar", {"file": (BytesIO(bytes(range(256)) * 99), "photo.ics")})
    assert reply.status_code == 422
    assert "This is not a calendar." in words(reply.text)


def test_calendar_entry_is_for_own_rep_only(cast, upload, post_refusals):
    cast.meeting(email=DANA)
    tap = address(upload(ics(":20261118T140000Z", "Review", DANA)))
    assert post_refusals(tap) == [404, 404, 403, 403, 403]


def test_calendar_is_hidden_from_other_reps(cast, sign_in, upload):
    assert "Quarterly review" in upload(ics())
    page = sign_in("bob").get("/meetings/calendar")
    assert page.status_code == 200
    assert "Quarterly review" not in page.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_calendar_is_for_reps_only(cast, sign_in, method):
    codes = [
        getattr(sign_in(n), method)("/meetings/calendar").status_code for n in ("carol", "olive", "mallory")
    ]
    assert codes == [403] * 3


def test_stranger_signs_in_first(cast, stranger):
    assert stranger.get("/meetings/calendar").location == "/sign-in?next=/meetings/calendar"
    assert stranger.post("/meetings/calendar").status_code == 302


def test_get_of_entry_is_405(alice):
    assert alice.get(f"/meetings/calendar/{NOBODY}").status_code == 405


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_unknown_entry_is_404(alice, which):
    assert alice.post(f"/meetings/calendar/{which}").status_code == 404
