"""Findings, the record of the warnings, drivers and the questions' health of the example organisation, with their ranges, worked
out once more from what an owner takes out: CSV files, a few tables, and arithmetic."""

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import combinations
from math import exp, floor, gamma, log, pi, sqrt
from statistics import fmean, pvariance, variance
from typing import Any

import numpy
import pytest
from sqlmodel import select
from support.keys import KEYS
from test_demo import NOW, ZONE

from feedback import migrations
from feedback.core.dimensions import DIMENSIONS
from feedback.core.evidence.drivers import PENALTY
from feedback.core.evidence.warnings import Crossed
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
                day = self.day(row["settled_at"])
                account = self.accounts[contact["account_id"]]["name"]
                known.append(
                    (day, contact["id"], row["id"], account, contact["email"] or "", six, row["comment"])
                )
        found = []
        for account, email, when, outcome in self.outcomes():
            before = [
                each
                for each in known
                if each[3] == account and email in ("", each[4]) and 0 < (when - each[0]).days <= 365
            ]
            if before:
                found.append((outcome == "lost", *max(before)[5:]))
        return found

    def outcomes(self) -> list[tuple[str, str, date, str]]:
        """(account, contact's address or "", day, outcome): the last one of each client."""
        last = {}
        for row in sorted(self.rows("outcomes.csv"), key=lambda row: row["date"]):
            last[row["account"], row["contact_email"]] = date.fromisoformat(row["date"]), row["outcome"]
        return [(*client, *outcome) for client, outcome in last.items()]

    def day(self, moment: str) -> date:
        return datetime.fromisoformat(moment).astimezone(ZONE).date()


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
    for claim, part, whole in (
        ("gaps", "with_gap", "relationships"),
        ("satisfied_and_lost", "satisfied", "lost"),
    ):
        found = findings(both)[claim]
        (figure,), sample = found["figures"], found["sample"]
        assert_wilson(sample[part], sample[whole], figure["low"], figure["high"])


def assert_wilson(part: int, whole: int, low: float, high: float) -> None:
    """Wilson's ends are the shares p of which the counted one is just 1.2816 * sqrt(p (1 - p) / n) away."""
    assert low < high
    assert low - 1e-9 <= part / whole <= high + 1e-9
    for end in (low, high):
        reach = Z * sqrt(end * (1 - end) / whole)
        assert abs(part / whole - end) == pytest.approx(reach, rel=1e-4, abs=1e-9)


def test_record_of_warnings_and_its_ranges_are_worked_out_again(both):
    """Of each client with an outcome whether there was an alert in the year before, and what the two rivals would have said by
    the last answer of each person there."""
    sections, paper = both
    clients = {
        each["id"]: (paper.accounts[each["account_id"]]["name"], each["email"] or "")
        for each in paper.contacts.values()
    }
    pairs = {row["id"]: row["contact_id"] for row in paper.table("relationships")}
    about = {row["id"]: pairs[row["relationship_id"]] for row in paper.table("alerts")}
    meetings = {row["id"]: paper.day(row["held_at"]) for row in paper.table("meetings")}
    asked = {row["id"]: row for row in paper.table("invitations")}
    met = [(row["contact_id"], meetings[row["meeting_id"]]) for row in asked.values()]
    warned = [
        (about[row["alert_id"]], paper.day(row["created_at"]))
        for row in paper.table("alert_reasons")
        if row["kind"] not in ("disputed", "doubtful", "unusual")
    ]
    heard = [
        (asked[row["invitation_id"]]["contact_id"], paper.day(row["settled_at"]), row)
        for row in paper.table("feedback")
        if row["side"] == "client" and row["counts"] == "counted" and row["settled_at"]
    ]
    counts: dict[str, Counter[tuple[bool, bool]]] = {
        "alert": Counter(),
        "low": Counter(),
        "detractor": Counter(),
    }
    leads = []
    for account, email, day, outcome in paper.outcomes():
        people = {who for who, (where, mail) in clients.items() if where == account and email in ("", mail)}
        if not any(who in people and when < day for who, when in met):
            continue
        year, lost = day - timedelta(days=365), outcome == "lost"
        alarms = [when for who, when in warned if who in people and year <= when < day]
        means, recommends = {}, {}
        for who, when, row in sorted(heard, key=lambda each: each[1]):
            if who in people and year <= when < day:
                if six := [row[d] for d in DIMENSIONS if row[d]]:
                    means[who] = fmean(six)
                if row["nps"] is not None:
                    recommends[who] = row["nps"]
        counts["alert"][lost, bool(alarms)] += 1
        counts["low"][lost, any(each <= 3 for each in means.values())] += 1
        counts["detractor"][lost, any(each <= 6 for each in recommends.values())] += 1
        leads += [(day - min(alarms)).days] if lost and alarms else []
    found = sections["warnings"]["periods"]["all"]
    assert found["leads"] == sorted(leads)
    for sign, count in counts.items():
        assert found["crossed"][sign] == {
            "lost_warned": count[True, True],
            "lost_not": count[True, False],
            "kept_warned": count[False, True],
            "kept_not": count[False, False],
        }
        shown = Crossed(**found["crossed"][sign])
        assert sum(count.values()) >= 10
        for lost, ends in ((True, shown.hits), (False, shown.false_alarms)):
            assert ends
            assert_wilson(count[lost, True], count[lost, True] + count[lost, False], *ends)


