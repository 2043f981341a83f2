"""How alerts are handled, in figures."""

from datetime import UTC, datetime, timedelta

from feedback.core.alerts.metrics import AlertHandling, alert_metrics
from feedback.core.shares import Share

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


def case(opened_hours_ago, first=None, closed=None, due=48, kind="low", outcome="recovered"):
    """Hours after opening."""
    opened = NOW - timedelta(hours=opened_hours_ago)
    return AlertHandling(
        kind,
        opened,
        opened + timedelta(hours=due),
        None if first is None else opened + timedelta(hours=first),
        None if closed is None else opened + timedelta(hours=closed),
        None if closed is None else outcome,
    )


def test_median_counts_untouched_alerts_as_waiting():
    found = alert_metrics([case(100, 1, 5), case(100, 3, 50), case(10)], NOW)
    assert (found.first_action, found.count, found.untouched) == (timedelta(hours=3), 3, 1)


def test_ignored_alerts_worsen_the_median():
    touched = [case(100, 2, 5)]
    left = [*touched, case(90), case(80)]
    assert alert_metrics(left, NOW).first_action > alert_metrics(touched, NOW).first_action


def test_in_time_share_excludes_pending_alerts():
    found = alert_metrics([case(100, 1, 5), case(100, 1, 60), case(100), case(10)], NOW)
    assert found.in_time == Share(1, 3)


def test_outcomes_are_counted_by_kind():
    cases = [case(9, 1, 2), case(9, 1, 2, outcome="lost"), case(9, 1, 2, kind="fine"), case(9)]
    assert alert_metrics(cases, NOW).outcomes == {
        "low": {"recovered": 1, "lost": 1},
        "fine": {"recovered": 1},
    }


def test_no_alerts_give_no_figures():
    found = alert_metrics([], NOW)
    assert (found.first_action, found.in_time.percent, found.outcomes) == (None, None, {})
