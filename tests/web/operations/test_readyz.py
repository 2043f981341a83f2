"""/readyz: can the database be reached, and does it have every migration?"""

import pytest

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


def test_with_a_migrated_database_it_is(stranger):
    reply = stranger.get("/readyz")
    assert (reply.status_code, reply.text) == (200, "ok\n")


def test_without_migrations_it_says_what_to_do(ready):
    reply = ready("empty.sqlite3")
    assert (reply.status_code, reply.text) == (503, "migrations are missing: run `feedback migrate`\n")


def test_without_a_database_it_says_so_and_no_more(ready):
    reply = ready("no/such/folder/db.sqlite3")
    assert (reply.status_code, reply.text) == (503, "the database cannot be reached\n")


def test_it_takes_no_form(stranger, cast):
    assert stranger.post("/readyz").status_code == 405
