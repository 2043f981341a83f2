"""Counters of attempts, which all processes share. They belong to no organisation: who fails to sign in is nobody."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Counter(SQLModel, table=True):
    """How often something was tried. Its key is a keyed hash, from which neither address nor network can be read."""

    __tablename__ = "counters"

    key: str = Field(primary_key=True, max_length=64)
    count: int
    expires_at: datetime = Field(index=True)  # then it begins anew
