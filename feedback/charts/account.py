"""An account's half-year as a drawing: its loyalty week by week, and each answer as a dot."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feedback.core.scoring.levels import FROM
from feedback.pages.account import AccountHistory, PastAnswer

WIDTH, HEIGHT, PAD = 640, 190, 8


@dataclass(frozen=True, slots=True)
class AnswerDot:
    x: float
    y: float
    answer: PastAnswer

    @property
    def invitation_id(self) -> UUID:
        return self.answer.invitation_id


@dataclass(frozen=True, slots=True)
class LinePicture:
    """line: points of the loyalty, oldest first. levels: where each begins, from the bottom."""

    line: list[tuple[float, float]]
    dots: list[AnswerDot]
    levels: list[float]
    first: float | None
    last: float | None


def draw_line(story: AccountHistory) -> LinePicture | None:
    """None before there are two weeks to join."""
    known = [(at, loyalty) for at, loyalty in story.line if loyalty is not None]
    if len(known) < 2:
        return None
    start, end = story.line[0][0], story.line[-1][0]

    def x(at: datetime) -> float:
        return PAD + (at - start) / (end - start) * (WIDTH - 2 * PAD)

    return LinePicture(
        line=[(x(at), _y(loyalty)) for at, loyalty in known],
        dots=[
            AnswerDot(x(a.held_at), _y(a.loyalty), a)
            for a in story.answers
            if a.counts and a.held_at >= start
        ],
        levels=[_y(least) for least, _ in reversed(FROM)],
        first=known[0][1],
        last=known[-1][1],
    )


def _y(loyalty: float) -> float:
    return HEIGHT - PAD - loyalty / 100 * (HEIGHT - 2 * PAD)
