"""HUP: the main process becomes the program as it is installed by then, and its old web processes serve until the
new ones do.

The process keeps its id, and so its children, whoever it was before. What it starts as is tried in a process of its
own first: one that cannot be loaded, or would have to migrate, changes nothing.
"""

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

log = logging.getLogger("feedback.serving")
STOP_SECONDS = 5  # how long a process has for what it is at, once it is told to end
_OLD = "OLD_FEEDBACK_PROCESSES"  # the ids of processes that the program before has left
_READY_AFTER = 3.0  # seconds; a web process that was forked serves within a tenth of one
_TRY = "from feedback.serving.processes import try_program; try_program()"
_STOPS = {signal.SIGTERM, signal.SIGINT}


def old_processes() -> list[int]:
    """Return the ids of the processes that the program before has left; none at a first start."""
    return [int(pid) for pid in os.environ.pop(_OLD, "").split(",") if pid]


def begin_anew_on_hup() -> None:
    """From now on, begin anew on HUP; what was held back meanwhile arrives now."""
    signal.signal(signal.SIGHUP, lambda *_: _begin_anew())
    take_signals()


def take_signals() -> None:
    """Let the signals in that were held back while this process had no handlers for them."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)


@contextmanager
def relieving(old: Sequence[int]) -> Iterator[None]:
    """Run the block; end the old processes once the new ones serve, and at its end at the latest."""
    stopped = threading.Event()

    def relieve() -> None:
        stopped.wait(_READY_AFTER)
        end_processes(old)

    relief = threading.Thread(target=relieve)
    relief.start()
    try:
        yield
    finally:
        stopped.set()
        relief.join()


def end_processes(pids: Sequence[int]) -> None:
    """End processes that this one has started, and wait for them: for STOP_SECONDS in good."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for pid in pids:
        while not _has_ended(pid):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _begin_anew() -> None:
    told: list[int] = []  # to stop, while the new program was tried
    handlers = {number: signal.signal(number, lambda given, _frame: told.append(given)) for number in _STOPS}
    tried = subprocess.run([sys.executable, "-c", _TRY])  # noqa: S603 (our own words)
    if tried.returncode or told:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for given in told:
            signal.raise_signal(given)
        if tried.returncode:
            log.error("the program that is installed now cannot serve as it is; this one goes on")
        return
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    os.environ[_OLD] = ",".join(str(child.pid) for child in multiprocessing.active_children())
    os.execv(sys.executable, [sys.executable, "-m", "feedback", *sys.argv[1:]])  # noqa: S606 (ourselves)
