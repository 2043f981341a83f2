"""Does the time that a page takes tell a rep what the client answered, before the guess is sealed?

    .venv/bin/python benchmarks/before_sealing.py [--rounds 300]

Four organisations in one database begin alike. Then in each the client of one open meeting answers: all ones with
2,000 characters and for the manager only; all fives and not a word; all fives once more, which shows how far apart
two equal worlds come by chance; or not at all (that much a rep may know). Alice opens her pages in each, in an
order drawn anew for each round. Printed are the median CPU time of a page, and for each world the median of the
differences to "all fives" within a round, with the chance of one at least as wide if the worlds were equal
(5,000 sign flips). A world is told apart when that is below 0.01 / 24 and the difference wider than between the
two equal ones. Last, how many more or fewer functions run than for "all fives".
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import thread_time_ns
from uuid import UUID

from figures import note
from flask.testing import FlaskClient

from feedback import migrations
from feedback.actions import answers, meetings, mirrors, people
from feedback.actions.answers import Submission
from feedback.actions.change import change
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.actions.people import NewOrganisation, NewUser
from feedback.app import create_app
from feedback.config import read_settings
from feedback.core.access import Reader
from feedback.core.dimensions import DIMENSIONS
from feedback.db.engine import Database
from feedback.models import Relationship
from feedback.store.invitations import invitations_of_meeting
from feedback.store.relationships import stored_relationships

BEGIN = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
REPS, CONTACTS, MEETINGS = 5, 6, 3
PERMUTATIONS = 5000  # as many as it takes for a chance below TELLS
LEAVING = {"comment": "We are leaving. " * 125, "visibility": "manager", "stage": "curious", "nps": 0}
EQUAL, OTHER = "all fives, once more", "all ones, 2,000 characters"
TELLS = 0.01 / 24  # the chance below which a page tells two worlds apart
ANSWERS: dict[str, tuple[int, dict[str, object]] | None] = {
    "all fives": (5, {}),
    EQUAL: (5, {}),
    OTHER: (1, LEAVING),
    "nothing": None,
}


@dataclass
class Clock:
    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    name: str
    organisation_id: UUID
    paths: dict[str, str]
    alice: FlaskClient | None = None


def six(rating: int) -> dict[str, int]:
    return dict.fromkeys(DIMENSIONS, rating)


def build(db: Database, name: str, number: int, clock: Clock) -> World:
    """An organisation of a few weeks, and one meeting more, which Alice has not guessed yet."""
    organisation_id, _ = people.set_up(db, NewOrganisation(organisation=f"World {number}", name="Olive", email=f"olive{number}@example.com", password="a short sentence"), BEGIN)  # fmt: skip
    with change(db, organisation_id, BEGIN) as c:
        reps = [
            people.add_user(c, NewUser(f"Rep {n}", f"rep{n}.{number}@example.com", "rep", "a short sentence", ("North",)))
            for n in range(REPS)
        ]  # fmt: skip
    for week in range(MEETINGS):
        for n, rep_id in enumerate(reps):
            for contact in range(CONTACTS):
                clock.now = BEGIN + timedelta(days=7 * week, hours=n, minutes=contact)
                met(db, organisation_id, rep_id, contact, clock.now, 2 + (contact + n) % 4, 3 + week % 2)
    clock.now = BEGIN + timedelta(days=7 * MEETINGS, hours=3)
    meeting_id = met(db, organisation_id, reps[0], 0, clock.now, None, None)
    clock.now += timedelta(minutes=5)
    with db.reading() as session:
        (last,) = invitations_of_meeting(session, organisation_id, meeting_id, Reader.RULES, clock.now)
    said = ANSWERS[name]
    if said:
        rating, extras = said
        state = Submission(six(rating), extras, done=True)
        with change(db, organisation_id, clock.now) as c:
            answers.save_answer(c, last.id, state)
    clock.now += timedelta(minutes=5)
    with db.reading() as session:
        contact = Relationship.contact_id == last.contact_id
        relationship = stored_relationships(session, organisation_id, contact)[0].id
    page = f"/meetings/{meeting_id}"
    paths = {
        "/meetings/<id>": page, "/status": f"{page}/status", "/mirror": f"{page}/mirror", "/gap": f"{page}/gap",
        "/meetings": "/meetings", "/leaderboard": "/leaderboard", "/reps/<id>": f"/reps/{reps[0]}",
        "/relationships": f"/relationships/{relationship}",
    }  # fmt: skip
    return World(name, organisation_id, paths)


def met(db: Database, organisation_id: UUID, rep_id: UUID, contact: int, now: datetime,
        said: int | None, guessed: int | None) -> UUID:  # fmt: skip
    with change(db, organisation_id, now) as c:
        meeting_id = meetings.start_meeting(
            c, rep_id, NewMeeting(new_contact=NewContact(f"Client {contact} {rep_id}", "Northwind"))
        )
    if said and guessed:
        with db.reading() as session:
            (invitation,) = invitations_of_meeting(session, organisation_id, meeting_id, Reader.RULES, now)
        with change(db, organisation_id, now) as c:
            mirrors.save_mirror(c, invitation.id, ratings=six(guessed), seal=True)
        with change(db, organisation_id, now) as c:
            answers.save_answer(c, invitation.id, Submission(six(said), done=True))
    return meeting_id


def chance(differences: list[float], draw: random.Random) -> float:
    """How often a median at least this far from 0 comes up when every difference could as well be its negative."""
    seen = abs(median(differences))
    wide = sum(
        abs(median(d if draw.random() < 0.5 else -d for d in differences)) >= seen
        for _ in range(PERMUTATIONS)
    )
    return (wide + 1) / (PERMUTATIONS + 1)


def timed(look: Callable[[], object]) -> float:
    """CPU time in microseconds."""
    begun = thread_time_ns()
    look()
    return (thread_time_ns() - begun) / 1000


def calls(look: Callable[[], object]) -> int:
    """How many functions run, Python's own and those written in C: the work, without the noise of a clock."""
    count = 0

    def one(_frame: object, event: str, _what: object) -> None:
        nonlocal count
        count += event.endswith("call")

    sys.setprofile(one)
    look()
    sys.setprofile(None)
    return count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    draw, clock = random.Random(options.seed), Clock()
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({"FEEDBACK_INSTANCE": folder})
        db = Database(f"sqlite:///{Path(folder) / 'feedback.sqlite3'}", settings.keys)
        migrations.migrate(db)
        worlds = [
            build(db, name, n, clock) for n, name in enumerate(draw.sample(list(ANSWERS), len(ANSWERS)))
        ]
        app = create_app(settings, database=db, clock=clock)
        app.config["WTF_CSRF_ENABLED"] = False  # signing in takes no second page
        for n, world in enumerate(worlds):
            world.alice = app.test_client()
            form = {"email": f"rep0.{n}@example.com", "password": "a short sentence"}
            assert world.alice.post("/sign-in", data=form).status_code == 303
        measure(worlds, options.rounds, draw)
        db.dispose()


