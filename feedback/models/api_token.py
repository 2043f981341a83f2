"""Tokens of other programs, and what the API answered to requests that may be sent again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from feedback.core.api_tokens import Scope, TokenKind
from feedback.models.columns import Dated, one_of, within, word, words
from feedback.models.encrypted import Encrypted, Purpose

LONGEST_TOKEN_NAME = 100
LONGEST_REPLAY = 200_000  # letters, encrypted


class ApiToken(Dated, table=True):
    """A token by which a program acts for a person. Only its hash is here."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        UniqueConstraint("organisation_id", "hash", name="uq_api_token"),
        within("user_id", "users"),
        within("ended_by_id", "users"),
        one_of("kind", TokenKind),
        Index("ix_api_token_user", "organisation_id", "user_id"),
    )

    user_id: UUID  # who made it, and for whom it acts
    kind: TokenKind = word(TokenKind, 16)
    name: str = Field(max_length=LONGEST_TOKEN_NAME)  # what it is for
    hash: str = Field(max_length=64)  # SHA-256
    hint: str = Field(max_length=8)  # its last letters
    scopes: tuple[Scope, ...] = words(40, Scope)
    expires_at: datetime
    used_at: datetime | None = None  # the last use, to some minutes
    ended_at: datetime | None = None
    ended_by_id: UUID | None = None


class ApiReplay(Dated, table=True):
    """What was answered to a request with an Idempotency-Key, so that the same one changes nothing when it comes again.
    Rows are deleted after a day."""

    __tablename__ = "api_replays"
    __table_args__ = (
        UniqueConstraint("organisation_id", "token_id", "key_hash", name="uq_api_replay"),
        within("token_id", "api_tokens"),
        Index("ix_api_replay_token", "organisation_id", "token_id", "id"),
    )

    token_id: UUID
    key_hash: str = Field(max_length=64)  # SHA-256 of the key
    request_hash: str = Field(max_length=64)  # SHA-256 of method, address and body
    status: int
    body: Any = Field(sa_type=Encrypted(Purpose.REPLAY, LONGEST_REPLAY))
