"""The world of one life: a database, a clock, dice for everything that is random, and what happens when."""

import heapq
import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

from support.one_by_one import OneByOne

from feedback.config import Settings
from feedback.context import AppContext
from feedback.sending import worker as sending_worker
from feedback.sending.letter import Letter
from simulation.faults import FaultyDatabase, Killed, LostConnection
from simulation.outside import MailOffice, Receivers

HERE = "https://feedback.example"
BEGAN = datetime(2026, 1, 5, 8, tzinfo=UTC)
HOUR = 3600.0
TICK = timedelta(microseconds=1)
BACK = timedelta(hours=1)  # by so much the clock is put back
OURS = "feedback"  # the logger under which the product says what went wrong
RENDERED = 25  # of so many weekly mails one is really rendered
SHORT = Letter("A letter", "Rendered rarely, for it costs as much as ten taps.")


class Broken(AssertionError):
    """Raised when something does not hold."""


class Randomness:
    """In place of `secrets` and UUIDv7: random, from a seed, and in the order of time."""

    def __init__(self, seed: str, clock: Callable[[], datetime]) -> None:
        self.dice, self.clock, self.made = Random(seed), clock, count()

    def uuid7(self) -> UUID:
        """Return a UUIDv7: milliseconds, a running number, random bits."""
        ms = int(self.clock().timestamp() * 1000)
        number = next(self.made) & 0xFFF
        return UUID(int=ms << 80 | 7 << 76 | number << 64 | 2 << 62 | self.dice.getrandbits(62))

    def randbelow(self, limit: int) -> int:
        """Return a number from 0 up to the limit."""
        return self.dice.randrange(limit)

    def token_bytes(self, size: int = 16) -> bytes:
        """Return random bytes."""
        return self.dice.randbytes(size)

    def token_urlsafe(self, size: int = 16) -> str:
        """Return random letters."""
        return self.dice.randbytes(size).hex()


class World:
    """One database and all who use it. `now()` is the time of our server, which may be wrong by `off`."""

    def __init__(self, seed: int, db: FaultyDatabase, app: Any, faults: float) -> None:
        self.seed, self.app = seed, app
        self.dice = Random(f"life {seed}")
        self.time, self.off = BEGAN, timedelta()
        self.randomness = Randomness(f"secrets {seed}", self.now)
        self.db = db
        self.db.begin(Random(f"faults {seed}"))
        self.faults = faults
        self.office = MailOffice(Random(f"mail {seed}"))
        self.receivers = Receivers(Random(f"receivers {seed}"))
        self.settings = Settings(
            Path("/nowhere"),
            "",
            "k" * 40,
            base_url=HERE,
            smtp_url="smtp://x",
            mail_from="us@feedback.example",
        )
        self.events: list[tuple[datetime, int, str, Callable[[], None]]] = []
        self.numbers, self.step = count(), 0
        self.last: deque[str] = deque(maxlen=20)
        self.surprises = Surprises()
        self.rounds: set[datetime] = set()
        self.letters = count()
        self.put_back: list[datetime] = []  # when the server's clock was put back, by BACK
        self.touched: list[Any] = []  # the expected answers that the running event is about

    def now(self) -> datetime:
        """Return the time by the server's clock, which moves on a little each time that it is read."""
        self.time += TICK
        return self.time + self.off

    def comes_twice(self, when: datetime) -> bool:
        """Tell whether a time by the server's clock came twice, for the clock was put back: of what was told then nobody
        can say by its time which was first."""
        return any(back - BACK <= when <= back for back in self.put_back)

    def at(self, when: datetime, what: str, do: Callable[[], None]) -> None:
        """Let something happen then."""
        heapq.heappush(self.events, (max(when, self.time), next(self.numbers), what, do))

    def after(self, seconds: float, what: str, do: Callable[[], None]) -> None:
        """Let something happen so many seconds from now."""
        self.at(self.time + timedelta(seconds=seconds), what, do)

    def next_event(self) -> tuple[str, Callable[[], None]]:
        """Go on to the next event; return what it is, and how to do it."""
        when, _, what, do = heapq.heappop(self.events)
        self.time = max(self.time, when)
        self.step += 1
        self.last.append(f"{self.step:6} {self.now():%Y-%m-%d %H:%M:%S} {what}")
        return what, do

    def say(self, words: str) -> None:
        """Add to the line of the running event how it went."""
        self.last[-1] += f"; {words}"

    def tried(self, do: Callable[[], Any], *expected: type[Exception]) -> bool:
        """Do something, and tell whether whoever did it hears that it is done. expected: refusals."""
        try:
            do()
        except expected as refused:
            self.say(f"refused: {type(refused).__name__} {refused}")
            return False
        except (Killed, LostConnection) as fault:
            self.say(f"{type(fault).__name__}")
            return False
        return True

    def persistently(self, do: Callable[[], Any], *expected: type[Exception]) -> None:
        """Do something, once more if it fails, as most people do."""
        failed = self.db.failed
        if not self.tried(do, *expected) and self.db.failed > failed and self.dice.random() < 0.7:
            self.tried(do, *expected)

    def send_letter(self, session: Any, together: Any, *rest: Any) -> Letter:
        """Write a mail as the worker does; of the weekly ones most are not rendered."""
        self.office.together = list(together)
        if together[0].monday and next(self.letters) % RENDERED:
            return SHORT
        return real_letter(session, together, *rest)


real_letter = sending_worker.letter


class Surprises(logging.Handler):
    """Keeps the errors that the product logged and went on from, but for those that we made."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it, unless it is about a fault of ours."""
        error = record.exc_info[1] if record.exc_info else None
        while error is not None and not isinstance(error, LostConnection | Killed):
            error = error.__cause__ or error.__context__
        if error is None and record.levelno >= logging.ERROR:
            self.found.append(logging.Formatter().format(record))


@contextmanager
def running(world: World) -> Iterator[None]:
    """Put the world's clock, dice, mail server and receivers where the product looks for them."""
    log = logging.getLogger(OURS)
    stood_on = world.app.extensions["feedback"]
    put = {
        "feedback.models.columns.uuid7": world.randomness.uuid7,
        "feedback.core.tokens.secrets": world.randomness,
        "feedback.actions.people.secrets": world.randomness,
        "feedback.webhooks.subscriptions.secrets": world.randomness,
        "feedback.actions.people.hash_password": lambda _password, _like=None, _own=(): "x",
        "feedback.sending.worker.send": world.office.send,
        "feedback.sending.worker.mark_done": lambda _instance, _mark, _now: None,  # there is no folder
        "feedback.sending.worker.letter": world.send_letter,
        "feedback.sending.webhooks.post_once": world.receivers.post_once,
        "feedback.sending.webhooks.addresses_of": lambda _target, private: [],
        "feedback.sending.rounds.ThreadPoolExecutor": OneByOne,
    }
    with ExitStack() as stack:
        for name, value in put.items():
            stack.enter_context(patch(name, value))
        log.addHandler(world.surprises)
        propagates, log.propagate = log.propagate, False
        world.app.extensions["feedback"] = AppContext(world.db, world.settings, world.now)
        try:
            with world.app.app_context():
                yield
        finally:
            log.removeHandler(world.surprises)
            log.propagate = propagates
            world.app.extensions["feedback"] = stood_on
