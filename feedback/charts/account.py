"""The chart of an account's half-year: its loyalty week by week, and each answer as a dot."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feedback.core.scoring.levels import LEVELS_FROM
from feedback.pages.account import AccountHistory, PastAnswer

WIDTH, HEIGHT, PAD = 640, 190, 8  # of the drawing and its margin, in SVG units


@dataclass(frozen=True, slots=True)
class AnswerDot:
    """The position of one answer in the chart, in SVG units."""

    x: float
    y: float
    answer: PastAnswer

    @property
    def invitation_id(self) -> UUID:
        return self.answer.invitation_id


@dataclass(frozen=True, slots=True)
class LinePicture:
    """The chart of an account's loyalty, in SVG units."""

    line: list[tuple[float, float]]  # (x, y) of the loyalty, the oldest first
    dots: list[AnswerDot]
    levels: list[float]  # y from which each level begins, the lowest level first
    first: float | None  # the oldest loyalty of the line, 0..100
    last: float | None  # the latest, 0..100


def draw_line(history: AccountHistory) -> LinePicture | None:
    """Return the chart of an account's history; None with fewer than two weeks that have a loyalty."""
    known = [(at, loyalty) for at, loyalty in history.line if loyalty is not None]
    if len(known) < 2:
        return None
    start, end = history.line[0][0], history.line[-1][0]

    def x(at: datetime) -> float:
        return PAD + (at - start) / (end - start) * (WIDTH - 2 * PAD)

    return LinePicture(
        line=[(x(at), _y(loyalty)) for at, loyalty in known],
        dots=[
            AnswerDot(x(a.held_at), _y(a.loyalty), a)
            for a in history.answers
            if a.counts and a.held_at >= start
        ],
        levels=[_y(least) for least, _ in reversed(LEVELS_FROM)],
        first=known[0][1],
        last=known[-1][1],
    )


def _y(loyalty: float) -> float:
    return HEIGHT - PAD - loyalty / 100 * (HEIGHT - 2 * PAD)
