"""Invitations found by their token, of which the table has a keyed hash."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam
from sqlmodel import col

from feedback.models.encrypted import box_of


def ways_to_find(connection: Connection, token: str) -> dict[str, str]:
    """Return the parameters of found_by_any for a normalised token: a microsecond for each key."""
    ways = box_of(connection.dialect).ways_to_find(token)
    return {f"token_{number}": way for number, way in enumerate(ways)}


def found_by_any(column: Any, ways: int) -> ColumnElement[bool]:
    """Return the condition that a column holds one of so many ways to find a token."""
    return col(column).in_([bindparam(f"token_{number}") for number in range(ways)])
