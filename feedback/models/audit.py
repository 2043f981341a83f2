"""The audit log: who did what, when, and to what."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, text
from sqlmodel import Field

from feedback.models.columns import Dated, within

LONGEST_NAME = 200  # characters


class Audit(Dated, table=True):
    """One entry of the audit log. Rows are only ever added, in the transaction of what they tell of (db.change); the
    database refuses every change but that a network, a reason, or how somebody was called is forgotten, and deletes none
    while its organisation is there. It holds no secret, no answer and no comment."""

    __tablename__ = "audit"
    __table_args__ = (
        within("user_id", "users"),
        Index("ix_audit_about", "organisation_id", "about_id"),
        Index("ix_audit_user", "organisation_id", "user_id", "id"),
        Index("ix_audit_what", "organisation_id", "what", "id"),
        Index(
            "ix_audit_network",
            "organisation_id",
            "created_at",
            sqlite_where=text("network IS NOT NULL"),
            postgresql_where=text("network IS NOT NULL"),
        ),
    )

    user_id: UUID | None = None  # who did it; None when the program did, or nobody of ours
    what: str = Field(max_length=64)  # one of AuditKind
    about_id: UUID | None = None  # the id of what it was done to
    about_name: str | None = Field(default=None, max_length=LONGEST_NAME)  # as it was called then
    reason: str | None = Field(default=None, max_length=2000)
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))  # only what changed
    after: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    network: str | None = Field(default=None, max_length=64)  # a keyed hash; forgotten after 90 days
