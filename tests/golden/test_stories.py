"""What every door that writes changes in the database, written down in tests/golden/stories/.

A story that is meant to go otherwise is written by `make golden`; read the difference before it is committed.
"""

from difflib import unified_diff
from importlib import import_module

import pytest

from golden.story import PLAYS, STORIES
from golden.telling import telling

LONGEST = 40  # lines that are shown of a difference


@pytest.mark.parametrize("name", PLAYS)
def test_story_goes_as_it_is_written(app, db, clock, name):
    with telling(app, db, clock) as story:
        import_module(f"golden.plays.{name}").play(story)
    before, now = (
        (STORIES / f"{name}.txt").read_text(encoding="utf-8").splitlines(),
        story.text().splitlines(),
    )
    diff = [*unified_diff(before, now, f"stories/{name}.txt", "as it goes now", lineterm="", n=2)]
    if diff:
        pytest.fail(
            "\n".join([*diff[:LONGEST], "If this is meant: make golden, and read what it changes."]),
            pytrace=False,
        )


def test_every_story_has_a_play():
    assert {path.stem for path in STORIES.iterdir()} == set(PLAYS)
