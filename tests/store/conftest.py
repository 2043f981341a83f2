"""SQL past all our own code, as somebody with the database's password could send it."""

from collections.abc import Callable

import pytest
from sqlalchemy import Executable


@pytest.fixture
def run(db) -> Callable[[Executable], int]:
    """run(statement) in a transaction of its own; how many rows it touched."""

    def execute(statement: Executable) -> int:
        with db.writing() as session:
            return session.execute(statement).rowcount

    return execute
