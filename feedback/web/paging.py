"""Paging of long lists by plain links."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from flask import abort, request

T = TypeVar("T")

ROWS = 20  # per page


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """One page of a list."""

    rows: Sequence[T]  # of this page
    number: int  # of this page, from 1
    more: bool  # does another page follow?
    whole: int | None = None  # how many rows there are on all pages; None when nobody has counted

    @property
    def first(self) -> int:
        """The position of this page's first row in the whole list, from 1."""
        return (self.number - 1) * ROWS + 1

    @property
    def last(self) -> int:
        """The position of this page's last row in the whole list."""
        return self.first + len(self.rows) - 1


def wanted_rows() -> tuple[int, int]:
    """Return what paginate_query calls load with: for a list that is read together with how many there are."""
    return (_wanted() - 1) * ROWS, ROWS + 1


def paginate_query(load: Callable[[int, int], Sequence[T]], whole: int | None = None) -> ListPage[T]:
    """Return a page of rows that the database cuts; load(skip, take) reads some. whole: how many there are, where they
    were counted; then a page after the last is 404. Else it is empty: such a list gets shorter while somebody looks
    at it."""
    number, (skip, take) = _wanted(), wanted_rows()
    if whole is not None and skip and skip >= whole:
        abort(404)
    found = load(skip, take)
    return ListPage(found[:ROWS], number, len(found) > ROWS, whole)


@dataclass(frozen=True, slots=True)
class CursorPage(Generic[T]):
    """A part of a list that others add to at its beginning: it goes on after a row, whatever came before it since."""

    rows: Sequence[T]
    older: str | None  # what the next part begins after; None when nothing follows
    begins_with_newest: bool


def paginate_by_cursor(
    load: Callable[[UUID | None, int], Sequence[T]], key: Callable[[T], UUID]
) -> CursorPage[T]:
    """Return the part of a list that follows ?after=, the id of a row; load(after, take) reads some. 404 for what is
    no id."""
    try:
        after = UUID(request.args["after"]) if request.args.get("after") else None
    except ValueError:
        abort(404)
    found = load(after, ROWS + 1)
    older = str(key(found[ROWS - 1])) if len(found) > ROWS else None
    return CursorPage(found[:ROWS], older, after is None)


def first_page(load: Callable[[int, int], Sequence[T]], whole: int) -> ListPage[T]:
    """Return the first page, whatever page the address asks for: of a list that is one of several on its page."""
    found = load(0, ROWS) if whole else []
    return ListPage(found, 1, whole > len(found), whole)


def _wanted() -> int:
    wanted = request.args.get("page", "1")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 9 and int(wanted) >= 1):
        abort(404)
    return int(wanted)
