"""One-time codes of a phone (RFC 6238): six figures that hold for thirty seconds."""

import re
from datetime import datetime, timedelta

STEP = 30  # seconds
DRIFT = 1  # steps that a phone's clock may be off
LOOKED_AT = 10  # steps, when a code does not fit, to tell how wrong the clock is
SETS_UP_FOR = timedelta(hours=1)  # then an unfinished set-up begins anew
REMEMBERED_FOR = timedelta(days=30)  # a device where a code was shown
CODES = 10  # recovery codes
CODE_LETTERS = 12  # of one, from core/tokens: 53 bits


def step_at(now: datetime) -> int:
    """Return the number of the time step, as the phone counts it."""
    return int(now.timestamp()) // STEP


def steps_to_try(now: datetime, drift: int = DRIFT) -> list[int]:
    """Return the steps whose codes are taken, the nearest first."""
    return sorted(
        range(step_at(now) - drift, step_at(now) + drift + 1), key=lambda step: abs(step - step_at(now))
    )


def one_time_code(text: str) -> str | None:
    """Return the six figures of a code as it was typed, with spaces or without; None when it is none."""
    figures = re.sub(r"\s", "", text)
    return figures if re.fullmatch(r"[0-9]{6}", figures) else None
