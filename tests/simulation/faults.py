"""What goes wrong at a commit: the process is killed, or the connection breaks, in place of it or right after it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

from feedback.db.engine import Database


class Killed(BaseException):
    """Raised where the process dies: nobody catches it but the simulator, which starts anew."""


class LostConnection(OperationalError):
    """Raised where the connection to the database breaks."""

    def __init__(self) -> None:
        super().__init__("COMMIT", {}, Exception("on purpose"))


class FaultyDatabase(Database):
    """A database whose commits fail with the probability `part`; `failed` counts them. What `when_committed` was
    given within a transaction is called once that is committed, even when nobody hears of it."""

    def __init__(self, url: str, keys: Sequence[str]) -> None:
        self.wrote: set[str] = (
            set()
        )  # the organisations that rows were written of, on SQLite, committed or not
        # One connection, and every statement of a life prepared once: the driver keeps 128, and a life has 300.
        fast = {"connect_args": {"cached_statements": 2_000}} if url.startswith("sqlite") else {}
        super().__init__(url, keys, pool_use_lifo=True, **fast)
        self.begin(Random(0))
        if self.is_sqlite:
            event.listen(self.engine, "connect", _never_wait_for_the_disk)
            event.listen(self.engine, "connect", self._note_whose)

    def begin(self, dice: Random) -> None:
        """Begin a life. The engine is the same for all lives of a process, so that statements are compiled once."""
        self.dice, self.part, self.failed, self.commits = dice, 0.0, 0, 0
        self._waiting: list[Callable[[], None]] = []

    def _note_whose(self, connection: Any, _record: object) -> None:
        """Let SQLite say of each row that is written whose it is: it costs less than to look for what has changed."""
        connection.create_function("wrote", 1, self.wrote.add)
        for table in SQLModel.metadata.sorted_tables:
            if "organisation_id" not in table.columns:
                continue
            for how, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
                notes = "".join(f"SELECT wrote({row}.organisation_id);" for row in rows)
                connection.execute(
                    f"CREATE TEMP TRIGGER whose_{table.name}_{how} AFTER {how} ON main.{table.name} BEGIN {notes} END"
                )

    def when_committed(self, do: Callable[[], None]) -> None:
        """Call `do` once the open transaction is committed, and never when it is rolled back."""
        self._waiting.append(do)

    def when_committed_nothing(self) -> None:
        """Forget what was to be done: the transaction changes nothing."""
        self._waiting = []

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session in one transaction, as Database does; its commit may fail."""
        self._waiting = []
        where = self._where()
        with super().writing() as session:
            yield session
            if where == "before":
                raise self._fault()
        self.commits += 1
        for do in self._waiting:
            do()
        if where == "after":
            raise self._fault()

    def _where(self) -> str | None:
        drawn = self.dice.random()  # drawn always, so that a life is the same whatever the part is
        if drawn >= self.part:
            return None
        return "before" if drawn < self.part / 2 else "after"

    def _fault(self) -> BaseException:
        self.failed += 1
        return Killed() if self.dice.random() < 0.5 else LostConnection()


def _never_wait_for_the_disk(connection: object, _record: object) -> None:
    for pragma in ("synchronous=OFF", "cache_size=-20000", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
