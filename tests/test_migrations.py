"""Every migration, up and down, with data in the tables: nothing is lost, and what is final stays final."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import op
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, delete, func, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError
from support.keys import KEYS

from feedback import migrations
from feedback.actions.encrypting import encrypt_anew
from feedback.core.alerts.reasons import Kind
from feedback.db.engine import Database
from feedback.jobs.settling import settle_due
from feedback.migrations import tables
from feedback.models import (
    Alert,
    AlertEvent,
    AlertReason,
    Feedback,
    FrozenWeek,
    Invitation,
    Mail,
    Outbox,
    Relationship,
)
from feedback.store.replay import differences

WHEN = datetime(2026, 11, 18, 11, tzinfo=UTC)
ORGANISATION = UUID(int=1)
ALERT, INVITATION, REP, CONTACT = UUID(int=2), UUID(int=3), UUID(int=4), UUID(int=5)


def row(table: str, number: int | UUID, **values: Any) -> tuple[str, dict[str, Any]]:
    key = number if isinstance(number, UUID) else UUID(int=number)
    return table, {"organisation_id": ORGANISATION, "id": key, "created_at": WHEN, **values}


# What a database of the first version held. sqlite and PostgreSQL both take times and ids as the models do.
FIRST = [
    ("organisations", {
        "id": ORGANISATION, "code": "abc", "name": "Doughnuts", "timezone": "Europe/Berlin", "language": "en",
        "half_life_days": 90, "review_days": 90, "invitation_days": 14, "alert_due_days": 2, "reps_see_all": False,
        "demo": False, "created_at": WHEN, "next_freeze": date(2026, 11, 16),
    }),
    row("users", REP, name="Alice", email="alice@example.com", role="rep", session_key="x"),
    row("accounts", 6, name="Northwind", name_key="northwind"),
    row("contacts", CONTACT, account_id=UUID(int=6), name="Dana", name_key="dana"),
    row("meetings", 7, rep_id=REP, held_at=WHEN),
    row("invitations", INVITATION, meeting_id=UUID(int=7), contact_id=CONTACT, token="abcx", closes_at=WHEN),
    row("feedback", 8, invitation_id=INVITATION, side="client", visibility="rep", counts="counted", sequence=1,
        updated_at=WHEN, handed_over=False, signals="", integrity=1),
    row("feedback", 9, invitation_id=INVITATION, side="rep", visibility="rep", counts="counted", sequence=1,
        updated_at=WHEN, handed_over=False, signals="", integrity=5, sealed_at=WHEN),
    row("relationships", 10, rep_id=REP, contact_id=CONTACT, vote=1.0, answers=1, both=1, loyalty=0.0),
    row("alerts", ALERT, relationship_id=UUID(int=10), kind="low", severity="urgent", due_at=WHEN, taken_by_id=REP,
        closed_at=WHEN, outcome="recovered", note="She called Dana"),
    row("alerts", 11, relationship_id=UUID(int=10), kind="drop", severity="urgent", due_at=WHEN),
    row("alert_causes", 12, alert_id=ALERT, invitation_id=INVITATION, severity="urgent"),
    row("outbox", 13, kind="receipt", recipient="dana@example.com", invitation_id=INVITATION, base_url="http://x",
        due_at=WHEN, tries=0),
    ("weeks", {"organisation_id": ORGANISATION, "id": UUID(int=14), "monday": date(2026, 11, 9), "frozen_at": WHEN,
               "mu": 50.0, "sigma": 30.0}),
]  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def first(request, tmp_path) -> Iterator[Database]:
    """A database of the first version, with a row of everything."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'first.sqlite3'}"
    else:
        there = request.getfixturevalue("_postgres").engine.url
        url = there.set(database="first").render_as_string(hide_password=False)
        _alone(there, "DROP DATABASE IF EXISTS first", "CREATE DATABASE first")
    db = Database(url, KEYS)
    migrations.migrate(db, "0001")
    tables = _tables(db)
    with db.writing() as session:
        for name, values in FIRST:
            session.execute(insert(tables[name]).values(_as_stored(db, values)))
    yield db
    db.dispose()


