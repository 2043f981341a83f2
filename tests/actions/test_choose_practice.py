"""A relationship works on one practice at a time."""

import pytest
from sqlmodel import select

from feedback.actions.practices import choose_practice
from feedback.models import PracticeChoice, Relationship


@pytest.fixture
def choose(cast, db):
    """choose("savvy", 1) chooses for Alice and Dana; gives the practices that have not ended, and all."""
    cast.answer(cast.meeting(), 4)

    def do(dimension: str, number: int):
        with cast.changing() as c:
            relationship = c.session.scalars(select(Relationship)).one()
            choose_practice(c, relationship.id, dimension, number)
        with db.reading() as session:
            rows = session.scalars(select(PracticeChoice).order_by(PracticeChoice.id)).all()
        return [(row.dimension, row.number) for row in rows if row.ended_at is None], len(rows)

    return do


def test_another_practice_replaces_the_one_before(choose):
    choose("savvy", 1)
    assert choose("integrity", 2) == ([("integrity", 2)], 2)


def test_same_practice_twice_is_one(choose):
    choose("savvy", 1)
    assert choose("savvy", 1) == ([("savvy", 1)], 1)
