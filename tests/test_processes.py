"""`feedback serve` as it is started: its processes, what ends and replaces them, and what a start needs."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from feedback import migrations
from feedback.cli import COMMANDS, main
from feedback.db.engine import Database

FEEDBACK = [sys.executable, "-m", "feedback"]


@contextmanager
def running(instance: Path, *options: str):
    """`feedback serve` on a free port; yields its process and its address once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [*FEEDBACK, "serve", "--port", str(port), *options],
        env={**os.environ, "FEEDBACK_INSTANCE": str(instance)},
        stdout=subprocess.DEVNULL,
    )
    try:
        until(lambda: answers(port))
        yield server, port
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def answers(port: int) -> bool:
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").status == 200
    except OSError:
        return False


def until(true, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children(server: subprocess.Popen) -> set[int]:
    tasks = Path(f"/proc/{server.pid}/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text().split()}


def gone(pids: set[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_processes_are_replaced_and_ended(tmp_path):
    with running(tmp_path) as (server, port):
        until(lambda: len(children(server)) == 2)
        first = children(server)
        worker = min(first)  # it is started first

        os.kill(worker, signal.SIGKILL)
        until(lambda: len(children(server)) == 2 and worker not in children(server))
        second = children(server)
        assert len(second & first) == 1

        server.send_signal(signal.SIGHUP)
        while children(server) & second or len(children(server)) != 2:
            assert answers(port)
        third = children(server)
        assert server.poll() is None

        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
        assert gone(first | second | third)


def test_waiting_connections_outlive_their_process(tmp_path):
    """The main process keeps the socket in whose queue they wait, and the next web process goes on with it."""
    with running(tmp_path, "--no-worker") as (server, port):
        (web,) = children(server)
        waiting = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(20)]
        os.kill(web, signal.SIGKILL)
        for line in waiting:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        assert {line.recv(12) for line in waiting} == {b"HTTP/1.1 200"}
        for line in waiting:
            line.close()


def test_told_to_stop_while_it_begins_anew_it_stops(tmp_path):
    with running(tmp_path) as (server, _port):
        until(lambda: len(children(server)) == 2)
        before = children(server)
        server.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
        assert gone(before)


def test_program_that_would_have_to_migrate_changes_nothing(tmp_path):
    with running(tmp_path, "--no-worker") as (server, port):
        before = children(server)
        db = Database(f"sqlite:///{tmp_path}/feedback.sqlite3")
        with db.writing() as session:
            session.execute(text("UPDATE alembic_version SET version_num = '0002'"))
        server.send_signal(signal.SIGHUP)
        until(lambda: len(children(server)) == 2)  # the program is being tried
        until(lambda: len(children(server)) == 1)
        assert children(server) == before
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz")
        db.dispose()


def test_serve_without_a_worker_has_web_processes_only(tmp_path):
    with running(tmp_path, "--no-worker") as (server, _port):
        assert len(children(server)) == 1


@pytest.mark.parametrize(
    ("command", "version", "words"),
    [
        ("serve", "9999", "the database is at version 9999"),
        ("worker", "9999", "the database is at version 9999"),
        ("worker", "0007", "migrations are missing"),
        ("rescore", "0007", "migrations are missing"),
    ],
)
def test_database_of_another_version_is_refused_in_one_line(tmp_path, command, version, words):
    db = Database(f"sqlite:///{tmp_path}/feedback.sqlite3")
    migrations.migrate(db)
    with db.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    assert not migrations.at_head(db)
    db.dispose()
    refused = subprocess.run(
        [*FEEDBACK, command],
        env={**os.environ, "FEEDBACK_INSTANCE": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Error: {words}")
    assert len(refused.stderr.splitlines()) == 1


def test_start_at_the_newest_version_loads_nothing_that_few_need(tmp_path):
    db = Database(f"sqlite:///{tmp_path}/feedback.sqlite3")
    migrations.migrate(db)
    db.dispose()
    heavy = (
        "alembic", "holidays", "icalendar", "recurring_ical_events", "qrcode", "PIL", "mcp", "starlette", "requests",
        "email_validator", "psycopg",
    )  # fmt: skip
    loads = (
        "import sys; from feedback import migrations; from feedback.serving import processes as p; "
        "app = p._load(); assert migrations.at_head(app.extensions['feedback'].db); "
        f"print([each for each in {heavy} if each in sys.modules]); "
        "from babel import localedata; print(list(localedata._cache))"  # half a megabyte a language
    )
    told = subprocess.run(
        [sys.executable, "-c", loads],
        env={**os.environ, "FEEDBACK_INSTANCE": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert told.stdout.splitlines() == ["[]", "[]"], told.stderr


def test_forked_processes_make_ids_of_their_own():
    forks = """
import os
import feedback.serving.processes
from uuid_utils.compat import uuid7
uuid7()
for _ in range(4):
    if os.fork() == 0:
        print(uuid7().hex[13:], flush=True)
        os._exit(0)
    os.wait()
"""
    told = subprocess.run([sys.executable, "-c", forks], capture_output=True, text=True)
    assert len(set(told.stdout.split())) == 4


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_says_what_the_command_says(name):
    command = main.get_command(None, name)
    assert COMMANDS[name][1] == command.get_short_help_str(200)


def test_unknown_command_is_refused():
    assert CliRunner().invoke(main, ["bake"]).exit_code == 2


def test_requests_of_all_processes_are_counted_together(tmp_path):
    """Whichever process a scrape reaches; and what is left of the counts of servers that have ended is deleted."""
    left = tmp_path / "metrics" / "4194305-1"  # no process has so high a number
    left.mkdir(parents=True)
    with running(tmp_path, "--workers", "2") as (_, port):
        for _ in range(20):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").read()
        for _ in range(4):
            told = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
            assert 'feedback_requests_total{method="GET",route="/healthz",status="200"} 20.0' in told
        assert not left.exists()
        assert (tmp_path / "worker-turn").exists()
    assert not (tmp_path / "worker-turn").exists()  # nobody waits for a worker that was told to end
