"""Whose clients they are, where that is no longer the rep who met them."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint

from feedback.models.columns import Dated, within


class HandedOver(Dated, table=True):
    """A relationship whose contact another rep looks after from created_at on. The relationship itself, and all that was
    said in it, stays its own rep's; it is theirs again as soon as they meet the contact again."""

    __tablename__ = "handed_over"
    __table_args__ = (
        UniqueConstraint("organisation_id", "relationship_id", name="uq_handed_over"),
        Index("ix_handed_over_rep", "organisation_id", "rep_id"),
        within("relationship_id", "relationships"),
        within("rep_id", "users"),
        within("by_id", "users"),
    )

    relationship_id: UUID
    rep_id: UUID  # who looks after the contact
    by_id: UUID  # who handed it over
