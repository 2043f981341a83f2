"""Columns of words: enums and tuples in Python, plain text in the database."""

from datetime import date

import pytest
from sqlalchemy import String, type_coerce
from sqlalchemy.exc import StatementError
from sqlmodel import col, select

from feedback.models import Feedback, Organisation
from feedback.models.feedback import Counts


@pytest.fixture
def organisation(cast, db):
    """organisation(change) changes it in a transaction; what is stored of its days off then."""

    def store(change) -> str:
        with db.writing() as session:
            change(session.get_one(Organisation, cast.olive.organisation_id))
        with db.reading() as session:
            stored = type_coerce(col(Organisation.days_off), String)
            return session.exec(
                select(stored).where(col(Organisation.id) == cast.olive.organisation_id)
            ).one()

    return store


def test_words_are_stored_with_spaces_between(cast, db, organisation):
    days = (date(2026, 12, 24), date(2026, 12, 31))
    assert organisation(lambda row: setattr(row, "days_off", days)) == "2026-12-24 2026-12-31"
    with db.reading() as session:
        assert session.get_one(Organisation, cast.olive.organisation_id).days_off == days


def test_no_words_are_an_empty_text(organisation):
    assert organisation(lambda row: setattr(row, "days_off", ())) == ""


def test_text_is_refused_where_words_belong(organisation):
    with pytest.raises(StatementError, match="words, not a text"):
        organisation(lambda row: setattr(row, "days_off", "2026-12-24"))


def test_one_word_is_read_as_its_enum(cast, db):
    cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 5)
    with db.reading() as session:
        (counts,) = session.exec(select(Feedback.counts).where(col(Feedback.counts) == "counted"))
    assert counts is Counts.COUNTED
