"""The relationships somebody is responsible for: on the map of the four fields, by level, and which are
lukewarm."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select, true, tuple_
from sqlmodel import Session, col

from feedback.core.access import Role, sees_all_teams
from feedback.core.dimensions import DIMENSIONS, FINE, GOOD, count_rated
from feedback.core.gaps.analysis import Gap, GapClass, gaps, headline
from feedback.core.gaps.quadrants import QuadrantPoint, quadrant_point, urgency
from feedback.core.lukewarm.detection import is_fine
from feedback.core.scoring.levels import Level, level, steps
from feedback.core.scoring.relationships import relationship_numbers
from feedback.db.rows import SixColumns
from feedback.db.tenancy import references
from feedback.models import Contact, Feedback, Invitation, Meeting, Relationship, Side, User
from feedback.models.feedback import Counts
from feedback.store.people import Viewer
from feedback.store.relationships import RelationshipView, history, relationships, was_answered
from feedback.store.settling import settled_by_clock


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A relationship rated by both sides."""

    relationship: RelationshipView
    point: QuadrantPoint
    headline: Gap  # the one dimension to talk about


@dataclass(frozen=True, slots=True)
class RelationshipMap:
    """All relationships, by whether they have a place on the map."""

    placed: list[MapPoint]  # the most urgent first
    not_guessed: list[RelationshipView]  # the client answered, the rep guessed nothing
    not_heard: list[RelationshipView]  # the rep guessed, the client answered nothing
    untouched: int  # how many met without anything that counts from either side

    def of(self, field: GapClass) -> list[MapPoint]:
        """Return the points in one field."""
        return [each for each in self.placed if each.point.field == field]


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A relationship that changed its level."""

    relationship: RelationshipView
    before: Level
    now: Level
    steps: int  # how many levels up, or down (negative)


@dataclass(frozen=True, slots=True)
class Levels:
    """How many relationships are on each level, now and at an earlier moment."""

    now: Counter[Level]
    before: Counter[Level]
    up: list[LevelChange]
    down: list[LevelChange]
    new: list[RelationshipView]  # those without a counted answer before that moment


def visible_to(
    viewer: Viewer, team_id: UUID | None = None, rep_id: UUID | None = None
) -> ColumnElement[bool]:
    """Return the condition on Relationship joined with User: of reps who work here and whom the viewer is
    responsible for; of one team or rep when asked for."""
    return and_(
        col(User.role) == Role.REP,
        col(User.ended_at).is_(None),
        true() if sees_all_teams(viewer.role) else col(User.team_id).in_(viewer.teams),
        col(User.team_id) == team_id if team_id else true(),
        col(User.id) == rep_id if rep_id else true(),
    )


def of_account(account_id: UUID) -> ColumnElement[bool]:
    """Return the condition on Relationship joined with Contact: with somebody of this account."""
    return col(Contact.account_id) == account_id


def relationship_map(rows: Sequence[RelationshipView]) -> RelationshipMap:
    """Sort relationships into those rated by both sides, the most urgent first, by one, and by neither."""
    placed, not_guessed, not_heard, untouched = [], [], [], 0
    for row in rows:
        client, mirror = row.numbers.client, row.numbers.mirror
        where, talk = quadrant_point(client, mirror), headline(gaps(client, mirror))
        if where and talk:
            placed.append(MapPoint(row, where, talk))
        elif row.numbers.answers:
            not_guessed.append(row)
        elif any(m is not None for m in mirror):
            not_heard.append(row)
        else:
            untouched += 1
    placed.sort(key=lambda each: urgency(each.point))
    return RelationshipMap(placed, not_guessed, not_heard, untouched)


def level_changes(
    session: Session, viewer: Viewer, rows: Sequence[RelationshipView], since: datetime, now: datetime
) -> Levels:
    """Return what changed since a moment. A relationship's loyalty changes by its meetings alone, so only the
    history of those rated after `since` is read."""
    touched = {(r.rep_id, r.contact_id) for r in rows if (at := r.numbers.last_client_at) and at >= since}
    earlier = _loyalty_before(session, viewer, since, now) if touched else {}
    current, before, moves, new = Counter[Level](), Counter[Level](), [], []
    for row in rows:
        loyalty = row.numbers.loyalty
        if loyalty is None:
            continue
        pair = row.rep_id, row.contact_id
        was = earlier.get(pair) if pair in touched else loyalty
        current[level(loyalty)] += 1
        if was is None:
            new.append(row)
            continue
        before[level(was)] += 1
        if change := steps(was, loyalty):
            moves.append(LevelChange(row, level(was), level(loyalty), change))
    moves.sort(key=lambda move: -abs(move.steps))
    return Levels(current, before, [m for m in moves if m.steps > 0], [m for m in moves if m.steps < 0], new)


def lukewarm_relationships(
    session: Session, viewer: Viewer, where: ColumnElement[bool], now: datetime
) -> set[UUID]:
    """Return the ids of the relationships in `where` (a condition on User and Contact) whose latest counted
    answer is lukewarm. Reads that answer alone, and only where it could be lukewarm: all ratings 3 or 4, or
    with a comment."""
    ratings = [getattr(Feedback, name) for name in DIMENSIONS]
    could_be = and_(*(rating.in_((FINE, GOOD)) for rating in ratings)) | col(Feedback.comment).is_not(None)
    latest = (col(Meeting.held_at) == col(Relationship.last_client_at)) & could_be
    # An answer that settled a moment ago is later than what the stored row knows of.
    pairs = {(due.rep_id, due.contact_id) for due in settled_by_clock(session, viewer.organisation_id, now)}
    if pairs:
        latest |= tuple_(col(Meeting.rep_id), col(Invitation.contact_id)).in_(pairs)
    rows = session.execute(
        select(col(Relationship.id), col(Feedback.comment), SixColumns("said", Feedback))
        .select_from(Relationship)
        .join(User, references(Relationship, Relationship.rep_id, User))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Meeting, references(Meeting, Meeting.rep_id, User))
        .join(
            Invitation,
            references(Invitation, Invitation.meeting_id, Meeting)
            & (col(Invitation.contact_id) == col(Relationship.contact_id)),
        )
        .join(Feedback, references(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Relationship.organisation_id) == viewer.organisation_id,
            col(Feedback.side) == Side.CLIENT,
            col(Feedback.counts) == Counts.COUNTED,
            was_answered(now),
            latest,
            where,
        )
        .order_by(col(Meeting.held_at))
    )
    last = {row.id: row for row in rows if count_rated(row.said)}
    return {row.id for row in last.values() if is_fine(row.said, row.comment)}


def visible_relationships(
    session: Session, viewer: Viewer, where: ColumnElement[bool], now: datetime
) -> list[RelationshipView]:
    """Return the relationships in `where` (a condition on User and Contact), by the contact's name. The
    caller's `where` limits them to what the viewer may see."""
    return relationships(session, viewer, where, now)


def _loyalty_before(
    session: Session, viewer: Viewer, since: datetime, now: datetime
) -> dict[tuple[UUID, UUID], float]:
    """Return loyalty as it was at `since`, by (rep_id, contact_id), of the relationships rated after it."""
    rated_since = exists().where(
        col(Relationship.organisation_id) == col(Invitation.organisation_id),
        col(Relationship.rep_id) == col(Meeting.rep_id),
        col(Relationship.contact_id) == col(Invitation.contact_id),
        col(Relationship.last_client_at) >= since,
        references(Relationship, Relationship.rep_id, User),
        visible_to(viewer),
    )
    past = defaultdict(list)
    for each in history(session, viewer.organisation_id, (col(Meeting.held_at) < since) & rated_since, now):
        past[each.rep_id, each.contact_id].append(each.moment())
    return {
        pair: loyalty
        for pair, moments in past.items()
        if (loyalty := relationship_numbers(moments, viewer.scoring).loyalty) is not None
    }
