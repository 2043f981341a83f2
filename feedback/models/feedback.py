"""One side's answers to one invitation."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from feedback.core.access import Visibility
from feedback.core.dimensions import DIMENSIONS, Ratings
from feedback.core.extras import Extra
from feedback.core.gaps.stages import STAGES
from feedback.core.trust import Signal
from feedback.models.columns import Dated, Rated, one_of, rating_checks, within, word, words

LONGEST_COMMENT = 2000


class Side(StrEnum):
    CLIENT = "client"
    REP = "rep"


class Counts(StrEnum):
    """Whether an answer counts. quarantined: until a manager accepts it or sets it aside."""

    COUNTED = "counted"
    QUARANTINED = "quarantined"
    SET_ASIDE = "set_aside"


class Feedback(Rated, Dated, table=True):
    """side client: what was tapped, saved as it was tapped; sequence orders the states a phone sent.
    side rep: the mirror; from sealed_at on the database refuses any change (see the first migration).

    complete_at: when the sixth rating came in. settles_at: from when on it counts, moved on by every tap until it
    has settled (core.settling). settled_at: when what follows from that was done, None until then. extras_at: the
    comment and the one extra were sent. told_at: other systems heard of it. shown_at: the client hid it from a rep
    who could see it since then. put_away_at: somebody wants to begin again on another phone; whoever taps first with a new
    key does, else the taps settle as they are. erased_at: the client took everything back; its count, date and signals remain.
    extra: the one question that was offered. decided_at: a manager accepted it or set it aside. signals: in the
    order of their names. scripted: the page's own script sent it. The hashes are keyed, and go after 30
    days."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("organisation_id", "invitation_id", "side", name="uq_feedback_side"),
        within("invitation_id", "invitations"),
        one_of("side", Side),
        one_of("visibility", Visibility),
        one_of("stage", STAGES),
        one_of("worth_it", ("yes", "no")),
        one_of("counts", Counts),
        one_of("extra", Extra),
        Index("ix_feedback_device", "organisation_id", "device_hash"),
        Index(
            "ix_feedback_settles",
            "settles_at",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        Index(
            "ix_feedback_untold",
            "settled_at",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
        CheckConstraint("nps BETWEEN 0 AND 10", name="ck_nps_range"),
        CheckConstraint(f"length(comment) <= {LONGEST_COMMENT}", name="ck_comment_length"),
        CheckConstraint("side = 'rep' OR sealed_at IS NULL", name="ck_only_mirrors_are_sealed"),
        *rating_checks(),
    )

    invitation_id: UUID
    side: Side = word(Side, 8)
    comment: str | None = None
    visibility: Visibility = word(Visibility, 8, Visibility.REP)
    nps: int | None = None
    worth_it: str | None = Field(default=None, max_length=8)
    stage: str | None = Field(default=None, max_length=16)
    language: str | None = Field(default=None, max_length=16)
    counts: Counts = word(Counts, 16, Counts.COUNTED)
    sequence: int = Field(default=0, sa_type=BigInteger)
    updated_at: datetime
    complete_at: datetime | None = None
    done_at: datetime | None = None
    settles_at: datetime | None = None
    settled_at: datetime | None = None
    extras_at: datetime | None = None
    told_at: datetime | None = None
    shown_at: datetime | None = None
    put_away_at: datetime | None = None
    sealed_at: datetime | None = None
    seen_at: datetime | None = None
    erased_at: datetime | None = None
    disputed_at: datetime | None = None
    decided_at: datetime | None = None
    extra: Extra | None = word(Extra, 16, None)
    handed_over: bool = False
    scripted: bool = True
    signals: tuple[Signal, ...] = words(200, Signal, ())
    device_hash: str | None = Field(default=None, max_length=64)
    network_hash: str | None = Field(default=None, max_length=64)
    browser_hash: str | None = Field(default=None, max_length=64)


def ratings_of(row: Rated) -> Ratings:
    """The six ratings of a row, in the order of DIMENSIONS."""
    return tuple(getattr(row, name) for name in DIMENSIONS)
