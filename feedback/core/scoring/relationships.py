"""The numbers of one rep with one contact: loyalty, means and vote, recomputed from the whole (short)
history."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

from feedback.core.calendar.quarters import quarter_began
from feedback.core.calendar.weeks import week_of
from feedback.core.dimensions import (
    NO_MEANS,
    NO_RATINGS,
    Means,
    Ratings,
    count_rated,
    mean,
    weighted_mean,
)
from feedback.core.gaps import analysis
from feedback.core.lukewarm.detection import is_fine
from feedback.core.records import record
from feedback.core.scoring.points import Scoring, points


@record
class Moment:
    """Both sides of one invitation, as far as they count."""

    held_at: datetime  # when the meeting was held (aware), not when anything was typed
    client: Ratings = NO_RATINGS  # what the client rated; NO_RATINGS when nothing, or when it does not count
    mirror: Ratings = NO_RATINGS  # what the rep sealed; NO_RATINGS when nothing is sealed
    comment: str | None = None  # what the client wrote, as far as it counts


def moment_as_it_counts(
    held_at: datetime,
    client: Ratings,
    mirror: Ratings,
    *,
    comment: str | None,
    counts: bool,
    settled: bool,
    sealed: bool,
) -> Moment:
    """Return an invitation as it counts. The answer counts once it has settled; a quarantined one or one set
    aside (counts: False) is kept and shown, not counted. The mirror counts once it is sealed."""
    mirrored = mirror if sealed else NO_RATINGS
    return (
        Moment(held_at, client, mirrored, comment) if counts and settled else Moment(held_at, mirror=mirrored)
    )


@record
class Day:
    """One side's ratings of one day."""

    held_at: datetime  # the day's latest meeting that this side rated; the weight is taken from it
    means: Means  # per dimension over that day's meetings, 1..5


@record
class Numbers:
    """The numbers of one relationship."""

    loyalty: float | None = None  # 0..100; None before the first counted answer
    vote: float = 0.0  # the weight g of the meeting last rated by the client; 0 before that
    client: Means = NO_MEANS  # means per dimension, 1..5
    mirror: Means = NO_MEANS  # likewise, of the rep's guesses
    answers: int = 0  # counted client answers
    both: int = 0  # days whose meetings both sides rated
    last_client_at: datetime | None = None  # when the last meeting the client rated was held
    # loyalty at the beginning of the quarter that last_client_at falls into, 0..100; None without an answer then
    quarter_loyalty: float | None = None
    week_loyalty: float | None = None  # likewise, at the beginning of the week
    lukewarm: bool = False  # the last counted answer says "fine" (core.lukewarm.detection)

    @property
    def distance(self) -> float | None:
        """The mean |client - rep| over the dimensions rated by both, 0..4; None when there is none."""
        return analysis.distance(self.client, self.mirror)

    @property
    def bias(self) -> float | None:
        """The mean rep - client over the same dimensions, -4..4; None when there is none."""
        return analysis.bias(self.client, self.mirror)

    @property
    def real_gap(self) -> bool | None:
        """Whether there is a real gap; None until both sides rated often enough that there could be one."""
        if self.both < analysis.MEETINGS_FOR_A_REAL_GAP:
            return None
        return analysis.has_real_gap(self.client, self.mirror, self.both)


def relationship_numbers(history: Iterable[Moment], scoring: Scoring) -> Numbers:
    """Compute the numbers of a relationship from its history, in any order.

    Meetings of one day count as one; otherwise five quick codes on one day would outweigh a bad answer. Per
    dimension the mean rating R_d = sum g(t_i) r_id / sum g(t_i) over the days i that rated it, t_i being the
    day's latest rated meeting; the mirror means M_d likewise. Loyalty = the plain mean of points(R_d) over
    the R_d that exist. vote = g(t of the last counted client answer): one client, one voice.
    """
    moments = list(history)
    answered = [m for m in moments if count_rated(m.client)]
    client_days = days_of(answered, scoring, lambda m: m.client)
    mirror_days = days_of(moments, scoring, lambda m: m.mirror)
    client = weighted_means(client_days.values(), scoring)
    latest = max(answered, key=lambda m: m.held_at, default=None)
    last = latest.held_at if latest else None
    earlier = len(client_days) > 1  # one day has none before the week or the quarter that it is in
    return Numbers(
        loyalty=loyalty_of(client),
        vote=scoring.weight(last) if last else 0.0,
        client=client,
        mirror=weighted_means(mirror_days.values(), scoring),
        answers=len(answered),
        both=len(client_days.keys() & mirror_days.keys()),
        last_client_at=last,
        quarter_loyalty=loyalty_before(quarter_began(last, scoring.zone), client_days, scoring)
        if last and earlier
        else None,
        week_loyalty=loyalty_before(week_of(last, scoring.zone).starts(scoring.zone), client_days, scoring)
        if last and earlier
        else None,
        lukewarm=latest is not None and is_fine(latest.client, latest.comment),
    )


def loyalty_before(began: datetime, days: Mapping[date, Day], scoring: Scoring) -> float | None:
    """Return the loyalty of the days before a quarter or a week began, 0..100; None without one. No day is in two of
    either."""
    earlier = [day for day in days.values() if day.held_at < began]
    return loyalty_of(weighted_means(earlier, scoring)) if earlier else None


def loyalty_of(means: Means) -> float | None:
    """Return the plain mean of the points of six mean ratings, 0..100; None when nothing was rated."""
    return mean(points(value) for value in means if value is not None)


def days_of(
    history: Iterable[Moment], scoring: Scoring, side: Callable[[Moment], Ratings]
) -> dict[date, Day]:
    """Group one side's ratings by the organisation's day, each dimension as the plain mean of that day's
    meetings."""
    held: defaultdict[date, list[tuple[datetime, Ratings]]] = defaultdict(list)
    for moment in history:
        ratings = side(moment)
        if count_rated(ratings):
            held[scoring.day(moment.held_at)].append((moment.held_at, ratings))
    return {day: _day_of(rated) for day, rated in held.items()}


def _day_of(rated: Sequence[tuple[datetime, Ratings]]) -> Day:
    dimensions = zip(*(ratings for _, ratings in rated), strict=True)
    return Day(max(held_at for held_at, _ in rated), tuple([mean(each) for each in dimensions]))


def weighted_means(rated_days: Iterable[Day], scoring: Scoring) -> Means:
    """Return per dimension sum g(t) r / sum g(t) over the days that rated it; None where no day did."""
    days = list(rated_days)
    if len(days) < 2:  # a mean of one is that one, whatever its weight
        return days[0].means if days else NO_MEANS
    weights = [scoring.weight(day.held_at) for day in days]
    return tuple([_mean_of(weights, each) for each in zip(*(day.means for day in days), strict=True)])


def _mean_of(weights: Sequence[float], means: Means) -> float | None:
    pairs = [(g, r) for g, r in zip(weights, means, strict=True) if r is not None]
    return weighted_mean(pairs) if pairs else None
