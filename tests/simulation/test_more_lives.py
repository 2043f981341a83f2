"""Lives that `make test` has no time for: busy ones, the same one twice, and on PostgreSQL."""

from pathlib import Path

import pytest
from support.keys import KEYS
from support.postgres import server

from feedback import migrations
from feedback.db.engine import Database
from simulation.faults import FaultyDatabase
from simulation.life import Stage, live, make_app
from simulation.organisation import BUSY


@pytest.mark.parametrize("seed", range(101, 106))
def test_busy_life_holds(stage: Stage, seed: int):
    assert stage.live(seed, 0.3, sizes=(BUSY,)).answers > 60


def test_same_seed_is_the_same_life(stage: Stage):
    assert stage.live(99, 0.1) == stage.live(99, 0.1)


@pytest.mark.postgresql
def test_life_holds_on_postgresql(tmp_path: Path):
    with server() as url:
        made = Database(url)
        migrations.migrate(made)
        made.dispose()
        db = FaultyDatabase(url, KEYS)
        assert live(1, 0.06, db, make_app(tmp_path), sizes=(BUSY,)).answers > 5
        db.dispose()
