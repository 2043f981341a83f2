"""The worlds that stand still, each once for all tests of a module."""

import shutil
from collections.abc import Iterator

import pytest
from flask import Flask
from support import tenancy
from support.cast import Cast, Clock
from support.dump import empty_tables
from support.keys import KEYS

from feedback.db.engine import Database
from golden.script import Script
from golden.scripts import SCRIPTS
from golden.standing import standing
from golden.walk import Walk
from golden.world import World


@pytest.fixture(scope="module", params=SCRIPTS, ids=lambda script: script.seen)
def script(request: pytest.FixtureRequest) -> Script:
    """Each of the worlds."""
    return request.param


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(
    script: Script, request: pytest.FixtureRequest, _app: Flask, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A world, on either database."""
    if request.param == "sqlite":
        _, _, empty = request.getfixturevalue("_sqlite")
        path = shutil.copy(empty, tmp_path_factory.mktemp("golden"))
        db = Database(f"sqlite:///{path}", KEYS)
        tenancy.watch(db.engine)
    else:
        db = request.getfixturevalue("_postgres")
        with db.writing() as session:
            empty_tables(session)
    clock = Clock()
    with standing(_app, Cast(db, clock), clock, script) as found:
        yield found
    if request.param == "sqlite":
        db.dispose()


@pytest.fixture
def db(db: Database) -> Database:
    """An empty, migrated database, as new."""
    if not db.is_sqlite:
        with db.writing() as session:
            empty_tables(session)
    return db


@pytest.fixture(scope="module")
def walk(world: World) -> Walk:
    """Everybody, after a look at every address."""
    found = Walk(world)
    found.look_at_everything()
    found.look_where_it_is_agreed()
    return found
