"""Findings, drivers and the questions' health of the example organisation, worked out once more from what an owner takes out:
CSV files, a few tables, and arithmetic."""

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from itertools import combinations
from math import exp, gamma, log, pi, sqrt
from statistics import fmean, pvariance, variance
from typing import Any

import pytest
from sqlmodel import select
from support.keys import KEYS
from test_demo import NOW, ZONE

from feedback import migrations
from feedback.core.dimensions import DIMENSIONS
from feedback.core.evidence.drivers import PENALTY
from feedback.core.lukewarm.detection import is_fine
from feedback.db.engine import Database
from feedback.demo.fill import fill_example
from feedback.exports.run import export_to_folder
from feedback.models import EvidenceFigures

Z = 1.2816  # standard deviations to either side that hold 80 %
Rows = list[dict[str, Any]]


class Paper:
    """What was taken out."""

    def __init__(self, folder: Any) -> None:
        self.folder = folder
        self.accounts = {row["id"]: row for row in self.table("accounts")}
        self.contacts = {row["id"]: row for row in self.table("contacts")}
        self.history = [
            row for row in self.rows("history.csv") if any(row[f"client_{d}"] for d in DIMENSIONS)
        ]

    def table(self, name: str) -> Rows:
        return [json.loads(line) for line in (self.folder / f"tables/{name}.jsonl").read_text().splitlines()]

    def rows(self, name: str) -> Rows:
        return list(csv.DictReader(io.StringIO((self.folder / name).read_text().lstrip("\ufeff"))))

    def six(self, row: dict[str, Any]) -> list[int]:
        return [int(row[f"client_{d}"]) for d in DIMENSIONS if row[f"client_{d}"]]

    def complete(self) -> list[list[int]]:
        return [six for six in map(self.six, self.history) if len(six) == len(DIMENSIONS)]

    def ended(self, least: int = 1) -> list[tuple[bool, list[int], str | None]]:
        """(lost, ratings, comment) of each client with an outcome, by the last answer known in the year before with at least so
        many ratings; of two on one day that of the contact with the later id."""
        asked = {row["id"]: row["contact_id"] for row in self.table("invitations")}
        known = []
        for row in self.table("feedback"):
            six = [row[d] for d in DIMENSIONS if row[d]]
            if (
                row["side"] == "client"
                and row["counts"] == "counted"
                and row["settled_at"]
                and len(six) >= least
            ):
                contact = self.contacts[asked[row["invitation_id"]]]
                day = datetime.fromisoformat(row["settled_at"]).astimezone(ZONE).date()
                account = self.accounts[contact["account_id"]]["name"]
                known.append(
                    (day, contact["id"], row["id"], account, contact["email"] or "", six, row["comment"])
                )
        last = {}
        for row in sorted(self.rows("outcomes.csv"), key=lambda row: row["date"]):
            last[row["account"], row["contact_email"]] = row
        found = []
        for (account, email), outcome in last.items():
            when = date.fromisoformat(outcome["date"])
            before = [
                each
                for each in known
                if each[3] == account and email in ("", each[4]) and 0 < (when - each[0]).days <= 365
            ]
            if before:
                found.append((outcome["outcome"] == "lost", *max(before)[5:]))
        return found


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> Iterator[tuple[dict[str, Any], Paper]]:
    """What the page shows the owner, and what the owner takes out."""
    folder = tmp_path_factory.mktemp("paper")
    db = Database(f"sqlite:///{folder / 'd.sqlite3'}", KEYS)
    migrations.migrate(db)
    here = fill_example(db, NOW, lambda done: None).organisation_id
    with db.reading() as session:
        mine = EvidenceFigures.organisation_id == here
        row = session.exec(select(EvidenceFigures).where(mine, EvidenceFigures.id == here)).one()
        export_to_folder(session, here, folder / "out", NOW)
        yield row.figures["sections"], Paper(folder / "out")
    db.dispose()


def findings(both) -> dict[str, Any]:
    return {each["claim"]: each for each in both[0]["claims"]["findings"]}


def test_gaps_are_counted_again(both):
    real = [row["real_gap"] for row in both[1].table("relationships") if row["real_gap"] is not None]
    found = findings(both)["gaps"]
    assert found["sample"] == {"relationships": len(real), "with_gap": sum(real)}
    assert found["figures"][0]["value"] == pytest.approx(sum(real) / len(real))


def test_outcomes_are_held_against_the_last_answers_again(both):
    ended = both[1].ended()
    lost = [six for gone, six, _ in ended if gone]
    found = findings(both)
    assert found["satisfied_and_lost"]["sample"] == {
        "lost": len(lost),
        "satisfied": sum(fmean(six) >= 3 for six in lost),
    }
    count = Counter(
        ("lukewarm" if is_fine(tuple(six) if len(six) == 6 else (*six, None), comment or None) else "better") + ("_lost" if gone else "")
        for gone, six, comment in ended if min(six) > 2
    )  # fmt: skip
    assert found["fine_before_loss"]["sample"] == {
        name: count[name] + count[f"{name}_lost"] * (not name.endswith("_lost"))
        for name in ("lukewarm", "lukewarm_lost", "better", "better_lost")
    }
    assert len(lost) >= 3


