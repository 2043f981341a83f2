"""A small version of benchmarks/evidence.py: verdicts on organisations whose truth is planted."""

import importlib.util
import sys
from pathlib import Path

from feedback.core.evidence.claims import Claim


def test_verdicts_are_those_that_were_planted():
    path = Path(__file__).parents[3] / "benchmarks" / "evidence.py"
    spec = importlib.util.spec_from_file_location("planted_worlds", path)
    worlds = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(worlds)
    worlds.MEASURED = 200
    tallies = worlds.simulate(8, 7, looks=(400, 2880))
    for claim in Claim:
        tally = tallies[claim]
        assert len(tally.ends) >= (2 if claim in (Claim.BEST_UNDERESTIMATE, Claim.FINE_BEFORE_LOSS) else 7), (
            claim
        )
        assert sum(tally.ends) >= 0.95 * len(tally.ends), claim
