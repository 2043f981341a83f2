"""Invitations with both sides' answers, for the client's page, the mirror, the gap card and the managers' pages."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, func, select
from sqlalchemy.orm import Bundle, aliased
from sqlmodel import Session, col

from feedback.core.access import Reader, Role
from feedback.core.dimensions import DIMENSIONS
from feedback.core.tokens import code_of
from feedback.db.compiled import CompiledRead
from feedback.db.rows import SixColumns, ViewColumns
from feedback.db.tenancy import references
from feedback.db.tokens import found_by_any, ways_to_find
from feedback.models import (
    Account,
    AnswerKey,
    ClientLine,
    Contact,
    Feedback,
    Invitation,
    Meeting,
    Organisation,
    Side,
    TeamManager,
    User,
)
from feedback.store.invitation_view import InvitationView, SideAnswers, invitation_as_seen

_Client, _Mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")
_Manager = aliased(User, name="manager")
_BETWEEN_NAMES = "\n"
_CLIENTS_COLUMNS: tuple[Any, ...] = (  # without the token, which clients bring
    col(Organisation.id).label("organisation_id"), col(Organisation.name).label("organisation"),
    col(Organisation.timezone), col(Organisation.language).label("organisation_language"), col(Organisation.look),
    col(Organisation.works_agreement), col(Invitation.id),
    col(Meeting.id).label("meeting_id"), col(Meeting.held_at), col(Meeting.topic),
    col(Invitation.closes_at), col(Invitation.opened_at), col(User.id).label("rep_id"), col(User.name).label("rep"),
    col(Contact.id).label("contact_id"), col(Contact.name).label("contact"), col(Contact.role).label("contact_role"),
    col(Contact.email).label("contact_email"), col(Contact.language).label("contact_language"),
    col(Account.name).label("account"), col(Invitation.way),
)  # fmt: skip
_ABOUT = Bundle[Any](
    "about",
    *_CLIENTS_COLUMNS,
    col(Invitation.token).label("stored_token"),
    col(Invitation.encrypted_token),
    col(Invitation.guest),
    col(Invitation.declined_at),
)
_CLIENTS_NAMES = tuple(column.key for column in _CLIENTS_COLUMNS)
_SAID_NAMES = tuple(field.name for field in fields(SideAnswers) if field.name != "ratings")
# What somebody without a key may learn from: how far the answer is.
_STATE_NAMES = ("visibility", "updated_at", "done_at", "settled_at", "put_away_at", "erased_at")


class _SaidColumns(ViewColumns):
    """One side's row, under the names of the fields. Without such a row all are None (_said)."""

    view = SideAnswers

    def __init__(self, name: str, side: Any) -> None:
        super().__init__(name, SixColumns("ratings", side), *(getattr(side, each) for each in _SAID_NAMES))


_SIDES = _SaidColumns("client", _Client), _SaidColumns("mirror", _Mirror)


def invitation_by_token(
    connection: Connection, token: str, key_hash: str | None, now: datetime
) -> InvitationView | None:
    """Return the invitation of a normalised token, as its client sees it, in one statement; None when there
    is none. The token's beginning finds the organisation, the rest the row. Without a key that fits it
    contains nothing of the answer (core.answer_key)."""
    found_by = ways_to_find(connection, token)
    wanted = {"code": code_of(token), "key_hash": key_hash, **found_by}
    found = (_by_key if key_hash else _by_token)(len(found_by)).first(connection, wanted)
    if found is None:
        return None
    row = found._asdict()
    said: dict[str, Any] = {
        name: row.get(f"client_{name}") for name in (_SAID_NAMES if key_hash else _STATE_NAMES)
    }
    client = (
        SideAnswers(ratings=tuple(row[name] for name in DIMENSIONS), **said)
        if row["client_updated_at"]
        else SideAnswers()
    )
    about = {name: row[name] for name in _CLIENTS_NAMES}
    return invitation_as_seen(
        {**about, "stored_token": token, "encrypted_token": None}, client, SideAnswers(sealed_at=row["sealed_at"]), row["settles_at"],
        Reader.CLIENT, now, row.get("key_kind"), key_ended=row.get("key_ended_at") is not None,
        typed_at=row["email_typed_at"], managers=_names(row["managers"]), we_did=row["we_did"],
    )  # fmt: skip


def invitations_of_meeting(
    session: Session, organisation_id: UUID, meeting_id: UUID, reader: Reader, now: datetime
) -> list[InvitationView]:
    """Return a meeting's invitations, in the order they were made."""
    return _invitations(session, organisation_id, col(Invitation.meeting_id) == meeting_id, reader, now)


def invitations_of_rep(
    session: Session, organisation_id: UUID, rep_id: UUID, since: datetime, reader: Reader, now: datetime
) -> list[InvitationView]:
    """Return a rep's invitations of meetings held since then, the latest first."""
    where = (col(Meeting.rep_id) == rep_id) & (col(Meeting.held_at) >= since)
    found = _invitations(session, organisation_id, where, reader, now)
    return sorted(found, key=lambda i: i.held_at, reverse=True)


def invitations_of_relationship(
    session: Session, organisation_id: UUID, rep_id: UUID, contact_id: UUID, reader: Reader, now: datetime
) -> list[InvitationView]:
    """Return all invitations between a rep and a contact, the latest first."""
    where = (col(Meeting.rep_id) == rep_id) & (col(Invitation.contact_id) == contact_id)
    found = _invitations(session, organisation_id, where, reader, now)
    return sorted(found, key=lambda i: i.held_at, reverse=True)


