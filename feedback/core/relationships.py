"""One rep with one contact: loyalty, means and vote, recomputed from the whole (short) history."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from feedback.core.dimensions import (
    DIMENSIONS,
    NO_MEANS,
    NO_RATINGS,
    Means,
    Ratings,
    mean,
    rated,
    weighted_mean,
)
from feedback.core.points import points, weight


@dataclass(frozen=True, slots=True)
class Moment:
    """Both sides of one invitation, as far as they count.

    held_at: when the meeting was held (aware), not when anything was typed.
    client: what the client rated; NO_RATINGS when nothing, or when it does not count.
    mirror: what the rep sealed; NO_RATINGS when nothing is sealed.
    """

    held_at: datetime
    client: Ratings = NO_RATINGS
    mirror: Ratings = NO_RATINGS


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is known of one relationship.

    loyalty: 0..100, None before the first counted answer.
    vote: the weight g of the meeting last rated by the client, 0 before that.
    points, client, mirror: per dimension, in 0..100, 1..5 and 1..5.
    answers: counted client answers. both: meetings rated by both sides.
    last_client_at: when the last meeting the client rated was held.
    """

    loyalty: float | None = None
    vote: float = 0.0
    points: Means = NO_MEANS
    client: Means = NO_MEANS
    mirror: Means = NO_MEANS
    answers: int = 0
    both: int = 0
    last_client_at: datetime | None = None


def relate(history: Iterable[Moment], half_life: float) -> Numbers:
    """The numbers of a relationship from its history, in any order; half_life in days.

    P_d = sum g(t_i) points(r_id) / sum g(t_i) over the answers i that rated dimension d, the mean
    ratings R_d and mirror means M_d likewise; loyalty = the plain mean of the P_d that exist;
    vote = g(t of the last counted client answer): one client, one voice.
    """
    moments = list(history)
    answered = [m for m in moments if rated(m.client)]
    earned = _weighted([(m.held_at, m.client) for m in answered], half_life, points)
    last = max((m.held_at for m in answered), default=None)
    return Numbers(
        loyalty=mean(earned),
        vote=weight(last, half_life) if last else 0.0,
        points=earned,
        client=_weighted([(m.held_at, m.client) for m in answered], half_life, float),
        mirror=_weighted([(m.held_at, m.mirror) for m in moments], half_life, float),
        answers=len(answered),
        both=sum(1 for m in answered if rated(m.mirror)),
        last_client_at=last,
    )


def _weighted(rows: list[tuple[datetime, Ratings]], half_life: float, scale: Callable[[int], float]) -> Means:
    """Per dimension sum g(t) scale(r) / sum g(t) over the rows that rated it."""
    means: list[float | None] = []
    for d in range(len(DIMENSIONS)):
        pairs = [(weight(at, half_life), scale(r)) for at, ratings in rows if (r := ratings[d]) is not None]
        means.append(weighted_mean(pairs) if pairs else None)
    return tuple(means)
