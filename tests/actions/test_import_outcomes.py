"""Import of outcomes: whose they are, what is refused, and what is here already."""

import io
from contextlib import closing
from datetime import timedelta

import pytest
from sqlmodel import col, select

from feedback.actions.clients import AccountEdit, edit_account
from feedback.actions.outcomes import AHEAD, EARLIEST, TOO_EARLY, OutcomeSaid, note_outcome, retract_outcome
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.imports.ledger import Ledger
from feedback.imports.report import BadFile, Instructions
from feedback.imports.run import ImportKind, import_file
from feedback.models import Account, EvidenceFigures, NotedOutcome
from feedback.store.outcomes import outcomes_at

SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
HEADER = "account,contact_email,date,outcome,value_before,value_after,reason,contact\n"


@pytest.fixture
def bring(cast, clock):
    cast.meeting("alice", "Dana Whitfield", "Northwind", "dana@northwind.example")
    cast.meeting("alice", "Ed", "Northwind")
    cast.meeting("bob", "田中 太郎", "O'Brien & Söhne")

    def bring(text: str, **how):
        file = io.BytesIO((HEADER + text).encode())
        return import_file(cast.db, cast.olive.organisation_id, ImportKind.OUTCOMES, file, now=clock(), **how)

    return bring


def stored(cast) -> list[tuple]:
    with cast.db.reading() as session:
        found = session.execute(
            select(Account.name, NotedOutcome)
            .join(Account, col(Account.id) == NotedOutcome.account_id)
            .where(
                NotedOutcome.organisation_id == cast.olive.organisation_id,
                Account.organisation_id == cast.olive.organisation_id,
            )
        ).all()
    return sorted(
        (name, str(o.happened_on), o.outcome.value, o.contact_id is not None, o.value_before, o.value_after)
        for name, o in found
    )


@SQLITE
def test_rows_are_stored_once(cast, bring):
    text = (
        'northwind,,2025-03-01,Lost,"1200,50",0,"Price, mostly",\n'
        "Northwind,DANA@northwind.example,2025-03-01,shrank,,,,\n"
        "o'brien & söhne,,2025-04-01,GREW,,,,田中 太郎\n"
        "Nobody's,,2025-04-01,grew,,,,\n"
    )
    report = bring(text)
    assert (report.added, report.already) == (("3 outcomes",), 0)
    assert report.notes == ("1 row is of an account that nobody here has: left out.",)
    assert stored(cast) == [
        ("Northwind", "2025-03-01", "lost", False, 1200.5, 0.0),
        ("Northwind", "2025-03-01", "shrank", True, None, None),
        ("O'Brien & Söhne", "2025-04-01", "grew", True, None, None),
    ]
    assert bring(text).already == 3
    assert len(stored(cast)) == 3
    with cast.db.reading() as session:
        figures = session.get_one(EvidenceFigures, (cast.olive.organisation_id,) * 2)
    assert figures.wanted_at is not None  # the worker works the figures out anew


@SQLITE
def test_wrong_rows_are_named(cast, bring):
    wrong = {
        "Northwind,,2026-11-19,renewed,,,,": "date: That day has not come yet.",
        "Northwind,,1999-12-31,renewed,,,,": "date: A day from 2000 on.",
        "Northwind,,1/5/2026,renewed,,,,": "date: '1/5/2026' is no date; write it like 2026-05-01",
        "Northwind,,2026-05-01 12:34,renewed,,,,": "date: '2026-05-01 12:34' is no date; write it like 2026-05-01",
        "Northwind,,2026-01-01,won,,,,": "outcome: one of renewed, grew, shrank, lost, not 'won'",
        'Northwind,,2026-01-02,lost,"1,200",,,': "value_before: a number from 0",
        "Northwind,ed@elsewhere.example,2026-01-03,lost,,,,": "contact_email: nobody at 'Northwind' has 'ed@elsewhere.example'",
        "Northwind,,2026-01-04,lost,,,,Dana": "contact: nobody at 'Northwind' has 'Dana'",
        ",,,,,,x,": "account is needed; date is needed; outcome is needed",
        "Northwind,,2026-01-05,lost,,,,\nNorthwind,,2026-01-05,renewed,,,,": "the same account, contact and date as row 11",
    }  # fmt: skip
    with pytest.raises(BadFile) as error:
        bring("\n".join(wrong))
    assert error.value.count == 10
    for why, problem in zip(wrong.values(), sorted(error.value.problems, key=lambda p: p.row), strict=True):
        assert why in problem.reason
    assert stored(cast) == []


