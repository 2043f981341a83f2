"""Lives that hold: two organisations each, on bad lines, among cheats, with crashes at any commit."""

from pathlib import Path

import pytest
from support.keys import KEYS
from support.postgres import server

from feedback import migrations
from feedback.db.engine import Database
from simulation.faults import FaultyDatabase
from simulation.life import Stage, live, make_app

SEEDS = range(1, 5)
YEARS = 0.1  # of each of the two organisations of a life


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("lives"))


@pytest.mark.parametrize("seed", SEEDS)
def test_life_holds(stage: Stage, seed: int):
    lived = stage.live(seed, YEARS)
    assert lived.answers > 10
    assert lived.failed > 0


def test_same_seed_is_the_same_life(stage: Stage):
    assert stage.live(99, 0.03) == stage.live(99, 0.03)


@pytest.mark.postgresql
def test_life_holds_on_postgresql(tmp_path: Path):
    with server() as url:
        made = Database(url)
        migrations.migrate(made)
        made.dispose()
        db = FaultyDatabase(url, KEYS)
        assert live(1, 0.06, db, make_app(tmp_path)).answers > 5
        db.dispose()
