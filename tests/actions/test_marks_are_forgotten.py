"""What the days take with them: device marks, networks and browsers after 30 of them, planned meetings when theirs is
over."""

import pytest
from sqlmodel import select
from support.dump import TABLES

from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission
from feedback.actions.meetings import NewContact, NewMeeting, start_meeting
from feedback.actions.trust import Fingerprint
from feedback.calendar import entries
from feedback.calendar.file import read_calendar
from feedback.core.access import Reader
from feedback.core.dimensions import DIMENSIONS
from feedback.jobs.daily import run_daily
from feedback.models import CalendarEntry
from feedback.store.invitations import invitations_of_meeting

# What people are promised, by its own number: one that moves in the code is to be noticed.
HELD_DAYS = 14

MARKS = {
    (table.name, column.name)
    for table in TABLES
    for column in table.columns
    if column.name.endswith("_hash")
    and column.name not in ("password_hash", "pin_hash")
    and table.name not in ("api_replays", "sign_in_links")  # of our own people, and gone after a day
}


@pytest.fixture
def marked(cast, clock):
    """A meeting that was started, and answered, from somewhere."""
    here = Fingerprint("phone", "office", "browser")
    with cast.changing() as c:
        new = NewMeeting(new_contact=NewContact("Dana", "Northwind"))
        meeting_id = start_meeting(c, cast.alice.id, new, fingerprint=here)
    with cast.db.reading() as session:
        where = (session, cast.alice.organisation_id, meeting_id, Reader.RULES, clock())
        met = invitations_of_meeting(*where)[0]
    cast.submit(met, Submission(dict.fromkeys(DIMENSIONS, 5), done=True), Sender(fingerprint=here))


@pytest.fixture
def kept(cast, clock, marked):
    """kept(days=1) is which columns hold a mark after that long."""

    def look(**delta):
        clock.forward(**delta)
        run_daily(cast.db, cast.olive.organisation_id, clock())
        with cast.db.reading() as session:
            return {
                (table.name, column)
                for table in TABLES
                for column in (column for name, column in MARKS if name == table.name)
                if any(session.execute(select(table.c[column])).scalars())
            }

    return look


def test_marks_are_those_of_answers_and_meetings():
    assert {name for name, _ in MARKS} == {"feedback", "meetings"}


def test_every_mark_is_kept_for_30_days_and_no_longer(kept):
    assert kept(days=29, hours=23) == MARKS
    assert kept(hours=2) == set()


def test_planned_meetings_go_two_weeks_after_their_day(cast, clock):
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{day}\r\nDTSTART:202611{day}T100000Z\r\nSUMMARY:On the {day}th\r\n"
        "ATTENDEE:mailto:dana@example.org\r\nEND:VEVENT\r\n"
        for day in (18, 19, 20)
    )
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n"
    kept = []
    with cast.changing() as c:
        planned = read_calendar(text.encode(), own_email=cast.alice.email, zone=c.zone, now=clock())
        entries.replace_entries(c, cast.alice.id, planned.meetings)
    clock.forward(days=HELD_DAYS)
    for _ in range(4):
        run_daily(cast.db, cast.olive.organisation_id, clock())
        with cast.db.reading() as session:
            kept.append({title[7:9] for title in session.exec(select(CalendarEntry.title))})
        clock.forward(days=1)
    assert kept == [{"18", "19", "20"}, {"19", "20"}, {"20"}, set()]
