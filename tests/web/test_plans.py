"""No page reads all rows of a tenant's table: the plan of every statement that a page issues is looked at, on both
databases, in an organisation that is filled and beside others."""

import re
from collections import defaultdict
from datetime import date, timedelta
from itertools import cycle
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import SQLModel, select
from support.tenancy import _is_ours

from feedback.actions.outcomes import OutcomeSaid, note_outcome
from feedback.actions.scoring.rescore import rescore
from feedback.core.dimensions import DIMENSIONS
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.core.finding import folded
from feedback.core.tokens import new_token
from feedback.db.bulk import insert_all
from feedback.jobs.evidence import work_out_evidence
from feedback.models import (
    Account,
    Alert,
    AlertReason,
    Contact,
    Feedback,
    FrozenWeek,
    Invitation,
    Meeting,
    Organisation,
    PracticeChoice,
    Promise,
    Relationship,
    Standing,
    Team,
    User,
)
from feedback.models.columns import new_id

REPS, CONTACTS, OTHERS = 160, 6, 20  # so many contacts of each rep; so many other organisations
REPS_OF_A_TEAM = 5
NEXT_FREEZE = date(2026, 11, 16)
FEW = {
    "teams",
    "team_managers",
}  # a handful in any organisation: SQLite reads them through where it joins them
TABLES = {name for name, table in SQLModel.metadata.tables.items() if "organisation_id" in table.columns}
LARGE = {
    "feedback",
    "invitations",
    "meetings",
    "relationships",
    "alerts",
    "alert_reasons",
    "alert_events",
    "contacts",
}

# Indexes that hold few rows of their tables.
PARTIAL = {"ix_feedback_doubted", "ix_feedback_not_for_reps"}
# Statements that go through all rows of one organisation, by a part of their text, and why they may.
ALLOWED = {
    (
        "relationships",
        "GROUP BY relationships.place",
    ): "counts of all, out of one index that holds what is counted",
    (
        "relationships",
        "GROUP BY round(",
    ): "the crowds on the map, out of the same index, where there are too many dots",
    (
        "contacts",
        "GROUP BY contacts.account_id",
    ): "sums by account, out of two indexes that hold what is summed",
    ("contacts", "contacts.erased_at IS NULL"): "how many names would go, for the owner who decides on it",
    (
        "contacts",
        "contacts.search LIKE",
    ): "a search inside of names reads the names, out of an index that holds them",
    (
        "contacts",
        "ORDER BY contacts.search",
    ): "a list by name is read in the order of its index, and ends with its page",
    (
        "contacts",
        "count(*) AS count_1 FROM contacts WHERE",
    ): "how many contacts there are, out of the same index",
    ("contacts", "alerts.id IN ("): "fifty alerts among so few contacts: SQLite joins from the other end",
}


@pytest.fixture
def filled(cast, db):
    """The organisation with a few hundred relationships, each with two meetings; and many small ones beside it."""
    with db.writing() as session:
        for n in range(OTHERS):
            code = "".join("3479CDFGHJ"[int(digit)] for digit in f"{n:04}")
            session.add(Organisation(code=code, name=code, created_at=cast.clock(), next_freeze=NEXT_FREEZE))
    for organisation_id, code in _organisations(db):
        ours = organisation_id == cast.alice.organisation_id
        with cast.changing(organisation_id) as c:
            _fill(c, code, *((REPS, CONTACTS) if ours else (1, 2)))
    if not db.is_sqlite:  # which has the statistics that the product brings along
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    return cast


def _organisations(db) -> list[tuple[Any, str]]:
    with db.reading() as session:
        return [(row.id, row.code) for row in session.exec(select(Organisation))]


def _fill(c, code: str, reps: int, contacts: int) -> None:
    key = {"organisation_id": c.organisation_id, "created_at": c.now}
    rows: dict[type[SQLModel], list[dict[str, Any]]] = defaultdict(list)
    for rep in range(reps):
        if rep % REPS_OF_A_TEAM == 0:
            team = new_id()
            rows[Team].append({**key, "id": team, "name": f"Team {rep}"})
        rep_id = new_id()
        rows[User].append({**key, "id": rep_id, "name": f"Rep {rep}", "email": f"{rep}@{code}.example", "role": "rep",
                           "team_id": team})  # fmt: skip
        for client in range(contacts):
            _met(c, code, key, rows, rep_id, f"{rep}.{client}")
    for table in (Team, User, Account, Contact, Meeting, Invitation, Promise):
        insert_all(c.session, table, rows[table])
    for side in ("client", "rep"):
        insert_all(c.session, Feedback, [row for row in rows[Feedback] if row["side"] == side])
    rescore(c)
    mine = c.session.exec(
        select(Relationship.id).where(Relationship.organisation_id == c.organisation_id)
    ).all()
    alerts = [{**key, "id": new_id(), "relationship_id": each, "kind": "low", "severity": "urgent", "due_at": c.now,
               "closed_at": c.now if n % 2 else None, "outcome": "lost" if n % 2 else None}
              for n, each in enumerate(mine)]  # fmt: skip
    insert_all(c.session, Alert, alerts)
    insert_all(c.session, AlertReason, [
        {**key, "id": new_id(), "alert_id": each["id"], "kind": "low", "severity": "urgent",
         "invitation_id": rows[Invitation][n]["id"]} for n, each in enumerate(alerts)
    ])  # fmt: skip
    insert_all(c.session, PracticeChoice, [
        {**key, "id": new_id(), "relationship_id": each, "dimension": "savvy", "number": 1} for each in mine[::9]
    ])  # fmt: skip


