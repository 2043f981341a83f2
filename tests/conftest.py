"""The stage. The same tests run on SQLite and on PostgreSQL, with a clock that stands still."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event
from support import tenancy
from support.cast import PASSWORD, Browser, Cast, Clock, Person
from support.chromium import chromium
from support.dump import delete_rows, dump, insert_rows
from support.keys import KEY, KEYS
from support.pgbouncer import pgbouncer
from support.postgres import server
from support.slow import FIRST, LONG, PAGES, PAGES_ON_BOTH, SLOW

from feedback import migrations
from feedback.app import create_app
from feedback.config import Settings
from feedback.db.engine import Database


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make test` does not even read the files of `make test-long`."""
    return True if config.option.markexpr == "not long" and collection_path.name in LONG else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts first what takes longest; marks each test that is slow or long, and each that runs on PostgreSQL."""
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))
    for item in items:
        if item.path.name in {**SLOW, **LONG}:
            item.add_marker("slow")
        if item.path.name in LONG:
            item.add_marker("long")
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        if "postgresql" in parameters:
            item.add_marker("postgresql")
            if PAGES.intersection(item.path.parts) and item.path.name not in PAGES_ON_BOTH:
                item.add_marker("long")


def pytest_collection_finish() -> None:
    """Lets the collector leave alone what is loaded, which was a tenth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all tests of a process."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def _sqlite(tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, Path, Path]:
    """One engine for all tests, so that it compiles each statement once; its file, and an empty one."""
    folder = tmp_path_factory.mktemp("sqlite")
    empty, path = folder / "empty.sqlite3", folder / "feedback.sqlite3"
    db = Database(f"sqlite:///{empty}")
    migrations.migrate(db)
    db.dispose()
    shared = Database(f"sqlite:///{path}", KEYS)
    event.listen(shared.engine, "connect", _never_wait_for_the_disk)
    event.listen(shared.engine, "connect", _in_no_order_of_its_own)
    tenancy.watch(shared.engine)
    return shared, path, empty


def _never_wait_for_the_disk(connection: Any, _record: Any) -> None:
    """What a test writes need not outlive a power cut."""
    connection.execute("PRAGMA synchronous=OFF")


def _in_no_order_of_its_own(connection: Any, _record: Any) -> None:
    """Rows that nobody puts in order come the other way round: who relies on the usual one is found."""
    connection.execute("PRAGMA reverse_unordered_selects = ON")


@pytest.fixture(scope="session")
def _postgres() -> Iterator[Database]:
    through_pgbouncer = os.environ.get("THROUGH_PGBOUNCER")  # tests/test_pgbouncer.py
    with server() as direct, pgbouncer(direct) if through_pgbouncer else nullcontext(direct) as url:
        db = Database(url, KEYS)
        migrations.migrate(db)
        tenancy.watch(db.engine)
        yield db
        db.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty, migrated database."""
    if request.param == "sqlite":
        database, path, empty = request.getfixturevalue("_sqlite")
        shutil.copy(empty, path)
        yield database
        database.dispose()
        for left in path.parent.glob(f"{path.name}*"):
            left.unlink()
    else:
        database = request.getfixturevalue("_postgres")
        with database.writing() as session:
            delete_rows(session)
        yield database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cast(db: Database, clock: Clock) -> Cast:
    """Everybody of the tests. On an empty database they are put as they were the first time at that hour: to add them
    one by one is half a test's time."""
    key = (db.engine.dialect.name, clock.now)
    rows, people = _CASTS.get(key, (None, {}))
    if rows is not None:
        with db.writing() as session:
            insert_rows(session, rows)
        return Cast(db, clock, dict(people))
    empty, cast = not any(dump(db).values()), Cast(db, clock)
    cast.add_organisation("Doughnut Partners", "olive")
    cast.add("carol", "manager", "North")
    cast.add("alice", "rep", "North")
    cast.add("bob", "rep", "South")
    cast.add_organisation("Elsewhere Ltd", "mallory")
    if empty:
        _CASTS[key] = dump(db), dict(cast.people)
    return cast


_CASTS: dict[tuple[str, datetime], tuple[dict[str, list[tuple]], dict[str, Person]]] = {}


@pytest.fixture(scope="session")
def _app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One app for all tests of a process: to make one compiles eighty addresses, a third of a test's time."""
    instance = tmp_path_factory.mktemp("instance")
    settings = Settings(instance=instance, database_url="", secret_key=KEY)
    app = create_app(settings, database=Database("sqlite://"))
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(instance))  # compiled once for all
    app.testing = True
    return app


@pytest.fixture
def app(_app: Flask, db: Database, clock: Clock) -> Iterator[Flask]:
    """The app on this test's database and clock, with nothing counted yet. Swap what it stands on: it is put back."""
    stood_on, served = _app.extensions["feedback"], _app.wsgi_app
    _app.extensions["feedback"] = replace(stood_on, db=db, clock=clock)
    _app.extensions["limits"].storage.reset()
    yield _app
    _app.extensions["feedback"], _app.wsgi_app = stood_on, served


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """Somebody who is not signed in: a client, or nobody."""
    return Browser(app.test_client())


@pytest.fixture
def sign_in(app: Flask, cast: Cast) -> Callable[[str], Browser]:
    """sign_in("alice") is Alice's browser."""

    def enter(name: str) -> Browser:
        browser = Browser(app.test_client())
        reply = browser.post("/sign-in", {"email": cast.people[name].email, "password": PASSWORD})
        assert reply.status_code == 303
        browser._token = None
        return browser

    return enter
