"""The numbers of each relationship, as last recomputed from its history; and each rep's weekly activity."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import SQLModel

from feedback.core.gaps.quadrants import MapPlace
from feedback.models.columns import Dated, Row, one_of, within, word


class Means(SQLModel):
    """Means per dimension, 1..5: client_* is R_d, mirror_* is M_d (core.scoring.relationships). None where
    nothing was rated."""

    client_integrity: float | None = None
    client_competency: float | None = None
    client_recognition: float | None = None
    client_proactivity: float | None = None
    client_savvy: float | None = None
    client_chemistry: float | None = None
    mirror_integrity: float | None = None
    mirror_competency: float | None = None
    mirror_recognition: float | None = None
    mirror_proactivity: float | None = None
    mirror_savvy: float | None = None
    mirror_chemistry: float | None = None


class Relationship(Means, Dated, table=True):
    """One rep with one contact: core.scoring.relationships.Numbers as stored, where the fields are explained.
    Always recomputed as a whole, never incremented."""

    __tablename__ = "relationships"
    __table_args__ = (
        UniqueConstraint("organisation_id", "rep_id", "contact_id", name="uq_relationship"),
        # What lists count and sort by stands in their indexes, so that counting reads no rows (decision 0012).
        Index(
            "ix_relationship_contact", "organisation_id", "contact_id", "rep_id", "loyalty", "vote",
            "last_meeting_at", "place", "lukewarm",
        ),
        Index("ix_relationship_urgency", "organisation_id", "urgency", "id", "rep_id"),
        Index(
            "ix_relationship_place", "organisation_id", "place", "last_meeting_at", "id", "rep_id", "lukewarm",
            "last_client_at", "loyalty", "quarter_loyalty", "guessed", "said",
        ),
        Index(
            "ix_relationship_heard", "organisation_id", "last_client_at", "id", "rep_id", "loyalty",
            "quarter_loyalty",
        ),
        Index("ix_relationship_fine", "organisation_id", "lukewarm", "last_meeting_at", "id", "rep_id"),
        within("rep_id", "users"),
        within("contact_id", "contacts"),
        one_of("place", MapPlace),
        CheckConstraint("loyalty BETWEEN 0 AND 100", name="ck_loyalty_range"),
        CheckConstraint("distance BETWEEN 0 AND 4", name="ck_distance_range"),
        CheckConstraint("abs(bias) <= 4", name="ck_bias_range"),
    )  # fmt: skip

    rep_id: UUID
    contact_id: UUID
    loyalty: float | None = None
    vote: float = 0.0
    answers: int = 0
    both: int = 0
    last_client_at: datetime | None = None
    distance: float | None = None  # how far apart the sides are; worked out of the means, as are the next two
    bias: float | None = None  # how much the rep overestimates
    real_gap: bool | None = None  # None while there could not be one
    quarter_loyalty: float | None = None
    week_loyalty: float | None = None
    lukewarm: bool = False
    # Its place on the map (core.gaps.quadrants); the numbers are None until both sides have rated.
    place: MapPlace = word(MapPlace, 16, MapPlace.UNTOUCHED)
    urgency: float | None = None
    guessed: float | None = None
    said: float | None = None
    last_meeting_at: datetime | None = None


class Activity(Row, table=True):
    """How many meetings and invitations a rep had in one week. Recomputed as a whole on every write."""

    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("organisation_id", "rep_id", "monday", name="uq_activity_week"),
        # A board adds the counts of 13 weeks up, and reads no rows for it.
        Index(
            "ix_activity_monday", "organisation_id", "monday", "rep_id", "meetings", "opened", "invitations", "answered",
            "unasked",
        ),
        within("rep_id", "users"),
    )  # fmt: skip

    rep_id: UUID
    monday: date  # of the week
    meetings: int = 0
    opened: int = 0  # meetings with an invitation that was opened, answered or declined
    invitations: int = 0
    answered: int = 0  # invitations whose answer has settled, even if it was erased since
    # meetings of the rep's calendar that were held with clients, and about which nobody was asked
    unasked: int = 0
