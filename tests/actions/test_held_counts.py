"""Meetings of a calendar count in what a rep asked about, whatever becomes of the calendar."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import delete, select

from feedback.actions import taken_back
from feedback.actions.held import note_held
from feedback.actions.meetings import NewMeeting
from feedback.calendar import entries
from feedback.calendar.counting import count_held
from feedback.calendar.planned import PlannedMeeting
from feedback.core.calendar.weeks import week_of
from feedback.core.shares import Share
from feedback.jobs.daily import run_daily
from feedback.models import CalendarEntry, HeldMeeting
from feedback.pages.calendar import entry_for
from feedback.pages.leaderboard import leaderboard
from feedback.store.people import ALL_REPS, viewer_of
from feedback.store.replay import differences

DANA = "dana@client.example"


@pytest.fixture
def diary(cast, db, clock):
    return Diary(cast, db, clock)


class Diary:
    """Alice's calendar."""

    def __init__(self, cast, db, clock):
        self.cast, self.db, self.clock, self.where = cast, db, clock, cast.alice.organisation_id

    def has(self, *planned: tuple[datetime, str] | tuple[datetime, str, tuple[str, ...]]) -> None:
        """Upload these meetings, (start, title, who comes), of half an hour each."""
        meetings = [
            PlannedMeeting(at, title, *people or ((DANA,),), ends_at=at + timedelta(minutes=30))
            for at, title, *people in planned
        ]
        with self.cast.changing() as c:
            entries.replace_entries(c, self.cast.alice.id, meetings)

    def asked(self) -> Share:
        """What stands on the board, and equals a replay."""
        run_daily(self.db, self.where, self.clock())
        with self.db.reading() as session:
            assert list(differences(session, self.where)) == []
            week = week_of(self.clock(), viewer_of(session, self.where, self.cast.alice.id).scoring.zone)
            board = leaderboard(session, self.where, ALL_REPS, week, self.clock())
        return next(row.standing.activity.asked for row in board.rows if row.rep.id == self.cast.alice.id)

    def start(self, title: str):
        """Show a code from the entry of this title; return the meeting's id."""
        with self.cast.changing() as c:
            row = c.session.exec(select(CalendarEntry).where(CalendarEntry.title == title)).one()
            entry = entry_for(c.session, viewer_of(c.session, self.where, self.cast.alice.id), row.id)
            return entries.start_from_entry(c, self.cast.alice.id, entry, NewMeeting())


def test_board_counts_meetings_that_were_held(cast, clock, diary):
    met = cast.meeting(email=DANA)
    cast.answer(met, 4)
    cast.seal(met, 4)
    assert diary.asked() == Share(1, 1)
    today = clock() + timedelta(hours=1)
    tomorrow = clock() + timedelta(days=1)
    diary.has(
        (tomorrow, "Quarterly"), (tomorrow + timedelta(hours=1), "Stranger", ("new@other.example",)),
        (tomorrow + timedelta(hours=2), "Inside", ("bob@example.com", "not-signed-up@example.com")),
        (tomorrow + timedelta(hours=3), "Alone", ()), (today, "The same day"), (clock() - timedelta(days=2), "Too late to tell"),
    )  # fmt: skip
    assert diary.asked() == Share(1, 1)
    clock.forward(hours=5)
    assert diary.asked() == Share(1, 1)  # Dana was asked the same day: it is one meeting
    clock.forward(days=1)
    assert diary.asked() == Share(1, 3)
    diary.start("Quarterly")
    assert diary.asked() == Share(1, 3)  # a code that nobody opened asks nobody
    clock.forward(days=30)
    assert diary.asked() == Share(1, 3)
    with diary.db.reading() as session:
        assert session.exec(select(CalendarEntry)).all() == []


def test_meeting_that_was_entered_while_it_ran_was_held(cast, clock, diary):
    cast.answer(cast.meeting(email=DANA), 4)
    clock.forward(days=1)
    diary.has((clock() - timedelta(minutes=10), "On the way in"))
    clock.forward(hours=1)
    assert diary.asked() == Share(1, 2)


