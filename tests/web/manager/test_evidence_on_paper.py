"""The warnings' record, worked out once more from what an owner takes out: two CSV files, a few tables, and arithmetic."""

import csv
import io
import json
import re
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select
from support.pages import words

from feedback.actions.alerts import handle
from feedback.actions.outcomes import OutcomeSaid, note_outcome, retract_outcome
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.exports.run import export_to_folder
from feedback.jobs.evidence import run_evidence
from feedback.models import Account, Alert, NotedOutcome

SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
# Of each account: what its clients said, (days before today, ratings, would recommend), and what became of it,
# (days before today, outcome); None: nothing was noted.
LIVES = {
    "Lost, warned long before": ([(300, 1, 2), (200, 2, None)], (40, "lost")),
    "Lost, warned the day before": ([(41, 1, None)], (40, "lost")),
    "Lost, warned the same day": ([(90, 5, 10), (40, 1, 0)], (40, "lost")),
    "Lost, and fine before": ([(100, 3, 5)], (60, "lost")),
    "Lost, and glad before": ([(100, 5, 10)], (10, "lost")),
    "Lost, nobody met before": ([(5, 5, None)], (20, "lost")),
    "Lost long ago": ([(600, 1, 3)], (500, "lost")),
    "Lost, then won back": ([(100, 1, 1)], (30, "lost")),
    "Renewed": ([(100, 5, 9), (50, 4, 8)], (8, "renewed")),
    "Renewed, warned": ([(100, 1, 3), (50, 5, 9)], (8, "renewed")),
    "Grew": ([(300, 5, None)], (150, "grew")),
    "Shrank": ([(70, 2, 4)], (2, "shrank")),
    "Renewed, 'quoted', \"twice\"": ([(70, 5, None)], (3, "renewed")),
    "田中商事": ([(70, 4, 7)], (3, "renewed")),
    "Nothing noted": ([(70, 1, 0)], None),
    "Retracted": ([(70, 1, 0)], (3, "lost")),
}  # fmt: skip
PERIODS = {"quarter": 91, "year": 365, "all": 10_000}


@pytest.fixture
def lived(cast, clock):
    """All those lives, in their order in time; and outcomes noted for one contact, and for the days after."""
    today = clock.now
    told = [(days, name, ratings, nps) for name, (said, _) in LIVES.items() for days, ratings, nps in said]
    for days, name, ratings, nps in sorted(told, key=lambda each: -each[0]):
        clock.now = today - timedelta(days=days)
        with_nps = {} if nps is None else {"nps": nps}
        cast.answer(
            cast.meeting("alice", f"Client of {name[:40]}", name, f"c{len(name)}@x.example"),
            ratings,
            **with_nps,
        )
        if (days, nps) == (300, 2):
            with cast.changing() as c:
                handle.take_alert(
                    c,
                    c.session.exec(select(Alert.id).where(Alert.created_at == clock.now)).one(),
                    cast.carol.id,
                )
    clock.now = today - timedelta(days=80)  # a second contact of one account, with an outcome of its own
    second = cast.meeting("alice", "Somebody else", "Renewed", "else@x.example")
    cast.answer(second, 1)
    clock.now = today
    with cast.changing() as c:
        ids = {name: account_id for account_id, name in c.session.execute(
            select(Account.id, Account.name).where(col(Account.organisation_id) == c.organisation_id))}  # fmt: skip

        def note(name, days, outcome, contact_id=None):
            day = (today - timedelta(days=days)).date()
            said = OutcomeSaid(ClientOutcome(outcome), day, contact_id)
            return note_outcome(c, cast.olive.id, ids[name], said, OutcomeSource.PAGE)

        for name, (_, became) in LIVES.items():
            if became:
                noted = note(name, *became)
        retract_outcome(c, cast.olive.id, noted, retracted=True)
        note("Lost, then won back", 6, "renewed")
        note("Renewed", 5, "lost", second.contact_id)
    run_evidence(cast.db, clock)
    return cast


