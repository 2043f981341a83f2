"""Organisations that are to be: asked for where anybody may, and not yet confirmed by mail."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from feedback.models.columns import new_id


class SignUp(SQLModel, table=True):
    """What somebody typed who wants an organisation, until its link is used or too old; and the mail with that link. It
    belongs to no organisation, holds no password, and its id signed with the server's key is the link."""

    __tablename__ = "sign_ups"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime
    organisation: str = Field(max_length=200)
    name: str = Field(max_length=200)
    email: str = Field(max_length=320)
    timezone: str = Field(max_length=64)
    expires_at: datetime = Field(index=True)
    due_at: datetime  # of the next try to send the mail
    tries: int = 0
    sent_at: datetime | None = None
