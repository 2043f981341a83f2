"""Looking a server's name up within a time: the system's own look-up can hang for longer than anybody waits for it, and
nothing can end it."""

import socket
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from time import monotonic
from typing import Any

LOOKED_UP_WITHIN = 10.0  # seconds
MOST_AT_ONCE = 16  # look-ups of one process, those that hang among them

_turns = BoundedSemaphore(MOST_AT_ONCE)


def look_up(host: str, port: int, seconds: float = LOOKED_UP_WITHIN) -> list[Any]:
    """Return what a name leads to, as socket.getaddrinfo gives it. Raises TimeoutError when there is no answer within so
    many seconds; the look-up that hangs is left to itself. Raises OSError and UnicodeError as getaddrinfo does."""
    deadline = monotonic() + seconds
    if not _turns.acquire(timeout=seconds):
        raise TimeoutError
    found: Future[list[Any]] = Future()
    Thread(target=_look_up, args=(found, host, port), name="look-up", daemon=True).start()
    return found.result(max(0.0, deadline - monotonic()))


def _look_up(found: "Future[list[Any]]", host: str, port: int) -> None:
    try:
        found.set_result(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    except Exception as error:
        found.set_exception(error)
    finally:
        _turns.release()