def on_paper(folder, today: date) -> dict[str, dict[str, object]]:
    """The record of each period, from the files alone."""

    def table(name):
        return [json.loads(line) for line in (folder / f"tables/{name}.jsonl").read_text().splitlines()]

    def rows(name):
        return list(csv.DictReader(io.StringIO((folder / name).read_text().lstrip("\ufeff"))))

    def day(text):
        return datetime.fromisoformat(text).astimezone(ZoneInfo("Europe/Berlin")).date()

    accounts = {row["id"]: row["name"] for row in table("accounts")}
    contacts = {row["id"]: (accounts[row["account_id"]], row["email"]) for row in table("contacts")}
    pairs = {row["id"]: contacts[row["contact_id"]] for row in table("relationships")}
    alerts = {row["id"]: pairs[row["relationship_id"]] for row in table("alerts")}
    warned = [(*alerts[row["alert_id"]], day(row["created_at"])) for row in table("alert_reasons")
              if row["kind"] not in ("disputed", "doubtful", "unusual")]  # fmt: skip
    met, heard = [], []
    for row in rows("history.csv"):
        who, when = (row["account"].removeprefix("'"), row["contact_email"]), day(row["held_at"])
        six = [int(value) for name, value in row.items() if name.startswith("client_") and value]
        met.append((*who, when))
        if six:
            heard.append((*who, when, sum(six) / len(six), int(row["nps"]) if row["nps"] else None))

    def case(outcome):
        """(lost, signs, days before) of an outcome; None where nobody had met the client."""
        when = date.fromisoformat(outcome["date"])

        def mine(every, least):
            return [each[1:] for each in every if each[0] == outcome["account"]
                    and outcome["contact_email"] in ("", each[1]) and least <= each[2] < when]  # fmt: skip

        year = when - timedelta(days=365)
        if not mine(met, date.min):
            return None
        alarms = sorted(each[1] for each in mine(warned, year))
        means, recommends = {}, {}
        for email, _, mean, nps in sorted(mine(heard, year), key=lambda each: each[1]):
            means[email] = mean
            if nps is not None:
                recommends[email] = nps
        signs = bool(alarms), any(m <= 3 for m in means.values()), any(n <= 6 for n in recommends.values())
        return outcome["outcome"] == "lost", signs, (when - alarms[0]).days if alarms else None

    found = {}
    for period, days in PERIODS.items():
        last = {}
        for row in sorted(rows("outcomes.csv"), key=lambda row: row["date"]):
            if today - timedelta(days=days) < date.fromisoformat(row["date"]) <= today:
                last[row["account"], row["contact_email"]] = row
        cases = [each for each in map(case, last.values()) if each]
        counts = [
            [
                sum(c[0] is lost and c[1][sign] is yes for c in cases)
                for lost in (True, False)
                for yes in (True, False)
            ]
            for sign in range(3)
        ]
        leads = [lead for lost, _, lead in cases if lost and lead]
        found[period] = {"counts": counts, "leads": leads, "median": median(leads) if leads else None}
    return found


def as_written(counts: list[int]) -> str:
    """A row of the table: four counts, and of hits and false alarms the share with its Wilson range of 80 %."""
    said = [str(each) for each in counts]
    for part, rest in (counts[:2], counts[2:]):
        n, p, z = part + rest, part / (part + rest), 1.2816
        middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        low, high = ((middle + sign * half) / (1 + z * z / n) for sign in (-1, 1))
        said.append(f"{100 * p:.0f} % {100 * low:.0f}–{100 * high:.0f} %")
    return " ".join(said)


@SQLITE
def test_record_is_what_comes_out_on_paper(lived, sign_in, tmp_path):
    with lived.db.reading() as session:
        export_to_folder(session, lived.olive.organisation_id, tmp_path / "out", lived.clock())
    paper = on_paper(tmp_path / "out", lived.clock().date())
    assert paper["year"]["counts"][0] == [4, 2, 4, 3]  # the lives above, counted by hand
    assert sorted(paper["year"]["leads"]) == [1, 40, 75, 260]
    for who in ("olive", "carol"):
        for period, expected in paper.items():
            page = words(sign_in(who).get(f"/evidence?period={period}").text).replace("\u00a0", " ")
            for name, counts in zip(
                ("Our alerts", "Last rating at most 3", "Would not recommend us"),
                expected["counts"],
                strict=True,
            ):
                assert f"{name} {as_written(counts)}" in page, (who, period)
            assert f"came {expected['median']:g} days before" in page
            assert page.count("lost on") == sum(expected["counts"][0][:2])
    strip = sign_in("olive").get("/evidence").text
    assert len(re.findall(r"<circle", strip)) == 4
    assert "1 outcome of clients whom nobody here had met before" in words(strip)


@SQLITE
def test_line_tells_what_was_known_and_done(lived, sign_in):
    carol = sign_in("carol")
    page = words(carol.get("/evidence").text)
    assert "Lost, warned the day before lost on 9 Oct 2026 Known: warned on 8 Oct, 1 day before" in page
    assert "Last answer on 8 Oct, 1 of 5. Done: nothing." in page
    assert (
        "Lost, and glad before lost on 8 Nov 2026 Known: no warning. Last answer on 10 Aug, 5 of 5, would recommend us 10 of 10."
        in page
    )
    assert (
        "warned on 22 Jan, 260 days before (Low rating). Last answer on 2 May, 2 of 5. Done: 22 Jan taken by Carol."
        in page
    )


@SQLITE
def test_few_outcomes_are_too_early(cast, sign_in):
    owner = sign_in("olive")
    cast.meeting("alice", "Dana", "Northwind")
    run_evidence(cast.db, cast.clock)
    cast.clock.forward(days=2)
    with cast.changing() as c:
        at = c.session.exec(select(Account.id).where(col(Account.name) == "Northwind")).one()
        note_outcome(
            c, cast.olive.id, at, OutcomeSaid(ClientOutcome.LOST, date(2026, 11, 20)), OutcomeSource.PAGE
        )
    run_evidence(cast.db, cast.clock)
    page = words(owner.get("/evidence").text)
    assert "Too early to say. 1 outcome so far; from 10 on shares are worked out." in page
    assert "100" not in page.split("How this is worked out")[0]
    with cast.changing() as c:
        retract_outcome(c, cast.olive.id, c.session.exec(select(NotedOutcome.id)).one(), retracted=True)
    run_evidence(cast.db, cast.clock)
    page = owner.get("/evidence").text
    assert "Nobody has noted yet what became of a client" in words(page)
    assert 'href="/import"' in page
