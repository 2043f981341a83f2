"""The processes of `feedback serve`: web processes that accept connections, and one worker beside them.

The application is loaded once, in the main process. The others are forked from it, so that what was loaded is in
memory once.
"""

import gc
import multiprocessing
import resource
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.server import Server
from granian.server.common import AbstractServer

from feedback.app import create_app
from feedback.config import read_settings
from feedback.instance import WORKER, forget_mark, mark_done
from feedback.logs import server_logging, start_logging
from feedback.migrations import at_head
from feedback.sending.worker import run_worker
from feedback.serving.bridge import MOST_ARRIVING, Beforehand, Bridge
from feedback.serving.environ import Environ
from feedback.serving.handover import STOP_SECONDS, begin_anew_on_hup, relieving, take_signals
from feedback.serving.sockets import KeepingServer
from feedback.web.headers import text_headers, transport_policy
from feedback.web.limits import network_of_head
from feedback.web.request_log import HEADER, number_of
from feedback.web.turns import takes_long
from feedback.web.uploads import largest_body_of

BACKLOG = 1024  # connections that wait to be accepted
MOST_CONNECTIONS = 8192  # of one web process; idle and slow ones count, too
SPARE_FILES = 256  # descriptors for anything but connections
RESTART_SECONDS = 5.0  # before a worker that ended by itself is started again

# Forked wherever that is safe. Elsewhere each process loads the application for itself.
_START = "fork" if sys.platform == "linux" else "spawn"
_SERVER = KeepingServer if sys.platform == "linux" else Server
_loaded: list[Flask] = []


@dataclass(frozen=True, slots=True)
class Serving:
    """Where to listen, and by how many processes and threads."""

    host: str
    port: int
    workers: int
    threads: int
    with_worker: bool = True  # whether mails and the calendar are looked after, too


def serve_until_stopped(serving: Serving, old: Sequence[int] = ()) -> None:
    """Serve until the process is told to end (TERM, INT), or to begin anew (HUP). old: processes that serve until
    these do."""
    multiprocessing.set_start_method(_START, force=True)
    _load()
    collect_seldom()
    server = granian_server(serving)
    server.on_startup(begin_anew_on_hup)
    context = _load().extensions["feedback"]
    if serving.with_worker:
        mark_done(context.settings.instance, WORKER, context.clock())  # from now on it is waited for
    else:
        forget_mark(context.settings.instance, WORKER)
    with relieving(old), _worker_beside() if serving.with_worker else nullcontext():
        server.serve(target_loader=partial(_bridge, serving.threads), wrap_loader=False)


def collect_seldom() -> None:
    """Let the collector leave alone what was loaded, so that its pages stay shared, and look less often at what is made for
    a page and goes with it: a board makes thirty thousand objects, and to look at most of them took a fifteenth."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


def try_program() -> None:
    """Load the program as it is installed; end the process with one line where it could not serve at once."""
    if not at_head(_load().extensions["feedback"].db):
        sys.exit("migrations are missing: stop the server, and start it again")


def run_worker_until_stopped() -> None:
    """Send mails and keep the calendar until the process is told to end (TERM, INT)."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # it is meant for the main process
    take_signals()
    run_worker(_load(), stop)


def granian_server(serving: Serving) -> AbstractServer[Any]:
    connections = _most_connections()
    server: AbstractServer[Any] = _SERVER(
        "feedback",  # only a name: the loader makes the application
        interface=Interfaces.ASGINL,
        address=serving.host,
        port=serving.port,
        workers=serving.workers,
        http=HTTPModes.http1,  # with both, a connection that says nothing is given no deadline
        websockets=False,
        backlog=BACKLOG,
        backpressure=connections,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_dictconfig=server_logging(),
        log_access=False,
    )
    return server


def _bridge(threads: int) -> Bridge:
    """Return what a web process serves."""
    app = _load()
    # half of the connections are left to whoever sends nothing, or all at once
    most_arriving = min(MOST_ARRIVING, _most_connections() // 2)
    return Bridge(app, beforehand_of(app), threads, most_arriving=most_arriving)


def beforehand_of(app: Flask) -> Beforehand:
    """Return what the application's own code tells of a request before the application has it."""
    settings = app.extensions["feedback"].settings
    carried, proxied = text_headers(transport_policy(settings)), bool(settings.trusted_proxies)

    def headers(environ: Environ) -> dict[str, str]:
        return {**carried, HEADER: number_of(environ, proxied=proxied)}

    return Beforehand(largest_body_of(app), network_of_head(settings.trusted_proxies), headers, takes_long)


def _load() -> Flask:
    """Return the application; made once, and there already in a process that was forked."""
    if not _loaded:
        settings = read_settings()
        start_logging(settings.log)
        _loaded.append(create_app(settings))
    return _loaded[0]


@contextmanager
def _worker_beside() -> Iterator[None]:
    """Keep a worker process running for as long as the block runs."""
    stopped = threading.Event()
    keeper = threading.Thread(target=_keep_worker_running, args=(_start_worker(), stopped))
    keeper.start()
    try:
        yield
    finally:
        stopped.set()
        keeper.join()


def _start_worker() -> BaseProcess:
    process = multiprocessing.Process(target=run_worker_until_stopped, name="feedback-worker", daemon=True)
    process.start()
    return process


def _keep_worker_running(process: BaseProcess, stopped: threading.Event) -> None:
    """Keep a worker process running until `stopped` is set; start another when it ends by itself."""
    while not stopped.wait(1):
        if not process.is_alive() and not stopped.wait(RESTART_SECONDS):
            process = _start_worker()
    process.terminate()
    process.join(STOP_SECONDS)
    if process.is_alive():
        process.kill()


def _most_connections() -> int:
    """Return how many connections a web process may hold, having asked the system for as many descriptors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return max(128, soft - SPARE_FILES)
    return MOST_CONNECTIONS
