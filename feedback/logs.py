"""What goes to standard error: a line for each request, and what the program has to say. Neither holds what somebody
typed: no token, name, address, answer or query. So a traceback says where and of which kind, and the words of an error
only where its kind is known to name no values."""

import json
import logging
import os
import smtplib
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

STYLES = ("json", "text")
REQUEST_NUMBER: ContextVar[str | None] = ContextVar(
    "request_number", default=None
)  # of the request being answered
MOST_FRAMES = 40  # of one error in a traceback, the last ones
# Their words name types, attributes and columns.
_NAME_NO_VALUES = (
    AttributeError,
    NameError,
    ImportError,
    TypeError,
    MemoryError,
    RecursionError,
    sqlite3.Error,
)
# Classes of SQLSTATE whose words are about the connection, resources and locks, never about a row.
_ABOUT_NO_ROW = ("08", "28", "40", "53", "55", "57", "58")


class RequestLine(NamedTuple):
    """What is written of a request. route: the template of its address, without anything that was asked for."""

    number: str
    method: str
    route: str
    status: int
    seconds: float
    size: int | None  # bytes of the content; None where it was not known ahead
    organisation_id: UUID | None


def start_logging(style: str) -> None:
    """From now on, write the warnings of this process, and what it says of itself, to standard error, a line each.
    style: one of STYLES."""
    logging.root.handlers = [Lines(_json_record if style == "json" else _text_record)]
    logging.getLogger("feedback").setLevel(logging.INFO)


def server_logging() -> dict[str, Any]:
    """Return the part of logging's dictConfig with which the web server's own lines join ours."""
    return {
        "formatters": {},
        "handlers": {},
        "loggers": {"_granian": {"handlers": [], "level": "INFO", "propagate": True}},
    }


def request_writer(style: str) -> Callable[[RequestLine], None] | None:
    """Return the function that writes a request's line; None for a style that writes none."""
    writers = {"json": _json_request, "text": _text_request}
    if style not in writers:
        return None
    line = writers[style]
    return lambda request: _write(line(request))


class Lines(logging.Handler):
    """Writes each record by one call to the system, so that the lines of several processes do not mix."""

    def __init__(self, line: Callable[[logging.LogRecord], str]) -> None:
        super().__init__()
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        try:
            _write(self._line(record))
        except Exception:
            self.handleError(record)


def words_of(error: BaseException) -> str:
    """Return the kind of an error, and its words where they cannot hold what somebody typed."""
    kind = type(error).__qualname__
    original = getattr(error, "orig", None)  # what SQLAlchemy had from the driver
    if isinstance(original, BaseException):
        return f"{kind}: {words_of(original)}"
    if type(error).__module__.partition(".")[0] == "psycopg":
        return f"{kind}: {_words_of_postgresql(error)}"
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return f"{kind}: {error.strerror or ''}".rstrip(": ")
    return f"{kind}: {error}" if isinstance(error, _NAME_NO_VALUES) else kind


def traceback_of(error: BaseException) -> str:
    """Return where an error came up and what had caused it, without what its words might hold."""
    parts = []
    for each, link in _chain(error):
        frames = "".join(traceback.format_tb(each.__traceback__, limit=-MOST_FRAMES))
        parts.append(f"{link}Traceback (most recent call last):\n{frames}{words_of(each)}")
    return "\n".join(parts)


def _words_of_postgresql(error: Any) -> str:
    """Return what names no row: its state, its constraint, and its words where they are about neither."""
    state: str | None = error.sqlstate
    if state is None or state.startswith(_ABOUT_NO_ROW):
        return str(error).partition("\n")[0]
    return " ".join(part for part in (state, error.diag.table_name, error.diag.constraint_name) if part)


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """Yield what caused an error before the error itself, each with how it led on to it."""
    before, link = error.__cause__, "which directly caused:\n"
    if before is None and not error.__suppress_context__:
        before, link = error.__context__, "while it was handled:\n"
    if before is None:
        yield error, ""
        return
    yield from _chain(before)
    yield error, link


def _message(record: logging.LogRecord) -> str:
    """Return a record's words; errors among its arguments are written as in a traceback."""
    if isinstance(record.args, tuple):
        record.args = tuple(words_of(a) if isinstance(a, BaseException) else a for a in record.args)
    return record.getMessage()


def _json_record(record: logging.LogRecord) -> str:
    told = {
        "time": _moment(record.created),
        "level": record.levelname.lower(),
        "logger": record.name,
        "request": REQUEST_NUMBER.get(),
        "message": _message(record),
    }
    if record.exc_info and record.exc_info[1]:
        told["traceback"] = traceback_of(record.exc_info[1])
    return json.dumps(told)


def _text_record(record: logging.LogRecord) -> str:
    number = REQUEST_NUMBER.get()
    line = f"{_moment(record.created)} {record.levelname} {f'{number} ' if number else ''}{_message(record)}"
    if record.exc_info and record.exc_info[1]:
        line += f"\n{traceback_of(record.exc_info[1])}"
    return line


# Written by hand: nothing in a request's line needs to be escaped, and json.dumps takes five times as long.
def _json_request(line: RequestLine) -> str:
    number, method, route, status, seconds, size, organisation_id = line
    organisation = f'"{organisation_id}"' if organisation_id else "null"
    return (
        f'{{"time": "{_moment(time.time())}", "level": "info", "logger": "feedback.request", "request": "{number}", '
        f'"method": "{method}", "route": "{route}", "status": {status}, "ms": {seconds * 1000:.1f}, '
        f'"bytes": {"null" if size is None else size}, "organisation": {organisation}}}'
    )


def _text_request(line: RequestLine) -> str:
    number, method, route, status, seconds, size, _ = line
    return (
        f"{_moment(time.time())} {number} {method} {route} {status} {seconds * 1000:.1f} ms {size or 0} bytes"
    )


def _moment(seconds: float) -> str:
    return f"{_second(int(seconds))}.{int(seconds % 1 * 1000):03d}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def _write(line: str) -> None:
    with suppress(OSError):  # whoever reads the log has left; the request must not fail for that
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"{line}\n".encode(errors="replace"))
