"""One seed, one life: two organisations in one database, for as long as is asked."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from support.keys import KEY, KEYS

from feedback import migrations
from feedback.app import create_app
from feedback.config import Settings
from feedback.db.engine import Database
from feedback.jobs.settling import settle_due
from feedback.sending.webhooks import deliver_webhooks
from feedback.sending.worker import deliver_mails, run_due_jobs
from simulation.faults import FaultyDatabase, Killed, LostConnection
from simulation.invariants.looks import Invariants
from simulation.organisation import SIZES, SimulatedOrganisation, Size, found
from simulation.weeks import plan_week
from simulation.world import BACK, BEGAN, HERE, Broken, World, running

DEAR_EVERY = 300  # steps
KEPT_EVERY = 500  # likewise: all rows of who has no part in it are compared
WEATHER = (0.02,) * 14 + (0.3,) * 5 + (1.0,)  # part of what the world outside refuses, or drops
FAULTS = 0.02  # part of the commits that fail


@dataclass(frozen=True)
class Life:
    """How a life went."""

    seed: int
    steps: int
    commits: int
    failed: int
    answers: int
    digest: str


class Found(Exception):
    """Raised with all that is needed to look into what does not hold."""


def make_app(folder: Path) -> Any:
    """Make the one app whose templates all lives of a process use."""
    app = create_app(
        Settings(instance=folder, database_url="", secret_key=KEY), database=Database("sqlite://")
    )
    app.testing = True
    return app


class Stage:
    """An app and a SQLite file, on which lives are lived one after the other."""

    def __init__(self, folder: Path) -> None:
        self.app = make_app(folder)
        self.empty, self.path = folder / "empty.sqlite3", folder / "life.sqlite3"
        made = Database(f"sqlite:///{self.empty}")
        migrations.migrate(made)
        made.dispose()
        self.db = FaultyDatabase(f"sqlite:///{self.path}", KEYS)

    def live(self, seed: int, years: float, **options: Any) -> "Life":
        """Live a life on an empty file. Raises Found."""
        self.db.dispose()
        for left in self.path.parent.glob(f"{self.path.name}*"):
            left.unlink()
        self.path.write_bytes(self.empty.read_bytes())
        return live(seed, years, self.db, self.app, **options)


def live(
    seed: int, years: float, db: FaultyDatabase, app: Any, *, faults: float = FAULTS, dear_every: int = DEAR_EVERY,
    sizes: Sequence[Size] = SIZES,
    before: Callable[[World], None] = lambda world: None,
) -> Life:  # fmt: skip
    """Live the life of a seed on an empty, migrated database. Raises Found."""
    world = World(seed, db, app, faults)
    with running(world):
        try:
            organisations = _begin(world, sizes)
            looks = Invariants(world, organisations)
            before(world)
            _go_on(world, looks, BEGAN + timedelta(days=365 * years), dear_every)
            _end(world)
            looks.cheap()
            looks.at_the_end()
        except (Exception, Killed) as error:
            raise Found(_report(world, error, years)) from error
        digest = " ".join(looks.digest(o)[:16] for o in organisations)
        answers = sum(len(o.answers) for o in organisations)
    return Life(seed, world.step, world.db.commits, world.db.failed, answers, digest)


def _begin(world: World, sizes: Sequence[Size]) -> list[SimulatedOrganisation]:
    zones = world.dice.sample(["Europe/Berlin", "America/New_York", "Pacific/Auckland", "UTC"], 2)
    demo = world.dice.random() < 0.2
    drawn = world.dice.choices(sizes, k=2)
    made = [found(world, name, zone, size, demo=demo and name == "Beta", began=BEGAN)
            for name, zone, size in zip(("Alpha", "Beta"), zones, drawn, strict=True)]  # fmt: skip
    world.organisations = made
    for o in made:
        plan_week(o)
    world.look = lambda: look(world)
    world.at(BEGAN, "a day passes", lambda: _daily(world))
    world.at(BEGAN, "the weather", lambda: _weather(world))
    world.db.part = world.faults
    return made


def look(world: World) -> None:
    """Let the worker look once at all that is due, as its loop does: what fails holds up nothing else."""
    with suppress(Killed):  # it dies, and the next look is that of a new one
        for do in (
            lambda: deliver_mails(world.db, world.settings, world.now),
            lambda: settle_due(world.db, world.now(), HERE),
            lambda: deliver_webhooks(world.db, False, world.now),
        ):
            with suppress(LostConnection):
                do()


def _daily(world: World) -> None:
    """Let the jobs of the day run, on some days; the worker is not always there."""
    with suppress(Killed, LostConnection):
        _run_jobs(world)
    look(world)
    world.after(86400 * world.dice.choice((1, 4, 7, 14)) + world.dice.uniform(-9000, 9000), "a day passes",
                lambda: _daily(world))  # fmt: skip


def _run_jobs(world: World) -> None:
    """Let the jobs of the day run; where nothing failed, the weekly mails that are due are promised."""
    now, failed = world.now(), world.db.failed
    run_due_jobs(world.db, now)
    if world.db.failed == failed:
        for o in world.organisations:
            o.promise_weekly(now)


def _weather(world: World) -> None:
    """Change what goes wrong: the mail server, the receivers, the clock, or everything at once."""
    dice = world.dice
    world.office.fails = dice.choice(WEATHER)
    world.receivers.fails = dice.choice(WEATHER)
    world.off = timedelta()
    luck = dice.random()
    if luck < 0.04:
        world.off = -BACK
        world.put_back.append(world.time)
        world.say("the clock is put back by an hour")
    elif luck < 0.06:
        world.time += timedelta(days=dice.choice((1, 4, 18)))
        world.say("nothing runs for days")
    wait = 4 * 3600 if world.off else 86400 * dice.choice((1, 3, 6))
    world.after(wait, "the weather", lambda: _weather(world))


def _go_on(world: World, looks: Invariants, until: Any, dear_every: int) -> None:
    by_name = {o.name: o for o in world.organisations}
    while world.events and world.events[0][0] < until:
        what, do = world.next_event()
        mine = by_name.get(what.split(":")[0])  # None where it is about all
        apart = [o for o in world.organisations if mine and o is not mine and world.step % KEPT_EVERY == 0]
        before = [looks.as_kept(o) for o in apart]
        world.db.wrote.clear()
        do()
        if (mine and not world.db.wrote <= {mine.id.hex}) or before != [looks.as_kept(o) for o in apart]:
            raise Broken("what one organisation did changed another")
        looks.cheap()
        if world.step % dear_every == 0:
            looks.dear()


def _end(world: World) -> None:
    """Let everything work again, and the queues be worked off."""
    world.db.part = world.office.fails = world.receivers.fails = 0.0
    world.off = timedelta()
    for minutes in (11, 11, 11, 60, 1440, 1440, 1440):
        world.last.append("everything works again")
        world.time += timedelta(minutes=minutes)
        _work_off(world)
        _run_jobs(world)
    _work_off(world)


def _work_off(world: World) -> None:
    """Let the worker look until it finds nothing to do, and nine times at most: what it never gets done is found."""
    for _ in range(9):
        before = world.db.commits
        look(world)
        if world.db.commits == before:
            return


def _report(world: World, error: BaseException, years: float) -> str:
    events = "\n".join(world.last)
    return (
        f"seed {world.seed}, step {world.step}: {type(error).__name__}: {error}\n\nthe last events:\n{events}\n\n"
        f"to see it again: make simulate SEED={world.seed} YEARS={2 * years:g}"
    )
