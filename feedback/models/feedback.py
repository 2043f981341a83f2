"""The ratings of one side, client or rep, for one invitation."""

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

DOUBTED = "signals <> '' OR disputed_at IS NOT NULL OR counts = 'quarantined'"
LONGEST_COMMENT = 2000  # characters


class Side(StrEnum):
    CLIENT = "client"
    REP = "rep"


class Counts(StrEnum):
    """Whether an answer counts."""

    COUNTED = "counted"
    QUARANTINED = "quarantined"  # does not count until a manager accepts it or sets it aside
    SET_ASIDE = "set_aside"  # does not count, by a manager's decision


UNSETTLED = "settled_at IS NULL AND settles_at IS NOT NULL"


class Feedback(Rated, Dated, table=True):
    """Side client: the client's answer, saved at each tap. Side rep: the mirror; from sealed_at on the
    database refuses any change (see the first migration)."""

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
        Index(
            "ix_feedback_unsettled",
            "organisation_id",
            "settles_at",
            sqlite_where=text(UNSETTLED),
            postgresql_where=text(UNSETTLED),
        ),
        Index(
            "ix_feedback_not_for_reps",
            "organisation_id",
            "invitation_id",
            sqlite_where=text("visibility <> 'rep'"),
            postgresql_where=text("visibility <> 'rep'"),
        ),
        Index(
            "ix_feedback_commented",
            "organisation_id",
            "created_at",
            sqlite_where=text("comment IS NOT NULL"),
            postgresql_where=text("comment IS NOT NULL"),
        ),
        Index(
            "ix_feedback_doubted",
            "organisation_id",
            "invitation_id",
            sqlite_where=text(DOUBTED),
            postgresql_where=text(DOUBTED),
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
    nps: int | None = None  # "would you recommend us", 0..10
    worth_it: str | None = Field(default=None, max_length=8)  # "was this meeting worth your time": yes, no
    stage: str | None = Field(default=None, max_length=16)
    language: str | None = Field(default=None, max_length=16)  # of the page the client answered on
    counts: Counts = word(Counts, 16, Counts.COUNTED)
    sequence: int = Field(default=0, sa_type=BigInteger)  # orders the states that a phone sent
    updated_at: datetime
    complete_at: datetime | None = None  # when the sixth rating came in
    done_at: datetime | None = None  # when the client tapped Done
    # From when on the answer counts; every tap moves it on until the answer has settled (core.settling).
    settles_at: datetime | None = None
    settled_at: datetime | None = None  # when the consequences of settling were processed; None before
    extras_at: datetime | None = None  # when the comment and the one extra were sent
    told_at: datetime | None = None  # when other systems were told of it
    # When the client hid the answer from the rep, who could see it until then.
    shown_at: datetime | None = None
    # When somebody asked to begin again on another phone. Whoever taps first with a new key begins again;
    # without such a tap the ratings settle as they are, and stay.
    put_away_at: datetime | None = None
    sealed_at: datetime | None = None  # when the rep sealed the mirror
    seen_at: datetime | None = None  # when the rep had read the gap card
    erased_at: datetime | None = None  # when the client erased the answer; its count, date and signals remain
    disputed_at: datetime | None = None  # when somebody said "this wasn't me"
    decided_at: datetime | None = None  # when a manager accepted it or set it aside
    extra: Extra | None = word(Extra, 16, None)  # the one question that was offered
    handed_over: bool = False  # given on the rep's phone, after a hand-over
    scripted: bool = True  # sent by the page's own script
    signals: tuple[Signal, ...] = words(200, Signal, ())  # of core.trust
    # The hashes are keyed, and are deleted after 30 days.
    device_hash: str | None = Field(default=None, max_length=64)
    network_hash: str | None = Field(default=None, max_length=64)
    browser_hash: str | None = Field(default=None, max_length=64)


def ratings_of(row: Rated) -> Ratings:
    """Return the six ratings of a row, in the order of DIMENSIONS."""
    return tuple(getattr(row, name) for name in DIMENSIONS)
