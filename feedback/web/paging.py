"""A long list, a page at a time, by plain links."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import abort, request

T = TypeVar("T")

ROWS = 50


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """rows: of this page. number: from 1. more: does another follow? whole: how many rows there are in all, None
    when nobody has counted."""

    rows: Sequence[T]
    number: int
    more: bool
    whole: int | None = None

    @property
    def first(self) -> int:
        """The place of the first row, from 1."""
        return (self.number - 1) * ROWS + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def paginate(rows: Sequence[T]) -> ListPage[T]:
    """The page of `rows` that ?page= asks for, the first by itself; 404 for what is no page."""
    number = _wanted()
    begin, end = (number - 1) * ROWS, number * ROWS
    if begin and begin >= len(rows):
        abort(404)
    return ListPage(rows[begin:end], number, end < len(rows), len(rows))


def paginate_query(load: Callable[[int, int], Sequence[T]]) -> ListPage[T]:
    """Likewise of rows that the database cuts; load(skip, take) reads some. A page after the last is empty: such
    a list gets shorter while somebody looks at it."""
    number = _wanted()
    found = load((number - 1) * ROWS, ROWS + 1)
    return ListPage(found[:ROWS], number, len(found) > ROWS)


def _wanted() -> int:
    wanted = request.args.get("page", "1")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 9 and int(wanted) >= 1):
        abort(404)
    return int(wanted)
