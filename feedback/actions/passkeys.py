"""Passkeys (WebAuthn): adding, naming and removing them, and telling whether one signs somebody in."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from feedback.actions.person_mails import mail_person
from feedback.core.audit import AuditKind
from feedback.db.change import Change, Invalid
from feedback.models import Mail, Passkey, User
from feedback.store.passkeys import locked_passkey, own_passkey, passkeys_of
from feedback.wording.i18n import app_text, lazy_app_text

MOST = 20  # of one person
LONGEST_NAME = 100
LONGEST_REPLY = 20_000  # characters of what a browser sends
NOT_KNOWN = lazy_app_text("This passkey is not known here. Perhaps it was removed. Sign in another way.")
NOT_RIGHT = lazy_app_text("That did not work. Try again, and use the passkey within a few minutes.")
CLONED = lazy_app_text(
    "There seems to be a copy of this passkey: its counter went backwards. It is blocked. Sign in another way, remove it, "
    "and make a new one."
)


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are for, as browsers compare it."""

    rp_id: str  # our host
    origin: str  # https://feedback.example


class Cloned(Invalid):
    """Raised when a passkey's counter went backwards: somebody has a copy of it."""


def new_passkey_options(site: Site, user: User, known: list[str], challenge: bytes) -> dict[str, Any]:
    """Return what a browser needs to make a passkey, as JSON. known: ids of those there are."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name="Beyond Doughnuts",
        user_id=user.organisation_id.bytes + user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known],
    )
    found: dict[str, Any] = json.loads(options_to_json(options))
    return found


def passkey_options(site: Site, challenge: bytes) -> dict[str, Any]:
    """Return what a browser needs to show one of its passkeys, as JSON."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.rp_id, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    found: dict[str, Any] = json.loads(options_to_json(options))
    return found


def add_passkey(
    c: Change, user_id: UUID, name: str, reply: str, site: Site, challenge: bytes, base_url: str | None = None
) -> None:
    """Keep the passkey that a browser made. reply: what it sent. base_url: ours, where the person is to be told by mail.
    Raises Invalid."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        made = verify_registration_response(
            credential=_read(reply),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Invalid(passkey=NOT_RIGHT) from error
    credential_id = bytes_to_base64url(made.credential_id)
    known = passkeys_of(c.session, c.organisation_id, user_id)
    if locked_passkey(c.session, c.organisation_id, credential_id):
        raise Invalid(passkey=app_text("This passkey is there already."))
    if len(known) >= MOST:
        raise Invalid(passkey=app_text("You have as many as there can be: remove one first."))
    c.session.add(
        Passkey(
            organisation_id=c.organisation_id,
            created_at=c.now,
            user_id=user_id,
            name=_named(name) or app_text("Passkey %(number)s", number=len(known) + 1),
            credential_id=credential_id,
            public_key=bytes_to_base64url(made.credential_public_key),
            sign_count=made.sign_count,
        )
    )
    _tell(c, user_id, AuditKind.PASSKEY_ADDED, user_id, base_url)


def rename_passkey(c: Change, user_id: UUID, passkey_id: UUID, name: str) -> None:
    """Call one of a person's own passkeys something else. Raises Invalid, NotFound."""
    found = own_passkey(c.session, c.organisation_id, user_id, passkey_id)
    if not _named(name):
        raise Invalid(passkey=app_text("A passkey needs a name."))
    found.name = _named(name)


def remove_passkey(c: Change, user_id: UUID, passkey_id: UUID, base_url: str | None = None) -> None:
    """Remove one of a person's own passkeys. Raises NotFound."""
    c.session.delete(own_passkey(c.session, c.organisation_id, user_id, passkey_id))
    _tell(c, user_id, AuditKind.PASSKEY_REMOVED, user_id, base_url)


def use_passkey(c: Change, reply: str, site: Site, challenge: bytes, base_url: str | None = None) -> UUID:
    """Return the id of whom a passkey signs in here. Raises Invalid; and Cloned, and then the change is to be kept: the
    passkey is blocked by it."""
    from webauthn import base64url_to_bytes, verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    said = _read(reply)
    found = locked_passkey(c.session, c.organisation_id, str(said.get("id", ""))[:1400])
    if found is None:
        raise Invalid(passkey=NOT_KNOWN)
    if found.cloned_at:
        raise Invalid(passkey=CLONED)
    try:
        shown = verify_authentication_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(found.public_key),
            credential_current_sign_count=0,  # compared below, once the signature is known to be right
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Invalid(passkey=NOT_RIGHT) from error
    if (shown.new_sign_count or found.sign_count) and shown.new_sign_count <= found.sign_count:
        found.cloned_at = c.now
        _tell(c, None, AuditKind.PASSKEY_CLONED, found.user_id, base_url)
        raise Cloned(passkey=CLONED)
    found.sign_count, found.used_at = shown.new_sign_count, c.now
    return found.user_id


def organisation_in(reply: str) -> UUID | None:
    """Return the organisation whose passkey a browser says it shows; None when it says none."""
    from webauthn import base64url_to_bytes

    try:
        return UUID(bytes=base64url_to_bytes(_read(reply)["response"]["userHandle"])[:16])
    except (Invalid, ValueError, KeyError, TypeError):
        return None


def _read(reply: str) -> dict[str, Any]:
    """Return what a browser sent. Raises Invalid for what is no JSON object."""
    try:
        found = json.loads(reply[:LONGEST_REPLY])
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Invalid(passkey=NOT_RIGHT)
    return found


def _named(name: str) -> str:
    return " ".join(name.split())[:LONGEST_NAME]


def _tell(c: Change, by: UUID | None, kind: AuditKind, user_id: UUID, base_url: str | None) -> None:
    user = c.session.get_one(User, (c.organisation_id, user_id))
    c.audit(by, kind, user_id, name=user.name)
    if base_url:
        mail_person(c, user_id, user.email, Mail.FACTOR_CHANGED, base_url)
