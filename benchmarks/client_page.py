"""What the client's page costs beside a bare floor: the page, a tap, Done and a whole answer.

    .venv/bin/python benchmarks/client_page.py [--seconds 3] [--rounds 3] [--postgresql]

The floor is benchmarks/floor.py: the same server with one process, the raw driver, a page formatted ahead, one durable
write: of one row for a tap, and for Done of the five that the product writes, in one transaction. Floor and product are
served and measured in turns, with 8 connections, so that a busy machine is busy for both. Printed are requests a second,
the ratio of the two, how long the slowest hundredth waited beside the median (of all rounds together), and the processor
time of each in this process, without a server.

The clients are ordinary: the page tells that it was opened, the taps come in a while later, no three clients of a rep
say the same six things. Done beside the floor's tap, which writes one row, and a Done that raises an urgent alert, which
a mail has to be written for, are printed as well. In process the clock goes on by seven seconds from step to step.
"""

import argparse
import io
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import load
import psycopg
from figures import note

from feedback import migrations
from feedback.actions import answers, meetings, people
from feedback.actions.answers import Submission
from feedback.actions.change import change, tap
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.actions.people import NewOrganisation, NewUser
from feedback.core.access import Reader
from feedback.core.answer_key import new_key
from feedback.core.dimensions import DIMENSIONS
from feedback.db.engine import Database
from feedback.store.invitations import invitations_of_rep

HERE = Path(__file__).parent
KEY = "k" * 40
sys.path.insert(0, str(HERE.parent / "tests"))
from support.postgres import server  # noqa: E402

MEETINGS, REPS, PORTION = 1600, 60, 100
# Of the floor's rate, at the least.
WANTED = {
    ("SQLite", "page"): 0.25, ("SQLite", "tap"): 0.25, ("SQLite", "Done"): 0.08,
    ("PostgreSQL", "page"): 0.30, ("PostgreSQL", "tap"): 0.35, ("PostgreSQL", "Done"): 0.08,
}  # fmt: skip
SLOWEST = 10  # times the median, of the slowest hundredth with 8 clients writing
WHOLE_ANSWER = 25  # ms of a processor, at most
STEP = timedelta(seconds=7)  # from one step of a client to the next, for the clock in this process
PHONE = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1",
    "Accept-Language": "en-GB,en;q=0.8",
}
HX = {**PHONE, "HX-Request": "true"}


@dataclass(frozen=True)
class World:
    """A database with many invitations that nobody has answered."""

    url: str
    tokens: list[str]


def fill(url: str, count: int = MEETINGS, *, tapped: bool = False) -> World:
    """Make such a database. tapped: each client has tapped one row already."""
    db, now = Database(url, (KEY,)), datetime.now(UTC)
    migrations.migrate(db)
    owner = NewOrganisation(
        organisation="Bench", name="Owner", email="owner@example.com", password="a short sentence"
    )
    organisation_id, _ = people.set_up(db, owner, now)
    with change(db, organisation_id, now) as c:
        reps = [
            people.add_user(
                c, NewUser("Sam Okafor", f"sam{n}@example.com", "rep", "a short sentence", ("North",))
            )
            for n in range(REPS)
        ]
    for first in range(0, count, PORTION):
        with change(db, organisation_id, now) as c:
            for n in range(first, min(count, first + PORTION)):
                new = NewContact(f"Dana Whitfield {n}", f"Northwind {n % 100}")
                meetings.start_meeting(c, reps[n % REPS], NewMeeting(new_contact=new))
        look(url)
    since = datetime.fromtimestamp(0, UTC)
    with db.reading() as session:
        found = [
            invitation
            for rep in reps
            for invitation in invitations_of_rep(session, organisation_id, rep, since, Reader.RULES, now)
        ]
    if tapped:
        with tap(db, organisation_id, now) as c:
            for invitation in found:
                answers.save_tap(c, invitation.id, Submission({"savvy": 4}))
        with change(db, organisation_id, now) as c:
            c.rescored.update(reps)  # so that each has a row of sums
    db.dispose()
    look(url)
    return World(url, [invitation.token for invitation in found])


