"""Ways of signing in beside a password."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from feedback.models.columns import Dated, within


class SignInLink(Dated, table=True):
    """A mailed link that signs somebody in, once, in the browser that asked for it. Its address is signed, and stored
    nowhere. Rows are deleted by the daily job."""

    __tablename__ = "sign_in_links"
    __table_args__ = (
        within("user_id", "users"),
        Index("ix_sign_in_link_user", "organisation_id", "user_id"),
    )

    user_id: UUID
    browser_hash: str = Field(max_length=64)  # SHA-256 of the secret in the browser's cookie
    used_at: datetime | None = None
