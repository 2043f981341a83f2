"""The rep's guess of what the client will say. Sealed, it is final."""

from datetime import datetime
from uuid import UUID

from feedback.actions.alerts.evaluate import evaluate_alerts
from feedback.actions.answer_keys import InvitationClosed
from feedback.actions.answer_rows import known_answer, locked_side, relationship_of
from feedback.actions.change import change
from feedback.actions.scoring.recompute import recompute
from feedback.core.dimensions import DIMENSIONS, as_ratings, count_rated
from feedback.db.change import Invalid
from feedback.db.engine import Database
from feedback.models import Invitation, Side
from feedback.models.feedback import ratings_of


class AlreadySealed(Exception):
    """A sealed mirror never changes."""


def save_mirror(
    db: Database,
    organisation_id: UUID,
    invitation_id: UUID,
    *,
    ratings: dict[str, int],
    stage: str | None = None,
    seal: bool = False,
    now: datetime,
) -> None:
    """Saves the guess as it is tapped, and seals it when told to.

    Sealing the same guess twice (a double click) is one seal. Raises AlreadySealed for any other change,
    Closed when the invitation has closed, and Invalid when a seal lacks a rating (what was tapped is kept).
    """
    with change(db, organisation_id, now) as c:
        relationship = relationship_of(c.session, organisation_id, invitation_id)
        invitation = c.session.get_one(Invitation, (organisation_id, invitation_id))
        row = locked_side(c.session, organisation_id, invitation_id, Side.REP, now)
        if row.sealed_at is not None:
            if seal and ratings_of(row) == as_ratings(ratings) and row.stage == stage:
                return
            raise AlreadySealed
        if now >= invitation.closes_at:
            raise InvitationClosed
        for name, value in ratings.items():
            setattr(row, name, value)
        row.stage = stage or row.stage
        row.updated_at = now
        missing = count_rated(ratings_of(row)) < len(DIMENSIONS)
        if seal and not missing:
            row.sealed_at = now
            past = recompute(c, relationship)
            answer = known_answer(c.session, organisation_id, invitation_id)
            if answer and answer.row.settled_at is not None:
                evaluate_alerts(c, answer, past)
    if seal and missing:
        raise Invalid(ratings="Six taps seal it; what you tapped so far is kept.")


def mark_gap_seen(db: Database, organisation_id: UUID, invitation_id: UUID, now: datetime) -> None:
    """The rep looked at the gap card."""
    with change(db, organisation_id, now) as c:
        row = locked_side(c.session, organisation_id, invitation_id, Side.REP, now)
        row.seen_at = row.seen_at or now
