"""What the tests of the writes share."""

import pytest
from store.dump import moment


@pytest.fixture
def fork(db, clock):
    """fork() marks this moment; .again() goes back to it."""
    return lambda: moment(db, clock)
