"""What a tap and Done cost in statements, the beginning of a transaction included: a client at a door must not wait."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from support.pages import six

from feedback.core.answer_key import new_key

HX = {"HX-Request": "true"}


@pytest.fixture
def statements(db):
    """with statements() as seen: ... fills `seen`; statements.asked has their parameters, too."""
    asked = []

    @contextmanager
    def count() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection, _cursor, statement, parameters, *_rest):
            seen.append(statement)
            asked.append((statement, parameters))

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    count.asked = asked
    return count


@pytest.fixture
def phone(clock, stranger, page):
    """Dana's phone, on which the page has told that it was opened, and two rows are tapped. phone(**more) sends what
    it knows."""
    key, known = new_key(), {"mark": "m" * 36}
    stranger.client.post(f"{page}/opened")
    clock.forward(seconds=20)

    def send(**more):
        known.update({name: str(value) for name, value in more.items()})
        reply = stranger.client.post(f"{page}/{key}", data=known, headers=HX)
        assert reply.status_code == 204, reply.text
        return reply

    send(integrity=5, visibility="rep", sequence=1)
    send(savvy=4, sequence=2)
    send.address = f"{page}/{key}"
    return send


def test_page_needs_at_most_2_statements(statements, stranger, page, phone):
    for address in (page, phone.address):
        with statements() as seen:
            assert stranger.get(address).status_code == 200
        assert len(seen) <= 2


def test_tap_needs_at_most_3_statements(statements, phone):
    with statements() as seen:
        phone(chemistry=5, sequence=3)
    assert len(seen) <= 3  # with SQLite's BEGIN


def test_opening_needs_at_most_9_statements(statements, stranger, page):
    with statements() as seen:
        stranger.client.post(f"{page}/opened")
    assert len(seen) <= 9  # the row of the rep's week may be new


def test_empty_second_page_needs_at_most_9_statements(statements, phone):
    phone(done=1, sequence=3)
    with statements() as seen:
        phone(comment="", done=1, sequence=4)
    assert len(seen) <= 9


def test_done_needs_at_most_15_statements(db, statements, phone):
    phone(**six(5), sequence=3)
    with statements() as seen:
        phone(done=1, sequence=4)
    # five of them for the sums of the rep, of which there is no row yet, and the version
    assert len(seen) <= (14 if db.is_sqlite else 15)


def test_done_with_alert_needs_at_most_21_statements(cast, db, statements, phone):
    cast.seal(cast.meeting(), 5)
    phone(**six(1), sequence=3)
    with statements() as seen:
        phone(done=1, sequence=4)
    assert any("INSERT INTO alert_reasons" in each for each in seen)
    assert any("INSERT INTO outbox" in each for each in seen)
    assert len(seen) <= (19 if db.is_sqlite else 21)  # SQLite holds no rows: its writers take turns


def test_no_step_goes_through_a_whole_organisation(cast, db, statements, phone):
    """However many answers there are, a Done finds its own. PostgreSQL plans by what it has gathered."""
    if not db.is_sqlite:
        return
    cast.seal(cast.meeting(), 5)
    with statements():
        phone(**six(1), sequence=3)
        phone(done=1, sequence=4)
    reading = [each for each in statements.asked if each[0].lstrip().startswith(("SELECT", "UPDATE"))]
    assert len(reading) >= 13
    with db.engine.connect() as connection:
        steps = [
            step.detail
            for statement, parameters in reading
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert any("ix_meeting_rep_held (organisation_id=? AND rep_id=?" in step for step in steps)
    assert [step for step in steps if _whole(step)] == []


# The last two are what the update of a row is worked out in.
SMALL = ("users", "teams", "webhooks", "team_managers", "CONSTANT ROW", "counted", "summed")


def _whole(step: str) -> bool:
    """Whether a step reads all rows of a large table, or all of an organisation."""
    if any(f" {table}" in step for table in SMALL):
        return False
    return step.startswith("SCAN") or "(organisation_id=?)" in step