# Worked out anew on the way up, by the rules of today; a downgrade leaves them, and `feedback rescore` of that version
# makes them its own.
WORKED_OUT = ("loyalty=", "vote=", "answers=", "both=", "last_", "client_", "mirror_", "points_")


def test_upgrade_and_downgrade_lose_nothing(first):
    before = _facts(first)
    migrations.migrate(first)
    migrations.downgrade(first, "0001")
    assert _facts(first) == before
    migrations.migrate(first)
    assert migrations.at_head(first)


def test_downgrade_decrypts_what_was_encrypted(first):
    migrations.migrate(first)
    assert encrypt_anew(first, ORGANISATION, WHEN) == 1
    with first.connection() as connection:
        assert "abcx" not in str(connection.execute(text("SELECT * FROM invitations")).all())
    migrations.downgrade(first, "0015")
    with first.connection() as connection:
        assert connection.execute(text("SELECT token FROM invitations")).scalar_one() == "abcx"


def test_upgrade_rescores_but_keeps_frozen_weeks(first):
    migrations.migrate(first)
    with first.reading() as session:
        assert list(differences(session, ORGANISATION)) == []
        assert session.execute(select(Relationship.loyalty, Relationship.answers)).all() == [(0.0, 1)]
        assert session.execute(select(FrozenWeek.mu, FrozenWeek.sigma)).all() == [(50.0, 30.0)]


def test_upgraded_answer_is_settled_and_told(first):
    migrations.migrate(first)
    settle_due(first, datetime.now(UTC), "https://here")
    with first.reading() as session:
        row = session.scalars(select(Feedback).where(Feedback.side == "client")).one()
        assert (row.settled_at, row.told_at) == (WHEN, WHEN)
        assert session.scalar(select(func.count()).select_from(Outbox)) == 1  # the receipt that was there


def test_upgraded_invitation_knows_its_seal(first):
    migrations.migrate(first)
    with first.reading() as session:
        assert session.scalars(select(Invitation.sealed_at)).all() == [WHEN]


def test_upgrade_merges_open_alerts(first):
    _open_three(first)
    migrations.migrate(first)
    with first.reading() as session:
        alert = session.scalars(select(Alert).where(Alert.closed_at.is_(None))).one()
        kinds = session.scalars(select(AlertReason.kind).where(AlertReason.alert_id == alert.id)).all()
        noted = session.scalars(select(AlertEvent.note).where(AlertEvent.alert_id == alert.id)).all()
    assert (alert.id, alert.kind, alert.severity, alert.taken_by_id) == (UUID(int=11), "low", "urgent", REP)
    assert sorted(kinds) == ["drop", "fine", "low"]
    assert noted == ["I called"]


def test_downgrade_splits_alert_by_reason(first):
    _open_three(first)
    migrations.migrate(first)
    migrations.downgrade(first, "0002")
    alerts = _tables(first)["alerts"]
    with first.reading() as session:
        found = session.execute(select(alerts.c.kind).where(alerts.c.closed_at.is_(None))).scalars().all()
    assert sorted(found) == ["drop", "fine", "low"]
    migrations.migrate(first)
    with first.reading() as session:
        assert len(session.scalars(select(Alert).where(Alert.closed_at.is_(None))).all()) == 1


def _open_three(db: Database) -> None:
    """At the second revision: beside the drop a low one that somebody took and noted, and a "fine"."""
    migrations.migrate(db, "0002")
    tables, opened = _tables(db), {"relationship_id": UUID(int=10), "due_at": WHEN}
    rows = [
        row("alerts", 21, kind="low", severity="urgent", taken_by_id=REP, **opened),
        row("alerts", 22, kind="fine", severity="watch", **opened),
        row("alert_causes", 23, alert_id=UUID(int=21), invitation_id=INVITATION, severity="urgent"),
        row("alert_events", 24, alert_id=UUID(int=21), what="noted", user_id=REP, note="I called"),
    ]
    with db.writing() as session:
        for name, values in rows:
            session.execute(insert(tables[name]).values(_as_stored(db, values)))


