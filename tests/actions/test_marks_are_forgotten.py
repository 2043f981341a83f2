"""Device marks, networks and browsers are kept for 30 days: of answers and of meetings, in every column that has one."""

import pytest
from sqlmodel import select
from support.dump import TABLES

from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission
from feedback.actions.meetings import NewContact, NewMeeting, start_meeting
from feedback.actions.trust import Fingerprint
from feedback.core.access import Reader
from feedback.core.dimensions import DIMENSIONS
from feedback.jobs.daily import run_daily
from feedback.store.invitations import invitations_of_meeting

MARKS = {
    (table.name, column.name)
    for table in TABLES
    for column in table.columns
    if column.name.endswith("_hash") and column.name != "password_hash"
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
