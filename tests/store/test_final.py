"""A sealed mirror and a frozen week never change again: the database itself refuses, whoever asks."""

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from feedback.core.dimensions import DIMENSIONS
from feedback.models import Feedback, FrozenWeek, Side, Standing

MIRROR = Feedback.side == Side.REP


@pytest.fixture
def sealed(cast):
    invitation = cast.meeting()
    cast.answer(invitation, 4)
    cast.seal(invitation, 3, stage="change")


@pytest.fixture
def frozen(cast, clock):
    cast.answer(cast.meeting(), 4)
    clock.forward(days=7)
    cast.meeting()


@pytest.mark.usefixtures("sealed")
def test_sealed_mirrors_ratings_cannot_change(run):
    for name in DIMENSIONS:
        for value in (5, None):
            with pytest.raises(IntegrityError, match="a sealed mirror is final"):
                run(update(Feedback).where(MIRROR).values({name: value}))


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("change", [{"stage": "growing"}, {"stage": None}, {"sealed_at": None}], ids=str)
def test_sealed_mirrors_stage_and_seal_cannot_change(run, change):
    with pytest.raises(IntegrityError, match="a sealed mirror is final"):
        run(update(Feedback).where(MIRROR).values(change))


@pytest.mark.usefixtures("sealed")
def test_sealed_mirrors_seen_time_can_change(run, clock):
    assert run(update(Feedback).where(MIRROR).values(seen_at=clock(), savvy=3)) == 1


@pytest.mark.usefixtures("sealed")
def test_clients_answer_can_change_after_seal(run):
    assert run(update(Feedback).where(Feedback.side == Side.CLIENT).values(savvy=1)) == 1


def test_unsealed_mirror_can_change(cast, run, sign_in):
    met = cast.meeting()
    sign_in("alice").post(f"/meetings/{met.meeting_id}/mirror", {"savvy": 4})
    assert run(update(Feedback).where(MIRROR).values(savvy=2)) == 1


@pytest.mark.usefixtures("sealed")
def test_clients_answer_cannot_be_sealed(run, clock):
    with pytest.raises(IntegrityError, match="ck_only_mirrors_are_sealed"):
        run(update(Feedback).where(Feedback.side == Side.CLIENT).values(sealed_at=clock()))


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("change", [{"score": 99.0}, {"rank": 1}, {"team": "Other"}], ids=str)
def test_frozen_standing_cannot_change(run, change):
    with pytest.raises(IntegrityError, match="a frozen week is final"):
        run(update(Standing).values(change))


@pytest.mark.usefixtures("frozen")
def test_frozen_week_cannot_change(run):
    with pytest.raises(IntegrityError, match="a frozen week is final"):
        run(update(FrozenWeek).values(mu=1.0))
