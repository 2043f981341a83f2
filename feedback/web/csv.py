"""The leaderboard as a CSV file, and long files a part at a time. Cells that a spreadsheet could take for a formula are escaped."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from feedback.core.calendar.weeks import Week
from feedback.core.text import safe_cell
from feedback.pages.leaderboard import Leaderboard, LeaderboardRow
from feedback.pages.team_summary import TeamStanding

ROWS_AT_ONCE = 500
COLUMNS = (
    "week", "rank", "movement", "rep", "email", "team", "score", "low", "high", "voices", "answered", "asked",
    "reads_the_room", "calibration", "doughnuts", "value", "badge", "too_close_to_call",
    "rank_low", "rank_high",
)  # fmt: skip


def leaderboard_csv(board: Leaderboard) -> str:
    """Return the CSV text: one row per rep, the best first; unranked reps have an empty rank. Shares are
    percentages. It begins with a byte order mark, without which Excel misreads names."""
    week = str(board.week)
    return _text(_cells(week, row) for row in board.rows)


def groups_csv(week: Week, groups: Sequence[TeamStanding]) -> str:
    """Return the CSV text of figures of groups: one row per group, by name, under the same columns. What would be about
    one person is empty."""
    rows = [
        {
            "week": str(week),
            "team": safe_cell(group.name),
            "score": number(group.loyalty),
            "voices": number(group.voices),
            "answered": number(group.answered.percent),
            "asked": number(group.asked.percent),
        }
        for group in groups
    ]
    return _text([row.get(name, "") for name in COLUMNS] for row in rows)


def _text(rows: Iterable[list[str]]) -> str:
    text = StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue()


def csv_parts(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Return a CSV text in parts of some hundred rows, with its header."""
    text = StringIO()
    text.write("\ufeff")  # so that Excel reads names right
    writer = csv.writer(text)
    writer.writerow(columns)
    for at, row in enumerate(rows, start=1):
        writer.writerow(map(safe_cell, row))
        if at % ROWS_AT_ONCE == 0:
            yield _emptied(text)
    yield _emptied(text)


def _emptied(text: StringIO) -> str:
    part = text.getvalue()
    text.seek(0)
    text.truncate()
    return part


def number(value: float | None) -> str:
    """Write a number with two decimals, a point, no thousands separator, and no minus before zero; None as
    empty."""
    return "" if value is None else f"{value:z.2f}"


def _cells(week: str, row: LeaderboardRow) -> list[str]:
    s = row.standing
    return [
        week,
        "" if s.rank is None else str(s.rank),
        "" if s.movement is None else str(s.movement),
        safe_cell(row.rep.name),
        safe_cell(row.rep.email),
        safe_cell(row.rep.team or ""),
        number(s.score.score),
        number(s.score.low),
        number(s.score.high),
        number(s.score.voices),
        number(s.activity.answered.percent),
        number(s.activity.asked.percent),
        number(s.reads_the_room),
        number(s.calibration),
        number(s.doughnuts),
        number(s.value),
        s.badge or "",
        "yes" if s.close else "no",
        "" if s.rank_low is None else str(s.rank_low),
        "" if s.rank_high is None else str(s.rank_high),
    ]
