"""Codes that were taken back: what is still known of them, and whether one may be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, select
from sqlmodel import Session, col

from feedback.core.tokens import code_of
from feedback.db.rows import view_or_none, views
from feedback.db.tenancy import references
from feedback.db.tokens import found_by_any, ways_to_find
from feedback.models import (
    AnswerKey,
    Contact,
    Feedback,
    Invitation,
    Organisation,
    Outbox,
    Promise,
    Side,
    TakenBack,
    User,
)
from feedback.store.people import first_name


@dataclass(frozen=True, slots=True)
class TakenBackView:
    """An invitation that is there no more."""

    contact_id: UUID
    contact: str
    contact_language: str | None
    rep: str
    organisation_language: str
    taken_back_at: datetime

    @property
    def rep_first(self) -> str:
        """The rep's first name."""
        return first_name(self.rep)


_VIEW: Select[*tuple[Any, ...]] = (
    select(
        col(TakenBack.contact_id),
        col(Contact.name).label("contact"),
        col(Contact.language).label("contact_language"),
        col(User.name).label("rep"),
        col(Organisation.language).label("organisation_language"),
        col(TakenBack.created_at).label("taken_back_at"),
    )
    .select_from(TakenBack)
    .join(Organisation, col(Organisation.id) == col(TakenBack.organisation_id))
    .join(Contact, references(TakenBack, TakenBack.contact_id, Contact))
    .join(User, references(TakenBack, TakenBack.rep_id, User))
    .order_by(col(TakenBack.created_at).desc(), col(TakenBack.id))
)


def taken_back_by_token(connection: Connection, token: str) -> TakenBackView | None:
    """Return what a normalised token led to before it was taken back; None when it was not."""
    found_by = ways_to_find(connection, token)
    asked = _VIEW.where(
        col(Organisation.code) == code_of(token), found_by_any(TakenBack.token, len(found_by))
    )
    found = connection.execute(asked, found_by)
    return view_or_none(TakenBackView, found)


def taken_back_of_meeting(
    session: Session, organisation_id: UUID, rep_id: UUID, meeting_id: UUID
) -> list[TakenBackView]:
    """Return what a rep took back of one meeting, the latest first."""
    found = session.execute(
        _VIEW.where(
            col(TakenBack.organisation_id) == organisation_id,
            col(TakenBack.rep_id) == rep_id,
            col(TakenBack.meeting_id) == meeting_id,
        )
    )
    return views(TakenBackView, found)


def was_begun(session: Session, invitation: Invitation) -> bool:
    """Tell whether anybody has opened an invitation, tapped, judged a promise of it, or was mailed about it. A mail that
    waits to be sent was seen by nobody."""
    asked = {"organisation": invitation.organisation_id, "invitation": invitation.id}
    return invitation.opened_at is not None or any(session.scalar(each, asked) for each in _TRACES)


def is_last_of_meeting(session: Session, invitation: Invitation) -> bool:
    """Tell whether a meeting has no other invitation."""
    others = select(
        exists().where(
            col(Invitation.organisation_id) == invitation.organisation_id,
            col(Invitation.meeting_id) == invitation.meeting_id,
            col(Invitation.id) != invitation.id,
        )
    )
    return not session.scalar(others)


def _trace(table: Any, column: Any, *more: ColumnElement[bool]) -> Any:
    here = (col(table.organisation_id) == bindparam("organisation"), column == bindparam("invitation"))
    return select(exists().where(*here, *more))


_TRACES = (
    _trace(Feedback, col(Feedback.invitation_id), col(Feedback.side) == Side.CLIENT),
    _trace(AnswerKey, col(AnswerKey.invitation_id)),
    _trace(Outbox, col(Outbox.invitation_id), col(Outbox.tries) > 0),
    _trace(
        Invitation,
        col(Invitation.id),
        col(Promise.organisation_id) == col(Invitation.organisation_id),
        col(Promise.meeting_id) == col(Invitation.meeting_id),
        col(Promise.contact_id) == col(Invitation.contact_id),
        col(Promise.judged_in_id).is_not(None),
    ),
)