def test_upgrade_moves_alert_note_to_history(first):
    migrations.migrate(first)
    with first.reading() as session:
        events = session.execute(
            select(
                AlertEvent.alert_id, AlertEvent.what, AlertEvent.user_id, AlertEvent.outcome, AlertEvent.note
            )
        ).all()
    assert events == [(ALERT, "closed", REP, "recovered", "She called Dana")]


@pytest.mark.parametrize(
    "change",
    [
        update(Feedback).where(Feedback.side == "rep").values(integrity=4),
        update(FrozenWeek).values(mu=1.0),
        update(AlertEvent).values(outcome="lost"),
        update(AlertEvent).values(note="Something else"),
        update(Outbox).values(kind="telegram"),
        delete(Feedback).where(Feedback.side == "rep"),
        delete(FrozenWeek),
        delete(AlertEvent),
    ],
    ids=["mirror", "week", "outcome", "note", "kind", "no mirror", "no week", "no event"],
)
def test_final_rows_stay_final_after_upgrade(first, change):
    migrations.migrate(first)
    with pytest.raises(IntegrityError), first.writing() as session:
        session.execute(change)


def test_alert_note_can_be_removed(first):
    migrations.migrate(first)
    with first.writing() as session:
        session.execute(update(AlertEvent).values(note=None))


def test_downgrade_drops_new_mail_kinds(first):
    migrations.migrate(first)
    with first.writing() as session:
        session.add(Outbox(organisation_id=ORGANISATION, created_at=WHEN, kind=Mail.ALERT, recipient="x", alert_id=ALERT,
                           user_id=REP, base_url="", due_at=WHEN))  # fmt: skip
    migrations.downgrade(first, "0001")
    with first.reading() as session:
        assert session.execute(text("SELECT kind FROM outbox")).all() == [("receipt",)]


def test_address_of_a_calendar_moves_there_and_back(first):
    migrations.migrate(first, "0032")
    entry = {"rep_id": REP, "starts_at": WHEN, "title": "Review", "emails": ""}
    calendar = {"rep_id": REP, "own_emails": "", "unread": 2, "named": "Landing", "kind": "ics", "due_at": WHEN,
                "address": "https://calendar.example/", "fault": "time", "failing_since": WHEN, "read_at": WHEN}  # fmt: skip
    tables = _tables(first)
    with first.writing() as session:
        for name, values in (row("calendar_entries", 20, **entry), row("rep_calendars", 21, **calendar)):
            session.execute(insert(tables[name]).values(_as_stored(first, values)))
    before = _facts(first)
    migrations.migrate(first, "0033")
    with first.reading() as session:
        moved = session.execute(
            text("SELECT kind, address, fault, unread, named, name FROM calendar_addresses")
        )
        assert moved.all() == [("ics", "https://calendar.example/", "time", 2, "Landing", "")]
        assert session.execute(text("SELECT address FROM rep_calendars")).scalar_one() is None
        assert (
            session.execute(text("SELECT read_from FROM calendar_entries")).scalar_one() == UUID(int=21).hex
        )
    migrations.downgrade(first, "0032")
    assert _facts(first) == before


def test_downgrade_to_base_drops_all_tables(first):
    migrations.downgrade(first, "base")
    assert set(inspect(first.engine).get_table_names()) <= {"alembic_version"}


def _tables(db: Database) -> dict[str, Any]:
    known = MetaData()
    known.reflect(db.engine)
    return {name: table for name, table in known.tables.items() if name != "alembic_version"}


