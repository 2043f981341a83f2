"""The database connection: sessions for reading (autocommit) and for writing (one short transaction)."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import URL, Connection, Dialect, Executable, Uuid, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from feedback.db.writers import Writers
from feedback.models.encrypted import SecretBox

SQLITE_WAIT_MS = 10_000
# So that a server that has gone without a word is noticed: seconds, tcp_user_timeout in ms. The address may say otherwise.
NOTICED_AFTER = {
    "connect_timeout": "5",
    "tcp_user_timeout": "10000",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
}


class WritingSession(Session):
    """A session that remembers whether anything was written in it."""

    wrote = False


def note_write(session: Session) -> None:
    """Remember that something was written by a bare connection, which the session does not see."""
    if isinstance(session, WritingSession):
        session.wrote = True


def _remember_flush(session: Any, _context: Any) -> None:
    session.wrote = True


def _remember_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.wrote = True  # type: ignore[attr-defined]  # listens to WritingSession only


event.listen(WritingSession, "after_flush", _remember_flush)
event.listen(WritingSession, "do_orm_execute", _remember_statement)


@lru_cache(maxsize=16_384)
def _uuid_of(text: str | None) -> UUID | None:
    """Return the id that a text says. A board reads each rep's from five tables, and to make one takes ten times as long as to
    find it here."""
    return None if text is None else UUID(text)


class _KnownUuid(Uuid[UUID]):
    """A column of ids as SQLite keeps them."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], UUID | None]:
        return _uuid_of


class Database:
    """The source of all sessions. `url`: sqlite:///… or postgresql+psycopg://… `keys`: what secrets are encrypted with,
    the first, and read with, all; without any, none can be written.

    Reading runs in autocommit: every statement sees the newest committed rows, and PostgreSQL needs two round
    trips less. Writing on SQLite begins IMMEDIATE, so that two writers queue instead of failing.
    """

    def __init__(self, url: str, keys: Sequence[str] = (), **options: Any) -> None:
        at = make_url(url)
        if at.get_backend_name() == "postgresql":
            at = at.update_query_dict({**NOTICED_AFTER, **at.query})
            # A connection is for reading unless it is asked to write: to say so of each cost a page a tenth of its work.
            options |= {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
        # An error's words go to the log: without the values of the statement, which are people's.
        self.engine = create_engine(at, hide_parameters=True, **options)
        self.keys, self.secrets = keys, SecretBox(keys)
        self.engine.dialect.secrets = self.secrets  # type: ignore[attr-defined]  # where the columns find it
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writers = _writers(at) if self.is_sqlite else None
        if self.is_sqlite:
            # SQLite keeps ids as texts
            self.engine.dialect.colspecs = {**self.engine.dialect.colspecs, Uuid: _KnownUuid}
            event.listen(self.engine, "connect", _prepare_sqlite)
            self.writer = self.engine
        else:
            event.listen(self.engine, "connect", _prepare_postgresql)
            self.writer = self.engine.execution_options(isolation_level="READ COMMITTED")

    def reading(self) -> Session:
        """Return a session for reading. The caller closes it."""
        return Session(self.engine, autoflush=False)

    def connection(self) -> Connection:
        """Return a bare connection for reading. The caller closes it. For the hottest pages: a session around
        the same statement costs twice as much."""
        return self.engine.connect()

    @contextmanager
    def writing(self) -> Iterator[WritingSession]:
        """Open a session in one transaction: committed at the end of the block, rolled back on any error."""
        with WritingSession(self.writer, expire_on_commit=False) as session, session.begin():
            self.begin_writing(session.connection())
            yield session

    @contextmanager
    def writing_bare(self) -> Iterator[Connection]:
        """Open a transaction on a bare connection: committed at the end of the block, rolled back on any error. For the
        first tap: a session around its two statements takes as long as they do."""
        with self.writer.begin() as connection:
            self.begin_writing(connection)
            yield connection

    def begin_writing(self, connection: Connection, *, patient: bool = True) -> None:
        """Begin a transaction that writes, on a connection that is about to: on SQLite when it is this one's turn. Not by
        an event of the engine, for then every statement asks for events, which took a twentieth of a Done."""
        if self.is_sqlite:
            _begin_sqlite(self._writers, connection, patient=patient)

    def write_at_once(self, connection: Connection, statement: Executable, values: dict[str, Any]) -> int:
        """Execute one statement that is a transaction by itself, on a connection for reading; return how many rows it
        changed."""
        self.begin_writing(connection)
        changed = connection.execute(statement, values).rowcount
        connection.commit()  # on PostgreSQL, which reads in autocommit, it is committed already
        return changed

    def write_if_free(self, statement: Executable) -> None:
        """Execute one statement in a transaction of its own; on SQLite only if nobody else is writing just now. For
        what may be left out, such as when somebody was last seen."""
        try:
            with Session(self.writer) as session, session.begin():
                self.begin_writing(session.connection(), patient=False)
                session.execute(statement)
        except OperationalError as error:
            if not self.is_sqlite or "locked" not in str(error):
                raise

    def forget_erased(self) -> None:
        """Empty SQLite's log, which holds earlier versions of rows, of what was erased among them. Where somebody else
        is reading or writing just now it is left to the next call."""
        if not self.is_sqlite:
            return
        with (
            self.engine.connect() as connection,
            _waiting_at_most(connection, 0),
            suppress(OperationalError),  # what was to be erased is erased; the log is the worker's then
        ):
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def connect(url: str, keys: Sequence[str], *, pooled: bool = True) -> Database:
    """Return a Database; pooled=False for commands that run once."""
    return Database(url, keys) if pooled else Database(url, keys, poolclass=NullPool)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # keeps the driver from beginning transactions of its own
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # INSERT OR REPLACE deletes, and asks the triggers only then
        f"busy_timeout={SQLITE_WAIT_MS}",
        "secure_delete=ON",  # what is deleted or overwritten is zeroed in the file, too
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """Describe no columns that nobody reads. Prepare no statements where a pooler such as PgBouncer stands between: the next transaction may be on another
    connection, which knows nothing of them. A pooler tells another process id than the server does."""
    from feedback.db.cursors import PatientCursor  # loads psycopg, which SQLite has no use for

    connection.cursor_factory = PatientCursor
    process = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
    connection.rollback()
    if process != connection.info.backend_pid:
        connection.prepare_threshold = None


def _writers(url: URL) -> Writers | None:
    """Return the queue of a file's writers; None for what no other process can open, or is named in another way."""
    path = url.database or ":memory:"
    return None if path.startswith((":", "file:")) else Writers(f"{path}-writers")


def _begin_sqlite(writers: Writers | None, connection: Connection, *, patient: bool) -> None:
    if not patient:
        with _waiting_at_most(connection, 0):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    came = time.monotonic()
    with writers.turn() if writers else nullcontext():
        waited = int((time.monotonic() - came) * 1000)
        # one that holds on for longer than anybody waits must not make the queue wait so long one by one
        left = max(0, SQLITE_WAIT_MS - waited)
        with _waiting_at_most(connection, left) if waited > SQLITE_WAIT_MS / 10 else nullcontext():
            connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _waiting_at_most(connection: Connection, ms: int) -> Iterator[None]:
    """Let a connection to SQLite wait for others for so long while the block runs."""
    connection.exec_driver_sql(f"PRAGMA busy_timeout={ms}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={SQLITE_WAIT_MS}")
