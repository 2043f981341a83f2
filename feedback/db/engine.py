"""The database connection: sessions for reading (autocommit) and for writing (one short transaction)."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import RLock
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.pool import NullPool
from sqlmodel import Session

SQLITE_WAIT_MS = 10_000


class WritingSession(Session):
    """A session that remembers whether anything was written in it."""

    wrote = False


def _remember_flush(session: Any, _context: Any) -> None:
    session.wrote = True


def _remember_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.wrote = True  # type: ignore[attr-defined]  # listens to WritingSession only


event.listen(WritingSession, "after_flush", _remember_flush)
event.listen(WritingSession, "do_orm_execute", _remember_statement)


class Database:
    """The source of all sessions. `url`: sqlite:///… or postgresql+psycopg://…

    Reading runs in autocommit: every statement sees the newest committed rows, and PostgreSQL needs two round
    trips less. Writing on SQLite begins IMMEDIATE, so that two writers queue instead of failing. The writers
    of one process queue by a lock, because SQLite's own waiting is not fair, and some writers would wait too
    long.
    """

    def __init__(self, url: str, **options: Any) -> None:
        self.engine = create_engine(url, **options)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
            self._reader = self.engine
        else:
            self._reader = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writer = self.engine.execution_options(writes=True)
        self._write_lock: AbstractContextManager[object] = RLock() if self.is_sqlite else nullcontext()

    def reading(self) -> Session:
        """Return a session for reading. The caller closes it."""
        return Session(self._reader, autoflush=False)

    def connection(self) -> Connection:
        """Return a bare connection for reading. The caller closes it. For the hottest pages: a session around
        the same statement costs twice as much."""
        return self._reader.connect()

    @contextmanager
    def writing(self) -> Iterator[WritingSession]:
        """Open a session in one transaction: committed at the end of the block, rolled back on any error."""
        with (
            self._write_lock,
            WritingSession(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def connect(url: str, *, pooled: bool = True) -> Database:
    """Return a Database; pooled=False for commands that run once."""
    return Database(url) if pooled else Database(url, poolclass=NullPool)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # keeps the driver from beginning transactions of its own
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # INSERT OR REPLACE deletes, and asks the triggers only then
        f"busy_timeout={SQLITE_WAIT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
