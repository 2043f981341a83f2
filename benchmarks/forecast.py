"""Is a rep who learns to guess told from one who does not? Reps whose learning is known.

    .venv/bin/python benchmarks/forecast.py --seed 2020

A client has a view of the rep on the scale of 1 to 5 (3.7 ± 0.8 over clients), and each of six ratings falls around it
(± 0.6, rounded, cut to 1..5). What clients usually say is 3.7 in each dimension. A rep meets --clients in turn and has an
impression of each: the client's view, plus how much this rep overestimates (--begins, in points), plus a misjudgement
(± 0.5) that stays with the client; with --fresh it is another one in each meeting. A rep who learns loses both evenly
over fifteen meetings; one who does not keeps both. Each of six guesses falls around the impression (± 0.5, rounded, cut).

Printed for several numbers of meetings: how often the range of the learning is above zero for those who learn (told),
and how often it holds zero for those who do not (80 % is right).
"""

import argparse
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST, Means
from feedback.core.gaps.forecast import Forecast, Guess, Trend, forecast

BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
LEVEL, OVER_CLIENTS, OVER_RATINGS = 3.7, 0.8, 0.6
CLIENTS, BEGINS, MISJUDGES, OVER_GUESSES, LEARNT_IN = 8, 2.0, 0.5, 0.5, 15
MEETINGS = (8, 12, 20, 40, 60)


def six(rng: random.Random, around: float, spread: float) -> Means:
    return tuple(float(min(HIGHEST, max(LOWEST, round(rng.gauss(around, spread))))) for _ in DIMENSIONS)


@dataclass(frozen=True)
class World:
    """How a rep's guesses come about."""

    clients: int = CLIENTS
    begins: float = BEGINS
    fresh: bool = False

    def life(self, rng: random.Random, meetings: int, *, learns: bool) -> Forecast | None:
        """A rep's guesses, as forecast sees them."""
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
        return forecast(guesses)


def shares(rng: random.Random, world: World, meetings: int, reps: int) -> tuple[float, float]:
    """Of those who learn the share that is told, and of those who do not the share whose range holds zero."""
    learners = [world.life(rng, meetings, learns=True) for _ in range(reps)]
    others = [world.life(rng, meetings, learns=False) for _ in range(reps)]
    told = sum(found is not None and found.trend is Trend.RISING for found in learners)
    held = sum(found is not None and found.trend is Trend.STEADY for found in others)
    return told / reps, held / reps


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--reps", type=int, default=4000)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--begins", type=float, default=BEGINS)
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    world = World(options.clients, options.begins, options.fresh)
    rng = random.Random(options.seed)
    print(f"{options.reps:,} reps of each kind, seed {options.seed}.\n")
    print("| meetings | who learns is told | range holds zero without learning |")
    print("| ---: | ---: | ---: |")
    for meetings in MEETINGS:
        told, held = shares(rng, world, meetings, options.reps)
        print(f"| {meetings} | {100 * told:.1f} % | {100 * held:.1f} % |")


if __name__ == "__main__":
    main()