def _everything(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in words; columns by name, so that their order is nothing."""
    with db.reading() as session:
        return {
            name: sorted(
                tuple(f"{column}={value}" for column, value in sorted(found.items()))
                for found in session.execute(select(table)).mappings()
            )
            for name, table in _tables(db).items()
        }


def _facts(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything but the numbers that are worked out of it, and the keys of sessions, which are made anew."""
    anew = {"relationships": WORKED_OUT, "users": ("session_key=",)}
    return {
        name: [tuple(cell for cell in cells if not cell.startswith(anew[name])) for cells in found]
        if name in anew
        else found
        for name, found in _everything(db).items()
        if name != "activity"
    }


def _as_stored(db: Database, values: dict[str, Any]) -> dict[str, Any]:
    """Reflected columns of SQLite know no ids and zones: as the models write them."""
    if not db.is_sqlite:
        return values
    return {
        name: value.hex
        if isinstance(value, UUID)
        else value.replace(tzinfo=None)
        if isinstance(value, datetime)
        else value
        for name, value in values.items()
    }


def _alone(url: Any, *commands: str) -> None:
    """CREATE DATABASE stands outside of any transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for command in commands:
            connection.execute(text(command))
    engine.dispose()


NARROWS = {"drop_column", "drop_table", "rename_table", "alter_column"}
ONLY_ADDS_SINCE = "0008"  # the first that a version before it has to get along with


def narrows(tree: ast.Module) -> list[str]:
    """Return what a migration's way up takes away from the version before, or asks of it: drops, renames, and a new
    column that has to be filled."""
    functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
    waiting, found, seen = ["upgrade"], [], set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        for call in (each for each in ast.walk(functions[name]) if isinstance(each, ast.Call)):
            said = ast.unparse(call)
            called = ast.unparse(call.func)
            waiting.append(called)
            renames = called.endswith("alter_column") and not (
                "new_column_name" in said or "nullable=False" in said
            )
            if called.rpartition(".")[2] in NARROWS and not renames:
                found.append(said)
            if called.endswith("add_column") and "nullable=False" in said and "server_default" not in said:
                found.append(said)
            if re.search(r"execute\(.*\b(DROP (TABLE|COLUMN)|RENAME)\b", said):
                found.append(said)
    return found


def test_migrations_only_add_or_say_why():
    """The version before goes on answering while a new one is started beside it."""
    for path in sorted((Path(migrations.__file__).parent / "versions").glob("0*.py")):
        if path.name >= ONLY_ADDS_SINCE:
            tree = ast.parse(path.read_text())
            said = [
                node
                for node in tree.body
                if isinstance(node, ast.Assign) and "UNUSED_SINCE" in ast.unparse(node)
            ]
            assert said or narrows(tree) == [], path.name


@pytest.mark.parametrize(
    "step",
    [
        'op.drop_column("users", "role")',
        'op.add_column("users", sa.Column("age", sa.Integer(), nullable=False))',
        'batch.alter_column("name", new_column_name="called")',
        'op.execute("ALTER TABLE users RENAME TO people")',
        "_further()",
    ],
)
def test_migration_that_narrows_is_noticed(step):
    text = f"def upgrade():\n    {step}\ndef _further():\n    op.drop_table('users')\n"
    assert len(narrows(ast.parse(text))) == 1


def test_failed_migration_leaves_nothing(first, monkeypatch):
    before = schema(first)

    def break_off(name, *_):
        raise OSError(name)

    monkeypatch.setattr(op, "drop_column", break_off)
    monkeypatch.setattr(op, "create_index", break_off)
    with pytest.raises(OSError):  # noqa: PT011 (it is ours)
        migrations.migrate(first)
    assert schema(first) == before


def schema(db: Database) -> dict[str, set[str]]:
    found = inspect(db.engine)
    return {name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()}


def test_allowed_words_change_where_others_point(first):
    """A table is made anew for it on SQLite, and others point at its rows."""
    migrations.migrate(first)
    with migrations._connection(first) as connection, connection.begin():
        migrating = MigrationContext.configure(connection, opts={"render_as_batch": True})
        with Operations.context(migrating):
            tables.allow_words("alerts", "kind", (*Kind, "wasted"))
    with first.writing() as session:
        session.execute(update(Alert).values(kind=text("'wasted'")))
    with first.reading() as session:
        assert session.scalar(select(func.count()).where(text("kind = 'wasted'")).select_from(Alert)) > 0
