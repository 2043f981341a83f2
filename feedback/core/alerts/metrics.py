"""How alerts are handled: how soon, whether in time, and with which outcome."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from feedback.core.alerts.reasons import Kind, Outcome
from feedback.core.shares import Share


@dataclass(frozen=True, slots=True)
class AlertHandling:
    """The times and the outcome of one alert."""

    kind: Kind
    opened_at: datetime
    due_at: datetime
    first_action_at: datetime | None = None  # when a person first did something about it
    closed_at: datetime | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class AlertMetrics:
    """How a set of alerts was handled."""

    count: int = 0  # all alerts
    untouched: int = 0  # of those, open and without any action by a person
    first_action: timedelta | None = None  # median wait until a person acts; None without alerts
    in_time: Share = field(default_factory=Share)  # closed by their due time, of those closed or overdue
    outcomes: Mapping[Kind, Counter[Outcome]] = field(
        default_factory=dict
    )  # per kind, how often each outcome


def alert_metrics(cases: Iterable[AlertHandling], now: datetime) -> AlertMetrics:
    """Return how these alerts were handled, as of `now`.

    An alert that no person acted on counts with the time it has waited so far (or had waited when it closed
    by itself), so that ignoring alerts cannot improve the median. An overdue alert counts as not closed in
    time.
    """
    alerts = list(cases)
    waits = [
        ((case.first_action_at or case.closed_at or now) - case.opened_at).total_seconds() for case in alerts
    ]
    finished = [case for case in alerts if case.closed_at or now >= case.due_at]
    outcomes: dict[Kind, Counter[Outcome]] = {}
    for case in alerts:
        if case.closed_at and case.outcome:
            outcomes.setdefault(case.kind, Counter())[case.outcome] += 1
    return AlertMetrics(
        count=len(alerts),
        untouched=sum(case.first_action_at is None and case.closed_at is None for case in alerts),
        first_action=timedelta(seconds=median(waits)) if waits else None,
        in_time=Share(
            sum(case.closed_at is not None and case.closed_at <= case.due_at for case in finished),
            len(finished),
        ),
        outcomes=outcomes,
    )
