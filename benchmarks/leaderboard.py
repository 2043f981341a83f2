"""Does a leaderboard cost by the number of relationships, and not of answers?

    .venv/bin/python benchmarks/leaderboard.py

Two organisations with the same 100 reps and 5,000 relationships, one with 10,000 answers, one with a million,
on SQLite in a temporary folder. Prints the median time of the leaderboard and of its CSV for both, and their
ratio. The two are measured in turns, so that a busy machine is busy for both.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from uuid import UUID

from sqlalchemy import insert

from feedback import migrations
from feedback.actions import people
from feedback.actions.change import change
from feedback.actions.people import NewOrganisation
from feedback.actions.scoring.rescore import rescore
from feedback.core.calendar.weeks import week_of
from feedback.core.dimensions import DIMENSIONS
from feedback.core.tokens import new_token
from feedback.db.engine import Database
from feedback.models import Account, Contact, Feedback, Invitation, Meeting, Organisation, User
from feedback.models.columns import new_id
from feedback.pages.leaderboard import leaderboard, scoring_calendar
from feedback.store.people import all_reps
from feedback.web.csv import leaderboard_csv

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
REPS, CONTACTS, BATCH = 100, 50, 20_000


def fill(db: Database, answers: int, dice: random.Random) -> UUID:
    """An organisation with that many answers, spread evenly over 5,000 relationships and three years."""
    organisation_id, _ = people.set_up(
        db,
        NewOrganisation(
            organisation="Bench", name="Owner", email="owner@example.com", password="a short sentence"
        ),
        NOW,
    )
    with db.writing() as session:
        code = session.get_one(Organisation, organisation_id).code
        key = {"organisation_id": organisation_id, "created_at": NOW}
        reps = [new_id() for _ in range(REPS)]
        session.execute(insert(User), [
            {**key, "id": rep, "name": f"Rep {n}", "email": f"rep{n}@example.com", "role": "rep"}
            for n, rep in enumerate(reps)
        ])  # fmt: skip
        account = new_id()
        session.execute(
            insert(Account), [{**key, "id": account, "name": "Northwind", "name_key": "northwind"}]
        )
        pairs = [(rep, new_id()) for rep in reps for _ in range(CONTACTS)]
        session.execute(insert(Contact), [
            {**key, "id": contact, "account_id": account, "name": str(n), "name_key": str(n)}
            for n, (_, contact) in enumerate(pairs)
        ])  # fmt: skip
        rows = _answers(key, code, pairs, answers, dice)
        while batch := list(islice(rows, BATCH)):
            for n, table in enumerate((Meeting, Invitation, Feedback, Feedback)):
                session.execute(insert(table), [row[n] for row in batch])
    with change(db, organisation_id, NOW) as c:
        rescore(c)
    return organisation_id


def _answers(
    key: dict[str, object], code: str, pairs: list[tuple[UUID, UUID]], count: int, dice: random.Random
) -> Iterator[tuple[dict[str, object], ...]]:
    for n in range(count):
        rep, contact = pairs[n % len(pairs)]
        held = NOW - timedelta(minutes=dice.randrange(60, 3 * 365 * 24 * 60))
        meeting, invitation = new_id(), new_id()
        said = {
            **key,
            "invitation_id": invitation,
            "updated_at": held,
            "visibility": "rep",
            "counts": "counted",
        }
        yield (
            {**key, "id": meeting, "rep_id": rep, "held_at": held},
            {**key, "id": invitation, "meeting_id": meeting, "contact_id": contact, "token": new_token(code),
             "closes_at": held + timedelta(days=14), "opened_at": held},
            {**said, "id": new_id(), "side": "client", "settles_at": held, "settled_at": held, "told_at": held, **_six(dice)},
            {**said, "id": new_id(), "side": "rep", "sealed_at": held, **_six(dice)},
        )  # fmt: skip


def _six(dice: random.Random) -> dict[str, int]:
    return {name: dice.choice((2, 3, 4, 4, 5, 5)) for name in DIMENSIONS}


def once(db: Database, organisation_id: UUID) -> float:
    """Seconds for the running week's leaderboard and its CSV."""
    began = time.perf_counter()
    with db.reading() as session:
        week = week_of(NOW, scoring_calendar(session, organisation_id).zone)
        found = leaderboard(session, organisation_id, all_reps(session, organisation_id), week, NOW)
        assert found is not None
        leaderboard_csv(found)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    worlds = []
    with tempfile.TemporaryDirectory() as folder:
        for answers in (options.few, options.many):
            db = Database(f"sqlite:///{Path(folder) / f'{answers}.sqlite3'}")
            migrations.migrate(db)
            began = time.perf_counter()
            worlds.append((db, fill(db, answers, random.Random(7))))
            print(f"{answers:,} answers filled and scored in {time.perf_counter() - began:.0f} s", flush=True)
        times: list[list[float]] = [[], []]
        for _ in range(options.rounds):
            for kept, (db, organisation_id) in zip(times, worlds, strict=True):
                kept.append(once(db, organisation_id))
        few, many = (median(kept) for kept in times)
        print(
            f"| answers | leaderboard and CSV |\n| ---: | ---: |\n| {options.few:,} | {few * 1000:.1f} ms |"
        )
        print(f"| {options.many:,} | {many * 1000:.1f} ms |\n\nratio {many / few:.2f}")
        for db, _ in worlds:
            db.dispose()


if __name__ == "__main__":
    main()
