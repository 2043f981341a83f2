"""The database fails under the client's page: what is asked again by itself, what the client is told, and that nothing
which was acknowledged is lost. docs/operating.md has the same as a table."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from support.dump import dump
from support.keys import KEYS
from support.pages import words

from feedback.db import engine
from feedback.db.engine import Database
from feedback.jobs.settling import settle_due
from feedback.store.replay import differences

TOLD = "What you tapped before is kept. Open the address once more in a moment."
TAP = {"savvy": "5", "sequence": "1", "visibility": "rep"}
on_sqlite = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("db", ["postgresql"], indirect=True)


@pytest.fixture
def invitation(cast):
    return cast.meeting()


@pytest.fixture
def page(invitation) -> str:
    return f"/f/{invitation.token}"


@contextmanager
def set_up(db: Database, *statements: str, undone_by: str) -> Iterator[None]:
    """Execute statements; at the end those that undo them."""

    def execute(them: tuple[str, ...]) -> None:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in them:
                connection.execute(text(statement))

    execute(statements)
    try:
        yield
    finally:
        execute(tuple(undone_by.split(";")))


@pytest.fixture
def breaks(db: Database) -> Iterator[Callable[[str, int], None]]:
    """breaks(what, times): the database does `what` to a write to feedback, so many times; a sequence counts,
    for it is the one thing that no transaction undoes."""
    with set_up(
        db,
        "CREATE SEQUENCE tried",
        undone_by="DROP FUNCTION breaks() CASCADE; DROP SEQUENCE tried",
    ):

        def prepare(what: str, times: int) -> None:
            with db.engine.begin() as connection:
                connection.execute(
                    text(
                        "CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                        f"IF nextval('tried') <= {times} THEN {what}; END IF; RETURN NEW; END $$"
                    )
                )
                connection.execute(
                    text(
                        "CREATE TRIGGER breaks BEFORE INSERT OR UPDATE ON feedback "
                        "FOR EACH ROW EXECUTE FUNCTION breaks()"
                    )
                )

        yield prepare


WHAT = {
    "deadlock": "RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'",
    "serialization failure": "RAISE EXCEPTION 'serialization' USING ERRCODE = '40001'",
    "connection dropped": "PERFORM pg_terminate_backend(pg_backend_pid())",
}


def refused(reply) -> bool:
    """Whether a client is told to wait, and no more."""
    return (reply.status_code, reply.headers.get("Retry-After"), TOLD in words(reply.text)) == (
        503,
        "30",
        True,
    )


@on_postgresql
@pytest.mark.parametrize("what", sorted(WHAT))
def test_transaction_that_was_undone_is_tried_again(breaks, cast, stranger, page, invitation, what):
    breaks(WHAT[what], 2)
    assert stranger.client.post(page, data=TAP).status_code == 303
    assert cast.reload(invitation).progress.taps == 1


@on_postgresql
def test_endless_deadlock_is_503_and_saves_nothing(breaks, cast, stranger, page, invitation):
    breaks(WHAT["deadlock"], 99)
    assert refused(stranger.client.post(page, data=TAP))
    assert cast.reload(invitation).progress.taps == 0


@on_postgresql
def test_full_disk_of_the_database_is_503_and_then_saves(breaks, cast, db, stranger, page, invitation):
    """It says so with a code of its own, 53100, and goes on once there is room."""
    breaks("RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'", 1)
    before = dump(db)
    assert refused(stranger.client.post(page, data=TAP))
    assert dump(db) == before
    assert stranger.get(page).status_code == 200
    assert stranger.client.post(page, data=TAP).status_code == 303
    assert cast.reload(invitation).progress.taps == 1


@on_postgresql
def test_connections_closed_meanwhile_fail_nothing(db, stranger, page):
    stranger.get(page)
    with db.engine.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'tests'"
        connection.execute(text(others))
    for _ in range(3):
        assert stranger.get(page).status_code == 200
    assert stranger.client.post(page, data=TAP).status_code == 303


@on_postgresql
def test_database_that_takes_only_reads_is_503(db, stranger, page):
    """What is left of a pair is read-only for a while."""
    where = "ALTER DATABASE postgres SET default_transaction_read_only"
    with set_up(db, f"{where} = on", undone_by=f"SET default_transaction_read_only = off;{where} = off"):
        db.dispose()
        assert stranger.get(page).status_code == 200
        assert refused(stranger.client.post(page, data=TAP))
    db.dispose()
    assert stranger.client.post(page, data=TAP).status_code == 303


@on_sqlite
def test_file_that_takes_only_reads_is_503(app, db, stranger, page):
    context = app.extensions["feedback"]
    only_reads = Database(f"sqlite:///file:{db.engine.url.database}?mode=ro&uri=true", KEYS)
    app.extensions["feedback"] = replace(context, db=only_reads)
    assert stranger.get(page).status_code == 200
    assert refused(stranger.client.post(page, data=TAP))
    only_reads.dispose()
    app.extensions["feedback"] = context
    assert stranger.client.post(page, data=TAP).status_code == 303


@on_sqlite
def test_full_disk_is_503_and_then_saves(cast, db, stranger, page, invitation):
    """Where there is no more room: what needs a page more is refused, as a whole."""

    def no_more_room(connection, _record=None):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(db.engine, "connect", no_more_room)
    db.dispose()
    met = []
    try:
        with suppress(OperationalError):
            while True:
                met.append(cast.meeting(contact=f"Client {len(met)}"))
        assert stranger.get(page).status_code == 200
        assert refused(stranger.client.post(page, data={**TAP, "comment": "🍩" * 1900}))
        assert cast.reload(invitation).progress.taps == 0
    finally:
        event.remove(db.engine, "connect", no_more_room)
        db.dispose()
    assert stranger.client.post(page, data=TAP).status_code == 303
    assert all(cast.reload(each) for each in met)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for four megabytes; whoever may not mount one skips the test."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no small disk may be mounted here: {mounted.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Leave no byte free on a disk; return the file that takes them."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return filler


COUNTS = """
from feedback.web import metrics
import sys
metrics.count_request("/a", "GET", 200, 0.1)
print("full", flush=True)
sys.stdin.readline()
for n in range(400):  # labels that need a page more
    metrics.count_request(f"/{n}/" + "y" * 200, "GET", 200, 0.1)
