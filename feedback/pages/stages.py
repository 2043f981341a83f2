"""The latest stage of an account that each side named."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.gaps.stages import steps_ahead
from feedback.db.tenancy import references
from feedback.models import Contact, Feedback, Invitation, Meeting, Relationship, Side
from feedback.models.feedback import Counts
from feedback.store.answered import was_answered
from feedback.store.handed_over import of_clients_looked_after
from feedback.store.people import Viewer


@dataclass(frozen=True, slots=True)
class Stages:
    """The latest stage that each side named."""

    client: str | None = None  # as the client says; None without an answer
    rep: str | None = None  # as the rep sealed it; None without one

    @property
    def ahead(self) -> int | None:
        """Return the rep's stage minus the client's, in steps; None unless both are known."""
        return steps_ahead(self.rep, self.client)


def stages(session: Session, viewer: Viewer, account_ids: list[UUID], now: datetime) -> dict[UUID, Stages]:
    """Return, by account, the latest stage that clients named and that reps sealed, from what the viewer may
    see; accounts without either are absent."""
    place = func.row_number().over(
        partition_by=(col(Contact.account_id), col(Feedback.side)),
        order_by=(col(Meeting.held_at).desc(), col(Feedback.id).desc()),
    )
    said = (
        select(
            col(Contact.account_id).label("account_id"),
            col(Feedback.side).label("side"),
            col(Feedback.stage).label("stage"),
            place.label("place"),
        )
        .select_from(Feedback)
        .join(Invitation, references(Feedback, Feedback.invitation_id, Invitation))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .join(Relationship, references(Relationship, Relationship.contact_id, Contact))
        .where(
            col(Feedback.organisation_id) == viewer.organisation_id,
            col(Contact.account_id).in_(account_ids),
            col(Feedback.stage).is_not(None),
            (
                (col(Feedback.side) == Side.CLIENT)
                & (col(Feedback.counts) == Counts.COUNTED)
                & was_answered(now)
            )
            | col(Feedback.sealed_at).is_not(None),
            col(Relationship.rep_id) == col(Meeting.rep_id),
            of_clients_looked_after(session, viewer),
        )
        .subquery()
    )
    found: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    for account_id, side, stage in session.execute(
        select(said.c.account_id, said.c.side, said.c.stage).where(said.c.place == 1)
    ):
        found[account_id][side] = stage
    return {
        account_id: Stages(words.get(Side.CLIENT), words.get(Side.REP)) for account_id, words in found.items()
    }
