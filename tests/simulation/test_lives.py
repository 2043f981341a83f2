"""Lives that hold: two organisations each, on bad lines, among cheats, with crashes at any commit."""

from simulation.life import Stage
from simulation.organisation import FEW

SEEDS = range(1, 11)
YEARS = 1.0  # of each of the two organisations of a life


def test_twenty_organisation_years_hold(stage: Stage):
    for seed in SEEDS:
        lived = stage.live(seed, YEARS, sizes=FEW)
        assert lived.answers > 10
        assert lived.failed > 0