def invitation_by_id(
    session: Session, organisation_id: UUID, invitation_id: UUID, reader: Reader, now: datetime
) -> InvitationView | None:
    """Return one invitation as `reader` may see it; None when there is none."""
    asked = {"organisation": organisation_id, "invitation": invitation_id}
    row = session.execute(_by_id(), asked).first()
    return _seen(row, reader, now) if row else None


def invitations_by_ids(
    session: Session, organisation_id: UUID, ids: list[UUID], reader: Reader, now: datetime
) -> dict[UUID, InvitationView]:
    """Return these invitations by id, as `reader` may see them; unknown ids are absent."""
    found = _invitations(session, organisation_id, col(Invitation.id).in_(ids), reader, now) if ids else []
    return {i.id: i for i in found}


def _invitations(
    session: Session, organisation_id: UUID, where: ColumnElement[bool], reader: Reader, now: datetime
) -> list[InvitationView]:
    rows = session.execute(
        _statement()
        .where(col(Invitation.organisation_id) == organisation_id, where)
        .order_by(col(Invitation.created_at), col(Invitation.id))
    )
    return [_seen(row, reader, now) for row in rows]


def _seen(row: Any, reader: Reader, now: datetime) -> InvitationView:
    return invitation_as_seen(
        row.about._asdict(), _said(row.client), _said(row.mirror), row.settles_at, reader, now
    )


@cache
def _by_id() -> Any:
    """Select one invitation. Built once: to build it took longer than to execute it."""
    return _statement().where(
        col(Invitation.organisation_id) == bindparam("organisation"),
        col(Invitation.id) == bindparam("invitation"),
    )


def _statement() -> Any:
    """Select invitations with all they are about, both sides' rows, and the moment an answer settles."""
    return _with_both_sides(select(_ABOUT, *_SIDES, col(_Client.settles_at)))


def _with_both_sides(selected: Any) -> Any:
    """Join invitations to all they are about, and to both sides' rows."""
    return (
        selected.select_from(Invitation)
        .join(Organisation, col(Organisation.id) == col(Invitation.organisation_id))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(User, references(Meeting, Meeting.rep_id, User))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .outerjoin(
            _Client,
            references(_Client, _Client.invitation_id, Invitation) & (col(_Client.side) == Side.CLIENT),
        )
        .outerjoin(
            _Mirror, references(_Mirror, _Mirror.invitation_id, Invitation) & (col(_Mirror.side) == Side.REP)
        )
    )


# Names in one column, so that they need no statement of their own.
_MANAGERS = (
    select(func.aggregate_strings(col(_Manager.name), _BETWEEN_NAMES))
    .select_from(TeamManager)
    .join(_Manager, references(TeamManager, TeamManager.user_id, _Manager))
    .where(
        col(TeamManager.organisation_id) == col(User.organisation_id),
        col(TeamManager.team_id) == col(User.team_id),
        col(_Manager.role) == Role.MANAGER,
        col(_Manager.ended_at).is_(None),
    )
    .correlate(User)
    .scalar_subquery()
)


# An invitation shows one line at most. In one column, likewise.
_WE_DID = (
    select(func.min(col(ClientLine.words)))
    .where(
        col(ClientLine.organisation_id) == col(Invitation.organisation_id),
        col(ClientLine.invitation_id) == col(Invitation.id),
    )
    .correlate(Invitation)
    .scalar_subquery()
)


def _names(together: str | None) -> tuple[str, ...]:
    """Return the names of _MANAGERS, in order."""
    return tuple(sorted(together.split(_BETWEEN_NAMES))) if together else ()


def _by(ways: int, said: Sequence[str], *more: Any) -> Any:
    """Select the invitation of a token with these columns of the client's side. For a bare connection, which
    takes columns and no bundles."""
    return _with_both_sides(
        select(
            *_CLIENTS_COLUMNS, col(_Client.settles_at), col(_Mirror.sealed_at), col(Contact.email_typed_at),
            _MANAGERS.label("managers"), _WE_DID.label("we_did"),
            *(getattr(_Client, name) for name in DIMENSIONS),
            *(getattr(_Client, name).label(f"client_{name}") for name in said), *more,
        )
    ).where(col(Organisation.code) == bindparam("code"), found_by_any(Invitation.token, ways))  # fmt: skip


# Built once for each number of keys: to build them anew took longer than to execute them.
@cache
def _by_token(ways: int) -> CompiledRead:
    return CompiledRead(_by(ways, _STATE_NAMES))


@cache
def _by_key(ways: int) -> CompiledRead:
    key: tuple[Any, ...] = (
        col(AnswerKey.kind).label("key_kind"),
        col(AnswerKey.ended_at).label("key_ended_at"),
    )
    return CompiledRead(
        _by(ways, _SAID_NAMES, *key).outerjoin(
            AnswerKey,
            references(AnswerKey, AnswerKey.invitation_id, Invitation)
            & (col(AnswerKey.hash) == bindparam("key_hash")),
        )
    )


def _said(side: SideAnswers) -> SideAnswers:
    """Return a side's answers; the empty ones for a side without a row."""
    return side if side.updated_at else SideAnswers()
