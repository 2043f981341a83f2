"""One engine, two ways in: reading (no transaction to hold) and writing (one short transaction)."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import RLock
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool
from sqlmodel import Session

SQLITE_WAIT_MS = 10_000


class Database:
    """The door to the data. `url`: sqlite:///… or postgresql+psycopg://…

    Reading runs in autocommit: every statement sees the newest committed rows, and PostgreSQL is spared
    two round trips. Writing on SQLite begins IMMEDIATE, so that two writers queue instead of failing; those
    of one process take turns, for SQLite itself lets whoever is lucky go first, and the unlucky wait too long.
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
        self._turn: AbstractContextManager[object] = RLock() if self.is_sqlite else nullcontext()

    def reading(self) -> Session:
        """A session for looking. The caller closes it."""
        return Session(self._reader, autoflush=False)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end of the block, rolled back on any error."""
        with self._turn, Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def dispose(self) -> None:
        self.engine.dispose()


def connect(url: str, *, pooled: bool = True) -> Database:
    """A Database; pooled=False for commands that run once."""
    return Database(url) if pooled else Database(url, poolclass=NullPool)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver shall begin no transaction of its own
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={SQLITE_WAIT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
