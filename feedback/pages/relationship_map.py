"""Relationships on the map of the four fields."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from feedback.core.gaps.analysis import Gap, gaps, headline
from feedback.core.gaps.quadrants import MapPlace, QuadrantPoint, map_place, quadrant_point, urgency
from feedback.models import Contact, Relationship
from feedback.store.people import Viewer
from feedback.store.relationships import RelationshipView

ON_MAP = tuple(MapPlace)[:4]
MOST_DOTS = 150  # on the map; the others stand behind them as crowds
FIRST = 6  # named beside the map, of each field


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A relationship rated by both sides."""

    relationship: RelationshipView
    point: QuadrantPoint
    headline: Gap  # the one dimension to talk about


@dataclass(frozen=True, slots=True)
class MapCell:
    """How many relationships are near a place on the map."""

    guessed: float  # 1..5, to half a rating
    said: float
    count: int


@dataclass(frozen=True, slots=True)
class RelationshipMap:
    """What the map shows of relationships, and how many have no place on it."""

    counts: Counter[MapPlace]  # of all
    placed: list[MapPoint]  # the most urgent first; the first of them, where there are too many
    first: dict[MapPlace, list[MapPoint]]  # by field, the FIRST of it
    cells: list[MapCell]  # of all, where `placed` are not all

    @property
    def whole(self) -> int:
        """How many have a place on the map."""
        return sum(self.counts[place] for place in ON_MAP)


def of_accounts(viewer: Viewer, account_ids: Collection[UUID]) -> ColumnElement[bool]:
    """Return the condition on Relationship: with somebody of one of these accounts."""
    return col(Relationship.contact_id).in_(
        select(col(Contact.id)).where(
            col(Contact.organisation_id) == viewer.organisation_id, col(Contact.account_id).in_(account_ids)
        )
    )


def place_of(relationship: RelationshipView) -> MapPlace:
    """Return where a relationship stands on the map."""
    return map_place(relationship.numbers.client, relationship.numbers.mirror)


def map_points(rows: Iterable[RelationshipView]) -> list[MapPoint]:
    """Return the points of those of these relationships that have one, in their order."""
    found = []
    for row in rows:
        client, mirror = row.numbers.client, row.numbers.mirror
        where, talk = quadrant_point(client, mirror), headline(gaps(client, mirror))
        if where and talk:
            found.append(MapPoint(row, where, talk))
    return found


def relationship_map(rows: Iterable[RelationshipView]) -> RelationshipMap:
    """Return the map of these relationships, with all of them on it."""
    every = list(rows)
    placed = sorted(map_points(every), key=lambda each: urgency(each.point))
    first = {
        place: [each for each in placed if MapPlace(each.point.field) is place][:FIRST] for place in ON_MAP
    }
    return RelationshipMap(Counter(place_of(row) for row in every), placed, first, [])
