"""Invitations with both sides' answers, as far as the reader may see them: for the client's page, the mirror,
the gap card and the managers' pages. Every reader gets what core.access decides, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Bundle, aliased
from sqlmodel import Session, col

from feedback.core.access import (
    AnswerAccess,
    HiddenBecause,
    Reader,
    Role,
    Visibility,
    answer_access,
    answer_status,
    sees_guess,
    sees_progress,
)
from feedback.core.answer_key import SHORT_LIVED, KeyKind
from feedback.core.asking import Way
from feedback.core.dimensions import DIMENSIONS, LOW, NO_RATINGS, Ratings, count_rated
from feedback.core.extras import Extra
from feedback.core.settling import AnswerState
from feedback.core.tokens import code_of, spell_token
from feedback.core.trust import Signal
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
from feedback.models.encrypted import EncryptedText, NoToken, is_stand_in
from feedback.models.feedback import Counts
from feedback.store.people import first_name


@dataclass(frozen=True, slots=True)
class SideAnswers:
    """One side's answers, or nothing where they may not be seen. For the rep: the mirror, sealed or not
    yet."""

    ratings: Ratings = NO_RATINGS  # 1..5 each, or None
    comment: str | None = None
    visibility: Visibility = Visibility.REP
    nps: int | None = None
    worth_it: str | None = None
    stage: str | None = None
    counts: Counts | None = None
    sequence: int = 0
    updated_at: datetime | None = None
    done_at: datetime | None = None
    settled_at: datetime | None = None
    extras_at: datetime | None = None
    told_at: datetime | None = None
    shown_at: datetime | None = None
    put_away_at: datetime | None = None
    sealed_at: datetime | None = None
    seen_at: datetime | None = None
    erased_at: datetime | None = None
    disputed_at: datetime | None = None
    decided_at: datetime | None = None
    extra: Extra | None = None
    signals: tuple[Signal, ...] = ()
    language: str | None = None

    @property
    def hidden_from_rep(self) -> bool:
        """Whether the client asked that only managers see it."""
        return self.visibility == Visibility.MANAGER


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the client is: all that is visible to somebody who may not see the answer."""

    state: AnswerState = AnswerState.OPEN
    taps: int = 0  # 0..6
    done: bool = False
    put_away: bool = False  # the next to tap begins anew


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation, with what the reader may see of both sides' answers."""

    organisation_id: UUID
    organisation: str
    timezone: str
    organisation_language: str
    look: str  # the version of the organisation's colour, logo and words
    works_agreement: bool  # managers see no rating of the client
    id: UUID
    encrypted_token: EncryptedText | None  # None where stored_token is the token itself
    stored_token: str
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
    client: SideAnswers  # only what the reader may see
    mirror: SideAnswers  # likewise
    progress: Progress
    access: AnswerAccess  # whether the reader may see the answer, and why not
    # the kind of key by which the asker proves to be the client; None without one that fits
    key: KeyKind | None = None
    key_ended: bool = False
    # a rep typed in the contact's e-mail address, and has not sealed a guess
    to_a_typed_address: bool = False
    # the names of who manages the rep's team; for the client alone
    managers: tuple[str, ...] = ()
    way: Way = Way.CODE
    guest: bool = False  # somebody in a room whom the rep had not chosen
    progress_hidden: bool = (
        False  # the reader may not know yet how far the client is: progress and opened_at are empty
    )
    we_did: str | None = None  # what a manager tells the client on this page; for the client alone
    # the dimensions rated low, for a reader who may not see the ratings
    low: tuple[str, ...] = ()
    declined_at: datetime | None = (
        None  # when the rep noted that the client does not want to answer; not for clients
    )

    @property
    def token(self) -> str:
        """The token. Raises UnreadableSecret when it was encrypted with a key that is missing, and NoToken."""
        if is_stand_in(self.stored_token):
            raise NoToken
        return self.encrypted_token.text if self.encrypted_token else self.stored_token

    @property
    def organisation_code(self) -> str:
        """The public code of the organisation."""
        return code_of(self.token)

    @property
    def rep_first(self) -> str:
        """The rep's first name."""
        return first_name(self.rep)

    @property
    def contact_first(self) -> str:
        """The contact's first name."""
        return first_name(self.contact)

    @property
    def spelled(self) -> str:
        """Return the token as people read and type it."""
        return spell_token(self.token)

    @property
    def sealed(self) -> bool:
        """Whether the mirror is final. It is the rep's own state, visible to every reader of our side."""
        return self.mirror.sealed_at is not None

    @property
    def begun(self) -> bool:
        """Whether somebody has tapped, even if the answer was erased since."""
        free = self.progress.state is AnswerState.TAPPING and self.progress.put_away
        return (
            self.progress.state is not AnswerState.OPEN and not free
        ) or self.access.hidden_because is HiddenBecause.ERASED

    @property
    def in_a_room(self) -> bool:
        """Whether the client shares one code with others, of whom nobody shall see who has answered."""
        return self.way is Way.GROUP

    @property
    def looks_unbegun(self) -> bool:
        """Whether the token alone opens the empty rows: nobody has begun, or nobody shall see that somebody has."""
        return self.in_a_room or not self.begun

    @property
    def touched(self) -> bool:
        """Whether the page was opened, or anything tapped: from then on it cannot be taken back."""
        return self.opened_at is not None or self.begun or self.progress.taps > 0

    def closed(self, now: datetime) -> bool:
        """Tell whether the page takes no more input."""
        return now >= self.closes_at

    @property
    def both_in(self) -> bool:
        """Whether the two sides can be compared: the mirror is sealed, and the answer has settled and was not
        erased."""
        return (
            self.sealed
            and self.progress.state is AnswerState.SETTLED
            and self.access.hidden_because is not HiddenBecause.ERASED
        )


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
    row = connection.execute((_by_key if key_hash else _by_token)(len(found_by)), wanted).mappings().first()
    if row is None:
        return None
    said: dict[str, Any] = {
        name: row.get(f"client_{name}") for name in (_SAID_NAMES if key_hash else _STATE_NAMES)
    }
    client = (
        SideAnswers(ratings=tuple(row[name] for name in DIMENSIONS), **said)
        if row["client_updated_at"]
        else SideAnswers()
    )
    about = {name: row[name] for name in _CLIENTS_NAMES}
    return _view(
        {**about, "stored_token": token, "encrypted_token": None}, client, SideAnswers(sealed_at=row["sealed_at"]), row["settles_at"],
        Reader.CLIENT, now, row.get("key_kind"), key_ended=row.get("key_ended_at") is not None,
        typed_at=row["email_typed_at"], managers=row["managers"], we_did=row["we_did"],
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
    return _view(row.about._asdict(), _said(row.client), _said(row.mirror), row.settles_at, reader, now)


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
def _by_token(ways: int) -> Any:
    return _by(ways, _STATE_NAMES)


@cache
def _by_key(ways: int) -> Any:
    key: tuple[Any, ...] = (
        col(AnswerKey.kind).label("key_kind"),
        col(AnswerKey.ended_at).label("key_ended_at"),
    )
    return _by(ways, _SAID_NAMES, *key).outerjoin(
        AnswerKey,
        references(AnswerKey, AnswerKey.invitation_id, Invitation)
        & (col(AnswerKey.hash) == bindparam("key_hash")),
    )


def _view(
    about: dict[str, Any],
    client: SideAnswers,
    mirror: SideAnswers,
    settles_at: datetime | None,
    reader: Reader,
    now: datetime,
    key: KeyKind | None = None,
    *,
    key_ended: bool = False,
    typed_at: datetime | None = None,
    managers: str | None = None,
    we_did: str | None = None,
) -> InvitationView:
    answer = answer_status(
        now, settles_at=settles_at, settled_at=client.settled_at, visibility=client.visibility,
        sealed_at=mirror.sealed_at, closes_at=about["closes_at"], erased_at=client.erased_at,
    )  # fmt: skip
    access = answer_access(reader, answer)
    done = answer.state is AnswerState.SETTLED or client.done_at is not None
    progress = Progress(answer.state, count_rated(client.ratings), done, client.put_away_at is not None)
    shown = sees_progress(reader, answer, in_a_room=about["way"] == Way.GROUP)
    return InvitationView(
        **(about if shown else about | {"opened_at": None}),
        client=_client_for(reader, client, access, None if key_ended else key),
        mirror=_mirror_for(reader, mirror, answer.sealed),
        progress=progress if shown else Progress(),
        progress_hidden=not shown,
        access=access,
        low=_rated_low(client.ratings) if access.in_words else (),
        key=key,
        key_ended=key_ended,
        to_a_typed_address=typed_at is not None and not answer.sealed,
        managers=tuple(sorted(managers.split(_BETWEEN_NAMES))) if managers else (),
        we_did=we_did,
    )


def _client_for(reader: Reader, said: SideAnswers, access: AnswerAccess, key: KeyKind | None) -> SideAnswers:
    """Return what `reader` may see of the client's side. The signals of an answer that is erased, or has not
    settled yet, are for managers; the bare token yields nothing, and the key of a lent phone only what the
    page needs to go on."""
    if reader is Reader.CLIENT and key in SHORT_LIVED:
        return SideAnswers(visibility=said.visibility, sequence=said.sequence, updated_at=said.updated_at, done_at=said.done_at,
                    settled_at=said.settled_at, extras_at=said.extras_at, extra=said.extra)  # fmt: skip
    if reader is Reader.CLIENT:
        return said if key else SideAnswers()
    if access.whole or reader is Reader.RULES:
        return said
    if reader not in (Reader.MANAGER, Reader.TEAMS):
        return SideAnswers()
    known = SideAnswers(counts=said.counts, updated_at=said.updated_at, settled_at=said.settled_at, erased_at=said.erased_at,
                disputed_at=said.disputed_at, decided_at=said.decided_at, signals=said.signals)  # fmt: skip
    return replace(known, comment=said.comment, visibility=said.visibility) if access.in_words else known


def _rated_low(ratings: Ratings) -> tuple[str, ...]:
    """Return which dimensions were rated low: what is told of an answer where its figures are not."""
    return tuple(
        name for name, rating in zip(DIMENSIONS, ratings, strict=True) if rating is not None and rating <= LOW
    )


def _mirror_for(reader: Reader, guess: SideAnswers, sealed: bool) -> SideAnswers:
    """Return what `reader` may see of the mirror (core.access decides). That it is sealed is told all but clients."""
    if sees_guess(reader, sealed=sealed):
        return guess
    return SideAnswers() if reader is Reader.CLIENT else SideAnswers(sealed_at=guess.sealed_at)


def _said(side: SideAnswers) -> SideAnswers:
    """Return a side's answers; the empty ones for a side without a row."""
    return side if side.updated_at else SideAnswers()