def test_meeting_by_hand_is_about_that_day(cast, clock, diary):
    cast.meeting(email=DANA)
    clock.forward(days=2)
    diary.has((clock() + timedelta(hours=1), "Quarterly"), (clock() + timedelta(hours=5), "Second"))
    clock.forward(hours=2)
    assert diary.asked() == Share(0, 2)
    cast.answer(cast.meeting(email=DANA), 5)
    assert diary.asked() == Share(1, 2)
    clock.forward(hours=5)
    assert diary.asked() == Share(1, 2)


def test_held_meeting_outlives_calendar_and_take_back(cast, clock, diary):
    cast.meeting(email=DANA)
    clock.forward(days=1)
    diary.has((clock() + timedelta(hours=1), "Quarterly"), (clock() + timedelta(hours=9), "Called off"))
    clock.forward(hours=2)
    diary.has()  # an empty calendar, a moment after: counted all the same; what was to come is called off
    assert diary.asked() == Share(0, 2)
    diary.has((clock() - timedelta(hours=1), "Quarterly, another title"))
    assert diary.asked() == Share(0, 2)
    meeting_id = diary.start("Quarterly, another title")
    assert diary.asked() == Share(0, 2)
    with cast.changing() as c:
        held = c.session.exec(select(HeldMeeting)).one()
        assert held.meeting_id == meeting_id
    clock.forward(minutes=1)
    with diary.db.reading() as session:
        invitation = cast_invitation(session, diary, meeting_id)
    with cast.changing() as c:
        taken_back.take_back(c, cast.alice.id, invitation)
    assert diary.asked() == Share(0, 2)
    with cast.changing() as c:
        assert c.session.exec(select(HeldMeeting)).one().meeting_id is None


def cast_invitation(session, diary, meeting_id):
    from feedback.models import Invitation

    return session.exec(select(Invitation.id).where(Invitation.meeting_id == meeting_id)).one()


def test_meeting_that_somebody_was_asked_about_stays_known(cast, db, clock):
    """The calendar is read again, and does not know of it."""
    met, at = cast.meeting(), clock()
    with cast.changing() as c:
        note_held(c, cast.alice.id, at, met.meeting_id)
        note_held(c, cast.alice.id, at, None)
    with db.reading() as session:
        assert session.exec(select(HeldMeeting.meeting_id)).one() == met.meeting_id


def test_another_title_keeps_what_was_done(cast, clock, diary, db):
    cast.meeting(email=DANA)
    clock.forward(days=1)
    at = clock() + timedelta(hours=1)
    diary.has((at, "Quarterly"), (at, "Double booked", ("eli@other.example",)))
    with cast.changing() as c:
        row = c.session.exec(select(CalendarEntry).where(CalendarEntry.title == "Quarterly")).one()
        entries.put_away(c, cast.alice.id, row.id, away=True)
    diary.has((at, "Quarterly: agenda"), (at, "Double booked", ("eli@other.example",)))
    with db.reading() as session:
        kept = {row.title: (row.id, row.put_away_at) for row in session.exec(select(CalendarEntry))}
    assert kept["Quarterly: agenda"] == (row.id, clock())
    assert kept["Double booked"][1] is None
    clock.forward(hours=3)
    assert diary.asked() == Share(0, 2)  # put away, and still held; two at one moment are one


def test_count_that_was_lost_is_found_by_check(cast, clock, diary, db):
    clock.forward(days=1)
    diary.has((clock() + timedelta(hours=1), "Quarterly"))
    clock.forward(hours=3)
    with cast.changing() as c:
        count_held(c)
        count_held(c)
    with db.reading() as session:
        assert list(differences(session, diary.where)) == []
    with db.writing() as session:
        session.exec(delete(HeldMeeting).where(HeldMeeting.organisation_id == diary.where))
    with db.reading() as session:
        assert ["unasked=1" in said for said in differences(session, diary.where)] == [True]