def test_range_of_loyal_accounts_is_worked_out_again(both):
    (figure,) = findings(both)["loyal_bring_more"]["figures"]
    loyal, others = valued(both[1])
    reach = welch(loyal, others)
    middle = fmean(loyal) - fmean(others)
    assert [log(figure[end]) for end in ("low", "high")] == pytest.approx(
        [middle - reach, middle + reach], abs=1e-3
    )


def welch(one: list[float], other: list[float]) -> float:
    """How far a difference of two means reaches: each group has its own spread, and degrees of freedom between those of the
    smaller one and of both."""
    errors = [(variance(some) / len(some), len(some) - 1) for some in (one, other)]
    whole = sum(error for error, _ in errors)
    return quantile(whole**2 / sum(error**2 / n for error, n in errors)) * sqrt(whole)


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
    for name, count in (
        ("straight", sum(len(set(six)) == 1 for six in complete)),
        ("fives", sum(min(six) == 5 for six in complete)),
    ):
        assert_wilson(count, len(complete), health[f"{name}_low"], health[f"{name}_high"])
    reach = Z * sqrt(2 * 6 / (5 * (len(complete) - 2)))  # of log(1 - alpha), by Bonett
    low, high = (log((1 - health[f"alpha_{end}"]) / (1 - health["alpha"])) for end in ("low", "high"))
    assert (low, high) == pytest.approx((reach, -reach), rel=1e-4)
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
        reach = welch(rated[False], rated[True])
        assert health["room_high"] - health["room_difference"] == pytest.approx(reach, abs=1e-3)
        assert health["room_difference"] - health["room_low"] == pytest.approx(reach, abs=1e-3)


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


def test_ranges_of_drivers_are_drawn_again(both):
    """A thousand times as many clients, each as often as it is drawn; the weights are those that least squares give where each
    of the six has one more row of its own, sqrt(0.1), that pulls it to 0."""
    fitted = both[0]["drivers"]["fitted"]
    rows = numpy.array(sorted((*six, 0 if gone else 1) for gone, six, _ in both[1].ended(least=6)), float)
    dice, drawn = numpy.random.default_rng(2020), []
    for _ in range(1000):
        some = rows[dice.integers(len(rows), size=len(rows))]
        spread = some.std(axis=0)
        some = (some - some.mean(axis=0)) / numpy.where(spread > 0, spread, 1) / sqrt(len(rows))
        items = numpy.vstack([some[:, :6], sqrt(PENALTY) * numpy.eye(6)])
        drawn.append(numpy.linalg.lstsq(items, numpy.append(some[:, 6], numpy.zeros(6)))[0].tolist())
    found = {each["dimension"]: each for each in fitted["weights"]}
    for d, name in enumerate(DIMENSIONS):
        inside = [tenth(sorted(each[d] for each in drawn), share) for share in (0.1, 0.9)]
        assert [found[name]["low"], found[name]["high"]] == pytest.approx(inside, abs=1e-6)
        assert found[name]["low"] < found[name]["weight"] < found[name]["high"]
        assert found[name]["first"] == pytest.approx(fmean(each[d] == max(each) for each in drawn))


def tenth(ordered: list[float], share: float) -> float:
    """The value below which that share lies, between two of them as far as it takes."""
    place = share * (len(ordered) - 1)
    below = floor(place)
    return ordered[below] + (place - below) * (ordered[below + 1] - ordered[below])


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
