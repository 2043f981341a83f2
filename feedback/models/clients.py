"""The clients: accounts, and the contacts who work there."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from feedback.core.asking import StopReason
from feedback.core.finding import LONGEST_TEXT
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
    search: str | None = Field(
        default=None, max_length=LONGEST_TEXT
    )  # the name as it is searched (core.finding)
    value: float | None = None  # yearly, in the organisation's currency
    review_days: int | None = None  # days until it counts as silent; None: the organisation's
    renews_on: date | None = None  # when its contract is due to be renewed
    archived_at: datetime | None = (
        None  # from then on it stands in no list to choose from; nothing else changes
    )
    merged_at: datetime | None = None  # from then on another account is meant by its name (Merge)


class Contact(Dated, table=True):
    """A person who works at an account."""

    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("organisation_id", "account_id", "name_key", name="uq_contact_name"),
        Index("ix_contact_email", "organisation_id", "email"),
        Index("ix_contact_search", "organisation_id", "search"),
        Index("ix_contact_given_to", "organisation_id", "given_to_id"),
        within("account_id", "accounts"),
        within("given_to_id", "users"),
    )

    account_id: UUID
    name: str = Field(max_length=200)
    name_key: str = Field(max_length=200)  # the name as it is compared
    email: str | None = Field(default=None, max_length=320)
    email_typed_at: datetime | None = None  # when a rep typed the address in; None when it came otherwise
    role: str | None = Field(default=None, max_length=200)  # their position, such as COO
    language: str | None = Field(default=None, max_length=16)  # of their page, a BCP 47 tag
    asked_by_mail_at: datetime | None = None  # when last
    given_to_id: UUID | None = None  # the rep who is to meet them, as a manager says; None where nobody says
    search: str | None = Field(default=None, max_length=LONGEST_TEXT)  # what it is searched by (core.finding)
    archived_at: datetime | None = (
        None  # from then on they stand in no list to choose from; nothing else changes
    )
    merged_at: datetime | None = None  # from then on another contact is meant by name and e-mail (Merge)
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


class Merge(Dated, table=True):
    """That one contact, or account, is another one under a second name. What belonged to it belongs to the other from
    then on; its row stays, so that name and e-mail still find the other. Undone within a day, out of `moved`."""

    __tablename__ = "merges"
    __table_args__ = (
        Index("ix_merge_contact", "organisation_id", "contact_id"),
        Index("ix_merge_into_contact", "organisation_id", "into_contact_id"),
        Index("ix_merge_account", "organisation_id", "account_id"),
        Index("ix_merge_into_account", "organisation_id", "into_account_id"),
        within("contact_id", "contacts"),
        within("into_contact_id", "contacts"),
        within("account_id", "accounts"),
        within("into_account_id", "accounts"),
        within("by_id", "users"),
    )

    contact_id: UUID | None = None  # who is the other one; None for accounts
    into_contact_id: UUID | None = None
    account_id: UUID | None = None  # likewise; None for contacts
    into_account_id: UUID | None = None
    by_id: UUID
    undone_at: datetime | None = None
    # What undoing puts back (actions.merging): ids, times and columns' names; and what contacts of an account were filed
    # under, which is their names, until they are erased.
    moved: dict[str, Any] = Field(sa_type=JSON)
