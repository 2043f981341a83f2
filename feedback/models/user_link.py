"""Links by which somebody comes in without a password: to join, or to choose a new one."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from feedback.models.columns import Dated, one_of, within, word


class LinkKind(StrEnum):
    """What a link is for."""

    JOIN = "join"  # somebody who has no password yet
    PASSWORD = "password"  # noqa: S105 (a word): somebody who has lost it


class UserLink(Dated, table=True):
    """A link for one person, for one use. Its token is signed and stands nowhere (core.links)."""

    __tablename__ = "user_links"
    __table_args__ = (
        within("user_id", "users"),
        within("made_by", "users"),
        one_of("kind", LinkKind),
        Index("ix_user_link_user", "organisation_id", "user_id", "created_at"),
    )

    user_id: UUID
    made_by: UUID
    kind: LinkKind = word(LinkKind, 16)
    expires_at: datetime
    ended_at: datetime | None = Field(default=None)  # used, withdrawn, or replaced by a newer one
    used: bool = False