@SQLITE
def test_what_is_here_stays(cast, bring):
    bring("Northwind,,2025-03-01,lost,100,0,,\nNorthwind,,2025-04-01,grew,,,,\n")
    with cast.changing() as c:
        gone = c.session.exec(select(NotedOutcome).where(NotedOutcome.outcome == "grew")).one()
        retract_outcome(c, cast.olive.id, gone.id, retracted=True)
        edit_account(c, cast.olive.id, gone.account_id, AccountEdit("North Wind", 5.0))
    assert bring("North Wind,,2025-03-01,lost,,,,\n").already == 1
    with closing(Ledger()) as ledger:
        assert bring("North Wind,,2025-04-01,grew,,,,\n", how=Instructions(ledger=ledger)).already == 1
        assert ledger.counts["left_out"] == 1
    with pytest.raises(BadFile, match="1 rows") as error:
        bring("North Wind,,2025-03-01,lost,200,0,,\n")
    assert "with something else in value_before" in error.value.problems[0].reason
    with cast.db.reading() as session:
        assert session.exec(select(NotedOutcome).where(NotedOutcome.outcome == "grew")).one().retracted_at


@SQLITE
def test_outcome_that_stands_goes_before_a_later_one_that_was_retracted(cast, bring, clock):
    bring("Northwind,,2025-03-01,lost,,,,\n")

    def retract(outcome: str, retracted: bool) -> NotedOutcome:
        with cast.changing() as c:
            row = c.session.exec(select(NotedOutcome).where(NotedOutcome.outcome == outcome)).one()
            retract_outcome(c, cast.olive.id, row.id, retracted=retracted)
        return row

    first = retract("lost", True)
    clock.forward(minutes=1)
    with cast.changing() as c:
        note_outcome(
            c,
            cast.olive.id,
            first.account_id,
            OutcomeSaid(ClientOutcome.GREW, first.happened_on),
            OutcomeSource.PAGE,
        )
    retract("grew", True)
    retract("lost", False)
    with cast.db.reading() as session:
        (here,) = outcomes_at(session, cast.olive.organisation_id, [first.account_id]).values()
    assert (here.id, here.retracted_at) == (first.id, None)
    assert bring("Northwind,,2025-03-01,lost,,,,\n").already == 1


@SQLITE
@pytest.mark.parametrize(
    ("day", "why"), [("2026-11-19", AHEAD), (str(EARLIEST - timedelta(days=1)), TOO_EARLY)]
)
def test_days_that_cannot_be_are_refused(cast, bring, day, why):
    with pytest.raises(BadFile) as found:
        bring(f"Northwind,,{day},lost,,,,\n")
    assert str(why) in str(found.value.problems)
    assert stored(cast) == []


@SQLITE
def test_day_may_begin_at_midnight(cast, bring):
    times = ("T00:00:00Z", "T00:00:00.000+0000", " 00:00", " 00:00:00.0 UTC")
    bring("".join(f"Northwind,,2026-05-0{n}{time},lost,,,,\n" for n, time in enumerate(times, start=1)))
    assert [day for _, day, *_ in stored(cast)] == ["2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04"]


@SQLITE
def test_first_and_last_day_are_taken(cast, bring):
    bring(f"Northwind,,{EARLIEST},lost,,,,\nNorthwind,,2026-11-18,grew,,,,\n")
    assert [day for _, day, *_ in stored(cast)] == [str(EARLIEST), "2026-11-18"]
