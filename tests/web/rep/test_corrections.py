"""/meetings/<id>/correct: when a meeting was, and that a client declined, while nobody has answered."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select
from support.dump import dump
from support.pages import words

from feedback.actions.meetings import NewMeeting, start_meeting
from feedback.core.access import Reader
from feedback.models import Audit, Meeting, Relationship
from feedback.store.invitations import invitations_of_meeting
from feedback.store.replay import differences

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def page(invitation):
    return f"/meetings/{invitation.meeting_id}/correct"


@pytest.fixture
def alice(sign_in):
    return sign_in("alice")


def _replay(cast):
    with cast.db.reading() as session:
        return list(differences(session, cast.olive.organisation_id))


def test_meeting_is_moved_before_an_answer(cast, clock, db, alice, page, invitation):
    clock.forward(hours=3)
    assert 'value="2026-11-18T12:00"' in alice.get(page).text  # by the organisation's clocks
    reply = alice.post(page, {"what": "time", "held_at": "2026-11-13T09:30"})
    assert reply.status_code == 303
    held_at = datetime(2026, 11, 13, 8, 30, tzinfo=UTC)
    with db.reading() as session:
        assert session.exec(select(Meeting.held_at)).all() == [held_at]
        assert session.exec(select(Relationship.last_meeting_at)).all() == [held_at]
        entry = session.exec(select(Audit).where(col(Audit.what) == "meeting.moved")).one()
        assert (entry.before, entry.after) == (
            {"held_at": "2026-11-18 12:00"},
            {"held_at": "2026-11-13 09:30"},
        )
    assert _replay(cast) == []
    assert "Saved." in alice.get(reply.location).text


@pytest.mark.parametrize(
    "typed", ["", "soon", "2026-11-11T11:59", "2026-11-18T12:01", "2026-13-01T00:00", "9999-12-31T23:59"]
)
def test_time_out_of_bounds_is_422(cast, db, alice, page, typed):
    before = dump(db)["meetings"]
    reply = alice.post(page, {"what": "time", "held_at": typed})
    assert reply.status_code == 422
    assert 'role="alert"' in reply.text
    assert dump(db)["meetings"] == before


def test_answered_meeting_stays_as_it_is(cast, db, alice, page, invitation):
    cast.answer(invitation, 1, done=False)
    before = {
        name: rows for name, rows in dump(db).items() if name in ("meetings", "invitations", "feedback")
    }
    for form in (
        {"what": "time", "held_at": "2026-11-17T09:30"},
        {"what": "declined", "invitation": invitation.id},
    ):
        assert alice.post(page, form).status_code == 422
    assert {name: dump(db)[name] for name in before} == before
    assert alice.post(page.replace("correct", "taken-back"), {"invitation": invitation.id}).status_code == 409
    assert "Nothing can be corrected here" in alice.get(page).text


def test_time_stays_once_one_of_two_has_answered(cast, db, alice):
    two = [cast.meeting(contact=name) for name in ("Eli", "Fay")]
    with cast.changing() as c:
        both = NewMeeting(contact_ids=tuple(each.contact_id for each in two))
        meeting_id = start_meeting(c, cast.alice.id, both)
    with db.reading() as session:
        eli, _ = invitations_of_meeting(
            session, cast.alice.organisation_id, meeting_id, Reader.RULES, cast.clock()
        )
    page = f"/meetings/{meeting_id}/correct"
    assert 'name="held_at"' in alice.get(page).text
    cast.answer(eli, 4)
    assert "It stays: a client has begun to answer." in words(alice.get(page).text)


def test_declined_counts_as_asked(cast, db, alice, page, invitation):
    asked = select(Meeting.id)
    form = {"what": "declined", "invitation": invitation.id}
    before = dump(db)["activity"]
    assert alice.post(page, form).status_code == 303
    assert alice.post(page, form).status_code == 303  # a double click
    assert dump(db)["activity"] != before
    assert _replay(cast) == []
    assert "as you noted on" in words(alice.get(page).text)
    alice.post(page, form | {"what": "not_declined"})
    assert dump(db)["activity"] == before
    alice.post(page, form)
    cast.answer(invitation, 5)  # who declined may answer after all
    assert _replay(cast) == []
    with db.reading() as session:
        assert len(session.exec(asked).all()) == 1
        kinds = session.exec(
            select(Audit.what).where(col(Audit.what).startswith("meeting.")).order_by(col(Audit.id))
        )
        assert kinds.all() == ["meeting.declined", "meeting.not_declined", "meeting.declined"]


def test_correcting_is_for_own_rep_only(page, refusals, post_refusals):
    assert refusals(page) == [404, 404, 403, 403, 403]
    assert post_refusals(page) == [404, 404, 403, 403, 403]


def test_earlier_meeting_keeps_its_page_open(cast, clock, db, alice, page, invitation):
    """Moving shortens nothing for the client."""
    alice.post(page, {"what": "time", "held_at": "2026-11-11T12:00"})
    assert cast.reload(invitation).closes_at == invitation.held_at + timedelta(days=14)
