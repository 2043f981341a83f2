"""What do the ranges of ranks of a board cost?

    .venv/bin/python benchmarks/rank_ranges.py

Boards of 20, 60, 300 and 1,000 reps, with true scores around 65 (± 8), 3 to 40 voices each, and what clients said around them.
Prints the median and the least processor time of one board's ranges: the same functions as on a page and when a week is frozen.
The numbers that are drawn are drawn once in a process, and are not in it. A few seconds in all.
"""

import argparse
import random
import time
from statistics import median

from example import as_served
from figures import note

from feedback.core.scoring.drift import USUAL_DRIFT, Certainty
from feedback.core.scoring.rank_ranges import rank_ranges
from feedback.core.scoring.reps import PRIOR_VOICES, Field

SIZES = (20, 60, 300, 1000)
MU, OVER_REPS, SIGMA, VOICES = 65.0, 8.0, 18.0, (3.0, 40.0)
FIELD, KNOWN = Field(MU, SIGMA), Certainty(1.2, USUAL_DRIFT, 1.05)
MOST, AT = 20, 1000  # milliseconds that are wanted, of so many reps


def board(dice: random.Random, reps: int) -> list[tuple[int, float, float]]:
    """(rep, score, voices), the best first."""
    rows = []
    for rep in range(reps):
        voices = dice.uniform(*VOICES)
        said = dice.gauss(dice.gauss(MU, OVER_REPS), SIGMA / voices**0.5)
        rows.append((rep, (voices * said + PRIOR_VOICES * MU) / (voices + PRIOR_VOICES), voices))
    return sorted(rows, key=lambda row: -row[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=2020)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    print(f"| ranges of ranks, {options.rounds} boards each | median | least |\n| --- | ---: | ---: |")
    for reps in SIZES:
        times = []
        for round_ in range(options.rounds + 1):
            rows = board(dice, reps)
            if not round_:
                rank_ranges(rows, FIELD, KNOWN)  # draws the numbers
                as_served()
            began = time.process_time()
            rank_ranges(rows, FIELD, KNOWN)
            times.append((time.process_time() - began) * 1000)
        print(f"| {reps:,} reps | {median(times):.1f} ms | {min(times):.1f} ms |", flush=True)
        if reps == AT:
            note(f"ranges of ranks of {reps:,} reps", median(times), "ms", most=MOST)


if __name__ == "__main__":
    main()
