"""The rep's guess of what the client will say. Once sealed it is final."""

from contextlib import suppress
from uuid import UUID

from feedback.actions.alerts.evaluate import evaluate_alerts
from feedback.actions.answer_keys import InvitationClosed
from feedback.actions.answer_rows import locked_side
from feedback.actions.practices import keep_one_running
from feedback.actions.scoring.recompute import recompute
from feedback.core.dimensions import DIMENSIONS, as_ratings, count_rated
from feedback.db.change import Change
from feedback.models import Invitation, Side
from feedback.models.feedback import ratings_of
from feedback.store.answers import find_answer, relationship_of_invitation
from feedback.store.rooms import in_one_room


class AlreadySealed(Exception):
    """Raised when a sealed mirror would change."""


def save_mirror(
    c: Change, invitation_id: UUID, *, ratings: dict[str, int], stage: str | None = None, seal: bool = False
) -> bool:
    """Save the guess as it is tapped, and seal it when asked to. Return False when a seal lacks a rating:
    what was tapped is kept, and nothing is sealed.

    Sealing the same guess twice (a double click) is one seal. Raises AlreadySealed for any other change, and
    InvitationClosed when the invitation has closed.
    """
    relationship = relationship_of_invitation(c.session, c.organisation_id, invitation_id)
    invitation = c.session.get_one(Invitation, (c.organisation_id, invitation_id))
    row = locked_side(c, invitation_id, Side.REP)
    if row.sealed_at is not None:
        if seal and ratings_of(row) == as_ratings(ratings) and row.stage == stage:
            return True
        raise AlreadySealed
    if c.now >= invitation.closes_at:
        raise InvitationClosed
    for name, value in ratings.items():
        setattr(row, name, value)
    row.stage = stage or row.stage
    row.updated_at = c.now
    missing = count_rated(ratings_of(row)) < len(DIMENSIONS)
    if seal and not missing:
        row.sealed_at = invitation.sealed_at = c.now
        past = recompute(c, relationship)
        answer = find_answer(c.session, c.organisation_id, invitation_id)
        if answer and answer.row.settled_at is not None:
            evaluate_alerts(c, answer, past)
        c.session.flush()
        keep_one_running(c, relationship.rep_id)
    return not (seal and missing)


def seal_for_room(c: Change, invitation_id: UUID, ratings: dict[str, int], stage: str | None = None) -> bool:
    """Seal one guess for everybody in the room of this invitation who was not guessed yet. Return False, and seal nothing,
    when it lacks a rating. Raises as save_mirror does for the one that it was made for."""
    if not save_mirror(c, invitation_id, ratings=ratings, stage=stage, seal=True):
        return False
    first = c.session.get_one(Invitation, (c.organisation_id, invitation_id))
    others = [
        each.id
        for each in in_one_room(c.session, c.organisation_id, first.meeting_id)
        if each.sealed_at is None and c.now < each.closes_at
    ]
    for each in others:
        with suppress(AlreadySealed):
            save_mirror(c, each, ratings=ratings, stage=stage, seal=True)
    return True


def mark_gap_seen(c: Change, invitation_id: UUID) -> None:
    """Record that the rep looked at the gap card."""
    row = locked_side(c, invitation_id, Side.REP)
    row.seen_at = row.seen_at or c.now
