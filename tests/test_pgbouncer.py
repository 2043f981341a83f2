"""Through PgBouncer in transaction mode: every transaction may be on another connection, which knows of no other."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from support.pgbouncer import pgbouncer
from support.postgres import server

from feedback import migrations
from feedback.db.engine import Database

HERE = Path(__file__).parent
# A representative part: the client's page and taps, the seal, many at once, the board, sessions, an import.
TESTS = (
    "actions/test_at_once.py", "actions/test_import_people.py", "store/test_bulk.py", "web/client/test_answer.py",
    "web/rep/test_mirror.py", "web/manager/test_leaderboard.py", "web/auth/test_sign_in.py",
)  # fmt: skip
pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(
        not shutil.which("pgbouncer") and "CI" not in os.environ, reason="no pgbouncer: tests/get-pgbouncer"
    ),
]


@pytest.fixture
def through() -> Iterator[Database]:
    """A database behind a pooler."""
    with server() as direct, pgbouncer(direct) as url:
        db = Database(url)
        yield db
        db.dispose()


def test_nothing_is_prepared_behind_a_pooler(through):
    counted = []
    for _ in range(20):
        with through.reading() as session:
            counted.append(session.scalar(text("SELECT count(*) FROM pg_prepared_statements")))
    assert counted == [0] * 20


def test_statements_are_prepared_without_one():
    with server() as url:
        db = Database(url)
        with db.connection() as connection:
            for _ in range(20):
                connection.execute(text("SELECT 1"))
            assert connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) > 0
        db.dispose()


def test_migrations_go_through_a_pooler(through):
    migrations.migrate(through)
    assert migrations.at_head(through)


def test_all_works_through_a_pooler():
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "postgresql", *TESTS],
        cwd=HERE,
        env={**os.environ, "THROUGH_PGBOUNCER": "1"},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout[-3000:]
