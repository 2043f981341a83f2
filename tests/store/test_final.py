"""A sealed mirror and a frozen week never change again: the database itself refuses, whoever asks."""

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from feedback.core.dimensions import DIMENSIONS
from feedback.models import Feedback, Side, Standing, Week

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
def test_no_rating_of_a_sealed_mirror_changes(run):
    for name in DIMENSIONS:
        for value in (5, None):
            with pytest.raises(IntegrityError, match="a sealed mirror is final"):
                run(update(Feedback).where(MIRROR).values({name: value}))


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("change", [{"stage": "growing"}, {"stage": None}, {"sealed_at": None}], ids=str)
def test_nor_does_its_stage_or_its_seal(run, change):
    with pytest.raises(IntegrityError, match="a sealed mirror is final"):
        run(update(Feedback).where(MIRROR).values(change))


@pytest.mark.usefixtures("sealed")
def test_that_it_was_looked_at_may_still_be_noted(run, clock):
    assert run(update(Feedback).where(MIRROR).values(seen_at=clock(), savvy=3)) == 1


@pytest.mark.usefixtures("sealed")
def test_the_clients_side_may_still_change(run):
    assert run(update(Feedback).where(Feedback.side == Side.CLIENT).values(savvy=1)) == 1


def test_a_mirror_that_is_not_sealed_may_still_change(cast, run, sign_in):
    met = cast.meeting()
    sign_in("alice").post(f"/meetings/{met.meeting_id}/mirror", {"savvy": 4})
    assert run(update(Feedback).where(MIRROR).values(savvy=2)) == 1


@pytest.mark.usefixtures("sealed")
def test_a_clients_answer_cannot_be_sealed(run, clock):
    with pytest.raises(IntegrityError, match="ck_only_mirrors_are_sealed"):
        run(update(Feedback).where(Feedback.side == Side.CLIENT).values(sealed_at=clock()))


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("change", [{"score": 99.0}, {"rank": 1}, {"team": "Other"}], ids=str)
def test_no_frozen_standing_changes(run, change):
    with pytest.raises(IntegrityError, match="a frozen week is final"):
        run(update(Standing).values(change))


@pytest.mark.usefixtures("frozen")
def test_nor_does_a_frozen_week(run):
    with pytest.raises(IntegrityError, match="a frozen week is final"):
        run(update(Week).values(mu=1.0))
