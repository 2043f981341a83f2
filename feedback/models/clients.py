"""The clients: accounts, and the contacts who work there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from feedback.core.asking import StopReason
from feedback.models.columns import Dated, one_of, within, word


class Account(Dated, table=True):
    """A client company."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name_key", name="uq_account_name"),
        CheckConstraint("review_days BETWEEN 1 AND 3650", name="ck_account_review_days"),
        CheckConstraint("value >= 0", name="ck_account_value"),
    )

    name: str = Field(max_length=200)
    name_key: str = Field(max_length=200)  # the name as it is compared
    value: float | None = None  # yearly, in the organisation's currency
    review_days: int | None = None  # days until it counts as silent; None: the organisation's


class Contact(Dated, table=True):
    """A person who works at an account."""

    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("organisation_id", "account_id", "name_key", name="uq_contact_name"),
        Index("ix_contact_email", "organisation_id", "email"),
        within("account_id", "accounts"),
    )

    account_id: UUID
    name: str = Field(max_length=200)
    name_key: str = Field(max_length=200)  # the name as it is compared
    email: str | None = Field(default=None, max_length=320)
    email_typed_at: datetime | None = None  # when a rep typed the address in; None when it came otherwise
    role: str | None = Field(default=None, max_length=200)  # their position, such as COO
    language: str | None = Field(default=None, max_length=16)  # of their page, a BCP 47 tag
    asked_by_mail_at: datetime | None = None  # when last
    erased_at: datetime | None = None  # from then on it says of nobody who it was


class MailStop(Dated, table=True):
    """An address that is not asked by mail any more, whatever contact has it now or later."""

    __tablename__ = "mail_stops"
    __table_args__ = (
        UniqueConstraint("organisation_id", "address_mark", name="uq_mail_stop"),
        one_of("reason", StopReason),
    )

    address_mark: str = Field(max_length=64)  # of the address (core.asking), which is not kept
    reason: StopReason = word(StopReason, 8)
