"""What is planned: a meeting out of a rep's own calendar, and how far ahead, and back, it is looked for.

Whoever only shows or stores it need not load what reads calendars.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from feedback.core.asking import HELD_DAYS

DAYS = 14
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class PlannedMeeting:
    """One meeting of one day."""

    starts_at: datetime  # in UTC
    title: str
    emails: tuple[str, ...] = ()  # of the participants, in lower case, without the rep


@dataclass(frozen=True, slots=True)
class CalendarReading:
    """What was read of a calendar."""

    meetings: list[PlannedMeeting]  # in order of time
    unread: int  # events that could not be read


def unread_words(unread: int) -> str:
    """Return the sentence about events that could not be read; empty when all could."""
    return f"{unread:,} {'event' if unread == 1 else 'events'} could not be read." if unread else ""


def window(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return from the beginning of the 14th day before today to the end of the 14th day ahead, in the time zone `zone`;
    as UTC."""
    today = now.astimezone(zone).date()
    days = (today - HELD_DAYS * _DAY, today + (DAYS + 1) * _DAY)
    first, last = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in days)
    return first, last
