"""feedback check stands on this: do the stored numbers equal a replay of the history?"""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from feedback.actions import answer_keys, answers, decisions
from feedback.actions.answer_keys import AlreadySettled, AnswerErased, InvitationClosed
from feedback.actions.answers import Submission
from feedback.actions.change import change
from feedback.actions.mirrors import AlreadySealed
from feedback.actions.scoring.rescore import rescore
from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Invalid
from feedback.models import Activity, Relationship
from feedback.store.replay import differences


@pytest.fixture
def check(cast, db):
    """check() is every difference found, in words."""

    def look() -> list[str]:
        with db.reading() as session:
            return list(differences(session, cast.olive.organisation_id))

    return look


@pytest.fixture
def history(cast, clock):
    for rating in (4, 5):  # nothing that opens an alert
        for rep, contact in (("alice", "Dana"), ("alice", "Eli"), ("bob", "Dana")):
            met = cast.meeting(rep, contact)
            cast.answer(met, rating)
            cast.seal(met, 4)
        clock.forward(days=6)
    cast.meeting("bob", "Fay")


@pytest.mark.usefixtures("history")
def test_stored_numbers_equal_a_replay(check):
    assert check() == []


@pytest.mark.usefixtures("history")
def test_changed_number_is_named(cast, check, clock, run):
    alices = update(Relationship).where(Relationship.rep_id == cast.alice.id)
    for name, value in (("loyalty", 99.0), ("vote", 1.0), ("client_savvy", 1.0),
                        ("mirror_savvy", None), ("answers", 9), ("both", 0), ("last_client_at", None)):  # fmt: skip
        run(alices.values({name: value}))
        found = check()
        assert len(found) == 2, name
        assert all(line.startswith("Alice with ") and name.split("_")[0] in line for line in found)
        with change(cast.db, cast.olive.organisation_id, clock()) as c:
            rescore(c)


@pytest.mark.usefixtures("history")
def test_missing_relationship_is_named(check, cast, run):
    run(delete(Relationship).where(Relationship.rep_id == cast.bob.id))
    assert len(check()) == 2
    assert all("no stored row, though there is a history" in line for line in check())


@pytest.mark.usefixtures("history")
def test_miscounted_week_is_named(cast, check, clock, run):
    for name in ("meetings", "opened", "invitations", "answered"):
        run(update(Activity).where(Activity.rep_id == cast.alice.id).values({name: 7}))
        found = check()
        assert len(found) == 2, name
        assert all(line.startswith("Alice, week of 2026-") for line in found)
        with change(cast.db, cast.olive.organisation_id, clock()) as c:
            rescore(c)


@pytest.mark.usefixtures("history")
def test_wrong_last_meeting_is_named(check, cast, clock, run):
    run(update(Relationship).values(last_meeting_at=clock() - timedelta(days=99)))
    assert all("the last meeting is not the latest" in line for line in check())
    assert len(check()) == 4


@pytest.mark.usefixtures("history")
def test_check_covers_one_organisation(check, cast, run):
    cast.add("mike", "rep", organisation_id=cast.mallory.organisation_id)
    cast.answer(cast.meeting("mike"), 4)
    run(update(Relationship).where(Relationship.rep_id == cast.mike.id).values(loyalty=1.0))
    assert check() == []
    with cast.db.reading() as session:
        assert list(differences(session, cast.mallory.organisation_id)) != []


@pytest.mark.usefixtures("history")
def test_rescoring_repairs_the_numbers(check, cast, clock, run):
    run(update(Relationship).values(loyalty=99.0, vote=1.0, last_meeting_at=None))
    run(delete(Activity))
    with change(cast.db, cast.olive.organisation_id, clock()) as c:
        assert rescore(c) == 4
    assert check() == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("meet", "tap", "done", "seal", "erase", "again", "dispute", "decide", "idle", "wait")
        ),
        st.integers(0, 5),
        st.lists(st.integers(1, 5), min_size=6, max_size=6),
    ),
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_replay_holds_for_any_history(cast, check, clock, steps):
    """In any order, with all that can come between; each story goes on where the last one ended."""
    met = [cast.meeting("alice", "Dana")]
    for what, which, ratings in steps:
        invitation = met[which % len(met)]
        with suppress(InvitationClosed, AnswerErased, AlreadySettled, AlreadySealed, Invalid):
            if what == "meet":
                met.append(cast.meeting(("alice", "bob")[which % 2], ("Dana", "Eli", "Fay")[which % 3]))
            elif what == "tap":
                cast.submit(
                    invitation,
                    Submission(ratings=dict(list(zip(DIMENSIONS, ratings, strict=True))[: which + 1])),
                )
            elif what == "done":
                cast.answer(invitation, *ratings)
            elif what == "seal":
                cast.seal(invitation, *ratings)
            elif what == "erase":
                with cast.changing() as c:
                    answers.erase_answer(c, invitation.id)
            elif what == "dispute":
                with cast.changing() as c:
                    answers.dispute_answer(c, invitation.id, with_key=which % 2 == 0)
            elif what == "decide":
                with cast.changing() as c:
                    accept = which % 2 == 0
                    decisions.decide_answer(c, invitation.id, cast.carol.id, accept=accept, reason="x")
            elif what == "again":
                with cast.changing() as c:
                    answer_keys.begin_again(c, invitation.id)
            elif what == "idle":
                clock.forward(minutes=4 * which)
                if which % 2:
                    cast.settle()
            else:
                clock.forward(days=3 * which, hours=1)
    assert check() == []
