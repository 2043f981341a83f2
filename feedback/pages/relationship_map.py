"""The relationships somebody looks after: on the map of the four fields, by level, and who says "fine"."""

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
    """A relationship rated by both sides. headline: the one dimension to talk about."""

    relationship: RelationshipView
    point: QuadrantPoint
    headline: Gap


@dataclass(frozen=True, slots=True)
class RelationshipMap:
    """placed: what matters most first. not_guessed: the client answered, the rep never guessed what;
    not_heard: the other way round. untouched: how many met, and neither said anything that counts."""

    placed: list[MapPoint]
    not_guessed: list[RelationshipView]
    not_heard: list[RelationshipView]
    untouched: int

    def of(self, field: GapClass) -> list[MapPoint]:
        return [each for each in self.placed if each.point.field == field]


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A relationship that changed its level."""

    relationship: RelationshipView
    before: Level
    now: Level
    steps: int


@dataclass(frozen=True, slots=True)
class Levels:
    """How many stand on each level, now and at a moment before. new: no counted answer before it."""

    now: Counter[Level]
    before: Counter[Level]
    up: list[LevelChange]
    down: list[LevelChange]
    new: list[RelationshipView]


def visible_to(
    viewer: Viewer, team_id: UUID | None = None, rep_id: UUID | None = None
) -> ColumnElement[bool]:
    """Of Relationship joined with User: of reps who work here and whom this person looks after; of one team
    or rep when asked for."""
    return and_(
        col(User.role) == Role.REP,
        col(User.ended_at).is_(None),
        true() if sees_all_teams(viewer.role) else col(User.team_id).in_(viewer.teams),
        col(User.team_id) == team_id if team_id else true(),
        col(User.id) == rep_id if rep_id else true(),
    )


def of_account(account_id: UUID) -> ColumnElement[bool]:
    """Of Relationship joined with Contact: with somebody of this account."""
    return col(Contact.account_id) == account_id


def relationship_map(rows: Sequence[RelationshipView]) -> RelationshipMap:
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
    """What moved. A relationship's loyalty changes by its meetings alone, so only the history of those rated
    after `since` is read."""
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
        if climbed := steps(was, loyalty):
            moves.append(LevelChange(row, level(was), level(loyalty), climbed))
    moves.sort(key=lambda move: -abs(move.steps))
    return Levels(current, before, [m for m in moves if m.steps > 0], [m for m in moves if m.steps < 0], new)


def saying_fine(session: Session, viewer: Viewer, where: ColumnElement[bool], now: datetime) -> set[UUID]:
    """The relationships in `where` (by User and Contact) whose latest counted answer is lukewarm. Reads that
    answer alone, and only where it could be: all in 3 and 4, or with a comment."""
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
    """The relationships in `where` (by User and Contact), by the contact's name."""
    return relationships(session, viewer, where, now)


def _loyalty_before(
    session: Session, viewer: Viewer, since: datetime, now: datetime
) -> dict[tuple[UUID, UUID], float]:
    """Loyalty as it stood then, by (rep_id, contact_id), of the relationships rated since."""
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
