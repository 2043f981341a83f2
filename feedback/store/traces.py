"""What other answers reveal about one: the same phone, the same six ratings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.dimensions import DIMENSIONS
from feedback.core.trust import Signal
from feedback.db.tenancy import references
from feedback.models import Feedback, Invitation, Meeting, Side, User
from feedback.store.answers import AnswerRows

_Other, _Theirs = aliased(Feedback, name="other"), aliased(Invitation, name="theirs")


@dataclass(frozen=True, slots=True)
class Similar:
    """What an answer has in common with others."""

    contacts_on_device: int  # that answered with this device mark, this one included; 0 without a mark
    reps_device: bool  # a rep has used the phone as such, signed in or handing it over
    alike: int  # contacts of the rep with these six ratings in meetings of that day, this one included
    own_address: bool  # the contact's e-mail address is one of our own people's


def similar_answers(session: Session, answer: AnswerRows, zone: ZoneInfo) -> Similar:
    """Compare an answer with the others of the same organisation, in one statement."""
    return similar_of(answer, session.connection().execute(SIMILAR, asked_about_similar(answer, zone)).one())


def asked_about_similar(answer: AnswerRows, zone: ZoneInfo) -> dict[str, Any]:
    """Return the parameters of SIMILAR for an answer."""
    row, meeting = answer.row, answer.meeting
    day = meeting.held_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    plain, tagged = _spellings(answer.contact.email)
    return {
        "organisation": row.organisation_id, "contact": answer.invitation.contact_id, "device": row.device_hash,
        "rep": meeting.rep_id, "begins": day, "ends": day + timedelta(days=1), "email": plain, "untagged": tagged,
        **{name: getattr(row, name) for name in DIMENSIONS},
    }  # fmt: skip


def similar_of(answer: AnswerRows, found: Any) -> Similar:
    """Return what an answer has in common with others, from a row with the columns of SIMILAR."""
    return Similar(
        contacts_on_device=found.on_device + 1 if answer.row.device_hash else 0,
        reps_device=bool(found.reps_device),
        alike=found.alike + 1,
        own_address=bool(found.own_address),
    )


def _spellings(email: str | None) -> tuple[str | None, str | None]:
    """Return an address, and the one it is without a tag: anna+fair@here is anna@here."""
    if not email:
        return None, None
    name, _, domain = email.rpartition("@")
    return email, f"{name.partition('+')[0]}@{domain}"


def others_on_device(session: Session, row: Feedback) -> list[UUID]:
    """Return the invitations with an answer of the same device mark, except from handed-over phones and those
    marked already."""
    if row.device_hash is None:
        return []
    asked = {"organisation": row.organisation_id, "device": row.device_hash, "row": row.id}
    return list(session.scalars(_OTHERS_ON_DEVICE, asked))


# Answers of other contacts. Statements are built once: to build them took longer than to execute them.
_OTHERS = (col(_Other.organisation_id) == bindparam("organisation")) & (
    col(_Theirs.contact_id) != bindparam("contact")
)
_SAME_DEVICE = _OTHERS & (col(_Other.device_hash) == bindparam("device"))
_ALIKE = (
    select(func.count(func.distinct(col(_Theirs.contact_id))))
    .select_from(_Other)
    .join(_Theirs, references(_Other, _Other.invitation_id, _Theirs))
    .join(Meeting, references(_Theirs, _Theirs.meeting_id, Meeting))
    .where(
        _OTHERS,
        col(_Other.side) == Side.CLIENT,
        col(Meeting.rep_id) == bindparam("rep"),
        col(Meeting.held_at) >= bindparam("begins"),
        col(Meeting.held_at) < bindparam("ends"),
        *(getattr(_Other, name).is_not_distinct_from(bindparam(name)) for name in DIMENSIONS),
    )
)
_ON_DEVICE: Any = select(func.count(func.distinct(col(_Theirs.contact_id)))).select_from(_Other).join(
    _Theirs, references(_Other, _Other.invitation_id, _Theirs)
).where(_SAME_DEVICE)  # fmt: skip
_REPS_DEVICE = (
    exists()
    .where(references(_Other, _Other.invitation_id, _Theirs), _SAME_DEVICE)
    .where(col(_Other.handed_over) | col(_Other.signals).contains(Signal.REPS_BROWSER.value))
)
_OWN_ADDRESS = exists().where(
    col(User.organisation_id) == bindparam("organisation"),
    col(User.email).in_((bindparam("email"), bindparam("untagged"))),
)
SIMILAR = select(
    _ON_DEVICE.scalar_subquery().label("on_device"),
    _REPS_DEVICE.label("reps_device"),
    _ALIKE.scalar_subquery().label("alike"),
    _OWN_ADDRESS.label("own_address"),
)
_OTHERS_ON_DEVICE = (
    select(col(Feedback.invitation_id))
    .where(
        col(Feedback.organisation_id) == bindparam("organisation"),
        col(Feedback.device_hash) == bindparam("device"),
        col(Feedback.id) != bindparam("row"),
        col(Feedback.handed_over).is_(False),
        ~col(Feedback.signals).contains(Signal.ONE_DEVICE.value),
    )
    .order_by(col(Feedback.invitation_id))
)
