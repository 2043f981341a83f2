"""A long list, a page at a time, by plain links."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import abort, request

T = TypeVar("T")

ROWS = 50


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """rows: of this page. number: from 1, of `pages`. first: the place of the first row, from 1. whole: how
    many rows there are in all."""

    rows: Sequence[T]
    number: int
    pages: int
    whole: int

    @property
    def first(self) -> int:
        return (self.number - 1) * ROWS + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def paginate(rows: Sequence[T]) -> ListPage[T]:
    """The page of `rows` that ?page= asks for, the first by itself; 404 for what is no page."""
    wanted, pages = request.args.get("page", "1"), max(1, -(-len(rows) // ROWS))
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 9 and 1 <= int(wanted) <= pages):
        abort(404)
    number = int(wanted)
    return ListPage(rows[(number - 1) * ROWS : number * ROWS], number, pages, len(rows))
