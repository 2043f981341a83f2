"""Addresses that are signed, so that little or nothing needs to be stored of them: links that let one person in, once,
and trials of a meeting."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from itsdangerous import BadSignature, Signer

LINK_HOLDS = timedelta(days=7)
TRIAL_HOLDS = timedelta(hours=1)
_SALT = "a person's link"
_TRIAL_SALT = "a trial"
_STOP_SALT = "no more mails"


def link_token(secret: str, organisation_id: UUID, link_id: UUID) -> str:
    """Return the token of a link, 71 characters that an address may hold. Whoever has `secret`, which is not in the
    database, can calculate it again; nobody else can."""
    payload = urlsafe_b64encode(organisation_id.bytes + link_id.bytes).rstrip(b"=")
    return Signer(secret, salt=_SALT).sign(payload).decode()


def read_link_token(secret: str, token: str) -> tuple[UUID, UUID] | None:
    """Return (organisation_id, link_id) of a token; None when it was not made with this secret."""
    try:
        payload = Signer(secret, salt=_SALT).unsign(token)
        found = urlsafe_b64decode(payload + b"=")
        return UUID(bytes=found[:16]), UUID(bytes=found[16:])
    except (BadSignature, ValueError):
        return None


def trial_ticket(secret: str, organisation_id: UUID, user_id: UUID, now: datetime) -> str:
    """Return the end of the address of a trial that begins now, 76 characters. It lets nobody in: it is good for
    TRIAL_HOLDS, and leads to pages with nothing but made-up answers."""
    until = int((now + TRIAL_HOLDS).timestamp()).to_bytes(4)
    payload = urlsafe_b64encode(organisation_id.bytes + user_id.bytes + until)  # 36 bytes: nothing is padded
    return Signer(secret, salt=_TRIAL_SALT).sign(payload).decode()


def read_trial_ticket(secret: str, ticket: str, now: datetime) -> tuple[UUID, UUID] | None:
    """Return (organisation_id, user_id) of whose trial it is; None when it is over, or was not made with this
    secret."""
    try:
        found = urlsafe_b64decode(Signer(secret, salt=_TRIAL_SALT).unsign(ticket))
        until = datetime.fromtimestamp(int.from_bytes(found[32:]), UTC)
        return (UUID(bytes=found[:16]), UUID(bytes=found[16:32])) if now < until else None
    except (BadSignature, ValueError):
        return None


def stop_token(secret: str, organisation_id: UUID, mark: str) -> str:
    """Return the token by which an address, of which `mark` is kept, is not mailed any more. 92 characters; it opens
    nothing else, and is good for ever."""
    payload = urlsafe_b64encode(organisation_id.bytes + bytes.fromhex(mark))  # 48 bytes: nothing is padded
    return Signer(secret, salt=_STOP_SALT).sign(payload).decode()


def read_stop_token(secrets: Sequence[str], token: str) -> tuple[UUID, str] | None:
    """Return (organisation_id, mark) of a token that was made with one of these secrets; None for any other. A mail may
    be older than the key."""
    for secret in secrets:
        try:
            found = urlsafe_b64decode(Signer(secret, salt=_STOP_SALT).unsign(token))
            return UUID(bytes=found[:16]), found[16:].hex()
        except (BadSignature, ValueError):
            continue
    return None
