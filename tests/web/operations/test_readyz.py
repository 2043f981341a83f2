"""/readyz: can the database be reached, and does it have every migration?"""

import pytest
from sqlalchemy import text

from feedback.app import create_app
from feedback.db.engine import Database


@pytest.fixture
def ready(app, tmp_path):
    """ready(name) asks an app whose SQLite database is that file."""

    def ask(name: str):
        database = Database(f"sqlite:///{tmp_path / name}")
        reply = (
            create_app(app.extensions["feedback"].settings, database=database).test_client().get("/readyz")
        )
        database.dispose()
        return reply

    return ask


def test_migrated_database_is_ready(stranger):
    reply = stranger.get("/readyz")
    assert (reply.status_code, reply.text) == (200, "ok\n")


def test_unmigrated_database_is_503_with_advice(ready):
    reply = ready("empty.sqlite3")
    assert (reply.status_code, reply.text) == (503, "migrations are missing: run `feedback migrate`\n")


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_database_of_a_newer_version_is_ready(stranger, cast, db):
    with db.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert (stranger.get("/readyz").status_code, stranger.get("/sign-in").status_code) == (200, 200)


def test_unreachable_database_is_503(ready):
    reply = ready("no/such/folder/db.sqlite3")
    assert (reply.status_code, reply.text) == (503, "the database cannot be reached\n")


def test_post_to_readyz_is_405(stranger, cast):
    assert stranger.post("/readyz").status_code == 405
