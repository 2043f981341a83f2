"""The guess as a forecast: how much better than what clients usually say, and whether it gets better."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import copysign, inf, sqrt

from feedback.core.dimensions import Means, mean
from feedback.core.scoring.reps import EIGHTY_PERCENT

LEAST_GUESSES = 8  # sealed meetings before anything is said
MOST_GUESSES = 60  # the latest ones that are looked at
LEAST_FREEDOM = 2  # degrees of freedom of a slope
LEAST_CLIENTS = 4  # whose guesses are looked at client by client; of fewer, each guess by itself


@dataclass(frozen=True, slots=True)
class Guess:
    """One day's meetings of a rep with one client: sealed by the rep, and answered."""

    contact: Hashable  # whom it was about
    held_at: datetime
    client: Means  # 1..5, None where not rated
    mirror: Means
    usual: Means  # what clients usually said before; see usual_before


class Trend(StrEnum):
    """What the skill of a rep's guesses does, where chance does not explain it."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"  # or not to be told yet


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its 80 % range."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """How well a rep's latest guesses foretold what clients said."""

    guesses: int
    # 1 - mean |client - rep| / mean |client - usual|: 0 is no better than the usual, 1 perfect. None where every client
    # said exactly what clients usually say: there was nothing to be better at. Its low is minus infinity where all but one
    # client did.
    skill: Estimate | None
    learning: Estimate | None  # added to the skill from one guess to the next; None without a skill
    tilt: float  # mean rep - client, -4..4: above 0 the guesses are too high
    correction: Estimate  # what the tilt loses, towards 0, from one guess to the next

    @property
    def corrects(self) -> bool:
        """Whether the guesses are less and less too high, or too low, beyond chance."""
        return self.correction.low > 0

    @property
    def trend(self) -> Trend:
        """Whether the range of the learning is above zero, below it, or holds it."""
        if self.learning and self.learning.low > 0:
            return Trend.RISING
        return Trend.FALLING if self.learning and self.learning.high < 0 else Trend.STEADY


def usual_before(recorded: Sequence[tuple[date, Means]], monday: date) -> Means | None:
    """Return what clients usually said before a meeting: as recorded at the end of the week before the one it was held in,
    or of the last that was; of the first that was recorded where the meeting was before. None where none is.

    recorded: (Monday of the week that ended, mean of each dimension), the oldest first. monday: of the meeting's week.
    """
    if not recorded:
        return None
    place = bisect_left(recorded, monday, key=lambda each: each[0])
    return recorded[max(place - 1, 0)][1]


def forecast(guesses: Iterable[Guess]) -> Forecast | None:
    """Return the skill of a rep's guesses, and its learning; None with fewer than LEAST_GUESSES. Only the latest
    MOST_GUESSES count.

    e and b are a guess's mean |client - rep| and mean |client - usual|, over the dimensions where all three are known.
    skill = 1 - mean e / mean b, with its range by the jackknife over clients. learning = the least-squares slope of 1 - e / mean b over the number of the guess, each
    client compared with itself (or, where hardly any was guessed twice, those guessed once with each other), with its
    range by Student's t.
    Mean b is that of all guesses: else who happens to meet clients that are less usual would seem to learn.
    correction = the same slope of client - rep, its sign turned so that towards 0 is above 0. Where somebody guesses too high
    or too low, it tells learning from chance far sooner than the skill, whose noise it leaves out.
    """
    latest = sorted(guesses, key=lambda guess: guess.held_at)
    every = [(guess.contact, found) for guess in latest if (found := _errors(guess))][-MOST_GUESSES:]
    if len(every) < LEAST_GUESSES:
        return None
    contacts, known = [contact for contact, _ in every], [errors for _, errors in every]
    n, usual = len(known), sum(each.usual for each in known) / len(known)
    tilt = sum(each.tilt for each in known) / n
    correction = _slope(contacts, [copysign(1.0, -tilt) * each.tilt for each in known])
    if usual == 0:
        return Forecast(n, None, None, tilt, correction)
    learning = _slope(contacts, [1 - each.own / usual for each in known])
    return Forecast(n, _skill(contacts, known), learning, tilt, correction)


