"""How often does a lucky newcomer lead the board? A year of simulated reps whose true loyalty is known.

    .venv/bin/python benchmarks/newcomer.py --seed 2020

Each organisation has 14 seasoned reps with 8 to 20 clients and half a year behind them, and 6 newcomers who
join at some time in the year with one client and win another every second week or so. A client is met every
six weeks or so and answers seven times in ten. A rep has a level on the scale of 1 to 5 (3.7 ± 0.35 over
reps), a client a view of that rep (± 0.8 over clients), and each of six ratings falls around that view (± 0.6,
rounded, cut to 1..5): clients differ about as much more than reps as in the real ratings of validity.py (k
near 6 here, 5.3 there). A rep's true loyalty is the mean that endlessly many such clients would give, and
never changes: so what fades is lost for nothing here, which is to our disadvantage.

Every board is read at the end of every week. A *lucky newcomer* leads it when its first has at most five
answers and is not the truly best of all reps that were answered at all. Whether the truly best is among a
board's first three is asked of all those reps (where one not ranked yet is missing) and of those it ranks. The ranges of ranks
hold in a week where they hold the true rank of each rep that is ranked, among those that are.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import hypot
from statistics import NormalDist, fmean

from feedback.core.alerts.reasons import meeting_loyalty
from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST, Ratings
from feedback.core.scoring.leaderboard import RepStanding, rep_standings, with_rank_ranges
from feedback.core.scoring.points import EPOCH, HALF_LIFE_DAYS, Scoring, points, weight
from feedback.core.scoring.ranking import VOICES_TO_RANK
from feedback.core.scoring.relationships import Moment, Numbers, relationship_numbers
from feedback.core.scoring.sums import sum_numbers

WEEKS_BEFORE, WEEKS = 26, 52
SEASONED, NEWCOMERS = 14, 6
FEW = 5
LEVEL, OVER_REPS, OVER_CLIENTS, OVER_RATINGS = 3.7, 0.35, 0.8, 0.6
MET, ANSWERS, WINS_A_CLIENT, MOST_CLIENTS = 1 / 6, 0.7, 1 / 2, 20


@dataclass
class Client:
    view: float
    history: list[Moment] = field(default_factory=list)
    numbers: Numbers = field(default_factory=Numbers)


@dataclass
class Rep:
    level: float
    joins: int
    clients: list[Client]
    answers: list[float] = field(default_factory=list)  # each answer's points

    @property
    def true_loyalty(self) -> float:
        ratings = NormalDist(self.level, hypot(OVER_CLIENTS, OVER_RATINGS))
        steps = [ratings.cdf(r + 0.5) for r in range(LOWEST, HIGHEST)]
        shares = [b - a for a, b in zip([0.0, *steps], [*steps, 1.0], strict=True)]
        return sum(share * points(r) for r, share in enumerate(shares, start=LOWEST))


def hire(rng: random.Random, joins: int, clients: int) -> Rep:
    level = rng.gauss(LEVEL, OVER_REPS)
    return Rep(level, joins, [Client(rng.gauss(level, OVER_CLIENTS)) for _ in range(clients)])


def rate(rng: random.Random, view: float) -> Ratings:
    return tuple(min(HIGHEST, max(LOWEST, round(rng.gauss(view, OVER_RATINGS)))) for _ in DIMENSIONS)


def work_a_week(rng: random.Random, rep: Rep, week: int) -> None:
    if rep.joins and len(rep.clients) < MOST_CLIENTS and rng.random() < WINS_A_CLIENT:
        rep.clients.append(Client(rng.gauss(rep.level, OVER_CLIENTS)))
    for client in rep.clients:
        if rng.random() < MET * ANSWERS:
            held_at = EPOCH + timedelta(weeks=week, days=rng.uniform(0, 7))
            ratings = rate(rng, client.view)
            client.history.append(Moment(held_at, ratings))
            client.numbers = relationship_numbers(client.history, Scoring(HALF_LIFE_DAYS))
            rep.answers.append(meeting_loyalty(ratings) or 0.0)


@dataclass
class Tally:
    """What is counted of one kind of board, a list entry a week."""

    lucky: list[bool] = field(default_factory=list)
    best_in_three: list[bool] = field(default_factory=list)
    best_ranked_in_three: list[bool] = field(default_factory=list)

    def read(self, board: Sequence[int], reps: Sequence[Rep]) -> None:
        """board: indices of reps, the first first."""
        best = best_of(reps, [n for n, rep in enumerate(reps) if rep.answers])
        self.lucky.append(board[0] != best and len(reps[board[0]].answers) <= FEW)
        self.best_in_three.append(best in board[:3])
        self.best_ranked_in_three.append(best_of(reps, board) in board[:3])


def best_of(reps: Sequence[Rep], some: Sequence[int]) -> int:
    return max(some, key=lambda n: reps[n].true_loyalty)


def read_boards(reps: Sequence[Rep], week: int, tallies: dict[str, Tally]) -> list[RepStanding]:
    now = weight(EPOCH + timedelta(weeks=week + 1), HALF_LIFE_DAYS)
    numbers = {n: [client.numbers for client in rep.clients] for n, rep in enumerate(reps)}
    sums = {n: sum_numbers(each) for n, each in numbers.items()}
    rows, found = rep_standings({n: str(n) for n in numbers}, sums, {}, now)
    ranked = [row.rep_id for row in rows if row.rank is not None]
    raw = sorted((n for n in numbers if reps[n].answers), key=lambda n: -fmean(reps[n].answers))
    three = [
        n for n in raw if sum(client.numbers.answers > 0 for client in reps[n].clients) >= VOICES_TO_RANK
    ]
    boards = {"Raw mean": raw, f"Raw mean, from {VOICES_TO_RANK:.0f} clients": three, "Ours": ranked}
    for name, board in boards.items():
        tallies.setdefault(name, Tally()).read(board, reps)
    return with_rank_ranges([row for row in rows if row.rank is not None], found.sigma)


def hold_together(rows: Sequence[RepStanding], reps: Sequence[Rep]) -> bool:
    """Whether all true ranks are within their ranges."""
    order = sorted((row.rep_id for row in rows), key=lambda n: -reps[n].true_loyalty)
    true = {n: rank for rank, n in enumerate(order, start=1)}
    return all(row.rank_low <= true[row.rep_id] <= row.rank_high for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--organisations", type=int, default=40)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    tallies: dict[str, Tally] = {}
    held: list[bool] = []
    together: list[bool] = []
    widths: list[int] = []
    for _ in range(options.organisations):
        reps = [hire(rng, 0, rng.randint(8, 20)) for _ in range(SEASONED)]
        reps += [hire(rng, WEEKS_BEFORE + rng.randrange(WEEKS), 1) for _ in range(NEWCOMERS)]
        for week in range(WEEKS_BEFORE + WEEKS):
            for rep in reps:
                if rep.joins <= week:
                    work_a_week(rng, rep, week)
            if week >= WEEKS_BEFORE:
                rows = read_boards(reps, week, tallies)
                together.append(hold_together(rows, reps))
                widths += [row.rank_high - row.rank_low + 1 for row in rows]
                for row in rows:
                    held.append(row.score.low <= reps[row.rep_id].true_loyalty <= row.score.high)
    weeks = len(tallies["Ours"].lucky)
    print(f"{options.organisations} organisations, {weeks:,} weeks, seed {options.seed}.\n")
    print("| Board | a lucky newcomer leads | truly best in first three | of those ranked |")
    print("| --- | ---: | ---: | ---: |")
    for name, tally in tallies.items():
        shares = (tally.lucky, tally.best_in_three, tally.best_ranked_in_three)
        print(f"| {name} | {' | '.join(f'{100 * fmean(share):.1f} %' for share in shares)} |")
    share = 100 * fmean(held)
    print(f"\nThe 80 % range held the true loyalty of {share:.1f} % of {len(held):,} ranked standings.")
    print(
        f"The ranges of ranks held all true ranks in {100 * fmean(together):.1f} % of {len(together):,} weeks; "
        f"a range had {fmean(widths):.1f} ranks on average."
    )


if __name__ == "__main__":
    main()
