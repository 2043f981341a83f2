"""What other answers reveal about one: the same phone, the same six ratings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.dimensions import DIMENSIONS
from feedback.core.trust import Signal
from feedback.db.tenancy import references
from feedback.models import Contact, Feedback, Invitation, Meeting, Side, User

_Other, _Theirs = aliased(Feedback, name="other"), aliased(Invitation, name="theirs")


@dataclass(frozen=True, slots=True)
class Similar:
    """What an answer has in common with others."""

    contacts_on_device: int  # that answered with this device mark, this one included; 0 without a mark
    reps_device: bool  # a rep has used the phone as such, signed in or handing it over
    alike: int  # contacts of the rep with these six ratings in meetings of that day, this one included
    own_address: bool  # the contact's e-mail address is one of our own people's


def similar_answers(
    session: Session,
    row: Feedback,
    invitation: Invitation,
    meeting: Meeting,
    contact: Contact,
    zone: ZoneInfo,
) -> Similar:
    """Compare an answer with the others of the same organisation, in one statement."""
    same_device = _others(row, invitation) & (col(_Other.device_hash) == row.device_hash)
    day = meeting.held_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    alike = (
        select(func.count(func.distinct(col(_Theirs.contact_id))))
        .select_from(_Other)
        .join(_Theirs, references(_Other, _Other.invitation_id, _Theirs))
        .join(Meeting, references(_Theirs, _Theirs.meeting_id, Meeting))
        .where(
            _others(row, invitation),
            col(_Other.side) == Side.CLIENT,
            col(Meeting.rep_id) == meeting.rep_id,
            col(Meeting.held_at) >= day,
            col(Meeting.held_at) < day + timedelta(days=1),
            *(getattr(_Other, name) == getattr(row, name) for name in DIMENSIONS),
        )
    )
    device: Any = select(func.count(func.distinct(col(_Theirs.contact_id)))).select_from(_Other).join(
        _Theirs, references(_Other, _Other.invitation_id, _Theirs)
    ).where(same_device)  # fmt: skip
    reps = (
        exists()
        .where(references(_Other, _Other.invitation_id, _Theirs), same_device)
        .where(col(_Other.handed_over) | col(_Other.signals).contains(Signal.REPS_BROWSER.value))
    )
    ours = exists().where(
        col(User.organisation_id) == row.organisation_id, col(User.email).in_(_spellings(contact.email))
    )
    found = session.execute(
        select(
            device.scalar_subquery().label("on_device"),
            reps.label("reps_device"),
            alike.scalar_subquery().label("alike"),
            ours.label("own_address"),
        )
    ).one()
    return Similar(
        contacts_on_device=found.on_device + 1 if row.device_hash else 0,
        reps_device=bool(found.reps_device),
        alike=found.alike + 1,
        own_address=bool(found.own_address),
    )


def _spellings(email: str | None) -> tuple[str, ...]:
    """Return an address, and the one it is without a tag: anna+fair@here is anna@here."""
    if not email:
        return ()
    name, _, domain = email.rpartition("@")
    return email, f"{name.partition('+')[0]}@{domain}"


def others_on_device(session: Session, row: Feedback) -> list[UUID]:
    """Return the invitations with an answer of the same device mark, except from handed-over phones and those
    marked already."""
    if row.device_hash is None:
        return []
    found = session.scalars(
        select(col(Feedback.invitation_id))
        .where(
            col(Feedback.organisation_id) == row.organisation_id,
            col(Feedback.device_hash) == row.device_hash,
            col(Feedback.id) != row.id,
            col(Feedback.handed_over).is_(False),
            ~col(Feedback.signals).contains(Signal.ONE_DEVICE.value),
        )
        .order_by(col(Feedback.invitation_id))
    )
    return list(found)


def _others(row: Feedback, invitation: Invitation) -> ColumnElement[bool]:
    """Return the condition: answers of other contacts."""
    return (col(_Other.organisation_id) == row.organisation_id) & (
        col(_Theirs.contact_id) != invitation.contact_id
    )
