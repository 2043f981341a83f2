"""The guess: kept as it is tapped, final once sealed."""

import pytest
from sqlmodel import select
from support.dump import dump

from feedback.actions import mirrors
from feedback.actions.answer_keys import InvitationClosed
from feedback.actions.mirrors import AlreadySealed
from feedback.core.dimensions import DIMENSIONS
from feedback.models import Invitation

FOURS = dict.fromkeys(DIMENSIONS, 4)


@pytest.fixture
def met(cast):
    return cast.meeting()


@pytest.fixture
def guess(cast, met):
    """guess(seal, stage, and ratings by name)."""

    def send(seal=False, stage=None, **ratings):
        with cast.changing() as c:
            mirrors.save_mirror(c, met.id, ratings=ratings, stage=stage, seal=seal)
        return cast.reload(met).mirror

    return send


def test_mirror_taps_are_kept_one_by_one(guess):
    guess(integrity=2)
    assert guess(savvy=5).ratings == (2, None, None, None, 5, None)


def test_sealed_invitation_is_looked_for_no_more(db, guess):
    with db.reading() as session:
        sealed = lambda: session.exec(select(Invitation.sealed_at)).one()  # noqa: E731
        guess(**FOURS)
        assert sealed() is None
        mirror = guess(seal=True, **FOURS)
        assert sealed() == mirror.sealed_at is not None


def test_mirror_counts_once_sealed(cast, db, met, guess):
    cast.answer(met, 4)
    guess(**FOURS)
    (before,) = dump(db)["relationships"]
    guess(seal=True, **FOURS)
    (after,) = dump(db)["relationships"]
    assert (before.count(4.0), after.count(4.0)) == (6, 14)  # client means; mirror means and both sums, too


def test_resealing_same_mirror_changes_nothing(clock, db, guess):
    guess(seal=True, stage="change", **FOURS)
    before = dump(db)
    clock.forward(days=4)
    guess(seal=True, stage="change", **FOURS)
    assert dump(db) == before


@pytest.mark.parametrize(
    "other", [{**FOURS, "savvy": 5}, {**FOURS, "stage": "growing"}, {"savvy": 4}, FOURS], ids=str
)
def test_sealed_mirror_cannot_be_changed(db, guess, other):
    guess(seal=True, stage="change", **FOURS)
    before = dump(db)
    with pytest.raises(AlreadySealed):
        guess(seal=True, **other)
    assert dump(db) == before


def test_seal_needs_six_taps(cast, met, guess):
    with cast.changing() as c:
        assert not mirrors.save_mirror(c, met.id, ratings={"savvy": 5}, seal=True)
    assert guess().ratings == (None, None, None, None, 5, None)
    assert guess().sealed_at is None


def test_seal_completes_earlier_taps(guess, clock):
    guess(**FOURS)
    assert guess(seal=True, integrity=1).ratings == (1, 4, 4, 4, 4, 4)


def test_sealing_after_closing_is_refused(clock, db, guess):
    clock.forward(days=14)
    with pytest.raises(InvitationClosed):
        guess(seal=True, **FOURS)
    assert dump(db)["feedback"] == []
