"""Joins within one organisation, always by both columns of the composite key."""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col

from feedback.models.columns import Row


# To build one took as long as a small statement. Aliases that are made for one statement push each other out.
@lru_cache(maxsize=512)
def references(child: type[Row], column: Any, parent: type[Row]) -> ColumnElement[bool]:
    """Return the join condition: `child.column` is the id of `parent`, in the same organisation."""
    return (col(child.organisation_id) == col(parent.organisation_id)) & (col(column) == col(parent.id))