def _met(c, code, key, rows, rep_id, name) -> None:
    account, contact = new_id(), new_id()
    words = {"name": name, "name_key": name, "search": folded(name)}
    rows[Account].append({**key, "id": account, **words})
    rows[Contact].append({**key, "id": contact, "account_id": account, **words})
    for ago, said_all in ((1, 4), (40, 3)):
        meeting, invitation, held = new_id(), new_id(), c.now - timedelta(days=ago)
        rows[Meeting].append({**key, "id": meeting, "rep_id": rep_id, "held_at": held})
        rows[Invitation].append({**key, "id": invitation, "meeting_id": meeting, "contact_id": contact,
                                 "token": new_token(code), "closes_at": held + timedelta(days=14)})  # fmt: skip
        said = {**key, "invitation_id": invitation, "updated_at": held, **dict.fromkeys(DIMENSIONS, said_all)}
        rows[Feedback].append({**said, "id": new_id(), "side": "client", "settles_at": held, "settled_at": held,
                               "told_at": held})  # fmt: skip
        rows[Feedback].append({**said, "id": new_id(), "side": "rep", "sealed_at": held})
        rows[Promise].append({**key, "id": new_id(), "meeting_id": meeting, "contact_id": contact, "side": "rep",
                              "words": "Send it", "due_on": held.date()})  # fmt: skip


@pytest.fixture
def plans(db):
    """plans(get) is (statement, plan) of every statement that get() makes the application issue."""

    def look(get) -> list[tuple[str, list[str]]]:
        seen: dict[str, Any] = {}

        def note(_c, _cursor, statement, parameters, _context, _many):
            if re.match(r"\s*(SELECT|WITH)", statement) and _is_ours():
                seen.setdefault(statement, parameters)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            get()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return [(statement, _plan(db.writer, statement, its)) for statement, its in seen.items()]

    return look


def _plan(engine: Engine, statement: str, parameters: Any) -> list[str]:
    """What the database would do, a line a step. PostgreSQL is told to take an index wherever there is one: of so few
    rows it would rather read all."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            asked = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return [row[3] for row in asked]
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]


def full_scans(statement: str, plan: list[str]) -> set[str]:
    """The tenant's tables that a plan reads from end to end, across organisations."""
    found = set()
    for step in plan:
        if scan := re.match(r"SCAN (\w+)", step) or re.search(r"Seq Scan on (\w+)", step):
            found.add(_table(scan[1], statement))
    return found & TABLES - FEW


def whole_organisations(statement: str, plan: list[str]) -> set[str]:
    """The large tables of which a plan reads all rows of an organisation: by an index, of which it uses no more than
    that column. SQLite alone tells how much of an index it uses."""
    found = set()
    for step in plan:
        search = re.match(r"SEARCH (\w+) USING .*?INDEX (\w+) \(organisation_id=\?\)", step)
        if search and search[2] not in PARTIAL:
            found.add(_table(search[1], statement))
    return found & LARGE


def _table(name: str, statement: str) -> str:
    """The table of that name or alias."""
    alias = re.search(rf"(\w+) AS \"?{name}\"?\b", statement)
    return alias[1] if alias and name not in TABLES else name


PEOPLE = ("carol", "olive", "alice")


