"""How alerts are dealt with: how soon, how well in time, and what became of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from feedback.core.alerts.reasons import Kind, Outcome
from feedback.core.shares import Share


@dataclass(frozen=True, slots=True)
class AlertHandling:
    """One alert. first_action_at: when a person first did something about it."""

    kind: Kind
    opened_at: datetime
    due_at: datetime
    first_action_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class AlertMetrics:
    """first_action: the median wait for a person to do something, None without alerts; of `count` alerts, of
    which `untouched` still wait. in_time: closed by their due time, of those closed or overdue.
    outcomes: by kind, how many closed how."""

    count: int = 0
    untouched: int = 0
    first_action: timedelta | None = None
    in_time: Share = field(default_factory=Share)
    outcomes: Mapping[Kind, Counter[Outcome]] = field(default_factory=dict)


def alert_metrics(cases: Iterable[AlertHandling], now: datetime) -> AlertMetrics:
    """What was done about these alerts, as of `now`.

    An alert that nobody touched counts with the time it has waited so far (or waited until it closed by
    itself), so that leaving alerts alone cannot improve the median; one that is overdue counts as not
    closed in time.
    """
    known = list(cases)
    waits = [
        ((case.first_action_at or case.closed_at or now) - case.opened_at).total_seconds() for case in known
    ]
    through = [case for case in known if case.closed_at or now >= case.due_at]
    outcomes: dict[Kind, Counter[Outcome]] = {}
    for case in known:
        if case.closed_at and case.outcome:
            outcomes.setdefault(case.kind, Counter())[case.outcome] += 1
    return AlertMetrics(
        count=len(known),
        untouched=sum(case.first_action_at is None and case.closed_at is None for case in known),
        first_action=timedelta(seconds=median(waits)) if waits else None,
        in_time=Share(
            sum(case.closed_at is not None and case.closed_at <= case.due_at for case in through),
            len(through),
        ),
        outcomes=outcomes,
    )
