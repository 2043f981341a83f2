"""Reads calendars in a process of its own, one at a time.

A calendar is what anybody sends: 2,000 rules that never come true cost nine seconds, and in a web process they were
everybody's. The other process yields to those who wait for a page, may use so much time and memory, holds no secret
and no connection, and is ended when it takes too long.
"""

import atexit
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

from feedback.calendar.planned import LARGEST, TOO_LARGE, CalendarReading, PlannedMeeting
from feedback.db.change import Invalid

STARTS_WITHIN = 30.0  # seconds; usually one
READS_WITHIN = 15.0  # seconds
QUEUES_FOR = 15.0  # seconds
TOO_MUCH = "This calendar takes too long to be read. Export only the coming two weeks."
BUSY = "Others are uploading their calendars just now. Nothing was changed; try again in a minute."


class _Ended(Exception):
    """Raised when the process is gone. killed: by a limit, and not because nobody asked for a while."""

    def __init__(self, *, killed: bool) -> None:
        super().__init__("the process that reads calendars has ended")
        self.killed = killed


class CalendarReader:
    """The process, which is begun when it is needed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: _Process | None = None

    def read(
        self,
        data: bytes,
        *,
        own_email: str,
        zone: ZoneInfo,
        now: datetime,
        aliases: Sequence[str] = (),
        may_be_empty: bool = False,
    ) -> CalendarReading:
        """Return the meetings, as read_calendar does, within some seconds. Raises Invalid(calendar=...), in words."""
        if len(data) > LARGEST:
            raise Invalid(calendar=TOO_LARGE)
        asked = {
            "length": len(data),
            "own_email": own_email,
            "zone": zone.key,
            "now": now.isoformat(),
            "aliases": list(aliases),
            "may_be_empty": may_be_empty,
        }
        with self._turn():
            try:
                answer = self._answer(asked, data)
            except _Ended as ended:
                raise Invalid(calendar=TOO_MUCH) from ended
        if "refused" in answer:
            raise Invalid(calendar=answer["refused"])
        meetings = [
            PlannedMeeting(
                datetime.fromisoformat(at),
                title,
                tuple(emails),
                datetime.fromisoformat(ends) if ends else None,
            )
            for at, title, emails, ends in answer["meetings"]
        ]
        return CalendarReading(meetings, answer["unread"], tuple(answer["named"]))

    def stop(self) -> None:
        """End the process, if there is one."""
        if self._process:
            self._process.end()
            self._process = None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=QUEUES_FOR):
            raise Invalid(calendar=BUSY)
        try:
            yield
        finally:
            self._lock.release()

    def _answer(self, asked: dict[str, object], data: bytes) -> dict[str, Any]:
        """Ask the process that is there; a new one where it had ended because nobody asked for a while."""
        if self._process is not None:
            try:
                return self._process.ask(asked, data)
            except _Ended as ended:
                self._process = None
                if ended.killed:
                    raise
        fresh = _Process()
        answer = fresh.ask(asked, data)
        self._process = fresh
        return answer


class _Process:
    """A process that reads calendars, and is gone as soon as it does not answer."""

    def __init__(self) -> None:
        self._running = subprocess.Popen(
            [sys.executable, "-m", "feedback.calendar.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.defpath},  # no secrets
            start_new_session=True,
        )
        self._rest = b""
        self._line(STARTS_WITHIN)

    def ask(self, asked: dict[str, object], data: bytes) -> dict[str, Any]:
        """Return the answer. Raises _Ended."""
        source = cast(IO[bytes], self._running.stdin)
        try:
            source.write(json.dumps(asked).encode() + b"\n" + data)
            source.flush()
        except OSError as error:
            raise self._gone() from error
        return cast(dict[str, Any], json.loads(self._line(READS_WITHIN)))

    def end(self) -> None:
        """Kill it."""
        self._running.kill()
        self._running.wait()
        for pipe in (self._running.stdin, self._running.stdout):
            with suppress(OSError):
                cast(IO[bytes], pipe).close()

    def _line(self, within: float) -> bytes:
        """Return the next line. Raises _Ended when none comes in time."""
        number, deadline = cast(IO[bytes], self._running.stdout).fileno(), monotonic() + within
        while b"\n" not in self._rest:
            ready, _, _ = select.select([number], [], [], max(0.0, deadline - monotonic()))
            if not ready:
                self.end()
                raise _Ended(killed=True)
            part = os.read(number, 1 << 16)
            if not part:
                raise self._gone()
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _gone(self) -> _Ended:
        code = self._running.wait(timeout=STARTS_WITHIN)
        self.end()
        return _Ended(killed=code != 0)


READER = CalendarReader()  # one for each process that serves
atexit.register(READER.stop)
