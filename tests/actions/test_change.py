"""All or nothing: a crash in the middle of a write leaves nothing of it."""

import pytest
from sqlalchemy.exc import IntegrityError
from support.dump import dump

from feedback.actions import meetings, mirrors
from feedback.actions.change import change
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Invalid


def crash(cast) -> None:
    with pytest.raises(ZeroDivisionError), cast.changing() as c:  # noqa: PT012 (it breaks off midway)
        meetings.find_or_add_contact(c, NewContact("Dana", "Northwind"))
        raise ZeroDivisionError


def test_crash_inside_change_leaves_nothing(cast, db):
    before = dump(db)
    crash(cast)
    assert dump(db) == before


def test_crash_leaves_the_week_frozen_before(cast, db, clock):
    clock.forward(days=8)
    crash(cast)
    after = dump(db)
    assert (len(after["weeks"]), after["contacts"]) == (1, [])


def test_answer_refused_by_database_leaves_nothing(cast, db):
    invitation = cast.meeting()
    before = dump(db)
    with pytest.raises(IntegrityError):
        cast.answer(invitation, 9)
    assert dump(db) == before


def test_invalid_meeting_adds_no_contact(cast, db, clock):
    before = dump(db)
    new = NewMeeting(new_contact=NewContact("Dana", "Northwind"), topic="t" * 201)
    with pytest.raises(Invalid), cast.changing() as c:
        meetings.start_meeting(c, cast.alice.id, new)
    assert dump(db) == before


def test_seal_refused_by_database_leaves_nothing(cast, db, clock):
    invitation = cast.meeting()
    before = dump(db)
    with pytest.raises(IntegrityError), change(db, invitation.organisation_id, clock()) as c:
        mirrors.save_mirror(c, invitation.id, ratings=dict.fromkeys(DIMENSIONS, 9), seal=True)  # fmt: skip
    assert dump(db) == before
