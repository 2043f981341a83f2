"""An organisation's own OpenID Connect provider: what an owner sets, and who comes in by it."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from feedback.actions.oidc import Claims, ProviderAway, RelyingParty, metadata
from feedback.actions.people import normal_email
from feedback.core.access import Role
from feedback.core.audit import AuditKind
from feedback.core.emails import small_letters
from feedback.db.change import Change, Invalid
from feedback.models import IdentityProvider, User
from feedback.store.organisations import locked_organisation
from feedback.store.providers import (
    an_owner_has_another_way,
    owners_with_password,
    provider_row,
    users_by_subject_or_email,
    without_another_way,
)
from feedback.webhooks.subscriptions import addresses_of
from feedback.webhooks.targets import target_of

GOOGLE = "https://accounts.google.com"
MICROSOFT = "https://login.microsoftonline.com/{tenant}/v2.0"
LABELS = {"google": "Google", "microsoft": "Microsoft"}
DOMAIN = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class ProviderInput:
    """A provider as an owner typed it."""

    kind: str  # google, microsoft, or other
    label: str
    issuer: str  # of any other
    tenant: str  # of Microsoft: the directory's id
    client_id: str
    secret: str  # empty: the one that is stored
    domains: str  # with commas or spaces between
    role: str  # empty: nobody comes in for the first time
    only: bool
    keeper: str  # id of an owner


class NotLetIn(Exception):
    """Raised when a provider's word is good, and still nobody comes in by it. reason: for the audit log, and by which
    the page says it."""

    def __init__(self, reason: str, user_id: UUID | None = None) -> None:
        self.reason, self.user_id = reason, user_id
        super().__init__(reason)


def checked_provider(
    given: ProviderInput, stored_secret: str, redirect_uri: str, *, private: bool
) -> RelyingParty:
    """Return a provider that answers as one should. It is asked, so call this before a change is open. Raises Invalid."""
    reasons = {}
    issuer = _issuer(given)
    try:
        addresses_of(target_of(issuer, private=private), private=private)
    except (ValueError, OSError) as error:
        reasons["issuer" if given.kind == "other" else "tenant"] = str(error)
    if not re.fullmatch(r"[\x21-\x7e]{1,300}", given.client_id.strip()):
        reasons["client_id"] = "The client ID that the provider gave you."
    if not (given.secret.strip() or stored_secret):
        reasons["secret"] = "The client secret that the provider gave you."  # noqa: S105 (words)
    if reasons:
        raise Invalid(**reasons)
    client = RelyingParty(
        issuer, given.client_id.strip(), given.secret.strip() or stored_secret, redirect_uri, private
    )
    try:
        metadata(client)
    except ProviderAway as error:
        raise Invalid(issuer=str(error)) from error
    return client


def set_provider(c: Change, by: UUID, given: ProviderInput, client: RelyingParty) -> None:
    """Keep a provider that was checked. Another issuer or client forgets whom the one before named. Raises Invalid."""
    domains, role, keeper = _domains(given.domains), _role(given.role), _keeper(c, given)
    if role and not domains:
        raise Invalid(
            domains="Which addresses are your people's? Otherwise anybody with an account there came in."
        )
    locked_organisation(c.session, c.organisation_id)
    row = provider_row(c.session, c.organisation_id)
    before = _told(row) if row else None
    if row and (row.issuer, row.client_id) != (client.issuer, client.client_id):
        _forget_subjects(c)
    values: dict[str, Any] = {
        "label": LABELS.get(given.kind) or " ".join(given.label.split())[:60] or "Single sign-on",
        "issuer": client.issuer, "client_id": client.client_id, "secret": client.secret, "domains": domains,
        "role": role, "only": given.only, "keeper_id": keeper,
    }  # fmt: skip
    if row is None:
        row = IdentityProvider(organisation_id=c.organisation_id, created_at=c.now, **values)
        c.session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    after = _told(row) | ({"secret": "a new one"} if given.secret.strip() else {})
    c.audit(by, AuditKind.PROVIDER_SET, row.id, name=row.label, before=before, after=after)


def remove_provider(c: Change, by: UUID, *, sure: bool) -> None:
    """Let nobody sign in by the provider any more. sure: also where somebody has no other way in, to whom an owner gives a
    link then. Raises Invalid."""
    row = provider_row(c.session, c.organisation_id)
    if row is None:
        return
    if not an_owner_has_another_way(c.session, c.organisation_id):
        raise Invalid(
            remove="No owner could sign in then, and nobody give anybody a link. Choose a password, or add a passkey, first."
        )
    left_out = without_another_way(c.session, c.organisation_id, c.now)
    if left_out and not sure:
        raise Invalid(remove="Confirm that you give a link to whoever has no other way in.")
    _forget_subjects(c)
    c.audit(by, AuditKind.PROVIDER_REMOVED, row.id, name=row.label, before=_told(row))
    c.session.delete(row)


def allow_other_ways(c: Change) -> bool:
    """Let people sign in as before, beside the provider, for whoever runs the server; False where they may."""
    row = provider_row(c.session, c.organisation_id)
    if row is None or not row.only:
        return False
    row.only = False
    told = {"only": True}, {"only": False}
    c.audit(None, AuditKind.PROVIDER_SET, row.id, name=row.label, before=told[0], after=told[1])
    return True


def person_of(c: Change, claims: Claims) -> UUID:
    """Return the id of whom a provider's word is about: the one that it named before, else who has the address, else
    somebody new of one of the organisation's domains, never an owner. Raises NotLetIn."""
    row = provider_row(c.session, c.organisation_id)
    if row is None:
        raise NotLetIn("gone")
    if not claims.email or not claims.verified:
        raise NotLetIn("not verified")
    found = users_by_subject_or_email(c.session, c.organisation_id, claims.subject, claims.email)
    user = found[0] if found else None
    if user is None:
        return _new_person(c, row, claims)
    if user.ended_at:
        raise NotLetIn("left", user.id)
    if user.subject not in (None, claims.subject):
        raise NotLetIn("another account", user.id)
    user.subject = claims.subject
    return user.id


