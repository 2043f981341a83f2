"""Invitations with both sides' answers: what the client's page, the mirror and the gap card stand on."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import Visibility
from feedback.core.dimensions import DIMENSIONS, NO_RATINGS, Ratings, rated
from feedback.core.tokens import code_of, spelled
from feedback.core.trust import Signal
from feedback.models import Account, Contact, Feedback, Invitation, Meeting, Organisation, Side, User
from feedback.models.feedback import Counts
from feedback.store.joins import points_at
from feedback.store.people import first_name


@dataclass(frozen=True, slots=True)
class Said:
    """One side's answers. For the client: as last saved. For the rep: the mirror, sealed or not yet."""

    ratings: Ratings = NO_RATINGS
    comment: str | None = None
    visibility: str = Visibility.REP
    nps: int | None = None
    worth_it: str | None = None
    stage: str | None = None
    counts: str | None = None
    sequence: int = 0
    updated_at: datetime | None = None
    done_at: datetime | None = None
    sealed_at: datetime | None = None
    seen_at: datetime | None = None
    erased_at: datetime | None = None
    disputed_at: datetime | None = None
    decided_at: datetime | None = None
    extra: str | None = None
    signals: str = ""
    language: str | None = None

    @property
    def noticed(self) -> list[Signal]:
        """The signals, in the order of their names."""
        return [Signal(word) for word in self.signals.split()]

    @property
    def taps(self) -> int:
        return rated(self.ratings)

    @property
    def finished(self) -> bool:
        """Nothing more is to be waited for: Done was tapped, or all six are in."""
        return self.done_at is not None or self.taps == len(self.ratings)


@dataclass(frozen=True, slots=True)
class InvitationView:
    organisation_id: UUID
    organisation: str
    timezone: str
    organisation_language: str
    id: UUID
    token: str
    meeting_id: UUID
    held_at: datetime
    topic: str | None
    closes_at: datetime
    opened_at: datetime | None
    rep_id: UUID
    rep: str
    contact_id: UUID
    contact: str
    contact_role: str | None
    contact_email: str | None
    contact_language: str | None
    account: str
    client: Said
    mirror: Said

    @property
    def rep_first(self) -> str:
        return first_name(self.rep)

    @property
    def contact_first(self) -> str:
        return first_name(self.contact)

    @property
    def spelled(self) -> str:
        return spelled(self.token)

    @property
    def sealed(self) -> bool:
        return self.mirror.sealed_at is not None

    def closed(self, now: datetime) -> bool:
        return now >= self.closes_at

    def both_in(self, now: datetime) -> bool:
        """Can the two be laid side by side: sealed, and the client is through (or will not come back)."""
        return self.sealed and self.client.taps > 0 and (self.client.finished or self.closed(now))


_Client, _Mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")
_SAID = (
    *DIMENSIONS, "comment", "visibility", "nps", "worth_it", "stage", "counts", "sequence", "updated_at",
    "done_at", "sealed_at", "seen_at", "erased_at", "disputed_at", "decided_at", "extra", "signals",
    "language",
)  # fmt: skip
_ABOUT = (
    col(Organisation.id), col(Organisation.name), col(Organisation.timezone), col(Organisation.language),
    col(Invitation.id), col(Invitation.token), col(Meeting.id), col(Meeting.held_at), col(Meeting.topic),
    col(Invitation.closes_at), col(Invitation.opened_at), col(User.id), col(User.name), col(Contact.id),
    col(Contact.name), col(Contact.role), col(Contact.email), col(Contact.language), col(Account.name),
)  # fmt: skip


def by_token(session: Session, token: str) -> InvitationView | None:
    """The invitation of a normalised token. Its beginning finds the organisation, the rest the row."""
    organisation_id = session.scalar(
        select(col(Organisation.id)).where(col(Organisation.code) == code_of(token))
    )
    if organisation_id is None:
        return None
    found = _invitations(session, organisation_id, col(Invitation.token) == token)
    return found[0] if found else None


