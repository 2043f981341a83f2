"""Is a rep who learns to guess told from one who does not? Reps whose learning is known.

    .venv/bin/python benchmarks/forecast.py --seed 2020

A client has a view of the rep on the scale of 1 to 5 (3.7 ± 0.8 over clients), and each of six ratings falls around it
(± 0.6, rounded, cut to 1..5). What clients usually say is 3.7 in each dimension. A rep meets --clients in turn and has an
impression of each: the client's view, plus how much this rep overestimates (--begins, in points), plus a misjudgement
(± 0.5) that stays with the client; with --fresh it is another one in each meeting. A rep who learns loses both evenly
over fifteen meetings; one who does not keeps both. Each of six guesses falls around the impression (± 0.5, rounded, cut).

Printed for several numbers of meetings, and for several strengths of learning within twenty: how often who learns is told,
by the skill that rises, by guesses that are less and less too high, or by either; how often who does not learn is told all
the same; and how often without learning the range of the slope of the skill holds zero, that of the correction does, and that
of the skill holds the true one (80 % is right), which is worked out of 20,000 guesses.
"""

import argparse
import random
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from statistics import fmean

from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST, Means
from feedback.core.gaps.forecast import Forecast, Guess, Trend, forecast

BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
LEVEL, OVER_CLIENTS, OVER_RATINGS = 3.7, 0.8, 0.6
CLIENTS, MISJUDGES, OVER_GUESSES, LEARNT_IN = 8, 0.5, 0.5, 15
MEETINGS = (8, 12, 20, 40, 60)
BEGINS, STRENGTHS, WITHIN = 1.0, (0.25, 0.5, 0.75, 1.0, 1.5, 2.0), 20
LONG = 20_000  # guesses, for the true skill


def six(rng: random.Random, around: float, spread: float) -> Means:
    return tuple(float(min(HIGHEST, max(LOWEST, round(rng.gauss(around, spread))))) for _ in DIMENSIONS)


@dataclass(frozen=True)
class World:
    """How a rep's guesses come about."""

    clients: int = CLIENTS
    begins: float = BEGINS
    fresh: bool = False

    def guesses(self, rng: random.Random, meetings: int, *, learns: bool) -> list[Guess]:
        views = [rng.gauss(LEVEL, OVER_CLIENTS) for _ in range(self.clients)]
        misjudged = [rng.gauss(0, MISJUDGES) for _ in range(self.clients)]
        usual: Means = (LEVEL,) * len(DIMENSIONS)
        guesses = []
        for m in range(meetings):
            who, left = m % self.clients, max(0.0, 1 - m / LEARNT_IN) if learns else 1.0
            wrong = rng.gauss(0, MISJUDGES) if self.fresh else misjudged[who]
            impression = views[who] + left * (self.begins + wrong)
            said, guessed = six(rng, views[who], OVER_RATINGS), six(rng, impression, OVER_GUESSES)
            guesses.append(Guess(who, BEGAN + timedelta(days=m), said, guessed, usual))
        return guesses

    def lives(self, rng: random.Random, meetings: int, reps: int, *, learns: bool) -> list[Forecast]:
        """What is said of so many reps."""
        every = (forecast(self.guesses(rng, meetings, learns=learns)) for _ in range(reps))
        return [found for found in every if found]

    def true_skill(self) -> float:
        """The skill over endlessly many clients, without learning."""
        many = World(LONG, self.begins, self.fresh).guesses(random.Random(1), LONG, learns=False)
        own = sum(abs(c - m) for each in many for c, m in zip(each.client, each.mirror, strict=True))
        usual = sum(abs(c - u) for each in many for c, u in zip(each.client, each.usual, strict=True))
        return 1 - own / usual


@dataclass(frozen=True)
class Shares:
    """Shares of reps, 0..1."""

    told_by_skill: float
    told_by_correction: float
    told: float  # by either
    told_falsely: float  # who does not learn
    slope_held: float
    correction_held: float
    skill_held: float

    def row(self, first: object) -> str:
        every = astuple(self)
        return f"| {first} | {' | '.join(f'{100 * share:.1f} %' for share in every)} |"


def shares(rng: random.Random, world: World, meetings: int, reps: int) -> Shares:
    """Return how many are told, and how many of those who do not learn have ranges that hold the truth."""
    learners = world.lives(rng, meetings, reps, learns=True)
    others = world.lives(rng, meetings, reps, learns=False)
    true = world.true_skill()
    return Shares(
        fmean(found.trend is Trend.RISING for found in learners),
        fmean(found.corrects for found in learners),
        fmean(found.trend is Trend.RISING or found.corrects for found in learners),
        fmean(found.trend is Trend.RISING or found.corrects for found in others),
        fmean(found.trend is Trend.STEADY for found in others),
        fmean(found.correction.low <= 0 <= found.correction.high for found in others),
        fmean(found.skill is not None and found.skill.low <= true <= found.skill.high for found in others),
    )


def show(title: str, rows: Iterable[tuple[object, Shares]]) -> None:
    print(
        f"| {title} | told by the skill | by the correction | by either | who does not learn is told | slope holds zero "
        "| correction holds zero | skill's range holds it |"
    )
    print("| ---: |" + " ---: |" * len(fields(Shares)))
    for first, found in rows:
        print(found.row(first))
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--reps", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--begins", type=float, default=BEGINS)
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    world, rng = World(options.clients, options.begins, options.fresh), random.Random(options.seed)
    print(f"{options.reps:,} reps of each kind, seed {options.seed}; begins {world.begins} too high.\n")
    show("meetings", ((m, shares(rng, world, m, options.reps)) for m in MEETINGS))
    print(f"Within {WITHIN} meetings.\n")
    show(
        "begins too high by",
        ((b, shares(rng, replace(world, begins=b), WITHIN, options.reps)) for b in STRENGTHS),
    )


if __name__ == "__main__":
    main()
