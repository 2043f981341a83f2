"""Who signs in: teams, users, and which managers look after which teams."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from feedback.core.access import Role
from feedback.models.columns import Dated, Row, one_of, within, word


class Team(Dated, table=True):
    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("organisation_id", "name", name="uq_team_name"),)

    name: str = Field(max_length=200)


class User(Dated, table=True):
    """email is kept in lower case. session_key changes to end every session. password_hash is None until
    an invitation to the app is accepted. ended_at: may no longer sign in."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("organisation_id", "email", name="uq_user_email"),
        within("team_id", "teams"),
        one_of("role", Role),
    )

    name: str = Field(max_length=200)
    email: str = Field(max_length=320, index=True)
    role: Role = word(Role, 16)
    team_id: UUID | None = None
    password_hash: str | None = Field(default=None, max_length=255)
    session_key: str = Field(max_length=64)
    ended_at: datetime | None = None


class TeamManager(Row, table=True):
    __tablename__ = "team_managers"
    __table_args__ = (
        UniqueConstraint("organisation_id", "team_id", "user_id", name="uq_team_manager"),
        within("team_id", "teams"),
        within("user_id", "users"),
    )

    team_id: UUID
    user_id: UUID