def look(url: str) -> None:
    """Let PostgreSQL look at its tables, as the worker does every few seconds, which is not served here. Until then it
    plans for empty ones, and a connection keeps such a plan."""
    db = Database(url, (KEY,))
    if not db.is_sqlite:
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    db.dispose()


@contextmanager
def served(target: str, environment: dict[str, str]) -> Iterator[int]:
    """Serve an application as the product serves itself, with one process; yield the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = os.pathsep.join([str(HERE), str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, str(HERE / "serve.py"), target, str(port)]
    with subprocess.Popen(command, env={**os.environ, **environment, "PYTHONPATH": path}) as process:
        try:
            for _ in range(1200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            time.sleep(0.5)
            yield port
        finally:
            process.terminate()


def anywhere(dice: random.Random) -> dict[str, str]:
    """Another network for each request, as limits count by network."""
    return {
        "X-Forwarded-For": f"{dice.randrange(1, 220)}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
    }


def form(key: str, **fields: object) -> str:
    """The form that the page's script sends, each from a phone of its own."""
    return urlencode({"visibility": "rep", "mark": f"{key}-mark", "key": key, **fields})


def content(dice: random.Random) -> dict[str, object]:
    """Six ratings of a client who is content, in one of 700 ways, so that hardly any two are alike."""
    return {name: dice.choice((3, 4, 4, 5, 5)) for name in DIMENSIONS}


class Requests:
    """What the clients of a world send."""

    def __init__(self, world: World, seed: int = 1) -> None:
        self.dice, self.tokens = random.Random(seed), world.tokens
        self.keys = {token: new_key() for token in self.tokens}
        self.sequence = 0

    def page(self) -> bytes:
        """The page, before anything was tapped."""
        return load.request(f"/f/{self.dice.choice(self.tokens)}", **anywhere(self.dice), **PHONE)

    def tapped(self) -> bytes:
        """A tap on a page on which one row or more were tapped."""
        return self._post(
            self.dice.choice(self.tokens), {self.dice.choice(DIMENSIONS): self.dice.randrange(1, 6)}
        )

    def opened(self) -> Callable[[], bytes | None]:
        """What the page's script tells when it is seen, once each."""
        waiting = list(self.tokens)
        return lambda: self._told(waiting.pop()) if waiting else None

    def _told(self, token: str) -> bytes:
        return load.request(f"/f/{token}/opened", "", **anywhere(self.dice), **HX)

    def first_taps(self) -> Callable[[], bytes | None]:
        """The first tap of each, once."""
        waiting = list(self.tokens)
        return lambda: self._post(waiting.pop(), {"savvy": 4}) if waiting else None

    def done(self, tokens: list[str]) -> Callable[[], bytes | None]:
        """Six ratings and Done of each of these, once: what people say who are content."""
        waiting = list(tokens)
        return lambda: self._post(waiting.pop(), {**content(self.dice), "done": 1}) if waiting else None

    def unhappy(self, tokens: list[str]) -> Callable[[], bytes | None]:
        """Done of each of these, once, with ratings that raise an urgent alert."""
        waiting = list(tokens)
        low = lambda: {name: self.dice.choice((1, 1, 2)) for name in DIMENSIONS}  # noqa: E731
        return lambda: self._post(waiting.pop(), {**low(), "done": 1}) if waiting else None

    def floors_done(self) -> bytes:
        """The floor's Done, of anybody again and again."""
        return self._post(self.dice.choice(self.tokens), {**content(self.dice), "done": 1})

    def _post(self, token: str, fields: dict[str, object]) -> bytes:
        self.sequence += 1
        key = self.keys[token]
        body = form(key, **fields, sequence=self.sequence)
        return load.request(f"/f/{token}/{key}", body, **anywhere(self.dice), **HX)


def settings(world: World, folder: Path) -> dict[str, str]:
    """The environment that the product is served with."""
    return {
        "FEEDBACK_DATABASE_URL": world.url,
        "FEEDBACK_INSTANCE": str(folder / "instance"),
        "FEEDBACK_SECRET_KEY": KEY,
        "FEEDBACK_TRUSTED_PROXIES": "1",
    }


