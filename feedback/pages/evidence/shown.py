"""The warnings' record as the page shows it, out of what was stored."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from feedback.core.evidence.warnings import Crossed, WarningRecord, WarningSign


@dataclass(frozen=True, slots=True)
class RecordShown(WarningRecord):
    """The record of one period, and what stands beside it."""

    unmet: int  # outcomes of clients whom nobody here had met before
    silent: int  # accounts without an outcome in the period
    unlisted: int  # lost clients of which there is no line


def record_shown(stored: dict[str, Any]) -> RecordShown:
    """Return the record of one period as it was stored (pages.evidence.warnings)."""
    return RecordShown(
        crossed={WarningSign(sign): Crossed(**counts) for sign, counts in stored["crossed"].items()},
        leads=stored["leads"],
        heard=stored["heard"],
        asked=stored["asked"],
        reps=stored["reps"],
        lost=[UUID(each) for each in stored["lost"]],
        unmet=stored["unmet"],
        silent=stored["silent"],
        unlisted=stored["unlisted"],
    )
