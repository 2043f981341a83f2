"""python -m simulation --seed 1 --years 20: lives of a year with two organisations, one after the other."""

import argparse
import gc
import resource
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from simulation.life import Found, Life, Stage
from simulation.organisation import BUSY, SIZES

ORGANISATIONS = 2  # of a life
LONGEST = 1.0  # years of a life


@cache
def _stage() -> Stage:
    stage = Stage(Path(tempfile.mkdtemp(prefix="simulation-")))
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)  # collected less often, as in an import
    return stage


def _live(seed: int, years: float, busy: bool) -> Life | str:
    try:
        return _stage().live(seed, years, sizes=(BUSY,) if busy else SIZES)
    except Found as found:
        return str(found)


def main() -> int:
    """Live the lives that are asked for; return how many did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument(
        "--years", type=float, default=2, help="organisation-years; two organisations live at once"
    )
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--each", type=float, default=LONGEST, help="years of a life, at most")
    parser.add_argument("--busy", action="store_true", help="all organisations are busy")
    parser.add_argument(
        "--until-found", action="store_true", help="one after the other, up to the first that does not hold"
    )
    asked = parser.parse_args()
    lives = max(1, round(asked.years / ORGANISATIONS / asked.each))
    each = min(asked.each, asked.years / ORGANISATIONS)
    broken = 0
    every = range(asked.seed, asked.seed + lives), [each] * lives, [asked.busy] * lives
    with ProcessPoolExecutor(asked.processes) as pool:
        for went in map(_live, *every) if asked.until_found else pool.map(_live, *every):
            print(went, flush=True)
            broken += isinstance(went, str)
            if broken and asked.until_found:
                break
    who = resource.RUSAGE_SELF if asked.until_found else resource.RUSAGE_CHILDREN
    seconds = resource.getrusage(who).ru_utime
    print(f"{lives} lives, {broken} broken, {seconds:.0f} s of a processor")
    return min(broken, 1)


if __name__ == "__main__":
    sys.exit(main())