def floor_page(port: int, world: World, folder: Path) -> Path:
    """The product's own page, with marks in place of what differs."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall(load.request(f"/f/{world.tokens[0]}", Connection="close", **PHONE))
        answer = b"".join(iter(lambda: sock.recv(1 << 16), b""))
    page = (
        answer.split(b"\r\n\r\n", 1)[1].replace(b"%", b"%%").replace(world.tokens[0].encode(), b"%(token)b")
    )
    for old, new in ((b"Dana", b"%(name)b"), (b"Sam", b"%(rep)b"), (b"Northwind", b"%(account)b")):
        page = page.replace(old, new, 1)
    path = folder / "page.html"
    path.write_bytes(page)
    return path


Pairs = list[tuple[load.Measured, load.Measured]]  # floor and product, measured in turns


def rates(name: str, label: str, pairs: Pairs) -> str:
    """A line of the table for one kind of request on one kind of database."""
    floor, ours = (median(each[n].rate for each in pairs) for n in (0, 1))
    ratio = median(o.rate / f.rate for f, o in pairs)
    wrong = {s: n for each in pairs for m in each for s, n in m.statuses.items() if s not in (200, 204)}
    if wrong:  # a refusal is fast, and would pass for a good rate
        raise SystemExit(f"{name}, {label}: answers that were not expected: {wrong}")
    least = WANTED.get((name, label))
    waits = load.Measured(waits=[wait for _, product in pairs for wait in product.waits])
    slow = waits.quantile(0.99) / waits.quantile(0.5)
    if least:
        note(f"{name}: {label}", ratio * floor, "requests/s", floor=floor, least=least, ratio=True)
        note(f"{name}: {label}, p99 / p50", slow, "times", most=SLOWEST)
    wanted = f"{least:6.2f}" if least else " " * 6
    return f"{label:28} {floor:10.0f} {ours:10.0f} {ratio:8.3f} {wanted}   p99/p50 {slow:4.1f} of at most {SLOWEST}"


def measure(
    name: str,
    url: Callable[[str], str],
    libpq: Callable[[str], str],
    folder: Path,
    options: argparse.Namespace,
) -> None:
    """Print the table for one kind of database."""
    ours, bare = fill(url("ours"), options.meetings), fill(url("floor"), options.meetings, tapped=True)
    print(f"{name:28} {'floor/s':>10} {'ours/s':>10} {'ratio':>8} wanted")
    with ExitStack() as stack:
        port = stack.enter_context(served("feedback.app:create_app", settings(ours, folder)))
        page = floor_page(port, ours, folder)
        environment = {"BENCH_DATABASE": libpq("floor"), "BENCH_PAGE": str(page)}
        floor = stack.enter_context(served("floor:app", environment))
        us, them = Requests(ours), Requests(bare)
        few = options.seconds

        def both(request_of: Callable[[Requests], Callable[[], bytes | None]], seconds: float) -> Pairs:
            return [
                (load.run(floor, request_of(them), seconds), load.run(port, request_of(us), seconds))
                for _ in range(options.rounds)
            ]

        print(rates(name, "page", both(lambda r: r.page, few)))
        if options.only == "page":
            return
        load.run(port, us.opened(), 600)
        load.run(port, us.first_taps(), 600)
        look(ours.url)
        taps = both(lambda r: r.tapped, few)
        print(rates(name, "tap", taps))
        unhappy, content = us.tokens[::4], [token for n, token in enumerate(us.tokens) if n % 4]
        portions = iter([content[n :: options.rounds] for n in range(options.rounds)])
        done = [
            (load.run(floor, them.floors_done, few), load.run(port, us.done(next(portions)), few * 2))
            for _ in range(options.rounds)
        ]
        print(rates(name, "Done", done))
        print(
            rates(
                name,
                "Done, beside the floor's tap",
                [(tap, d) for (tap, _), (_, d) in zip(taps, done, strict=True)],
            )
        )
        alert = [(load.run(floor, them.floors_done, few), load.run(port, us.unhappy(unhappy), few * 2))]
        print(rates(name, "Done that raises an alert", alert))
    whole_answers(url("fresh"), folder)


def whole_answers(url: str, folder: Path) -> None:
    """Print the processor time of what one client does, in this process."""
    from feedback.app import create_app
    from feedback.config import read_settings

    fresh = fill(url, 80)
    app = create_app(read_settings(settings(fresh, folder)))
    context, later = app.extensions["feedback"], [timedelta()]
    object.__setattr__(context, "clock", lambda: datetime.now(UTC) + later[0])
    spent: dict[str, list[float]] = {}
    dice = random.Random(2)
    for number, token in enumerate(fresh.tokens[:70]):
        unhappy = number % 7 == 6
        said = dict.fromkeys(DIMENSIONS, 1) if unhappy else content(dice)
        whole = 0.0
        for name, method, path, body in steps_of(token, said):
            later[0] += STEP
            took = call(app, method, path, body)
            if name != "Done" or not unhappy:
                spent.setdefault(name, []).append(took)
            else:
                spent.setdefault("Done, an alert", []).append(took)
            whole += took
        spent.setdefault("unhappy answer" if unhappy else "whole answer", []).append(whole)
    note("a whole answer", 1000 * median(spent["whole answer"]), "ms of a processor", most=WHOLE_ANSWER)
    for name, times in spent.items():
        wanted = f" of at most {WHOLE_ANSWER}" if name == "whole answer" else ""
        print(
            f"  processor time, {name:14} {1000 * median(times):6.2f} ms, the least {1000 * min(times):6.2f}{wanted}"
        )


def steps_of(token: str, said: dict[str, object]) -> Iterator[tuple[str, str, str, str | None]]:
    """What one client does, in order: what it is, method, path and form. The page, opened, six taps, Done, thanks."""
    key, known = new_key(), {}
    yield "page", "GET", f"/f/{token}", None
    yield "opened", "POST", f"/f/{token}/opened", ""
    for n, (name, rating) in enumerate(said.items()):
        known[name] = rating
        path = f"/f/{token}/{key}" if n else f"/f/{token}"
        yield "tap" if n else "first tap", "POST", path, form(key, **known, sequence=n + 1)
    yield "Done", "POST", f"/f/{token}/{key}", form(key, **known, sequence=9, done=1)
    yield "extras page", "GET", f"/f/{token}/{key}?step=extras", None
    yield "thanks", "POST", f"/f/{token}/{key}", form(key, comment="", sequence=10, done=1)


def call(app, method: str, path: str, body: str | None) -> float:
    """Processor seconds of one request, without a server."""
    sent = (body or "").encode()
    where, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": where, "QUERY_STRING": query, "SERVER_NAME": "bench.example", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(sent), "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0), "REMOTE_ADDR": f"10.1.{random.randrange(256)}.{random.randrange(256)}", "wsgi.multithread": True,
        "wsgi.multiprocess": False, "wsgi.run_once": False, "HTTP_HOST": "bench.example",
        "HTTP_USER_AGENT": PHONE["User-Agent"], "HTTP_ACCEPT_LANGUAGE": PHONE["Accept-Language"],
    }  # fmt: skip
    if body is not None:
        environ |= {"CONTENT_TYPE": load.FORM, "CONTENT_LENGTH": str(len(sent)), "HTTP_HX_REQUEST": "true"}
    status = []
    began = time.process_time()
    answer = app(environ, lambda s, _headers, _info=None: status.append(s))
    for _ in answer:
        pass
    took = time.process_time() - began
    if hasattr(answer, "close"):
        answer.close()
    assert status[0][:3] in ("200", "204", "303"), (status, path)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--meetings", type=int, default=MEETINGS, help="of each database, with one client each"
    )
    parser.add_argument("--only", choices=("page",), help="and nothing else")
    parser.add_argument("--postgresql", action="store_true", help="as well as SQLite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure(
            "SQLite",
            lambda n: f"sqlite:///{folder}/{n}.sqlite3",
            lambda n: f"{folder}/{n}.sqlite3",
            folder,
            options,
        )
    if options.postgresql:
        with tempfile.TemporaryDirectory() as name, server(durable=True) as address:
            for each in ("ours", "floor", "fresh"):
                with psycopg.connect(_libpq(address, "postgres"), autocommit=True) as connection:
                    connection.execute(f"create database {each}")
            url = address.replace("/postgres?", "/{}?")
            measure("PostgreSQL", url.format, lambda n: _libpq(address, n), Path(name), options)


def _libpq(address: str, database: str) -> str:
    return address.replace("postgresql+psycopg:", "postgresql:").replace("/postgres?", f"/{database}?")


if __name__ == "__main__":
    main()
