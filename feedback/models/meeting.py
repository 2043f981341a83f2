"""Meetings of a rep with contacts, the invitation of each contact to answer, what was taken back, and what is reserved."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from feedback.core.asking import Way
from feedback.models.columns import Dated, one_of, within, word
from feedback.models.encrypted import Encrypted, Purpose


class Meeting(Dated, table=True):
    """One meeting of a rep."""

    __tablename__ = "meetings"
    __table_args__ = (
        UniqueConstraint("organisation_id", "rep_id", "form_key", name="uq_meeting_form"),
        Index("ix_meeting_rep_held", "organisation_id", "rep_id", "held_at"),
        within("rep_id", "users"),
    )

    rep_id: UUID
    held_at: datetime
    topic: str | None = Field(default=None, max_length=200)
    # Of the form that the meeting was made with, so that a double click makes one meeting.
    form_key: str | None = Field(default=None, max_length=64)
    # Where the rep was, to compare answers with. The hashes are deleted after 30 days.
    network_hash: str | None = Field(default=None, max_length=64)
    browser_hash: str | None = Field(default=None, max_length=64)


class Invitation(Dated, table=True):
    """The invitation of one contact to rate one meeting."""

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("organisation_id", "token", name="uq_invitation_token"),
        UniqueConstraint("organisation_id", "meeting_id", "contact_id", name="uq_invitation_contact"),
        Index("ix_invitation_contact", "organisation_id", "contact_id"),
        Index("ix_invitation_closes", "organisation_id", "closes_at"),
        Index(
            "ix_invitation_to_guess",
            "organisation_id",
            "closes_at",
            sqlite_where=text("sealed_at IS NULL"),
            postgresql_where=text("sealed_at IS NULL"),
        ),
        within("meeting_id", "meetings"),
        within("contact_id", "contacts"),
        one_of("way", Way),
    )

    meeting_id: UUID
    contact_id: UUID
    # What it is found by: a keyed hash of its token (models.encrypted), or the token itself, as the version before wrote it.
    token: str = Field(max_length=40)
    # The token, to be shown again; None where the token stands in plain, or where nobody needs it, as of an imported one.
    encrypted_token: Any = Field(default=None, nullable=True, sa_type=Encrypted(Purpose.INVITATION, 200))
    closes_at: datetime  # from then on the page takes no more input
    opened_at: datetime | None = None  # when a browser first reported it open; a rep's browser does not count
    way: Way = word(Way, 8, default=Way.CODE)  # how the client was asked last
    declined_at: datetime | None = None  # when the rep noted that the client does not want to answer
    sealed_at: datetime | None = (
        None  # when its mirror was sealed: what can still be guessed is found without the others
    )
    guest: bool = False  # somebody in a room whom the rep had not chosen, under the name that was typed there


class GroupCode(Dated, table=True):
    """The one code of a meeting for everybody in a room. Whoever scans it picks a name, and goes on at the page of that
    person's invitation."""

    __tablename__ = "group_codes"
    __table_args__ = (
        UniqueConstraint("organisation_id", "token", name="uq_group_code_token"),
        UniqueConstraint("organisation_id", "meeting_id", name="uq_group_code_meeting"),
        within("meeting_id", "meetings"),
    )

    meeting_id: UUID
    token: str = Field(max_length=40)  # a keyed hash, as an invitation's
    encrypted_token: Any = Field(default=None, nullable=True, sa_type=Encrypted(Purpose.INVITATION, 200))
    closes_at: datetime


class TakenBack(Dated, table=True):
    """An invitation that its rep took back before anybody had opened it, under the id that it had. The invitation and
    the guess are deleted; with this row beside it the database lets a sealed guess go that no answer faces."""

    __tablename__ = "taken_back"
    __table_args__ = (
        UniqueConstraint("organisation_id", "token", name="uq_taken_back_token"),
        Index("ix_taken_back_meeting", "organisation_id", "meeting_id"),
        within("rep_id", "users"),
        within("contact_id", "contacts"),
    )

    rep_id: UUID
    contact_id: UUID
    meeting_id: UUID  # of a meeting that may be gone
    token: str = Field(max_length=40)  # what its invitation was found by


class ReservedCode(Dated, table=True):
    """A code that a rep's phone holds, to begin a meeting without a network. It leads nowhere until the meeting has
    reached the server; then this row goes."""

    __tablename__ = "reserved_codes"
    __table_args__ = (
        UniqueConstraint("organisation_id", "token", name="uq_reserved_code_token"),
        Index("ix_reserved_code_rep", "organisation_id", "rep_id", "created_at"),
        Index("ix_reserved_code_age", "organisation_id", "created_at"),
        within("rep_id", "users"),
    )

    rep_id: UUID
    session_id: UUID  # in which it was reserved; of one that may be gone
    token: str = Field(max_length=40)  # a keyed hash (models.encrypted): the phone alone has the token
