"""Are the verdicts of "What is true here" right? Organisations whose truth is planted, some true and some false.

    .venv/bin/python benchmarks/evidence.py --seed 2020

Each organisation has 12 reps with 16 accounts each; at every account the rep meets two people, and at every other one a
colleague meets a third. All meetings (six of each relationship) happen in random order. A client's view of a rep is 3.6,
plus what the rep is like, plus what is sold to the account, plus what is between the two (± 0.3); each of six ratings falls
around it (± 0.5, rounded, cut to 1..5). The rep guesses that view, off by a habit of the rep's and by something of each
dimension that stays, and each guess falls around that (± 0.25). For each claim a coin decides whether it is planted true or
false, and how:

- *gaps*: what stays of a wrong guess is ± 1.0, or ± 0.1. What share of relationships has a real gap is measured on 2,000
  others for either and each habit of guessing, after three meetings, and printed: that is the truth.
- *best underestimate* (true where both are off by more than 0.25 once cut to 1..5, over all that they could rate): the best third of reps guess 0.5 too low and the weakest 0.5 too high; or all alike guess 0.1 too
  high, or it is the best who guess too high.
- *satisfied and lost*: of clients lost, three in four had said Fine or better last; or one in four.
- *loyal bring more*: accounts of loyal clients are worth three times the others (a spread of 0.8 in logarithms); or the same.
- *person*: reps differ by ± 0.5, what is sold to accounts by ± 0.15; or the other way round.
- *fine before loss*: after a lukewarm answer clients are lost three times as often as after a better one (0.45, 0.15); or as
  often (0.3).

Losses are drawn by the mood of the last answer. As in a lukewarm world four in ten last answers are lukewarm, three in ten
low, moods are planted for the outcomes and do not follow from the ratings of the meetings.

Each organisation is looked at when it has 50, 100, 200 ... answers, as a nightly job would; every look counts. *Decided*:
organisations with a verdict at the end. *Right*: of the looks with a verdict, and of the organisations at the end. *Answers*:
how many there were at the first verdict, the median and the 90th percentile of the organisations that got one.
"""

import argparse
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from itertools import count, product
from math import exp, log
from statistics import NormalDist, fmean, median
from uuid import UUID

from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST, Ratings
from feedback.core.evidence.claims import Claim, ClaimFinding, ClaimVerdict
from feedback.core.evidence.claims_business import LOYAL_FROM, ValuedAccount, business_finding
from feedback.core.evidence.claims_outcomes import (
    EndedClient,
    LastAnswer,
    Mood,
    lukewarm_finding,
    satisfied_finding,
)
from feedback.core.evidence.claims_person import LoyalRelationship, person_finding
from feedback.core.evidence.claims_relationships import (
    GuessedRelationship,
    RepGaps,
    gaps_finding,
    in_halves,
    underestimate_finding,
)
from feedback.core.scoring.points import EPOCH, Scoring
from feedback.core.scoring.relationships import Moment, Numbers, relationship_numbers

