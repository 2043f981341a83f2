"""SQLite's writers queue: in the order they came, over threads and processes, and none for longer than one waits."""

import multiprocessing
import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from feedback.db import engine
from feedback.db.engine import Database
from feedback.db.writers import Writers


@pytest.fixture
def database(tmp_path):
    db = Database(f"sqlite:///{tmp_path / 'written.sqlite3'}")
    with db.writing() as session:
        session.execute(text("CREATE TABLE written (number INTEGER)"))
    yield db
    db.dispose()


def write(db: Database, number: int) -> None:
    with db.writing() as session:
        session.execute(text("INSERT INTO written VALUES (:number)"), {"number": number})


def written(db: Database) -> list[int]:
    with db.reading() as session:
        return list(session.scalars(text("SELECT number FROM written ORDER BY rowid")))


def test_writers_are_let_in_as_they_came(database):
    with database.writing() as session:
        session.connection()
        came = [threading.Thread(target=write, args=(database, number)) for number in range(5)]
        for each in came:
            each.start()
            time.sleep(0.05)
    for each in came:
        each.join()
    assert written(database) == [0, 1, 2, 3, 4]


def test_forked_process_waits_for_its_turn(tmp_path):
    writers = Writers(str(tmp_path / "queue"))
    with writers.turn():
        child = multiprocessing.get_context("fork").Process(target=_take_turn, args=(writers,))
        child.start()
        child.join(0.3)
        assert child.is_alive()
    child.join(10)
    assert child.exitcode == 0


def _take_turn(writers: Writers) -> None:
    with writers.turn():
        pass


def test_nobody_waits_longer_behind_one_that_holds_on(database, monkeypatch):
    monkeypatch.setattr(engine, "SQLITE_WAIT_MS", 400)
    database.dispose()
    refused = []

    def try_to_write():
        try:
            write(database, 1)
        except OperationalError as error:
            refused.append(str(error.orig))

    other = Database(database.engine.url.render_as_string())
    with other.writing() as session:
        session.connection()
        began = time.monotonic()
        waiting = [threading.Thread(target=try_to_write) for _ in range(6)]
        for each in waiting:
            each.start()
        for each in waiting:
            each.join()
        took = time.monotonic() - began
    other.dispose()
    assert refused == ["database is locked"] * 6
    assert took < 6 * 0.4  # one by one


def test_without_a_file_everybody_is_first(tmp_path):
    with Writers(str(tmp_path / "no" / "folder")).turn():
        pass
