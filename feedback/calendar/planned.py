"""What is planned: a meeting out of a rep's own calendar, and how far ahead, and back, it is looked for.

Whoever only shows or stores it need not load what reads calendars.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from feedback.core.asking import HELD_DAYS
from feedback.core.text import quoted

DAYS = 14
LARGEST = 30 << 20  # bytes of a calendar
TOO_LARGE = "This calendar is larger than 30 MB. Export a shorter time: the coming two weeks are enough."
MOST_NAMED = 10  # events that could not be read
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class PlannedMeeting:
    """One meeting of one day."""

    starts_at: datetime  # in UTC
    title: str
    emails: tuple[str, ...] = ()  # of the participants, in lower case, without the rep
    ends_at: datetime | None = field(
        default=None, compare=False
    )  # in UTC; None where the calendar does not say


@dataclass(frozen=True, slots=True)
class CalendarReading:
    """What was read of a calendar."""

    meetings: list[PlannedMeeting]  # in order of time
    unread: int = 0  # events that could not be read
    named: tuple[str, ...] = ()  # the titles of the first of these; "" for one that is private, or has none


def unread_words(unread: int, named: Sequence[str]) -> str:
    """Return the sentence about events that could not be read, with the titles of the first; empty when all could."""
    if not unread:
        return ""
    titles = ", ".join(quoted(title) for title in named if title)
    count = f"{unread:,} {'event' if unread == 1 else 'events'} could not be read"
    return f"{count}: {titles}." if titles else f"{count}."


def window(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return from the beginning of the 14th day before today to the end of the 14th day ahead, in the time zone `zone`;
    as UTC."""
    today = now.astimezone(zone).date()
    days = (today - HELD_DAYS * _DAY, today + (DAYS + 1) * _DAY)
    first, last = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in days)
    return first, last
