"""Stages of the customer's journey."""

import pytest

from feedback.core.gaps.stages import STAGES, runs_ahead, steps_ahead


def test_stages_are_fixed_in_order():
    assert STAGES == ("curious", "problem", "change", "comparing", "adopting", "growing")


@pytest.mark.parametrize(
    ("rep", "client", "steps", "ahead"),
    [
        ("growing", "curious", 5, True),
        ("change", "curious", 2, True),
        ("problem", "curious", 1, False),
        ("change", "change", 0, False),
        ("curious", "change", -2, False),
    ],
)
def test_rep_two_steps_ahead_runs_ahead(rep, client, steps, ahead):
    assert steps_ahead(rep, client) == steps
    assert runs_ahead(rep, client) is ahead


@pytest.mark.parametrize(("rep", "client"), [(None, "change"), ("growing", None), (None, None)])
def test_unknown_stage_is_never_ahead(rep, client):
    assert steps_ahead(rep, client) is None
    assert runs_ahead(rep, client) is False


def test_invalid_stage_is_refused():
    with pytest.raises(ValueError, match="not in tuple"):
        steps_ahead("closing", "curious")
