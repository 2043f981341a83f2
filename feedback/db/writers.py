"""The queue of SQLite's writers, of all threads and processes together."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Writers:
    """Lets one writer after the other wait for SQLite, in the order they came.

    SQLite's own waiting looks again after longer and longer pauses, so that whoever has waited long loses to whoever
    comes along. Here only the first in the queue waits that way; the system keeps the others in order, and lets go of
    one whose process is killed. path: of an empty file beside the database.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._own = threading.local()  # a lock belongs to an opened file, so each thread has its own

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Be the first of the queue while the block runs. Where no file can be made, everybody is."""
        try:
            number = self._file()
        except OSError:
            yield
            return
        fcntl.flock(number, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(number, fcntl.LOCK_UN)

    def _file(self) -> int:
        found: _File | None = getattr(self._own, "file", None)
        if (
            found is None or found.pid != os.getpid()
        ):  # forked: the file would be the parent's, and its lock, too
            found = self._own.file = _File(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return found.number


class _File:
    """An opened file, closed with the thread that opened it."""

    def __init__(self, number: int) -> None:
        self.number, self.pid = number, os.getpid()

    def __del__(self) -> None:
        os.close(self.number)
