"""Makes views of rows by the names of their columns, never by their order.

A statement labels its columns like the fields of the view; `views` builds it. What a view contains as a whole
(a side's answers, six ratings) is a bundle of columns, read as one value.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from sqlalchemy import Result
from sqlalchemy.orm import Bundle

from feedback.core.dimensions import DIMENSIONS

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

View = TypeVar("View", bound="DataclassInstance")


def views(view: type[View], rows: Result[*tuple[Any, ...]], **shared: Any) -> list[View]:
    """Return a view of each row, its fields taken from the columns labelled like them. shared: fields that
    are the same for all. Raises TypeError, whether or not there is a row, when a field has no column (even
    one with a default) or a column no field."""
    names = tuple(rows.keys())
    _match(view, (*names, *shared))
    if not shared and names == tuple(field.name for field in fields(view)):
        return [
            view(*row) for row in rows.all()
        ]  # a third of the time, which a board of a thousand reps notices
    return [view(**dict(zip(names, row, strict=True)), **shared) for row in rows]


def view_or_none(view: type[View], rows: Result[*tuple[Any, ...]], **shared: Any) -> View | None:
    """Return the view of the first row; None when there is no row."""
    return next(iter(views(view, rows, **shared)), None)


class ViewColumns(Bundle[Any]):
    """Columns read as a view inside the row: row.<name>. A subclass sets `view`."""

    view: ClassVar[type["DataclassInstance"]]

    def create_row_processor(
        self, _statement: Any, values: Sequence[Callable[[Any], Any]], labels: Sequence[str]
    ) -> Callable[[Any], "DataclassInstance"]:
        """Return the function that makes the view, as SQLAlchemy asks for it."""
        view, named = self.view, dict(zip(labels, values, strict=True))
        _match(view, labels)
        ordered = [named[field.name] for field in fields(view)]
        return lambda row: view(*[value(row) for value in ordered])


class SixColumns(Bundle[Any]):
    """A column for each of DIMENSIONS, read as one tuple in their order: row.<name>."""

    def __init__(self, name: str, table: Any, prefix: str = "") -> None:
        super().__init__(name, *(getattr(table, f"{prefix}{dimension}") for dimension in DIMENSIONS))

    def create_row_processor(
        self, _statement: Any, values: Sequence[Callable[[Any], Any]], _labels: Sequence[str]
    ) -> Callable[[Any], tuple[Any, ...]]:
        """Return the function that makes the tuple, as SQLAlchemy asks for it."""
        a, b, c, d, e, f = values  # one by one, for a history has tens of thousands of rows
        return lambda row: (a(row), b(row), c(row), d(row), e(row), f(row))


def _match(view: type["DataclassInstance"], names: Iterable[str]) -> None:
    given, wanted = sorted(names), sorted(field.name for field in fields(view))
    if given != wanted:
        raise TypeError(f"{view.__name__} has the fields {wanted}; the columns are {given}")
