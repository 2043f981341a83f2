"""What the tests of the writes share."""

import pytest
from support.dump import moment


@pytest.fixture
def fork(db, clock):
    """fork() stores this moment; .restore() returns to it."""
    return lambda: moment(db, clock)
