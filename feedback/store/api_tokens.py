"""Tokens of other programs, whose they are, and what they were answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from feedback.core.access import NotFound
from feedback.core.api_tokens import (
    Scope,
    TokenKind,
    TokenState,
    api_token_hash,
    organisation_code,
    token_state,
)
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import ApiReplay, ApiToken, Organisation, User
from feedback.store.people import Viewer, viewer_of

MOST_LISTED = 500  # tokens of an organisation that are shown


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as it is listed; the token itself is known to whoever keeps it."""

    id: UUID
    organisation_id: UUID
    user_id: UUID
    person: str
    kind: TokenKind
    name: str
    hint: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    ended_at: datetime | None
    left: bool  # whether its person signs in no more

    def running(self, now: datetime) -> bool:
        """Tell whether it has neither ended nor expired, and its person is still here."""
        return self.ended_at is None and now < self.expires_at and not self.left


@dataclass(frozen=True, slots=True)
class TokenAccess:
    """Whether a token lets somebody in, and whom."""

    token: TokenView
    state: TokenState
    viewer: Viewer | None  # None unless it is good


@dataclass(frozen=True, slots=True)
class StoredReplay:
    """What was answered before."""

    request_hash: str
    status: int
    body: str


_TOKEN: Select[*tuple[Any, ...]] = select(
    col(ApiToken.id), col(ApiToken.organisation_id), col(ApiToken.user_id), col(User.name).label("person"), col(ApiToken.kind),
    col(ApiToken.name), col(ApiToken.hint), col(ApiToken.scopes), col(ApiToken.created_at), col(ApiToken.expires_at),
    col(ApiToken.used_at), col(ApiToken.ended_at), col(User.ended_at).is_not(None).label("left"),
).join(User, references(ApiToken, ApiToken.user_id, User))  # fmt: skip


def token_access(session: Session, secret: str, now: datetime) -> TokenAccess | None:
    """Return whose token this is, and whether it is good; None for one that nobody here has."""
    code = organisation_code(secret)
    if code is None:
        return None
    organisation_id = session.scalar(select(col(Organisation.id)).where(col(Organisation.code) == code))
    if organisation_id is None:
        return None
    found = views(
        TokenView,
        session.execute(
            _TOKEN.where(
                col(ApiToken.organisation_id) == organisation_id,
                col(ApiToken.hash) == api_token_hash(secret),
            )
        ),
    )
    return _access(session, found[0], now) if found else None


def _access(session: Session, token: TokenView, now: datetime) -> TokenAccess:
    viewer = viewer_of(session, token.organisation_id, token.user_id)
    may = viewer is not None and (token.kind is TokenKind.OWN or viewer.is_owner)
    state = token_state(now, expires_at=token.expires_at, ended_at=token.ended_at, person=may)
    return TokenAccess(token, state, viewer if state is TokenState.GOOD else None)


def tokens_of(session: Session, organisation_id: UUID, user_id: UUID) -> list[TokenView]:
    """Return a person's own tokens, the newest first."""
    mine = col(ApiToken.user_id) == user_id, col(ApiToken.kind) == TokenKind.OWN
    return _listed(session, _TOKEN.where(col(ApiToken.organisation_id) == organisation_id, *mine))


def all_tokens(session: Session, organisation_id: UUID) -> list[TokenView]:
    """Return the tokens of an organisation, people's own and its systems', the newest first."""
    return _listed(session, _TOKEN.where(col(ApiToken.organisation_id) == organisation_id))


def _listed(session: Session, tokens: Select[*tuple[Any, ...]]) -> list[TokenView]:
    return views(TokenView, session.execute(tokens.order_by(col(ApiToken.id).desc()).limit(MOST_LISTED)))


def token_for(session: Session, viewer: Viewer, token_id: UUID) -> TokenView:
    """Return a token that this person may end: one's own, for an owner any. Raises NotFound."""
    one = _TOKEN.where(col(ApiToken.organisation_id) == viewer.organisation_id, col(ApiToken.id) == token_id)
    found = views(TokenView, session.execute(one))
    if not found or not (viewer.is_owner or found[0].user_id == viewer.id):
        raise NotFound("token")
    return found[0]


def count_running(session: Session, organisation_id: UUID, user_id: UUID, now: datetime) -> int:
    """Count the tokens of a person that have neither ended nor expired."""
    running = select(func.count()).select_from(ApiToken).where(
        col(ApiToken.organisation_id) == organisation_id, col(ApiToken.user_id) == user_id,
        col(ApiToken.ended_at).is_(None), col(ApiToken.expires_at) > now,
    )  # fmt: skip
    return int(session.execute(running).scalar_one())


def replay_of(
    session: Session, organisation_id: UUID, token_id: UUID, key_hash: str, since: datetime
) -> StoredReplay | None:
    """Return what was answered to the request that a token sent with a key; None where that was before `since`."""
    row = session.scalars(
        select(ApiReplay).where(
            col(ApiReplay.organisation_id) == organisation_id,
            col(ApiReplay.token_id) == token_id,
            col(ApiReplay.key_hash) == key_hash,
            col(ApiReplay.created_at) > since,
        )
    ).first()
    return StoredReplay(row.request_hash, row.status, row.body.text) if row else None


def oldest_kept(session: Session, organisation_id: UUID, token_id: UUID, most: int) -> UUID | None:
    """Return the id of the newest answer of a token that is one too many; None where there are fewer than `most`."""
    return session.scalar(
        select(col(ApiReplay.id))
        .where(col(ApiReplay.organisation_id) == organisation_id, col(ApiReplay.token_id) == token_id)
        .order_by(col(ApiReplay.id).desc())
        .offset(most - 1)
        .limit(1)
    )
