"""Tokens of other programs: made, used, ended; and what is kept of their requests that may be sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import col

from feedback.core.access import Forbidden
from feedback.core.api_tokens import (
    HINT_LENGTH,
    LONGEST,
    Scope,
    TokenKind,
    api_token_hash,
    new_api_token,
)
from feedback.core.audit import AuditKind
from feedback.db.change import Change, Invalid
from feedback.db.engine import Database
from feedback.models import ApiReplay, ApiToken
from feedback.models.api_token import LONGEST_TOKEN_NAME
from feedback.store.api_tokens import StoredReplay, TokenView, count_running, oldest_kept
from feedback.store.people import Viewer

MOST_TOKENS = 50  # of one person, that have not ended
REPLAYS_FOR = timedelta(days=1)
MOST_REPLAYS = 1000  # of one token


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token as somebody wants it."""

    name: str
    scopes: Sequence[Scope]
    days: int  # that it is good for
    kind: TokenKind = TokenKind.OWN


def make_token(c: Change, who: Viewer, new: NewToken) -> str:
    """Make a token; return it, for it is stored nowhere. Raises Invalid, and Forbidden for an organisation's token that no
    owner makes."""
    if new.kind is TokenKind.ORGANISATION and not who.is_owner:
        raise Forbidden("tokens of the organisation are the owners'")
    name = " ".join(new.name.split())
    _check(c, who, name, new)
    secret = new_api_token(c.organisation.code)
    scopes = tuple(scope for scope in Scope if scope in new.scopes)
    token = ApiToken(
        organisation_id=c.organisation_id,
        created_at=c.now,
        user_id=who.id,
        kind=new.kind,
        name=name,
        hash=api_token_hash(secret),
        hint=secret[-HINT_LENGTH:],
        scopes=scopes,
        expires_at=c.now + timedelta(days=new.days),
    )
    c.session.add(token)
    c.session.flush()
    told = {"kind": new.kind.value, "scopes": list(scopes), "days": new.days}
    c.audit(who.id, AuditKind.TOKEN_MADE, token.id, name=name, after=told)
    return secret


def _check(c: Change, who: Viewer, name: str, new: NewToken) -> None:
    reasons = {}
    if not name or len(name) > LONGEST_TOKEN_NAME:
        reasons["name"] = f"What is it for? At most {LONGEST_TOKEN_NAME} characters."
    if not new.scopes:
        reasons["scopes"] = "Choose at least one."
    elif Scope.ADMIN in new.scopes and not who.is_owner:
        reasons["scopes"] = "People and teams are looked after by owners: leave admin out."
    if not 1 <= new.days <= LONGEST:
        reasons["days"] = f"From 1 to {LONGEST} days."
    if count_running(c.session, c.organisation_id, who.id, c.now) >= MOST_TOKENS:
        reasons["name"] = f"You have {MOST_TOKENS} tokens. End one that is not used any more."
    if reasons:
        raise Invalid(**reasons)


def end_token(c: Change, by: UUID | None, token: TokenView, told: AuditKind = AuditKind.TOKEN_ENDED) -> None:
    """Let a token let nobody in any more. Ending it twice changes nothing. by: None for nobody of ours."""
    if _end(c, by, col(ApiToken.id) == token.id):
        c.audit(by, told, token.id, name=token.name, before={"person": token.person})


def end_tokens_of(c: Change, by: UUID, user_id: UUID) -> None:
    """End every token of a person who signs in no more."""
    for token_id, name in _end(c, by, col(ApiToken.user_id) == user_id):
        c.audit(by, AuditKind.TOKEN_ENDED, token_id, name=name)


def _end(c: Change, by: UUID | None, which: ColumnElement[bool]) -> list[tuple[UUID, str]]:
    these = col(ApiToken.organisation_id) == c.organisation_id, col(ApiToken.ended_at).is_(None), which
    ended = update(ApiToken).where(*these).values(ended_at=c.now, ended_by_id=by)
    rows = c.session.execute(ended.returning(col(ApiToken.id), col(ApiToken.name))).all()
    return [(row[0], row[1]) for row in rows]


def note_used(db: Database, token: TokenView, now: datetime) -> None:
    """Write down that a token is used, unless somebody else is writing on SQLite: nobody shall wait for this."""
    these = col(ApiToken.organisation_id) == token.organisation_id, col(ApiToken.id) == token.id
    db.write_if_free(update(ApiToken).where(*these).values(used_at=now))


def keep_replay(c: Change, token_id: UUID, key_hash: str, answer: StoredReplay) -> None:
    """Keep what is answered to a request, so that the same one is answered alike; in place of what was answered under
    that key more than a day ago. Of a token's answers the newest MOST_REPLAYS are kept."""
    mine = col(ApiReplay.organisation_id) == c.organisation_id, col(ApiReplay.token_id) == token_id
    c.session.execute(delete(ApiReplay).where(*mine, col(ApiReplay.key_hash) == key_hash))
    if oldest := oldest_kept(c.session, c.organisation_id, token_id, MOST_REPLAYS):
        c.session.execute(delete(ApiReplay).where(*mine, col(ApiReplay.id) <= oldest))
    c.session.add(
        ApiReplay(
            organisation_id=c.organisation_id,
            created_at=c.now,
            token_id=token_id,
            key_hash=key_hash,
            request_hash=answer.request_hash,
            status=answer.status,
            body=answer.body,
        )
    )


def forget_replays(c: Change, before: datetime | None = None) -> int:
    """Delete what was answered a day ago and earlier; with `before` all that was answered until then."""
    old = col(ApiReplay.created_at) <= (before or c.now - REPLAYS_FOR)
    return c.write(delete(ApiReplay).where(col(ApiReplay.organisation_id) == c.organisation_id, old))
