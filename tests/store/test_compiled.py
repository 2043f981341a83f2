"""A read that is compiled once reads what SQLAlchemy reads, is heard by whoever listens, and fails as it does."""

import pytest
from sqlalchemy import bindparam, event, func, select, text, true
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel, col

from feedback.db.compiled import CompiledRead
from feedback.models import Feedback, Side, User

NAMED = CompiledRead(
    select(col(User.id), col(User.name).label("called"), func.aggregate_strings(col(User.email), ", ").label("mails"))
    .where(col(User.organisation_id) == bindparam("organisation"), col(User.name).in_([bindparam("one"), bindparam("other")]))
    .group_by(col(User.id), col(User.name))
    .order_by(col(User.name))
)  # fmt: skip


def test_every_column_of_every_table_is_read_as_sqlalchemy_reads_it(db, cast):
    """Ids, moments, choices, secrets and lists: each type is converted by its own."""
    meeting = cast.meeting(contact="Zoë O'Neill")
    cast.seal(meeting, 4)
    cast.answer(meeting, 2, visibility="manager")
    read = 0
    with db.connection() as connection:
        for table in SQLModel.metadata.sorted_tables:
            whose = bindparam("whose")
            where = table.c.organisation_id == whose if "organisation_id" in table.c else true()
            statement = select(*table.columns).where(where).order_by(*table.primary_key)
            values = {"whose": cast.alice.organisation_id}
            theirs = connection.execute(statement, values).first()
            ours = CompiledRead(statement).first(connection, values)
            if theirs is None:
                assert ours is None
                continue
            read += 1
            assert ours._fields == theirs._fields
            assert [*map(repr, ours)] == [*map(repr, theirs)], table.name
    assert read > 10


def test_parameters_are_converted_and_those_of_the_statement_are_its_own(db, cast):
    values = {"organisation": cast.alice.organisation_id, "one": "Alice", "other": "O'Neill"}
    theirs = NAMED._statement
    with db.connection() as connection:
        for given in (values, values | {"one": "Nobody"}):
            expected, found = connection.execute(theirs, given).first(), NAMED.first(connection, given)
            assert (found and tuple(found)) == (expected and tuple(expected))
        assert NAMED.first(connection, values).called == "Alice"
        theirs = select(col(Feedback.id)).where(
            col(Feedback.organisation_id) == bindparam("organisation"), col(Feedback.side) == Side.CLIENT
        )
        assert CompiledRead(theirs).first(connection, values) is None


def test_whoever_listens_to_statements_hears_it(db, cast):
    said = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: said.append(call[2:4]))
    values = {"organisation": cast.alice.organisation_id, "one": "Alice", "other": "x"}
    with db.connection() as connection:
        NAMED.first(connection, values)
        connection.execute(NAMED._statement, values)
    (ours, given), (theirs, as_given) = said
    assert ours == theirs
    assert given == as_given


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
def test_lost_connection_is_let_go_of(db, cast):
    values = {"organisation": cast.alice.organisation_id, "one": "Alice", "other": "x"}
    with db.connection() as connection:
        own = connection.scalar(text("SELECT pg_backend_pid()"))
        with db.connection() as other:
            other.execute(text(f"SELECT pg_terminate_backend({own})"))
        with pytest.raises(OperationalError) as raised:
            NAMED.first(connection, values)
    assert raised.value.connection_invalidated
    with db.connection() as connection:
        assert NAMED.first(connection, values).called == "Alice"


def test_wrong_statement_fails_as_it_does_with_sqlalchemy(db):
    wrong = CompiledRead(select(text("nothing"), bindparam("x")))
    with db.connection() as connection:
        for execute in (
            lambda: wrong.first(connection, {"x": 1}),
            lambda: connection.execute(wrong._statement, {"x": 1}),
        ):
            with pytest.raises(Exception, match="nothing") as raised:
                execute()
            assert type(raised.value).__module__ == "sqlalchemy.exc"
