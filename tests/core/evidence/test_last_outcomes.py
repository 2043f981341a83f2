"""Which outcome of an account counts in a period."""

from datetime import date
from itertools import permutations
from uuid import UUID

from feedback.core.evidence.outcomes import ClientOutcome, OutcomeOf, last_outcomes

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 31)


def happened(number: int, day: str, outcome: str, account: int = 1, contact: int | None = None) -> OutcomeOf:
    return OutcomeOf(
        UUID(int=number),
        UUID(int=account),
        UUID(int=contact) if contact else None,
        date.fromisoformat(day),
        ClientOutcome(outcome),
    )


def test_last_outcome_of_a_period_counts():
    lost, back = happened(1, "2026-06-10", "lost"), happened(2, "2026-07-20", "renewed")
    other, contacts = happened(3, "2026-06-10", "grew", 2), happened(4, "2026-06-12", "lost", 1, 7)
    for rows in permutations((lost, back, other, contacts)):
        assert last_outcomes(rows, JUNE, JULY) == [other, contacts, back]
        assert last_outcomes(rows, JUNE, date(2026, 7, 19)) == [lost, other, contacts]
        assert last_outcomes(rows, date(2026, 7, 21), JULY) == []
        # both ends are included
        assert last_outcomes(rows, date(2026, 7, 20), date(2026, 7, 20)) == [back]
