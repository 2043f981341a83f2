"""The keys of answers. The token in the QR code opens the questions; a key reads, changes and erases the
answer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from feedback.core.answer_key import KeyKind
from feedback.models.columns import Dated, one_of, within, word


class AnswerKey(Dated, table=True):
    """A key that opens the answer of an invitation. Only its hash is stored."""

    __tablename__ = "answer_keys"
    __table_args__ = (
        UniqueConstraint("organisation_id", "hash", name="uq_answer_key"),
        Index("ix_answer_key_invitation", "organisation_id", "invitation_id"),
        within("invitation_id", "invitations"),
        one_of("kind", KeyKind),
    )

    invitation_id: UUID
    hash: str = Field(max_length=64)  # core.answer_key.hash_key
    kind: KeyKind = word(KeyKind, 8)
    ended_at: datetime | None = None  # when the answer was begun again on another phone