def valued(paper) -> tuple[list[float], list[float]]:
    """The logarithms of the yearly values of accounts from loyalty 75 on, and of others."""
    heard = defaultdict(list)
    for row in paper.table("relationships"):
        if row["loyalty"] is not None and row["vote"] > 0:
            heard[paper.contacts[row["contact_id"]]["account_id"]].append((row["vote"], row["loyalty"]))
    loyal, others = [], []
    for account_id, some in heard.items():
        account = paper.accounts[account_id]
        if account["value"] and not account["archived_at"]:
            loyalty = sum(vote * each for vote, each in some) / sum(vote for vote, _ in some)
            (loyal if loyalty >= 75 else others).append(log(account["value"]))
    return loyal, others


def test_value_of_loyal_accounts_is_worked_out_again(both):
    loyal, others = valued(both[1])
    found = findings(both)["loyal_bring_more"]
    assert found["sample"] == {"loyal": len(loyal), "others": len(others)}
    assert found["figures"][0]["value"] == pytest.approx(exp(fmean(loyal) - fmean(others)))


def test_ranges_of_shares_are_worked_out_again(both):
    """Wilson's ends are the shares p of which the counted one is just 1.2816 * sqrt(p (1 - p) / n) away."""
    for claim, part, whole in (
        ("gaps", "with_gap", "relationships"),
        ("satisfied_and_lost", "satisfied", "lost"),
    ):
        found = findings(both)[claim]
        (figure,), n = found["figures"], found["sample"][whole]
        share = found["sample"][part] / n
        assert figure["low"] < share < figure["high"]
        for end in (figure["low"], figure["high"]):
            assert abs(share - end) == pytest.approx(Z * sqrt(end * (1 - end) / n), rel=1e-6)


def test_range_of_loyal_accounts_is_worked_out_again(both):
    """Welch's: each group has its own spread, and degrees of freedom between those of the smaller one and of both."""
    (figure,) = findings(both)["loyal_bring_more"]["figures"]
    loyal, others = valued(both[1])
    errors = [(variance(some) / len(some), len(some) - 1) for some in (loyal, others)]
    whole = sum(error for error, _ in errors)
    reach = quantile(whole**2 / sum(error**2 / n for error, n in errors)) * sqrt(whole)
    middle = fmean(loyal) - fmean(others)
    assert [log(figure[end]) for end in ("low", "high")] == pytest.approx(
        [middle - reach, middle + reach], abs=1e-3
    )


def test_guesses_of_the_best_and_the_weakest_are_worked_out_again(both):
    """Each rep's accounts by turns into two halves: one tells who is best, the other how far the guesses were off."""
    paper, by_rep = both[1], defaultdict(list)
    for row in paper.table("relationships"):
        if row["loyalty"] is not None and row["bias"] is not None:
            account = paper.contacts[row["contact_id"]]["account_id"]
            by_rep[row["rep_id"]].append((account, row["loyalty"], row["bias"]))
    halves = []
    for some in by_rep.values():
        accounts = sorted({account for account, _, _ in some})
        halves.append([[each for each in some if accounts.index(each[0]) % 2 == half] for half in (0, 1)])
    third, best, weakest = len(halves) // 3, [], []
    for half in (0, 1):
        halves.sort(key=lambda each: fmean(loyalty for _, loyalty, _ in each[half]))
        best += [each[1 - half] for each in halves[-third:]]
        weakest += [each[1 - half] for each in halves[:third]]
    inside = [[off for _, _, off in half] for each in halves for half in each]
    freedom = sum(len(some) - 1 for some in inside)
    spread = sqrt(sum((off - fmean(some)) ** 2 for some in inside for off in some) / freedom)
    found = findings(both)["best_underestimate"]
    assert found["sample"]["relationships"] == sum(map(len, inside))
    for figure, some, sign in zip(found["figures"], (best, weakest), (-1, 1), strict=True):
        off = [sign * each for half in some for _, _, each in half]
        reach = quantile(freedom) * spread / sqrt(len(off))
        expected = [fmean(off), fmean(off) - reach, fmean(off) + reach]
        assert [figure[name] for name in ("value", "low", "high")] == pytest.approx(expected, abs=1e-3)


