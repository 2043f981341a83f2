"""Relationships: how they stand, what to know before the next meeting, and what to practise."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from feedback.actions.practices import choose_practice
from feedback.api.answers import Answer, GapOut, answer_fields
from feedback.api.meetings import PromiseOut, promise_out
from feedback.api.operations import operation
from feedback.api.shapes import Body, Listing, ListQuery, Out, SearchQuery, SixRatings, rounded, six
from feedback.core.api_tokens import Scope
from feedback.core.dimensions import DIMENSIONS
from feedback.core.scoring.levels import Level, level
from feedback.db.change import Change
from feedback.pages import own_relationships, relationship_list
from feedback.pages.brief import Brief, brief
from feedback.store.invitations import invitations_of_relationship
from feedback.store.relationships import RelationshipView, relationship_for, relationship_to_practise
from feedback.web.context import current_user, now, read_session


class RelationshipOut(Out):
    """A rep with a contact. A rep is told of the answers they may see; managers of all that count."""

    id: UUID
    rep_id: UUID
    contact_id: UUID
    contact: str
    account: str
    last_meeting_at: datetime | None
    loyalty: float | None = Field(description="0 to 100; null without an answer.")
    level: Level | None


class ManagedRelationship(RelationshipOut):
    """A relationship as managers see it."""

    rep: str
    now_with: str | None = Field(description="Who looks after the contact, where that is another rep.")
    account_id: UUID
    answers: int = Field(description="That the loyalty rests on.")
    said: SixRatings = Field(description="Means of the client's ratings.")
    guessed: SixRatings = Field(description="Means of the sealed guesses.")


class RelationshipQuery(SearchQuery):
    """Which relationships. `q` is for reps; the others are for managers, who get those they are responsible for, by id."""

    team_id: UUID | None = None
    rep_id: UUID | None = Field(None, description="Who looks after the contact.")
    account_id: UUID | None = None


class Practice(Out):
    """What the rep tries next."""

    dimension: str
    number: int
    chosen_at: datetime
    assigned: bool


class RelationshipDetail(RelationshipOut):
    """A relationship, and what to know before the next meeting."""

    rep: str
    answers: int = Field(description="That the loyalty rests on, as far as whoever asks may see them.")
    loyalties: list[float] = Field(description="Of each of these by itself, oldest first.")
    low: float | None = Field(description="The lowest of these.")
    high: float | None = Field(description="The highest of these.")
    last_gap: GapOut | None
    comment: str | None
    comment_at: datetime | None
    promises: list[PromiseOut] = Field(description="Those that are open.")
    practice: Practice | None
    days: int | None = Field(description="Since the last meeting.")
    review_days: int
    overdue: bool


class PracticeBody(Body):
    """One of the five practices of a dimension."""

    dimension: Annotated[str, Field(json_schema_extra={"enum": list(DIMENSIONS)}, max_length=20)]
    number: Annotated[int, Field(ge=1, le=5)]


@operation("GET", "/relationships")
def list_relationships(query: RelationshipQuery) -> Listing[RelationshipOut] | Listing[ManagedRelationship]:
    """List relationships: a rep's own, the latest met first; or those that managers are responsible for."""
    who, session = current_user(), read_session()
    if not who.is_rep:
        chosen = relationship_list.selection(
            session,
            who,
            now(),
            now(),
            team_id=query.team_id,
            rep_id=query.rep_id,
            account_id=query.account_id,
        )
        return query.page(
            lambda skip, take: relationship_list.every_relationship(chosen, skip, take), managed
        )
    found = own_relationships.own_relationships(session, who, query.q.strip())
    return query.page(lambda skip, take: _own(session, found[skip : skip + take]), lambda each: each)


def _own(session: Session, found: list[own_relationships.OwnRelationship]) -> list[RelationshipOut]:
    loyalties = own_relationships.own_loyalties(session, current_user(), found, now())
    return [
        RelationshipOut(
            id=each.id, rep_id=each.rep_id, contact_id=each.contact_id, contact=each.contact, account=each.account,
            last_meeting_at=each.last_meeting_at, loyalty=rounded(loyalties.get(each.id)),
            level=_level(loyalties.get(each.id)),
        )
        for each in found
    ]  # fmt: skip


def managed(found: RelationshipView) -> ManagedRelationship:
    """Return a relationship as managers see it."""
    numbers = found.numbers
    return ManagedRelationship(
        id=found.id, rep_id=found.rep_id, rep=found.rep, now_with=found.now_with, contact_id=found.contact_id,
        contact=found.contact, account_id=found.account_id, account=found.account, last_meeting_at=found.last_meeting_at,
        loyalty=rounded(numbers.loyalty), level=_level(numbers.loyalty), answers=numbers.answers,
        said=six(numbers.client), guessed=six(numbers.mirror),
    )  # fmt: skip


def _level(loyalty: float | None) -> Level | None:
    return None if loyalty is None else level(loyalty)


def relationship_detail(session: Session, relationship_id: UUID) -> RelationshipDetail:
    """Return a relationship with its brief, as far as whoever asks may see it. Raises NotFound and WorksAgreement."""
    found = relationship_for(session, current_user(), relationship_id, now())
    return _detail(found, brief(session, current_user(), found, now()))


def _detail(found: RelationshipView, known: Brief) -> RelationshipDetail:
    gap = known.last_gap
    return RelationshipDetail(
        id=found.id, rep_id=found.rep_id, rep=found.rep, contact_id=found.contact_id, contact=found.contact,
        account=found.account, last_meeting_at=found.last_meeting_at, loyalty=rounded(known.loyalty),
        level=_level(known.loyalty), answers=len(known.loyalties), loyalties=[rounded(n) or 0.0 for n in known.loyalties],
        last_gap=GapOut.model_validate(gap) if gap else None, comment=known.comment, comment_at=known.comment_at,
        promises=[promise_out(each) for each in known.promises],
        practice=Practice.model_validate(known.practice) if known.practice else None,
        low=rounded(min(known.loyalties, default=None)),
        high=rounded(max(known.loyalties, default=None)),
        days=known.days, review_days=known.review_days, overdue=known.overdue,
    )  # fmt: skip


@operation("GET", "/relationships/<uuid:relationship_id>")
def show_relationship(relationship_id: UUID) -> RelationshipDetail:
    """Show a relationship, and what to know before the next meeting."""
    return relationship_detail(read_session(), relationship_id)


@operation("GET", "/relationships/<uuid:relationship_id>/answers")
def list_relationship_answers(relationship_id: UUID, query: ListQuery) -> Listing[Answer]:
    """List the answers of a relationship, the latest meeting first."""
    who, session = current_user(), read_session()
    who.figures.require_by_person()
    found = relationship_for(session, who, relationship_id, now())
    every = invitations_of_relationship(
        session, who.organisation_id, found.rep_id, found.contact_id, who.reader, now()
    )
    return query.page_of(every, lambda each: Answer.model_validate(answer_fields(each)))


@operation("PUT", "/relationships/<uuid:relationship_id>/practice", Scope.WRITE, current=relationship_detail)
def choose(c: Change, relationship_id: UUID, body: PracticeBody) -> RelationshipDetail:
    """Choose what to try next, as the rep; or assign it, as a manager."""
    who = current_user()
    found = relationship_to_practise(c.session, who, relationship_id, now())
    brief(c.session, who, found, now())  # nothing is assigned where figures by person are shown to nobody
    choose_practice(
        c,
        found.id,
        dimension=body.dimension,
        number=body.number,
        assigned_by_id=who.id if who.is_manager else None,
    )
    return relationship_detail(c.session, relationship_id)
