"""Who may say that two contacts are one, and for how long that can be undone."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.core.access import Role
from feedback.core.merging import (
    A_COLLEAGUES,
    ANOTHER_TEAMS,
    BOTH_ANSWERED,
    SAME,
    MergeFacts,
    can_be_undone,
    why_not_merged,
)
from feedback.core.moving import can_be_moved

NOW = datetime(2026, 11, 18, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "rep", "manager"),
    [
        (MergeFacts(), None, None),
        (MergeFacts(same=True), SAME, SAME),
        (MergeFacts(others=True), A_COLLEAGUES, ANOTHER_TEAMS),
        (MergeFacts(both_answered=True), BOTH_ANSWERED, None),
        (MergeFacts(others=True, both_answered=True), A_COLLEAGUES, ANOTHER_TEAMS),
    ],
)
def test_reps_join_where_no_score_moves(facts, rep, manager):
    assert why_not_merged(Role.REP, facts) == rep
    assert why_not_merged(Role.MANAGER, facts) == why_not_merged(Role.OWNER, facts) == manager


@pytest.mark.parametrize("role", list(Role))
def test_who_met_together_are_two(role):
    assert "the meeting of %(day)s, so they are two" in (
        why_not_merged(role, MergeFacts(together="2026-11-18", both_answered=True)) or ""
    )


@pytest.mark.parametrize(
    ("after", "undone"), [({}, True), ({"hours": 23, "minutes": 59}, True), ({"days": 1}, False)]
)
def test_joining_is_undone_for_a_day(after, undone):
    assert can_be_undone(NOW, NOW + timedelta(**after)) is undone


@pytest.mark.parametrize(
    ("before", "moved"),
    [({}, True), ({"days": 7}, True), ({"days": 7, "seconds": 1}, False), ({"seconds": -1}, False)],
)
def test_meeting_moves_a_week_back_at_most(before, moved):
    assert can_be_moved(NOW, NOW - timedelta(**before)) is moved
