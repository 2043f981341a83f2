"""Whether the client of an invitation has answered, and whether its mirror can still be sealed: conditions on invitations,
and whose they hold for."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, literal, not_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import Visibility
from feedback.core.dimensions import DIMENSIONS
from feedback.db.tenancy import references
from feedback.models import Feedback, Invitation, Meeting, Side
from feedback.store.history import Pair
from feedback.store.settling import has_settled

_AnyClient, _AnyMirror = aliased(Feedback, name="any_client"), aliased(Feedback, name="any_mirror")


def pairs_to_guess(
    session: Session, organisation_id: UUID, now: datetime, rep_ids: Collection[UUID] | None = None
) -> set[Pair]:
    """Return the (rep, contact) with an answer whose mirror can still be sealed; of these reps, where they are
    given."""
    to_guess = _TO_GUESS if rep_ids is None else _TO_GUESS.where(col(Meeting.rep_id).in_(rep_ids))
    rows = session.execute(to_guess, {"organisation": organisation_id, "now": now})
    return {(row.rep_id, row.contact_id) for row in rows}


def pairs_for_managers_only(
    session: Session, organisation_id: UUID, rep_ids: Collection[UUID], now: datetime
) -> set[Pair]:
    """Return the (rep, contact) of these reps with an answer that its rep may not see by itself. There may be
    too many among them: core.access decides about each answer. None that can still be guessed: it counts for no rep
    anyway, and whether it is for managers only must not show in what a page costs."""
    not_for_reps = literal(Visibility.REP.value, literal_execute=True)  # as the partial index has it
    rows = session.execute(
        select(col(Meeting.rep_id), col(Invitation.contact_id))
        .select_from(_AnyClient)
        .join(Invitation, references(_AnyClient, _AnyClient.invitation_id, Invitation))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(_AnyClient.organisation_id) == organisation_id,
            col(_AnyClient.visibility) != not_for_reps,
            not_(_can_still_be_sealed(now)),
        )
    )
    return {(row.rep_id, row.contact_id) for row in rows if row.rep_id in rep_ids}


def answer_exists(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition on an invitation that its client rated something, and that `where` holds for the
    client's row."""
    return exists().where(
        references(_AnyClient, _AnyClient.invitation_id, Invitation),
        col(_AnyClient.side) == Side.CLIENT,
        col(_AnyClient.settles_at).is_not(None),
        or_(*(getattr(_AnyClient, name).is_not(None) for name in DIMENSIONS)),
        *where,
    )


def was_answered(now: Any) -> ColumnElement[bool]:
    """Return the condition on an invitation that an answer has settled by `now` (a moment, or a parameter),
    even if it was erased. That much stays as a count."""
    return exists().where(
        references(_AnyClient, _AnyClient.invitation_id, Invitation),
        col(_AnyClient.side) == Side.CLIENT,
        has_settled(now, _AnyClient),
    )


def can_still_guess(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Return the condition on an invitation that the client rated something, and the mirror can still be
    sealed."""
    return and_(_can_still_be_sealed(now), answer_exists())


def _can_still_be_sealed(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    sealed = exists().where(
        references(_AnyMirror, _AnyMirror.invitation_id, Invitation),
        col(_AnyMirror.side) == Side.REP,
        col(_AnyMirror.sealed_at).is_not(None),
    )
    not_yet = col(Invitation.sealed_at).is_(
        None
    )  # an index holds these alone; what counts is the mirror itself
    return and_(col(Invitation.closes_at) > now, not_yet, ~sealed)


_TO_GUESS = (
    select(col(Meeting.rep_id), col(Invitation.contact_id))
    .select_from(Invitation)
    .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
    .where(col(Invitation.organisation_id) == bindparam("organisation"), can_still_guess(bindparam("now")))
)
