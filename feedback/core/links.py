"""Addresses that let one person in, once: signed, so that nothing needs to be stored of them but that they exist."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from uuid import UUID

from itsdangerous import BadSignature, Signer

LINK_HOLDS = timedelta(days=7)
_SALT = "a person's link"


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
