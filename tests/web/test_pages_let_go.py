"""What a page was given is gone once the page is written: it waits for no collector, of which a busy server sees little."""

import gc
from collections import Counter

import pytest


@pytest.fixture
def left_over(sign_in):
    """left_over(name, path) counts what only the collector would take away of ours, after that page was shown."""
    debugging = gc.get_debug()

    def count(name, path):
        browser = sign_in(name)
        browser.get(path)  # the first one makes what is kept for all others
        gc.collect()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            reply = browser.get(path)
            gc.collect()
            return reply, Counter(
                type(left).__name__ for left in gc.garbage if type(left).__module__.startswith("feedback.")
            )
        finally:
            gc.set_debug(debugging)
            gc.garbage.clear()

    yield count
    gc.set_debug(debugging)


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/leaderboard", "Alice"),  # a template that is included has macros, and one of them calls another
        ("/relationships", "Dana Whitfield"),  # macros are imported with what the page was given
        ("/accounts", "Northwind"),
        ("/coaching", "Alice"),
        ("/alerts", "Dana Whitfield"),
    ],
)
def test_nothing_of_a_page_is_left_to_the_collector(cast, left_over, path, seen):
    cast.answer(cast.meeting(), 1)
    reply, left = left_over("carol", path)
    assert reply.status_code == 200
    assert seen in reply.text
    assert not left
