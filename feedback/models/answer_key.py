"""What opens an answer. The token in the code asks; the key reads, changes and erases."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from feedback.core.answer_key import KeyKind
from feedback.models.columns import Dated, one_of, within, word


class AnswerKey(Dated, table=True):
    """hash: of core.answer_key.hash_of; the key itself is stored nowhere. ended_at: the answer was begun again
    on another phone."""

    __tablename__ = "answer_keys"
    __table_args__ = (
        UniqueConstraint("organisation_id", "hash", name="uq_answer_key"),
        Index("ix_answer_key_invitation", "organisation_id", "invitation_id"),
        within("invitation_id", "invitations"),
        one_of("kind", KeyKind),
    )

    invitation_id: UUID
    hash: str = Field(max_length=64)
    kind: KeyKind = word(KeyKind, 8)
    ended_at: datetime | None = None
