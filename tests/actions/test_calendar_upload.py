"""A new upload takes the place of the one before."""

from datetime import timedelta

import pytest
from sqlmodel import select
from support.dump import dump

from feedback.actions.change import change
from feedback.actions.meetings import NewMeeting
from feedback.calendar import entries as calendar_entries
from feedback.calendar.event import PlannedMeeting
from feedback.models import CalendarEntry
from feedback.pages.calendar import entry_for
from feedback.store import people
from feedback.store.credentials import credentials


@pytest.fixture
def upload(cast, db, clock):
    """upload("review", "lunch") is Alice's calendar: these meetings, an hour apart, from now on."""

    def send(*titles: str, rep: str = "alice", emails: tuple[str, ...] = ()) -> None:
        entries = [
            PlannedMeeting(clock() + timedelta(hours=n), title, emails) for n, title in enumerate(titles)
        ]
        who = cast.people[rep]
        with change(db, who.organisation_id, clock()) as c:
            calendar_entries.replace_entries(c, who.id, entries)

    return send


@pytest.fixture
def rows(db):
    def look() -> dict[str, CalendarEntry]:
        with db.reading() as session:
            return {row.title: row for row in session.exec(select(CalendarEntry))}

    return look


def test_entry_missing_from_upload_is_removed(upload, rows):
    upload("review", "lunch")
    upload("review", "tea")
    assert set(rows()) == {"review", "tea"}


def test_kept_entry_keeps_meeting_and_gains_emails(cast, db, clock, upload, rows):
    cast.meeting(email="dana@northwind.example")
    upload("review", emails=("dana@northwind.example",))
    before = rows()["review"]
    with db.reading() as session:
        who = credentials(session, cast.alice.email)[0]
        alice = people.viewer_of(session, who.organisation_id, who.user_id)
        entry = entry_for(session, alice, before.id)
    with change(db, alice.organisation_id, clock()) as c:
        meeting_id = calendar_entries.start_from_entry(c, alice.id, entry, NewMeeting())
    upload("review", "lunch", emails=("dana@northwind.example", "eli@northwind.example"))
    after = rows()["review"]
    assert (after.id, after.meeting_id) == (before.id, meeting_id)
    assert after.emails == ("dana@northwind.example", "eli@northwind.example")


def test_the_same_upload_twice_changes_nothing(db, upload):
    upload("review", "review", "lunch")
    before = dump(db)
    upload("review", "review", "lunch")
    # That something was written counts, even where it is what was there.
    assert dump(db) | {"data_versions": []} == before | {"data_versions": []}


def test_same_titled_entries_stay_separate(cast, db, clock):
    both = [
        PlannedMeeting(clock(), "Call", ("dana@x.example",)),
        PlannedMeeting(clock(), "Call", ("eli@x.example",)),
    ]
    for _ in range(2):
        with change(db, cast.alice.organisation_id, clock()) as c:
            calendar_entries.replace_entries(c, cast.alice.id, both)
        with db.reading() as session:
            kept = [row.emails for row in session.exec(select(CalendarEntry))]
        assert sorted(kept) == [("dana@x.example",), ("eli@x.example",)]


def test_next_upload_removes_yesterdays_entries(clock, upload, rows):
    upload("review")
    clock.forward(days=1)
    upload("lunch")
    assert set(rows()) == {"lunch"}


def test_entries_beyond_14_days_are_dropped(cast, db, clock, rows):
    days = {"15 days ago": -15, "14 days ago": -14, "today": 0, "14 days": 14, "15 days": 15}
    entries = [PlannedMeeting(clock() + timedelta(days=n), title) for title, n in days.items()]
    with change(db, cast.alice.organisation_id, clock()) as c:
        calendar_entries.replace_entries(c, cast.alice.id, entries)
    assert set(rows()) == {"14 days ago", "today", "14 days"}


def test_upload_leaves_other_reps_entries(upload, rows):
    upload("review", rep="bob")
    upload("lunch")
    assert set(rows()) == {"review", "lunch"}