def measure(worlds: list[World], rounds: int, draw: random.Random) -> None:
    first = "all fives"
    others = [name for name in ANSWERS if name != first]
    print(f"{'page':16}{'median':>10}" + "".join(f"{name:>45}" for name in others))
    apart = 0
    for page in worlds[0].paths:
        times: dict[str, list[float]] = {world.name: [] for world in worlds}
        for turn in range(-20, rounds):  # the first ones warm up
            for world in draw.sample(worlds, len(worlds)):
                assert world.alice
                alice, path = world.alice, world.paths[page]
                took = timed(lambda alice=alice, path=path: alice.get(path))  # type: ignore[misc]
                if turn >= 0:
                    times[world.name].append(took)
        work = {
            world.name: min(calls(lambda a=world.alice, p=world.paths[page]: a.get(p)) for _ in range(3))  # type: ignore[misc]
            for world in worlds
        }
        line = f"{page:16}{median(times[first]) / 1000:>7.2f} ms"
        by_chance = abs(median(a - b for a, b in zip(times[EQUAL], times[first], strict=True)))
        for name in others:
            differences = [a - b for a, b in zip(times[name], times[first], strict=True)]
            ratio = median(times[name]) / median(times[first])
            p = chance(differences, draw)
            apart += name == OTHER and p < TELLS and abs(median(differences)) > by_chance
            told = f"{median(differences):+.0f} us x{ratio:.3f} p={p:.3f}"
            line += f"{told} {work[name] - work[first]:+d} calls".rjust(45)
        print(line, flush=True)
    note("before sealing: pages that tell answers apart", apart, "pages", most=0)


if __name__ == "__main__":
    main()
