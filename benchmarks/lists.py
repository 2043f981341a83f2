"""Do the pages with lists cost by the page that is shown, and not by all there is?

    .venv/bin/python benchmarks/lists.py

Two organisations on SQLite in a temporary folder: one with 1,000 relationships of 16 reps, one with the shape of the
InstEval set, 73,421 relationships of 1,128 reps with 2,972 contacts. Prints, for each page, the median time on a
processor of the whole request, SQLite's included, and how many statements it made, for both, and the ratio. The two are measured in turns, so that a busy
machine is busy for both. --accounts adds a third: 15,000 accounts. --page measures one page only, --profile prints
where its time goes in the larger organisation. --keep names a folder in which the databases are kept.
"""

import argparse
import cProfile
import pstats
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from example import as_served
from figures import note
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert
from sqlmodel import col, select

from feedback import migrations
from feedback.actions import people
from feedback.actions.change import change, tap
from feedback.actions.people import NewOrganisation
from feedback.actions.scoring.rescore import rescore
from feedback.actions.sessions import begin_session
from feedback.app import create_app
from feedback.config import Settings
from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.stages import STAGES
from feedback.core.tokens import new_token
from feedback.db.engine import Database
from feedback.models import (
    Account,
    Alert,
    AlertEvent,
    AlertReason,
    Contact,
    Feedback,
    Invitation,
    Meeting,
    Organisation,
    PracticeChoice,
    Promise,
    Relationship,
    Team,
    TeamManager,
    User,
)
from feedback.models.columns import new_id

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
BATCH = 20_000
MOST = 200  # milliseconds that a page may take
REPS_OF_A_TEAM, CONTACTS_OF_AN_ACCOUNT = 30, 4
COMMENTS = (None, None, None, "fine", "all good so far, thank you", "We talked about the roll-out in spring.")
PAGES = ("/relationships", "/relationships?page=5", "/relationships?team={team}", "/accounts", "/accounts?page=2",
         "/accounts?q=7", "/accounts/{account}", "/coaching", "/answers", "/alerts", "/alerts?closed=1", "/reps/{rep}",
         "/digest", "/today")  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """How large an organisation is."""

    reps: int
    contacts: int
    relationships: int
    accounts: int


SMALL = Shape(16, 250, 1_000, 63)
LARGE = Shape(1_128, 2_972, 73_421, 743)
ACCOUNTS = Shape(1_128, 30_000, 73_421, 15_000)


@dataclass(frozen=True)
class World:
    """A filled organisation, and who signs in."""

    shape: Shape
    db: Database
    organisation_id: UUID
    people: dict[str, UUID]
    about: dict[str, UUID]


def world(folder: Path, shape: Shape) -> World:
    """The organisation of that shape; filled, unless the folder has it already."""
    file = folder / f"{shape.relationships}-{shape.accounts}.sqlite3"
    known = file.exists()
    db = Database(f"sqlite:///{file}", ("k" * 40,))
    if not known:
        migrations.migrate(db)
        fill(db, shape, random.Random(7))
    return _found(db, shape)


def fill(db: Database, shape: Shape, dice: random.Random) -> UUID:
    """Fill an empty database with an organisation of that shape; return its id."""
    organisation_id, _ = people.set_up(
        db,
        NewOrganisation(
            organisation="Bench", name="Olive", email="olive@example.com", password="a short sentence"
        ),
        NOW,
    )
    with db.writing() as session:
        organisation = session.get_one(Organisation, organisation_id)
        organisation.next_freeze = date(2026, 11, 16)
        key = {"organisation_id": organisation_id, "created_at": NOW}
        reps = _people(session, key, shape)
        contacts = _clients(session, key, shape, dice)
        pairs = _pairs(reps, contacts, shape.relationships, dice)
        rows = _answers(key, organisation.code, pairs, dice)
        while batch := list(islice(rows, BATCH)):
            for n, table in enumerate((Meeting, Invitation, Feedback, Feedback)):
                session.execute(insert(table), [row[n] for row in batch if row[n]])
    with db.writing() as session:
        session.connection().exec_driver_sql("ANALYZE")
    with change(db, organisation_id, NOW) as c:
        rescore(c)
    with db.writing() as session:
        _follow_ups(session, key, dice)
        session.connection().exec_driver_sql("ANALYZE")
    return organisation_id