REPS, ACCOUNTS, MEETINGS = 12, 16, 6
LEVEL, BETWEEN, RATINGS, GUESSES = 3.6, 0.3, 0.5, 0.25
LOOKS = (50, 100, 200, 400, 800, 1600, REPS * ACCOUNTS * 5 // 2 * MEETINGS)
SCORING = Scoring(90)
MEASURED = 2000  # relationships, for the share with a gap
HABITS, STAY = ("best_low", "alike", "best_high"), (0.1, 1.0)
MOODS = {
    Mood.LUKEWARM: ((3, 3, 4, 3, 4, 3), 0.4),
    Mood.LOW: ((2, 1, 3, 2, 2, 2), 0.3),
    Mood.BETTER: ((5, 4, 5, 4, 4, 5), 0.3),
}


@dataclass(frozen=True)
class Planted:
    """What is true of one organisation."""

    truth: dict[Claim, bool]
    habit: str  # of guessing, one of HABITS
    stays: float  # of a wrong guess, one of STAY

    @property
    def spreads(self) -> tuple[float, float]:
        return (0.5, 0.15) if self.truth[Claim.PERSON_NOT_PRODUCT] else (0.15, 0.5)

    def chance(self, mood: Mood) -> float:
        """Of being lost after such a last answer."""
        lukewarm, better = (0.45, 0.15) if self.truth[Claim.FINE_BEFORE_LOSS] else (0.3, 0.3)
        fine = MOODS[Mood.LUKEWARM][1] * lukewarm + MOODS[Mood.BETTER][1] * better
        odds = 1 / 3 if self.truth[Claim.SATISFIED_AND_LOST] else 3.0
        low = min(0.95, fine * odds / MOODS[Mood.LOW][1])
        scale = low / (fine * odds / MOODS[Mood.LOW][1])  # where all low are lost already, fewer others are
        return {Mood.LUKEWARM: lukewarm * scale, Mood.BETTER: better * scale, Mood.LOW: low}[mood]


@dataclass
class Pair:
    """A relationship, and what is planted in it."""

    rep: int
    account: int
    contact: UUID
    view: float
    place: float  # of the rep among reps: 0 for the weakest, below 1
    habit: float
    stays: list[float]
    history: list[Moment] = field(default_factory=list)
    numbers: Numbers = field(default_factory=Numbers)
    fresh: bool = True


@dataclass(frozen=True)
class End:
    """What an account is worth and comes to."""

    client: EndedClient
    spread: float


def off(habit: str, place: float) -> float:
    """How far a rep guesses too high; place: 0 for the weakest rep, 1 for the best."""
    if habit == "alike":
        return 0.1
    tilt = 0.5 if place < 1 / 3 else -0.5 if place >= 2 / 3 else 0.0
    return tilt if habit == "best_low" else -tilt


def plant(rng: random.Random) -> Planted:
    truth = {claim: rng.random() < 0.5 for claim in Claim}
    habit, stays = HABITS[0] if truth[Claim.BEST_UNDERESTIMATE] else rng.choice(HABITS[1:]), rng.choice(STAY)
    return Planted(truth | {Claim.GAPS: share_with_gap(stays, habit) > 0.5}, habit, stays)


def rated(rng: random.Random, around: Iterable[float], spread: float) -> Ratings:
    return tuple(min(HIGHEST, max(LOWEST, round(rng.gauss(each, spread)))) for each in around)


def met(rng: random.Random, pair: Pair, day: float) -> None:
    client = rated(rng, [pair.view] * len(DIMENSIONS), RATINGS)
    mirror = rated(rng, (pair.view + pair.habit + each for each in pair.stays), GUESSES)
    pair.history.append(Moment(EPOCH + timedelta(days=day), client, mirror))
    pair.fresh = True


def pairs_of(rng: random.Random, planted: Planted) -> list[Pair]:
    over_reps, over_accounts = planted.spreads
    reps = [rng.gauss(0, over_reps) for _ in range(REPS)]
    place = {rep: at / REPS for at, rep in enumerate(sorted(range(REPS), key=reps.__getitem__))}
    found, ids = [], count(1)
    for account in range(REPS * ACCOUNTS):
        own, sold = account % REPS, rng.gauss(0, over_accounts)
        for rep in (own, own, *([rng.randrange(REPS)] if account % 2 else [])):
            found.append(
                Pair(
                    rep,
                    account,
                    UUID(int=next(ids)),
                    LEVEL + reps[rep] + sold + rng.gauss(0, BETWEEN),
                    place[rep],
                    off(planted.habit, place[rep]),
                    [rng.gauss(0, planted.stays) for _ in DIMENSIONS],
                )
            )
    return found


def expected(around: float, spread: float) -> float:
    """The mean of ratings that fall around something, rounded and cut to 1..5."""
    steps = NormalDist(around, spread)
    return LOWEST + sum(1 - steps.cdf(rating - 0.5) for rating in range(LOWEST + 1, HIGHEST + 1))


def underestimated(pairs: Sequence[Pair]) -> bool:
    """Whether the best third of reps guess more than 0.25 too low, and the weakest more than 0.25 too high."""
    by_place: dict[int, list[float]] = {0: [], 1: [], 2: []}
    for pair in pairs:
        guesses = [expected(pair.view + pair.habit + each, GUESSES) for each in pair.stays]
        by_place[min(2, int(pair.place * 3))].append(fmean(guesses) - expected(pair.view, RATINGS))
    return fmean(by_place[2]) < -0.25 and fmean(by_place[0]) > 0.25


def ends_of(rng: random.Random, planted: Planted) -> list[End]:
    moods = list(MOODS)
    found = []
    for account in range(REPS * ACCOUNTS):
        mood = rng.choices(moods, [MOODS[each][1] for each in moods])[0]
        ratings = MOODS[mood][0]
        said = LastAnswer(UUID(int=1 + account % REPS), ratings, lukewarm=mood is Mood.LUKEWARM)
        found.append(End(EndedClient(rng.random() < planted.chance(mood), said), rng.gauss(0, 0.8)))
    return found


def findings(pairs: Sequence[Pair], ends: Sequence[End], planted: Planted) -> list[ClaimFinding]:
    """What the product says when it has heard so much."""
    for pair in pairs:
        if pair.fresh:
            pair.numbers, pair.fresh = relationship_numbers(pair.history, SCORING), False
    known = [pair for pair in pairs if pair.numbers.loyalty is not None]
    of_rep = {rep: [pair for pair in known if pair.rep == rep] for rep in range(REPS)}
    real = {
        rep: [p.numbers.real_gap for p in some if p.numbers.real_gap is not None]
        for rep, some in of_rep.items()
    }
    loyal = sorted(
        (LoyalRelationship(UUID(int=p.account), UUID(int=p.rep), p.numbers.loyalty or 0.0) for p in known),
        key=lambda each: each.account_id,
    )
    clients = [end.client for end in ends]
    return [
        gaps_finding(RepGaps(len(gaps), sum(gaps)) for gaps in real.values()),
        underestimate_finding(
            in_halves(
                UUID(int=rep),
                [
                    GuessedRelationship(UUID(int=p.account), p.numbers.loyalty or 0.0, p.numbers.bias or 0.0)
                    for p in some
                ],
            )
            for rep, some in of_rep.items()
        ),
        satisfied_finding(clients),
        business_finding(accounts_of(known, ends, planted)),
        person_finding(loyal),
        lukewarm_finding(clients),
    ]


def accounts_of(known: Sequence[Pair], ends: Sequence[End], planted: Planted) -> list[ValuedAccount]:
    times = 3.0 if planted.truth[Claim.LOYAL_BRING_MORE] else 1.0
    heard: dict[int, list[float]] = {}
    for pair in known:
        heard.setdefault(pair.account, []).append(pair.numbers.loyalty or 0.0)
    found = []
    for account, loyalties in heard.items():
        if account < len(ends):
            loyalty = sum(loyalties) / len(loyalties)
            value = exp(log(20_000) + ends[account].spread) * (times if loyalty >= LOYAL_FROM else 1.0)
            found.append(ValuedAccount(value, loyalty, frozenset([UUID(int=account % REPS)])))
    return found


@dataclass
class ClaimTally:
    """What was said of one claim, over organisations."""

    looks: list[bool] = field(default_factory=list)  # with a verdict, whether it was right
    ends: list[bool] = field(default_factory=list)  # likewise at the last look
    first: list[int] = field(default_factory=list)  # answers at the first verdict

    def read(self, said: Sequence[tuple[int, ClaimVerdict]], truth: bool) -> None:
        decided = [
            (answers, (v is ClaimVerdict.HOLDS) == truth)
            for answers, v in said
            if v is not ClaimVerdict.TOO_EARLY
        ]
        self.looks += [right for _, right in decided]
        self.first += [answers for answers, _ in decided[:1]]
        if said and said[-1][1] is not ClaimVerdict.TOO_EARLY:
            self.ends.append(decided[-1][1])


def simulate(organisations: int, seed: int, looks: Sequence[int] = LOOKS) -> dict[Claim, ClaimTally]:
    """Return what was said of each claim."""
    tallies = {claim: ClaimTally() for claim in Claim}
    for number in range(organisations):
        rng = random.Random(f"{seed} {number}")
        planted = plant(rng)
        pairs, ends = pairs_of(rng, planted), ends_of(rng, planted)
        meetings = [pair for pair in pairs for _ in range(MEETINGS)]
        rng.shuffle(meetings)
        said: dict[Claim, list[tuple[int, ClaimVerdict]]] = {claim: [] for claim in Claim}
        held = 0
        for look in (each for each in looks if each <= len(meetings)):
            for day, pair in enumerate(meetings[held:look], start=held):
                met(rng, pair, day / 10)
            held = look
            for finding in findings(pairs, ends[: len(ends) * look // len(meetings)], planted):
                said[finding.claim].append((look, finding.verdict))
        truth = planted.truth | {Claim.BEST_UNDERESTIMATE: underestimated(pairs)}
        for claim, each in said.items():
            tallies[claim].read(each, truth[claim])
    return tallies


@cache
def share_with_gap(stays: float, habit: str) -> float:
    """The share of relationships with a real gap after three meetings."""
    rng, gaps = random.Random(f"{stays} {habit}"), []
    for n in range(MEASURED):
        view = LEVEL + rng.gauss(0, 0.52) + rng.gauss(0, BETWEEN)
        pair = Pair(
            0, n, UUID(int=n), view, 0.0, off(habit, rng.random()), [rng.gauss(0, stays) for _ in DIMENSIONS]
        )
        for day in range(3):
            met(rng, pair, float(day))
        gaps.append(bool(relationship_numbers(pair.history, SCORING).real_gap))
    return sum(gaps) / len(gaps)


def percent(part: Sequence[bool]) -> str:
    return f"{100 * sum(part) / len(part):.1f} %" if part else "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--organisations", type=int, default=200)
    options = parser.parse_args()
    for stays, habit in product(STAY, HABITS):
        print(
            f"Wrong by ± {stays}, habit {habit}: {100 * share_with_gap(stays, habit):.0f} % with a real gap."
        )
    print(f"\n{options.organisations} organisations, seed {options.seed}.\n")
    print(
        "| Claim | decided at the end | right at the end | wrong | looks with a verdict | right | answers, median | 90 % |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for claim, tally in simulate(options.organisations, options.seed).items():
        first = sorted(tally.first)
        wrong = [not right for right in tally.ends]
        print(
            f"| {claim} | {len(tally.ends)} | {percent(tally.ends)} | {percent(wrong)} | {len(tally.looks)} ",
            end="",
        )
        print(f"| {percent(tally.looks)} | {median(first):.0f} | {first[int(0.9 * (len(first) - 1))]} |")


if __name__ == "__main__":
    main()
