"""The server is killed a few times, and nothing that was acknowledged is lost; `make test-crash` does it more often."""

from pathlib import Path

import pytest
from support.postgres import running_server

from crash.run import Crashes

ROUNDS = 5


def test_killed_server_loses_nothing(tmp_path: Path):
    told = Crashes(tmp_path, seed=1).run(ROUNDS)
    assert told.lost == []
    assert told.answers > 20


@pytest.mark.postgresql
def test_killed_server_and_database_lose_nothing(tmp_path: Path):
    with running_server(durable=True) as server:
        told = Crashes(tmp_path, seed=2, postgres=server).run(ROUNDS)
    assert told.lost == []
    assert told.answers > 20
    assert told.kills["the server"] < sum(told.kills.values())
