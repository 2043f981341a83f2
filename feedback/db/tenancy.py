"""Joins stay inside one organisation: both halves of the composite key, always."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col

from feedback.models.columns import Row


def references(child: type[Row], column: Any, parent: type[Row]) -> ColumnElement[bool]:
    """`child.column` is the id of `parent`, in the same organisation."""
    return (col(child.organisation_id) == col(parent.organisation_id)) & (col(column) == col(parent.id))