def _addresses(app, cast, db) -> list[str]:
    """Every address that somebody who is signed in can open, and the lists' further pages and filters."""
    with db.reading() as session:
        mine = session.exec(select(Relationship).where(Relationship.rep_id == cast.alice.id)).first()
        alert = session.exec(
            select(Alert.id).where(Alert.organisation_id == cast.alice.organisation_id)
        ).first()
        account = session.exec(select(Contact.account_id).where(Contact.id == mine.contact_id)).one()
        met = session.exec(select(Meeting.id).where(Meeting.rep_id == cast.alice.id)).first()
        asked = session.exec(select(Invitation.id).where(Invitation.meeting_id == met)).first()
    ids = {"meeting_id": met, "invitation_id": asked, "relationship_id": mine.id, "rep_id": cast.alice.id,
           "alert_id": alert, "account_id": account, "outcome_id": met, "entry_id": met, "calendar_id": met, "promise_id": met, "webhook_id": met, "channel_id": met, "week_name": "2026-W46", "token": "x", "key": "x",
            "name": "kept", "change_id": met, "tag": "de", "digits": "0b7a75", "code": "x",
           "ticket": "x", "merge_id": met, "user_id": cast.alice.id, "contact_id": mine.contact_id, "team_id": met, "job_id": met, "kind": "people"}  # fmt: skip
    rules = [
        rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.rule != "/metrics"
    ]  # the figures of a whole server, asked for at most once a minute
    plain = [re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(ids[part[1]]), rule) for rule in rules]
    return [*plain, "/relationships?page=2", f"/relationships?rep={cast.alice.id}", f"/relationships?account={account}",
            "/evidence?period=all", "/accounts?page=2", "/accounts?q=1", "/coaching?page=2", "/answers?only=unusual", "/alerts?closed=1",
            "/alerts?page=2", "/meetings/new?q=1", "/contacts?q=1", "/contacts?page=2",
            f"/contacts/{mine.contact_id}/merge?q=1", f"/contacts/{mine.contact_id}/merge?other={mine.contact_id}",
            f"/accounts/{account}/merge?q=1"]  # fmt: skip


@pytest.fixture
def issued(app, db, filled, sign_in, plans):
    """Every statement of every page as every role, with its plan and the pages."""
    met = filled.meeting()
    filled.answer(met, 3)
    filled.seal(met, 5)
    with filled.changing() as c:
        for account_id in c.session.exec(
            select(Account.id).where(Account.organisation_id == c.organisation_id).limit(40)
        ).all():
            lost = OutcomeSaid(ClientOutcome.LOST, c.now.date())
            note_outcome(c, filled.olive.id, account_id, lost, OutcomeSource.PAGE)
        _say_scores_moved(c)
    work_out_evidence(db, filled.olive.organisation_id, filled.clock())
    for contact in ("Dana Whitfield", "Eli Brandt"):
        filled.answer(filled.meeting("bob", contact), 4, done=False)
    filled.clock.forward(minutes=11)  # settled by the clock, and not processed
    found: dict[str, tuple[list[str], set[str]]] = {}
    addresses = _addresses(app, filled, db)
    for name in PEOPLE:
        browser = sign_in(name)
        for address in addresses:
            for statement, plan in plans(lambda: browser.get(address)):  # noqa: B023 (called at once)
                found.setdefault(statement, (plan, set()))[1].add(f"{name} {address}")
    return found


def _say_scores_moved(c) -> None:
    """Write down scores of the week before from which those of this week differ: the board tells who moved and why."""
    last = {
        "organisation_id": c.organisation_id,
        "created_at": c.now,
        "monday": NEXT_FREEZE - timedelta(days=7),
    }
    c.session.add(FrozenWeek(**last, id=new_id(), frozen_at=c.now, mu=50.0, sigma=8.0))
    reps = c.session.scalars(
        select(Meeting.rep_id).where(Meeting.organisation_id == c.organisation_id).distinct()
    )
    insert_all(c.session, Standing, [
        {**last, "id": new_id(), "rep_id": rep_id, "score": score, "low": score, "high": score, "voices": 9.0}
        for rep_id, score in zip(reps, cycle((5.0, 95.0)), strict=False)
    ])  # fmt: skip


def _is_listed(table: str, statement: str) -> bool:
    text = " ".join(statement.split())
    return any(table == allowed and part in text for allowed, part in ALLOWED)


@pytest.mark.usefixtures("filled")
def test_no_page_scans_a_tenants_table(issued):
    assert {
        (table, statement): pages
        for statement, (plan, pages) in issued.items()
        for table in full_scans(statement, plan)
    } == {}


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_whole_organisations_are_read_by_the_listed_only(issued):
    read = {
        (table, statement)
        for statement, (plan, _) in issued.items()
        for table in whole_organisations(statement, plan)
    }
    unlisted = {each for each in read if not _is_listed(*each)}
    assert {statement: issued[statement][1] for _, statement in unlisted} == {}


def test_plan_without_its_index_is_noticed():
    statement = "SELECT c.id FROM feedback AS c WHERE c.organisation_id = ?"
    assert full_scans(statement, ["SCAN c"]) == {"feedback"}
    assert full_scans(statement, ["  ->  Seq Scan on feedback c  (cost=0)"]) == {"feedback"}
    assert full_scans(statement, ["SEARCH c USING INDEX ix (organisation_id=?)"]) == set()
    assert whole_organisations(statement, ["SEARCH c USING INDEX ix (organisation_id=?)"]) == {"feedback"}
    assert whole_organisations(statement, ["SEARCH c USING INDEX ix (organisation_id=? AND side=?)"]) == set()