def _people(session: Any, key: dict[str, Any], shape: Shape) -> list[UUID]:
    teams = [new_id() for _ in range(0, shape.reps, REPS_OF_A_TEAM)]
    manager = new_id()
    session.execute(insert(Team), [{**key, "id": t, "name": f"Team {n:03}"} for n, t in enumerate(teams)])
    reps = [new_id() for _ in range(shape.reps)]
    session.execute(insert(User), [
        {**key, "id": rep, "name": f"Rep {n:04} Example", "email": f"rep{n}@example.com", "role": "rep",
         "team_id": teams[n // REPS_OF_A_TEAM]}
        for n, rep in enumerate(reps)
    ] + [{**key, "id": manager, "name": "Carol", "email": "carol@example.com", "role": "manager",
          "team_id": None}])  # fmt: skip
    managed = {"organisation_id": key["organisation_id"], "team_id": teams[0], "user_id": manager}
    session.execute(insert(TeamManager), [{**managed, "id": new_id()}])
    return reps


def _clients(session: Any, key: dict[str, Any], shape: Shape, dice: random.Random) -> list[UUID]:
    accounts = [new_id() for _ in range(shape.accounts)]
    session.execute(insert(Account), [
        {**key, "id": account, "name": f"Account {n:05} Ltd", "name_key": f"account {n:05} ltd",
         "value": dice.choice((None, 5_000.0, 20_000.0, 75_000.0)), "review_days": dice.choice((None, None, 30, 180))}
        for n, account in enumerate(accounts)
    ])  # fmt: skip
    contacts = [new_id() for _ in range(shape.contacts)]
    session.execute(insert(Contact), [
        {**key, "id": contact, "account_id": accounts[n % shape.accounts], "name": f"Contact {n:05} Somebody",
         "name_key": f"contact {n:05} somebody", "role": "COO"}
        for n, contact in enumerate(contacts)
    ])  # fmt: skip
    return contacts


def _pairs(
    reps: list[UUID], contacts: list[UUID], count: int, dice: random.Random
) -> list[tuple[UUID, UUID]]:
    """So many relationships: some reps have many, most have few, as in the InstEval set."""
    weights = [dice.expovariate(1) for _ in reps]
    found: dict[tuple[UUID, UUID], None] = dict.fromkeys((rep, dice.choice(contacts)) for rep in reps)
    while len(found) < count:
        found.update(
            dict.fromkeys((rep, dice.choice(contacts)) for rep in dice.choices(reps, weights, k=count // 4))
        )
    return list(found)[:count]


def _answers(
    key: dict[str, Any], code: str, pairs: list[tuple[UUID, UUID]], dice: random.Random
) -> Iterator[tuple[dict[str, Any] | None, ...]]:
    for rep, contact in pairs:
        likes = dice.choice((1, 2, 3, 3, 4, 4, 4, 5))
        for _ in range(dice.choice((1, 1, 1, 2))):
            held = NOW - timedelta(minutes=dice.randrange(60, 400 * 24 * 60))
            meeting, invitation = new_id(), new_id()
            said = {**key, "invitation_id": invitation, "updated_at": held, "visibility": "rep", "counts": "counted",
                    "stage": dice.choice(STAGES)}  # fmt: skip
            heard, guessed, odd = dice.random() < 0.8, dice.random() < 0.8, dice.random()
            yield (
                {**key, "id": meeting, "rep_id": rep, "held_at": held},
                {**key, "id": invitation, "meeting_id": meeting, "contact_id": contact, "token": new_token(code),
                 "closes_at": held + timedelta(days=14), "opened_at": held, "sealed_at": held if guessed else None},
                {**said, "id": new_id(), "side": "client", "settles_at": held, "settled_at": held, "told_at": held,
                 "comment": dice.choice(COMMENTS), "signals": ("hurried",) if odd < 0.02 else (),
                 **({"counts": "quarantined", "signals": ("one_device",)} if odd > 0.995 else {}), **_six(likes, dice)}
                if heard else None,
                {**said, "id": new_id(), "side": "rep", "sealed_at": held, "seen_at": held, **_six(4, dice)}
                if guessed else None,
            )  # fmt: skip


def _six(around: int, dice: random.Random) -> dict[str, int]:
    return {name: min(5, max(1, around + dice.choice((-1, 0, 0, 1)))) for name in DIMENSIONS}


def _follow_ups(session: Any, key: dict[str, Any], dice: random.Random) -> None:
    """Alerts, practices and promises: one relationship in ten has an alert, in twenty a practice, in ten a promise."""
    rows = session.execute(
        select(col(Relationship.id), col(Meeting.id).label("meeting_id"), col(Invitation.id).label("invitation_id"),
               col(Relationship.contact_id), col(Meeting.held_at))
        .join(Meeting, (col(Meeting.organisation_id) == col(Relationship.organisation_id))
              & (col(Meeting.rep_id) == col(Relationship.rep_id)))
        .join(Invitation, (col(Invitation.organisation_id) == col(Meeting.organisation_id))
              & (col(Invitation.meeting_id) == col(Meeting.id))
              & (col(Invitation.contact_id) == col(Relationship.contact_id)))
        .where(col(Relationship.organisation_id) == key["organisation_id"])
        .order_by(col(Relationship.id))
    ).all()  # fmt: skip
    manager = session.scalar(select(col(User.id)).where(col(User.email) == "carol@example.com"))
    alerts, reasons, events, practices, promises = [], [], [], [], []
    for row in {row.id: row for row in rows}.values():
        opened = {**key, "created_at": row.held_at}
        if dice.random() < 0.1:
            alert, closed = new_id(), dice.random() < 0.7
            grave = dice.random() < 0.5
            kind, severity = ("low", "urgent") if grave else ("fine", "watch")
            alerts.append({**opened, "id": alert, "relationship_id": row.id, "kind": kind, "severity": severity,
                           "due_at": row.held_at + timedelta(days=2 if dice.random() < 0.9 else 400),
                           "closed_at": row.held_at + timedelta(days=1) if closed else None,
                           "outcome": "recovered" if closed else None})  # fmt: skip
            reasons.append({**opened, "id": new_id(), "alert_id": alert, "kind": kind, "severity": severity,
                            "invitation_id": row.invitation_id})  # fmt: skip
            if closed:
                events.append(
                    {**opened, "id": new_id(), "alert_id": alert, "what": "taken", "user_id": manager}
                )
        if dice.random() < 0.05:
            practices.append({**opened, "id": new_id(), "relationship_id": row.id, "dimension": dice.choice(DIMENSIONS),
                              "number": 1})  # fmt: skip
        if dice.random() < 0.1:
            promises.append({**opened, "id": new_id(), "meeting_id": row.meeting_id, "contact_id": row.contact_id,
                             "side": "rep", "words": "Send the paper", "due_on": row.held_at.date()})  # fmt: skip
    for table, made in (
        (Alert, alerts), (AlertReason, reasons), (AlertEvent, events), (PracticeChoice, practices), (Promise, promises),
    ):  # fmt: skip
        session.execute(insert(table), made)


def _found(db: Database, shape: Shape) -> World:
    with db.reading() as session:
        organisation_id = session.scalars(select(col(Organisation.id))).one()
        ids = dict(
            session.execute(
                select(col(User.email), col(User.id)).where(col(User.organisation_id) == organisation_id)
            ).all()
        )
        mine = (col(Relationship.organisation_id) == organisation_id) & (
            col(Relationship.rep_id) == ids["rep0@example.com"]
        )
        contact = session.scalars(
            select(Contact).join(Relationship, col(Relationship.contact_id) == col(Contact.id)).where(mine)
        ).first()
        team = session.scalar(select(col(User.team_id)).where(col(User.id) == ids["rep0@example.com"]))
        assert contact is not None
        assert team is not None
    about = {"rep": ids["rep0@example.com"], "account": contact.account_id, "team": team}
    who = {
        "owner": ids["olive@example.com"],
        "manager": ids["carol@example.com"],
        "rep": ids["rep0@example.com"],
    }
    return World(shape, db, organisation_id, who, about)


class Visitor:
    """A browser of one person, and how many statements its requests make."""

    def __init__(self, app: Flask, world: World, name: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.world, self.statements = world, 0
        with tap(world.db, world.organisation_id, NOW) as c:
            secret = begin_session(c, world.people[name], "benchmark")
        with self.client.session_transaction() as cookie:
            cookie.update(organisation=str(world.organisation_id), secret=secret)
        event.listen(world.db.engine, "before_cursor_execute", self._count)

    def get(self, page: str) -> tuple[float, int]:
        """Milliseconds on a processor, and statements, of one request."""
        self.statements, began = 0, time.process_time()
        reply = self.client.get(page.format(**{name: str(found) for name, found in self.world.about.items()}))
        took = (time.process_time() - began) * 1000
        assert reply.status_code == 200, (page, reply.status_code)
        return took, self.statements

    def _count(self, *_: Any) -> None:
        self.statements += 1


def visit(folder: Path, world: World, name: str) -> Visitor:
    """A visitor of an application on that organisation's database, at the benchmark's time."""
    settings = Settings(instance=folder, database_url="", secret_key="k" * 40)
    app = create_app(settings, database=world.db, clock=lambda: NOW)
    return Visitor(app, world, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--accounts", action="store_true")
    parser.add_argument("--page")
    parser.add_argument("--who", default="owner")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        worlds = [world(folder, shape) for shape in (SMALL, LARGE, *([ACCOUNTS] if options.accounts else []))]
        pages = [(options.who, options.page)] if options.page else [
            *(("owner", page) for page in PAGES), *(("manager", page) for page in PAGES), ("rep", "/meetings")]  # fmt: skip
        print(
            "| who | page | "
            + " | ".join(f"{w.shape.relationships:,} / {w.shape.accounts:,}" for w in worlds)
            + " | ratio |"
        )
        visitors = {
            (n, who): visit(folder, w, who) for n, w in enumerate(worlds) for who in {who for who, _ in pages}
        }
        for who, page in pages:
            times: list[list[tuple[float, int]]] = [[] for _ in worlds]
            for round_ in range(options.rounds + 1):
                if round_ == 1:
                    as_served()
                for n in range(len(worlds)):
                    times[n].append(visitors[n, who].get(page))
            medians = [median(took for took, _ in kept[1:]) for kept in times]
            note(f"{page} for {who}, {LARGE.relationships:,} relationships", medians[1], "ms", most=MOST)
            cells = [f"{took:.0f} ms ({kept[-1][1]})" for took, kept in zip(medians, times, strict=True)]
            print(
                f"| {who} | {page} | {' | '.join(cells)} | {max(medians[1:]) / medians[0]:.2f} |", flush=True
            )
        if options.profile:
            profile = cProfile.Profile()
            profile.runcall(visitors[1, options.who].get, options.page)
            pstats.Stats(profile).sort_stats("cumulative").print_stats(45)
        for each in worlds:
            each.db.dispose()


if __name__ == "__main__":
    main()
