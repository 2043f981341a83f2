"""Where somebody is signed in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from feedback.models.columns import Dated, within


class UserSession(Dated, table=True):
    """A browser in which somebody is signed in. Its cookie carries a random secret, of which only the hash is here.
    Rows that are over are deleted by the daily job."""

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("organisation_id", "hash", name="uq_session"),
        within("user_id", "users"),
        Index("ix_session_user", "organisation_id", "user_id"),
    )

    user_id: UUID
    hash: str = Field(max_length=64)  # SHA-256 of the secret
    device: str = Field(max_length=100)  # in words: Safari on iPhone
    seen_at: datetime  # the last use, to some minutes
    ended_at: datetime | None = None  # signed out, here or from elsewhere
    network: str | None = Field(default=None, max_length=16)  # where it began: a keyed hash
    second_factor: bool = False  # one was shown when it began, or set up since
    proved_at: datetime | None = None  # when its person last showed a password or another factor
    # While the phone is in a client's hand: a keyed hash of the PIN that takes it back. Until then it signs nobody in.
    pin_hash: str | None = Field(default=None, max_length=64)