@dataclass(frozen=True, slots=True)
class _Errors:
    """How far one guess was off, over the dimensions where all is known."""

    own: float  # mean |client - rep|
    usual: float  # mean |client - usual|
    tilt: float  # mean rep - client


def _errors(guess: Guess) -> _Errors | None:
    """Return how far a guess was off; None where no dimension has all three."""
    known = [
        (abs(c - m), abs(c - u), m - c)
        for c, m, u in zip(guess.client, guess.mirror, guess.usual, strict=True)
        if c is not None and m is not None and u is not None
    ]
    own, usual, tilt = (mean(column) for column in zip(*known, strict=True)) if known else (None, None, None)
    return None if own is None or usual is None or tilt is None else _Errors(own, usual, tilt)


def _skill(contacts: Sequence[Hashable], known: Sequence[_Errors]) -> Estimate:
    """Return 1 - sum e / sum b and its range: each client's e and b left out in turn, for guesses about one client are off
    alike; of a single client's guesses each by itself."""
    by_client = len(set(contacts)) >= LEAST_CLIENTS
    parts: defaultdict[Hashable, list[_Errors]] = defaultdict(list)
    for number, (contact, each) in enumerate(zip(contacts, known, strict=True)):
        parts[contact if by_client else number].append(each)
    sums = [(sum(each.own for each in some), sum(each.usual for each in some)) for some in parts.values()]
    e, b = sum(own for own, _ in sums), sum(usual for _, usual in sums)
    skill, n = 1 - e / b, len(sums)
    if any(usual >= b for _, usual in sums):
        return Estimate(skill, -inf, 1.0)  # all others said just what clients usually say
    without = [1 - (e - own) / (b - usual) for own, usual in sums]
    middle = sum(without) / n
    reach = student(n - 1) * sqrt((n - 1) / n * sum((each - middle) ** 2 for each in without))
    return Estimate(skill, skill - reach, min(1.0, skill + reach))


def _slope(clients: Sequence[Hashable], values: Sequence[float]) -> Estimate:
    """Return the slope of values over 0, 1, 2 … and its range: of clients with several, each compared with itself; where
    that leaves fewer than LEAST_FREEDOM degrees of freedom, of those with one, compared with each other. Never of both
    together: values of one client vary less than clients do, and Student's t takes them to vary alike. Of eight values one
    of the two leaves enough."""
    met = Counter(clients)
    several = [at for at, client in enumerate(clients) if met[client] > 1]
    of = [clients[at] for at in several]
    if len(of) - len(set(of)) - 1 >= LEAST_FREEDOM:
        return _slope_within(of, several, [values[at] for at in several])
    single = [at for at, client in enumerate(clients) if met[client] == 1]
    return _slope_within([None] * len(single), single, [values[at] for at in single])


def _slope_within(groups: Sequence[Hashable], places: Sequence[int], values: Sequence[float]) -> Estimate:
    """Return the slope of values over their places within groups, with its range by Student's t."""
    freedom = len(values) - len(set(groups)) - 1
    xs, ys = _within(groups, places), _within(groups, values)
    squares = sum(x * x for x in xs)
    slope = sum(x * y for x, y in zip(xs, ys, strict=True)) / squares
    left = sum((y - slope * x) ** 2 for x, y in zip(xs, ys, strict=True))
    reach = student(freedom) * sqrt(left / freedom / squares)
    return Estimate(slope, slope - reach, slope + reach)


def _within(groups: Sequence[Hashable], values: Sequence[float]) -> list[float]:
    """Return what each value is above the mean of its group."""
    of_group: defaultdict[Hashable, list[float]] = defaultdict(list)
    for group, value in zip(groups, values, strict=True):
        of_group[group].append(value)
    means = {group: sum(some) / len(some) for group, some in of_group.items()}
    return [value - means[group] for group, value in zip(groups, values, strict=True)]


def student(freedom: int) -> float:
    """Return how many standard errors to either side hold 80 % of Student's t with so many degrees of freedom: of two
    0.8 * sqrt(2 / (1 - 0.8^2)); from three on by its expansion around the normal one (Abramowitz and Stegun 26.7.5)."""
    if freedom == 2:
        return 0.8 * sqrt(2 / (1 - 0.8**2))
    z, v = EIGHTY_PERCENT, freedom
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )
