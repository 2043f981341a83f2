"""How often does a lucky newcomer lead the board? A year of simulated reps whose true loyalty is known.

    .venv/bin/python benchmarks/newcomer.py --seed 2020

Each organisation has 14 seasoned reps with 8 to 20 clients and half a year behind them, and 6 newcomers who
join at some time in the year with one client and win another every second week or so. A client is met every
six weeks or so and answers seven times in ten. A rep has a level on the scale of 1 to 5 (3.7 ± 0.35 over
reps), a client a view of that rep (± 0.8 over clients), and each of six ratings falls around that view (± 0.6,
rounded, cut to 1..5): clients differ about as much more than reps as in the real ratings of validity.py (k
near 6 here, 5.3 there). A rep's true loyalty is the mean that endlessly many such clients would give that week.

There are two worlds (--halves). In one the level of a rep goes half of the way back to the usual within 104 weeks, and
somewhere else by chance: there a half-life of 90 days misses the true loyalty least (--half-life; "misses" is printed),
so that what fades is of no use any more. In the other (0) no rep ever changes: what fades is lost for nothing.

Every board is read at the end of every week. A *lucky newcomer* leads it when its first has at most five
answers and is not the truly best of all reps that were answered at all. Whether the truly best is among a
board's first three is asked of all those reps (where one not ranked yet is missing) and of those it ranks. The ranges
of ranks hold in a week where they hold the true rank of each rep that is ranked, among those that are.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import fsum, hypot, sqrt
from statistics import NormalDist, fmean

from feedback.core.alerts.reasons import meeting_loyalty
from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST, Ratings
from feedback.core.scoring.drift import HALF_YEAR, HALF_YEARS, Certainty, ChangesOfRep, VotesNow, certainty
from feedback.core.scoring.leaderboard import RepStanding, rep_standings, with_rank_ranges
from feedback.core.scoring.points import EPOCH, HALF_LIFE_DAYS, Scoring, points, weight
from feedback.core.scoring.ranking import VOICES_TO_RANK
from feedback.core.scoring.relationships import Moment, Numbers, relationship_numbers
from feedback.core.scoring.reps import Field
from feedback.core.scoring.sums import sum_numbers

WEEKS_BEFORE, WEEKS = 26, 52
SEASONED, NEWCOMERS = 14, 6
FEW = 5
CLIENTS = (8, 20)  # of a seasoned rep
HALVES, READ_EVERY = (104, 0), 4  # weeks; the ranges are read every fourth week
LEVEL, OVER_REPS, OVER_CLIENTS, OVER_RATINGS = 3.7, 0.35, 0.8, 0.6
MET, ANSWERS, WINS_A_CLIENT, MOST_CLIENTS = 1 / 6, 0.7, 1 / 2, 20


@dataclass
class Client:
    likes: float  # the rep more than others do
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
    return Rep(level, joins, [Client(rng.gauss(0, OVER_CLIENTS)) for _ in range(clients)])


def rate(rng: random.Random, view: float) -> Ratings:
    return tuple(min(HIGHEST, max(LOWEST, round(rng.gauss(view, OVER_RATINGS)))) for _ in DIMENSIONS)


def work_a_week(rng: random.Random, rep: Rep, week: int, half_life: int) -> None:
    if rep.joins and len(rep.clients) < MOST_CLIENTS and rng.random() < WINS_A_CLIENT:
        rep.clients.append(Client(rng.gauss(0, OVER_CLIENTS)))
    for client in rep.clients:
        if rng.random() < MET * ANSWERS:
            held_at = EPOCH + timedelta(weeks=week, days=rng.uniform(0, 7))
            ratings = rate(rng, rep.level + client.likes)
            client.history.append(Moment(held_at, ratings))
            client.numbers = relationship_numbers(client.history, Scoring(half_life))
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


def read_boards(
    reps: Sequence[Rep], week: int, half_life: int, tallies: dict[str, Tally]
) -> tuple[list[RepStanding], Field]:
    """Return the ranked standings of a week and the field; every kind of board is counted in its tally."""
    now = weight(EPOCH + timedelta(weeks=week + 1), half_life)
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
    return [row for row in rows if row.rank is not None], found


def known_of(reps: Sequence[Rep], week: int, half_life: int, sigma: float) -> Certainty:
    """What is known, when a week is frozen, of how levels move."""
    end = EPOCH + timedelta(weeks=week + 1)
    now, votes = weight(end, half_life), [c.numbers.vote for rep in reps for c in rep.clients if c.history]
    heard = VotesNow(
        len(votes),
        sum(bool(rep.answers) for rep in reps),
        fsum(vote / now for vote in votes),
        fsum((vote / now) ** 2 for vote in votes),
    )
    changes: dict[tuple[int, int], list[float]] = {}
    for r, rep in enumerate(reps):
        for client in rep.clients:
            said: dict[int, list[float]] = {}
            for moment in client.history:
                loyalty = meeting_loyalty(moment.client) or 0.0
                said.setdefault((end - moment.held_at) // HALF_YEAR, []).append(loyalty)
            for n in range(HALF_YEARS - 1):
                if n in said and n + 1 in said:
                    changes.setdefault((r, n), []).append(fmean(said[n]) - fmean(said[n + 1]))
    rows = (
        ChangesOfRep(r, n, len(some), fsum(some), fsum(each * each for each in some))
        for (r, n), some in changes.items()
    )
    return certainty(heard, rows, sigma, half_life)


def hold_together(rows: Sequence[RepStanding], reps: Sequence[Rep]) -> bool:
    """Whether all true ranks are within their ranges."""
    order = sorted((row.rep_id for row in rows), key=lambda n: -reps[n].true_loyalty)
    true = {n: rank for rank, n in enumerate(order, start=1)}
    return all(row.rank_low <= true[row.rep_id] <= row.rank_high for row in rows)


@dataclass(frozen=True)
class World:
    """How many reps there are, and how what is true of them moves."""

    seasoned: int = SEASONED
    newcomers: int = NEWCOMERS
    clients: tuple[int, int] = CLIENTS
    halves: int = 0  # weeks in which a level goes half of the way back to the usual; 0: never
    half_life: int = HALF_LIFE_DAYS

    def team(self, rng: random.Random) -> list[Rep]:
        reps = [hire(rng, 0, rng.randint(*self.clients)) for _ in range(self.seasoned)]
        return reps + [hire(rng, WEEKS_BEFORE + rng.randrange(WEEKS), 1) for _ in range(self.newcomers)]

    def move(self, rng: random.Random, rep: Rep) -> None:
        if self.halves:
            stays = 2 ** (-1 / self.halves)
            rep.level = rng.gauss(LEVEL + stays * (rep.level - LEVEL), OVER_REPS * sqrt(1 - stays**2))


@dataclass
class Year:
    """What was read of many organisations."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    held: list[bool] = field(default_factory=list)  # by each score's range
    missed: list[float] = field(default_factory=list)  # by a score, squared
    together: list[bool] = field(default_factory=list)  # all true ranks by the ranges of ranks
    widths: list[int] = field(default_factory=list)

    def read(self, reps: Sequence[Rep], week: int, half_life: int) -> None:
        rows, found = read_boards(reps, week, half_life, self.tallies)
        for row in rows:
            true = reps[row.rep_id].true_loyalty
            self.held.append(row.score.low <= true <= row.score.high)
            self.missed.append((row.score.score - true) ** 2)
        if week % READ_EVERY == 0:
            rows = with_rank_ranges(rows, found, known_of(reps, week, half_life, found.sigma))
            self.together.append(hold_together(rows, reps))
            self.widths += [row.rank_high - row.rank_low + 1 for row in rows]


