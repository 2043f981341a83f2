"""Rows become views by name; a column too many or too few is an error, not a wrong value in a field."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlmodel import col

from feedback.db.rows import SixColumns, view_or_none, views
from feedback.models import Feedback, Side, User


@dataclass(frozen=True, slots=True)
class Somebody:
    name: str
    address: str
    note: str | None = None


NAME, ADDRESS, NOTE = col(User.name), col(User.email).label("address"), col(User.password_hash).label("note")


def test_order_of_columns_is_free(cast, db):
    with db.reading() as session:
        rows = session.execute(select(NOTE, ADDRESS, NAME).where(col(User.id) == cast.alice.id))
        (found,) = views(Somebody, rows)
    assert (found.name, found.address) == ("Alice", cast.alice.email)


def test_shared_field_needs_no_column(cast, db):
    with db.reading() as session:
        rows = session.execute(select(ADDRESS, NAME).where(col(User.id) == cast.alice.id))
        assert view_or_none(Somebody, rows, note="new").note == "new"


def test_no_row_is_no_view(cast, db):
    with db.reading() as session:
        found = [
            view_or_none(Somebody, session.execute(select(ADDRESS, NAME, NOTE).where(col(User.name) == name)))
            for name in ("Nobody", "Alice")
        ]
    assert (found[0], found[1].name) == (None, "Alice")


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ((NAME, NOTE), r"the columns are \['name', 'note'\]"),
        ((NAME, ADDRESS), r"the columns are \['address', 'name'\]"),
        ((NAME, ADDRESS, NOTE, col(User.id)), r"'id'"),
        ((NAME, ADDRESS, NOTE, col(User.email).label("name")), r"'name_1'"),
    ],
)
def test_column_and_field_must_match(db, columns, why):
    with db.reading() as session:
        rows = session.execute(select(*columns).where(col(User.name) == "Nobody"))
        with pytest.raises(TypeError, match=why):
            views(Somebody, rows)


def test_six_columns_are_one_tuple(cast, db):
    cast.answer(cast.meeting(), 5, 4, 3, 2, 1, 5)
    with db.reading() as session:
        row = session.execute(
            select(SixColumns("said", Feedback)).where(col(Feedback.side) == Side.CLIENT)
        ).one()
    assert row.said == (5, 4, 3, 2, 1, 5)