def test_person_and_product_are_told_apart_again(both):
    """Pair by pair. Half the squared difference of two is the variance of what they do not share; without each rep in
    turn, what the share could be: |R (1 - s) - A s| within Student's t of the jackknife's error."""
    paper = both[1]
    known = [
        (row["rep_id"], paper.contacts[row["contact_id"]]["account_id"], row["loyalty"])
        for row in paper.table("relationships")
        if row["loyalty"] is not None
    ]
    reps = sorted({rep for rep, _, _ in known})

    def variances(rows):
        found = defaultdict(list)
        for (rep, account, one), (other_rep, other_account, other) in combinations(rows, 2):
            found[rep == other_rep, account == other_account].append((one - other) ** 2 / 2)
        neither = fmean(found.pop((False, False)))
        parts = [(*which, len(some), neither - fmean(some)) for which, some in found.items()]
        rr, ra, aa = (sum(n * a * b for a, b, n in each) for each in (
            [(r, r, n) for r, _, n, _ in parts], [(r, a, n) for r, a, n, _ in parts], [(a, a, n) for _, a, n, _ in parts],
        ))  # fmt: skip
        ry, ay = (sum(n * y * shares[k] for *shares, n, y in parts) for k in (0, 1))
        return (aa * ry - ra * ay) / (rr * aa - ra * ra), (rr * ay - ra * ry) / (rr * aa - ra * ra)

    whole = variances(known)
    beyond = quantile(len(reps) - 1)
    left = [variances([row for row in known if row[0] != rep]) for rep in reps]

    def held(share):
        parts = [r * (1 - share) - a * share for r, a in left]
        error = sqrt((len(reps) - 1) * pvariance(parts))
        return abs(whole[0] * (1 - share) - whole[1] * share) <= beyond * error

    (figure,) = findings(both)["person_not_product"]["figures"]
    r, a = (max(0.0, each) for each in whole)
    shares = [n / 1000 for n in range(1001) if held(n / 1000)]
    assert figure["value"] == pytest.approx(r / (r + a))
    assert figure["low"] == pytest.approx(min([*shares, figure["value"]]), abs=0.006)
    assert figure["high"] == pytest.approx(max([*shares, figure["value"]]), abs=0.006)


def test_health_is_worked_out_again(both):
    complete, (health,) = both[1].complete(), both[0]["health"]["all"]
    parts = sum(variance(column) for column in zip(*complete, strict=True))
    assert health["answers"] == len(complete) >= 60
    assert health["alpha"] == pytest.approx(6 / 5 * (1 - parts / variance([sum(six) for six in complete])))
    assert health["straight"] == pytest.approx(fmean(len(set(six)) == 1 for six in complete))
    assert health["fives"] == pytest.approx(fmean(min(six) == 5 for six in complete))
    ways = {row["id"]: row["way"] for row in both[1].table("invitations")}
    rated: dict[bool, list[float]] = {True: [], False: []}
    for row in both[1].table("feedback"):
        six = [row[d] for d in DIMENSIONS]
        if row["side"] == "client" and row["counts"] == "counted" and row["settled_at"] and all(six):
            rated[ways[row["invitation_id"]] in ("mail", "link")].append(fmean(six))
    if health["room_difference"] is None:
        assert min(map(len, rated.values())) < 10
    else:
        assert health["room_difference"] == pytest.approx(fmean(rated[False]) - fmean(rated[True]))


def test_drivers_are_fitted_again(both):
    """By Gauss and Seidel, a weight after the other: each client's last complete answer, and whether the client stayed."""
    ended, fitted = both[1].ended(least=6), both[0]["drivers"]["fitted"]
    assert (fitted["target"], fitted["clients"]) == ("outcome", len(ended))
    columns = [
        *zip(*(six for _, six, _ in ended), strict=True),
        tuple(0 if gone else 1 for gone, _, _ in ended),
    ]
    r = [[_correlation(one, other) for other in columns] for one in columns]
    b = [0.0] * 6
    for _ in range(500):
        for d in range(6):
            b[d] = (r[d][6] - sum(r[d][e] * b[e] for e in range(6) if e != d)) / (1 + PENALTY)
    found = {each["dimension"]: each["weight"] for each in fitted["weights"]}
    assert [found[d] for d in DIMENSIONS] == pytest.approx(b, abs=1e-6)


def quantile(freedom: float) -> float:
    """The 90th percentile of Student's t, by adding up its density (Simpson) until 0.4 is reached."""
    scale = gamma((freedom + 1) / 2) / sqrt(freedom * pi) / gamma(freedom / 2)

    def density(t: float) -> float:
        return scale * (1 + t * t / freedom) ** (-(freedom + 1) / 2)

    step, t, under = 1e-4, 0.0, 0.0
    while under < 0.4:
        under += step / 6 * (density(t) + 4 * density(t + step / 2) + density(t + step))
        t += step
    return t


def _correlation(one: Any, other: Any) -> float:
    a, b = fmean(one), fmean(other)
    return fmean((x - a) * (y - b) for x, y in zip(one, other, strict=True)) / sqrt(
        pvariance(one) * pvariance(other)
    )
