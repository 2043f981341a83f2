"""How well scores tell where reps stand: how far levels move while what was said fades, from how answers changed."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import fsum, log

from feedback.core.scoring.reps import PRIOR_VOICES, SIGMA_NEEDS, rounded

HALF_YEAR = timedelta(days=182)
HALF_YEARS = 4  # that are looked back on
# What is presumed: levels go half of the way back within eight half-lives, where fading is right (decision 0046).
USUAL_DRIFT = 1 / (8 * PRIOR_VOICES)
USUAL_COUNTS = 1.0  # degrees of freedom for which the usual drift counts beside the organisation's own
WIDEST = 1.5  # widening, where voices are so few that sigma is hardly known


@dataclass(frozen=True, slots=True)
class Certainty:
    """How well an organisation's scores tell where its reps stand. The one without arguments takes a voice for what it
    weighs: before anything is known."""

    worth: float = (
        1.0  # voices that a voice tells as much as, from 1 on: what fades is still true, if nothing moved
    )
    drift: float = 0.0  # variance of what a level moved since what its score rests on was said, of sigma^2
    widening: float = (
        1.0  # of sigma, from 1 on: its measure is around means that each rep's own voices pull along
    )

    def voices(self, voices: float) -> float:
        """Return as many voices of today as tell as much: 1 / (1 / (worth * V) + drift); above 0."""
        return 1 / (1 / (self.worth * voices) + self.drift)


TAKEN_FOR_VOICES = Certainty()


@dataclass(frozen=True, slots=True)
class VotesNow:
    """How many voices an organisation heard, and what they weigh by now."""

    relationships: int
    reps: int  # who have one
    voices: float  # sum v
    squares: float  # sum v^2


@dataclass(frozen=True, slots=True)
class ChangesOfRep:
    """What a rep's clients changed by from one half-year to the next: the mean loyalty of a client's answers in it, less that of
    the half-year before, of those who answered in both."""

    rep_id: Hashable
    half_year: int  # 0 is the latest
    clients: int
    total: float  # of their changes, in points
    squares: float  # likewise of the squares

    @property
    def mean(self) -> float:
        return self.total / self.clients

    @property
    def around(self) -> float:
        """Return the sum of squares around the rep's mean."""
        return max(0.0, self.squares - self.total * self.mean)


def certainty(votes: VotesNow, changes: Iterable[ChangesOfRep], sigma: float, half_life: float) -> Certainty:
    """Return how well scores tell where reps stand.

    worth = sum v / sum v^2 over the voices v of all relationships (Kish 1965: weighted answers tell as much as
    (sum v)^2 / sum v^2 equal ones). widening^2 = sum V / (sum V - reps / worth), the degrees of freedom of sigma. drift
    = D / sigma^2: a level that moves by chance adds q to its variance each day (a random walk); two neighbouring
    half-years then differ by q * 2/3 * 182 days, and what fades by half in h days lags behind by D = q * h / (2 ln 2).
    q is what the changes of clients between half-years differ from rep to rep more than they do within one (analysis of
    variance by moments, Searle 1971), each client compared with itself, and each half-year with what changed for all.
    It is drawn towards the usual one as far as changes within a rep blur it. With fewer than 30 relationships, or nobody
    who answered in two half-years, nothing is known yet. sigma: of core.scoring.reps.Field.
    """
    moved = _moved(changes)
    if moved is None or votes.relationships < SIGMA_NEEDS or votes.voices <= 0:
        return TAKEN_FOR_VOICES
    worth, widening = _worth(votes)
    within_usual = USUAL_DRIFT * sigma * sigma * _apart(half_life)
    blurred = within_usual / (within_usual + moved.noise)
    counts = moved.freedom * blurred * blurred
    own = moved.variance / (sigma * sigma * _apart(half_life))
    drift = max(0.0, (counts * own + USUAL_COUNTS * USUAL_DRIFT) / (counts + USUAL_COUNTS))
    return Certainty(worth, rounded(drift), widening)


def _apart(half_life: float) -> float:
    """Return the variance of the difference of two neighbouring half-years, of that by which fading lags behind."""
    return 2 / 3 * HALF_YEAR.days / (half_life / (2 * log(2)))


def _worth(votes: VotesNow) -> tuple[float, float]:
    """Return worth and widening."""
    worth = max(1.0, votes.voices / votes.squares)
    freed = votes.voices - votes.reps / worth
    widening = max(1.0, votes.voices / freed) ** 0.5 if freed > 0 else WIDEST
    return rounded(worth), rounded(min(widening, WIDEST))


@dataclass(frozen=True, slots=True)
class _Moved:
    """How the changes of reps' clients differ from rep to rep."""

    variance: float  # between reps, without what changes within a rep explain; below 0 by chance
    noise: float  # what those explain of it
    freedom: int  # degrees of freedom


def _moved(changes: Iterable[ChangesOfRep]) -> _Moved | None:
    """Return how changes between neighbouring half-years differ from rep to rep; None where too few clients answered in
    both."""
    by_half_year: defaultdict[int, list[ChangesOfRep]] = defaultdict(list)
    for each in changes:
        by_half_year[each.half_year].append(each)
    every = [each for reps in by_half_year.values() for each in reps]
    compared = [reps for reps in by_half_year.values() if len(reps) > 1]
    alone = sum(each.clients - 1 for each in every)
    if not compared or not alone:
        return None
    inside = fsum(each.around for each in every) / alone
    freedom = sum(len(reps) - 1 for reps in compared)
    among = fsum(_among(reps) for reps in compared) - freedom * inside
    sizes = fsum(_sizes(reps) for reps in compared)
    return _Moved(among / sizes, inside * freedom / sizes, freedom)


def _among(reps: Sequence[ChangesOfRep]) -> float:
    """Return the sum of squares between reps."""
    middle = fsum(each.total for each in reps) / sum(each.clients for each in reps)
    return fsum(each.clients * (each.mean - middle) ** 2 for each in reps)


def _sizes(reps: Sequence[ChangesOfRep]) -> float:
    """Return sum n - sum n^2 / sum n: by how much of the variance between reps their squares exceed chance."""
    sizes = [each.clients for each in reps]
    return sum(sizes) - sum(n * n for n in sizes) / sum(sizes)