print("alive", flush=True)
sys.stdin.readline()
metrics.count_request("/b", "GET", 200, 0.1)
"""


def test_full_disk_kills_no_process_that_counts(small_disk):
    """The counters of /metrics are files that are mapped: a page without room for it is the end of a process."""
    with subprocess.Popen(
        [sys.executable, "-c", COUNTS],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(small_disk), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "full\n"
        filler = fill(small_disk)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "alive\n"
        filler.unlink()
        process.communicate("\n", timeout=20)
    assert process.returncode == 0
    (counted,) = small_disk.glob("counter_*.db")
    assert b'"/b"' in counted.read_bytes()


@on_sqlite
def test_really_full_disk_is_503_and_then_saves(app, cast, db, stranger, page, invitation, small_disk):
    """The file of SQLite, on a disk without a byte free."""
    context, file = app.extensions["feedback"], small_disk / "feedback.sqlite3"
    db.dispose()
    shutil.copy(db.engine.url.database, file)
    there = Database(f"sqlite:///{file}", KEYS)
    app.extensions["feedback"] = replace(context, db=there)
    assert stranger.get(page).status_code == 200
    filler = fill(small_disk)
    long = {**TAP, "comment": "🍩" * 1900}
    assert refused(stranger.client.post(page, data=long))
    assert stranger.get(page).status_code == 200
    filler.unlink()
    assert stranger.client.post(page, data=long).status_code == 303
    with there.reading() as session:
        (told,) = session.execute(text("SELECT savvy FROM feedback")).scalars()
    there.dispose()
    assert told == 5


@on_sqlite
def test_writer_that_holds_on_is_503_and_then_saves(monkeypatch, db, stranger, page):
    """Somebody outside, a copy for one, holds the file for longer than a writer waits."""
    monkeypatch.setattr(engine, "SQLITE_WAIT_MS", 100)
    db.dispose()
    other = Database(db.engine.url.render_as_string(hide_password=False))
    with other.writing() as session:
        session.connection()  # begins it
        assert refused(stranger.client.post(page, data=TAP))
        assert stranger.get(page).status_code == 200
    assert stranger.client.post(page, data=TAP).status_code == 303
    other.dispose()
    db.dispose()


@on_sqlite
def test_clock_that_jumps_loses_no_tap(cast, db, clock, stranger, page, invitation):
    """The server's clock goes six hours forward and back between taps; the phone's goes its own way."""
    address, jumps = page, (timedelta(hours=6), timedelta(hours=-12), timedelta(hours=6))
    for number, name in enumerate(("savvy", "integrity", "competency")):
        clock.now += jumps[number]
        sent = {name: str(number + 1), "sequence": str(1_700_000_000_000 + number), "visibility": "rep"}
        address = stranger.client.post(address, data=sent).location.partition("?")[0]
    clock.now -= timedelta(hours=3)
    settle_due(db, clock(), None)
    assert stranger.client.post(address, data={"chemistry": "4", "done": "1"}).status_code == 303
    clock.now += timedelta(hours=9)
    settle_due(db, clock(), None)
    row = cast.reload(invitation)
    assert (row.progress.taps, row.client.done_at is not None) == (4, True)
    with db.reading() as session:
        assert list(differences(session, invitation.organisation_id)) == []
