"""Which backups are kept, and how they are named."""

import re
from collections.abc import Iterable
from datetime import date

DAILY, WEEKLY = 7, 4
_NAME = re.compile(r"feedback-(\d{4}-\d\d-\d\d)\.(?:sqlite3|dump)(\.part)?")


def backup_name(day: date, *, sqlite: bool) -> str:
    """Return the file name of a day's backup: feedback-2026-11-27.sqlite3, or .dump from PostgreSQL."""
    return f"feedback-{day}.{'sqlite3' if sqlite else 'dump'}"


def backup_day(name: str, *, unfinished: bool = False) -> date | None:
    """Return the day of a backup by its file name; None for every name that is not one. unfinished: of what a
    backup that was cut off has left, instead."""
    found = _NAME.fullmatch(name)
    if found is None or bool(found[2]) is not unfinished:
        return None
    try:
        return date.fromisoformat(found[1])
    except ValueError:
        return None


def days_kept(days: Iterable[date]) -> set[date]:
    """Return the days whose backups are kept: the last 7, and of what is older the first of each of the last 4 weeks
    (ISO weeks that have one)."""
    newest_first = sorted(set(days), reverse=True)
    first_of_week = {day.isocalendar()[:2]: day for day in newest_first[DAILY:]}
    return {*newest_first[:DAILY], *list(first_of_week.values())[:WEEKLY]}