def _new_person(c: Change, row: IdentityProvider, claims: Claims) -> UUID:
    if row.role is None or claims.email.rpartition("@")[2] not in row.domains:
        raise NotLetIn("unknown")
    try:
        email = normal_email(claims.email)
    except Invalid as error:
        raise NotLetIn("unknown") from error
    user = User(
        organisation_id=c.organisation_id,
        created_at=c.now,
        name=claims.name[:200] or email.partition("@")[0],
        email=email,
        role=row.role,
        subject=claims.subject,
    )
    c.session.add(user)
    c.session.flush()
    c.audit(
        user.id,
        AuditKind.PERSON_ADDED,
        user.id,
        name=user.name,
        after={"by": row.label, "role": row.role.value},
    )
    return user.id


def _issuer(given: ProviderInput) -> str:
    if given.kind == "google":
        return GOOGLE
    if given.kind == "microsoft":
        return MICROSOFT.format(tenant=given.tenant.strip())
    return given.issuer.strip()


def _domains(text: str) -> tuple[str, ...]:
    found = tuple(
        dict.fromkeys(each.lstrip("@") for each in re.split(r"[\s,;]+", small_letters(text)) if each)
    )
    if len(" ".join(found)) > 1000 or not all(DOMAIN.fullmatch(each) for each in found):
        raise Invalid(domains="Domains like example.com, with commas between.")
    return found


def _role(text: str) -> Role | None:
    if text not in ("", Role.REP, Role.MANAGER):
        raise Invalid(role="Reps or managers. Owners are made by an owner.")
    return Role(text) if text else None


def _keeper(c: Change, given: ProviderInput) -> UUID | None:
    """Return the owner whose password keeps working. Raises Invalid where all others stop, and nobody is named."""
    known = {str(user_id): user_id for user_id, _ in owners_with_password(c.session, c.organisation_id)}
    if given.only and given.keeper not in known:
        raise Invalid(keeper="Name one owner with a password who can still get in when the provider is down.")
    return known.get(given.keeper)


def _told(row: IdentityProvider) -> dict[str, Any]:
    return {
        "label": row.label, "issuer": row.issuer, "client_id": row.client_id, "domains": list(row.domains),
        "role": row.role.value if row.role else None, "only": row.only,
        "keeper": str(row.keeper_id) if row.keeper_id else None,
    }  # fmt: skip


def _forget_subjects(c: Change) -> None:
    here = col(User.organisation_id) == c.organisation_id, col(User.subject).is_not(None)
    c.session.execute(update(User).where(*here).values(subject=None))