def of_meeting(session: Session, organisation_id: UUID, meeting_id: UUID) -> list[InvitationView]:
    """A meeting's invitations, in the order they were made."""
    return _invitations(session, organisation_id, col(Invitation.meeting_id) == meeting_id)


def of_rep(session: Session, organisation_id: UUID, rep_id: UUID, since: datetime) -> list[InvitationView]:
    """A rep's invitations of meetings held since then, the latest first."""
    found = _invitations(
        session, organisation_id, (col(Meeting.rep_id) == rep_id) & (col(Meeting.held_at) >= since)
    )
    return sorted(found, key=lambda i: i.held_at, reverse=True)


def of_relationship(
    session: Session, organisation_id: UUID, rep_id: UUID, contact_id: UUID
) -> list[InvitationView]:
    """Everything between a rep and a contact, the latest first."""
    found = _invitations(
        session, organisation_id, (col(Meeting.rep_id) == rep_id) & (col(Invitation.contact_id) == contact_id)
    )
    return sorted(found, key=lambda i: i.held_at, reverse=True)


def by_id(session: Session, organisation_id: UUID, invitation_id: UUID) -> InvitationView | None:
    found = _invitations(session, organisation_id, col(Invitation.id) == invitation_id)
    return found[0] if found else None


def by_ids(session: Session, organisation_id: UUID, ids: list[UUID]) -> dict[UUID, InvitationView]:
    return {i.id: i for i in _invitations(session, organisation_id, col(Invitation.id).in_(ids))}


def with_signals(
    session: Session, organisation_id: UUID, rep_ids: Iterable[UUID], since: datetime
) -> list[InvitationView]:
    """Answers of these reps' meetings with anything noticed about them: those set apart whenever they were
    given, the others since then. The latest first."""
    found = _invitations(
        session,
        organisation_id,
        col(Meeting.rep_id).in_(list(rep_ids))
        & (
            (col(_Client.counts) == Counts.QUARANTINED)
            | (
                (col(Meeting.held_at) >= since)
                & ((col(_Client.signals) != "") | col(_Client.disputed_at).is_not(None))
            )
        )
        & col(_Client.erased_at).is_(None),
    )
    return sorted(found, key=lambda i: i.held_at, reverse=True)


def _invitations(session: Session, organisation_id: UUID, where: ColumnElement[bool]) -> list[InvitationView]:
    columns: list[Any] = [*_ABOUT]
    for side in (_Client, _Mirror):
        columns += [getattr(side, name) for name in _SAID]
    rows = session.execute(
        select(*columns)
        .select_from(Invitation)
        .join(Organisation, col(Organisation.id) == col(Invitation.organisation_id))
        .join(Meeting, points_at(Invitation, Invitation.meeting_id, Meeting))
        .join(User, points_at(Meeting, Meeting.rep_id, User))
        .join(Contact, points_at(Invitation, Invitation.contact_id, Contact))
        .join(Account, points_at(Contact, Contact.account_id, Account))
        .outerjoin(
            _Client,
            points_at(_Client, _Client.invitation_id, Invitation) & (col(_Client.side) == Side.CLIENT),
        )
        .outerjoin(
            _Mirror, points_at(_Mirror, _Mirror.invitation_id, Invitation) & (col(_Mirror.side) == Side.REP)
        )
        .where(col(Invitation.organisation_id) == organisation_id, where)
        .order_by(col(Invitation.created_at), col(Invitation.id))
    )
    return [_view(row) for row in rows]


def _view(row: Row[Any]) -> InvitationView:
    said = row[len(_ABOUT) :]
    about = dict(zip((field.name for field in fields(InvitationView)), row[: len(_ABOUT)], strict=False))
    return InvitationView(**about, client=_said(said[: len(_SAID)]), mirror=_said(said[len(_SAID) :]))


def _said(values: Any) -> Said:
    """A side's row as a value; a side without a row said nothing yet."""
    six = len(DIMENSIONS)
    named = dict(zip(_SAID[six:], values[six:], strict=True))
    return Said(ratings=tuple(values[:six]), **named) if named["updated_at"] else Said()