def year_of(world: World, organisations: int, seed: int) -> Year:
    rng, year = random.Random(seed), Year()
    for _ in range(organisations):
        reps = world.team(rng)
        for week in range(WEEKS_BEFORE + WEEKS):
            for rep in reps:
                world.move(rng, rep)
                if rep.joins <= week:
                    work_a_week(rng, rep, week, world.half_life)
            if week >= WEEKS_BEFORE:
                year.read(reps, week, world.half_life)
    return year


def show(year: Year) -> None:
    print("| Board | a lucky newcomer leads | truly best in first three | of those ranked |")
    print("| --- | ---: | ---: | ---: |")
    for name, tally in year.tallies.items():
        shares = (tally.lucky, tally.best_in_three, tally.best_ranked_in_three)
        print(f"| {name} | {' | '.join(f'{100 * fmean(share):.1f} %' for share in shares)} |")
    share = 100 * fmean(year.held)
    print(f"\nThe 80 % range held the true loyalty of {share:.1f} % of {len(year.held):,} ranked standings.")
    print(f"The score misses it by {sqrt(fmean(year.missed)):.2f} points (root of the mean square).")
    print(
        f"The ranges of ranks held all true ranks in {100 * fmean(year.together):.1f} % of "
        f"{len(year.together):,} weeks; a range had {fmean(year.widths):.1f} ranks on average."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--organisations", type=int, default=40)
    parser.add_argument("--seasoned", type=int, default=SEASONED)
    parser.add_argument("--newcomers", type=int, default=NEWCOMERS)
    parser.add_argument("--clients", type=int, nargs=2, default=CLIENTS)
    parser.add_argument("--halves", type=int, nargs="+", default=HALVES)
    parser.add_argument("--half-life", type=int, default=HALF_LIFE_DAYS)
    options = parser.parse_args()
    for halves in options.halves:
        world = World(
            options.seasoned, options.newcomers, tuple(options.clients), halves, int(options.half_life)
        )
        year = year_of(world, options.organisations, options.seed)
        moves = f"levels go half of the way back within {halves} weeks" if halves else "no level ever moves"
        weeks = len(year.tallies["Ours"].lucky)
        print(f"{options.organisations} organisations, {weeks:,} weeks, seed {options.seed}; {moves}.\n")
        show(year)
        print()


if __name__ == "__main__":
    main()
