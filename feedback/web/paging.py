"""Paging of long lists by plain links."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import abort, request

T = TypeVar("T")

ROWS = 50  # per page


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """One page of a list."""

    rows: Sequence[T]  # of this page
    number: int  # of this page, from 1
    pages: int  # how many there are
    whole: int  # how many rows there are on all pages

    @property
    def first(self) -> int:
        """The position of this page's first row in the whole list, from 1."""
        return (self.number - 1) * ROWS + 1

    @property
    def last(self) -> int:
        """The position of this page's last row in the whole list."""
        return self.first + len(self.rows) - 1


def paginate(rows: Sequence[T]) -> ListPage[T]:
    """Return the page of `rows` that ?page= asks for, by default the first; 404 when there is no such
    page."""
    wanted, pages = request.args.get("page", "1"), max(1, -(-len(rows) // ROWS))
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 9 and 1 <= int(wanted) <= pages):
        abort(404)
    number = int(wanted)
    return ListPage(rows[(number - 1) * ROWS : number * ROWS], number, pages, len(rows))
