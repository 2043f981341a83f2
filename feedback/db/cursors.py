"""How psycopg tells what the columns of a result are.

It makes an object of each column, with five names and numbers, after every statement. SQLAlchemy reads them the first time,
and from then on asks only whether there are any: of a tap on PostgreSQL they were a sixth of all calls of functions.
"""

from collections.abc import Sequence
from typing import Any, overload

from psycopg import Column, Cursor


class PatientCursor(Cursor[Any]):
    """A cursor whose columns are described when somebody reads the description."""

    @property
    def description(self) -> Any:
        """Return the columns of the newest result; None where it has none."""
        result = self.pgresult
        return _Description(self) if result is not None and result.nfields else super().description

    def described(self) -> list[Column]:
        """Return the columns, each made anew."""
        return super().description or []


class _Description(Sequence[Column]):
    def __init__(self, cursor: PatientCursor) -> None:
        self._cursor = cursor

    def __len__(self) -> int:
        return len(self._cursor.described())

    @overload
    def __getitem__(self, which: int) -> Column: ...
    @overload
    def __getitem__(self, which: slice) -> Sequence[Column]: ...
    def __getitem__(self, which: int | slice) -> Column | Sequence[Column]:
        return self._cursor.described()[which]

    def __iter__(self) -> Any:
        return iter(self._cursor.described())
