"""OpenID Connect providers of organisations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, or_, select
from sqlmodel import Session, col

from feedback.core.access import Role
from feedback.db.rows import view_or_none, views
from feedback.db.tenancy import references
from feedback.models import IdentityProvider, Organisation, Passkey, User, UserLink

FEW = 2  # more are not offered by name to a stranger


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A provider, without its secret."""

    organisation_id: UUID
    organisation: str
    code: str  # the organisation's public code
    id: UUID
    label: str
    issuer: str
    client_id: str
    domains: tuple[str, ...]
    role: Role | None
    only: bool
    keeper_id: UUID | None


def provider(session: Session, organisation_id: UUID) -> ProviderView | None:
    """Return an organisation's provider; None without one."""
    here = _PROVIDERS.where(col(IdentityProvider.organisation_id) == organisation_id)
    return view_or_none(ProviderView, session.execute(here))


def provider_naming(session: Session, organisation_id: UUID, user_id: UUID) -> ProviderView | None:
    """Return the provider that has signed somebody in before; None where none has."""
    subject = subject_of(session, organisation_id, user_id)
    return provider(session, organisation_id) if subject else None


def subject_of(session: Session, organisation_id: UUID, user_id: UUID) -> str | None:
    """Return what the provider calls somebody; None where it has named nobody who is this person."""
    mine = col(User.organisation_id) == organisation_id, col(User.id) == user_id
    return session.scalar(select(col(User.subject)).where(*mine))


def provider_by_code(session: Session, code: str) -> ProviderView | None:
    """Return the provider of the organisation with this public code; None without one."""
    return view_or_none(ProviderView, session.execute(_PROVIDERS.where(col(Organisation.code) == code)))


def only_provider(session: Session) -> tuple[ProviderView | None, bool]:
    """Return the provider of this server where there is exactly one, and whether there are several."""
    rows = session.execute(
        _PROVIDERS.order_by(col(IdentityProvider.id)).limit(FEW).execution_options(across_organisations=True)
    )
    found = views(ProviderView, rows)
    return (found[0] if len(found) == 1 else None), len(found) > 1


def providers_for(session: Session, domain: str) -> list[ProviderView]:
    """Return the providers of the organisations whose people have addresses of this domain."""
    maybe = col(IdentityProvider.domains).contains(domain, autoescape=True)
    rows = session.execute(
        _PROVIDERS.where(maybe)
        .order_by(col(Organisation.name), col(Organisation.id))
        .execution_options(across_organisations=True)
    )
    return [each for each in views(ProviderView, rows) if domain in each.domains]


def provider_row(session: Session, organisation_id: UUID) -> IdentityProvider | None:
    """Return an organisation's provider as a row."""
    return session.scalars(
        select(IdentityProvider).where(col(IdentityProvider.organisation_id) == organisation_id)
    ).first()


def owners_with_password(session: Session, organisation_id: UUID) -> Sequence[tuple[UUID, str]]:
    """Return (id, name) of the owners who have a password, by name."""
    rows = session.execute(
        select(col(User.id), col(User.name))
        .where(
            col(User.organisation_id) == organisation_id,
            col(User.role) == Role.OWNER,
            col(User.ended_at).is_(None),
            col(User.password_hash).is_not(None),
        )
        .order_by(col(User.name), col(User.id))
    )
    return [(row[0], row[1]) for row in rows]


def without_another_way(session: Session, organisation_id: UUID, now: datetime) -> Sequence[tuple[UUID, str]]:
    """Return (id, name) of those who have neither a password nor a passkey that works, nor a link that is good, by name:
    they come in by the provider alone."""
    rows = session.execute(
        select(col(User.id), col(User.name))
        .where(
            col(User.organisation_id) == organisation_id,
            col(User.ended_at).is_(None),
            ~_has_another_way,
            ~exists()
            .where(
                references(UserLink, UserLink.user_id, User),
                col(UserLink.ended_at).is_(None),
                col(UserLink.expires_at) > now,
            )
            .correlate(User),
        )
        .order_by(col(User.name), col(User.id))
    )
    return [(row[0], row[1]) for row in rows]


def an_owner_has_another_way(session: Session, organisation_id: UUID) -> bool:
    """Tell whether an owner gets in without the provider."""
    found = select(col(User.id)).where(
        col(User.organisation_id) == organisation_id,
        col(User.role) == Role.OWNER,
        col(User.ended_at).is_(None),
        _has_another_way,
    )
    return session.execute(found.limit(1)).first() is not None


_has_another_way = or_(
    col(User.password_hash).is_not(None),
    exists()
    .where(references(Passkey, Passkey.user_id, User), col(Passkey.cloned_at).is_(None))
    .correlate(User),
)


def users_by_subject_or_email(
    session: Session, organisation_id: UUID, subject: str, email: str
) -> list[User]:
    """Return whom a provider may mean, the one it named before first, also who has left."""
    rows = session.scalars(
        select(User)
        .where(
            col(User.organisation_id) == organisation_id,
            (col(User.subject) == subject) | (col(User.email) == email),
        )
        .order_by(col(User.id))
    )
    return sorted(rows, key=lambda user: user.subject != subject)


_PROVIDERS: Select[*tuple[Any, ...]] = select(
    col(IdentityProvider.organisation_id), col(Organisation.name).label("organisation"), col(Organisation.code),
    col(IdentityProvider.id), col(IdentityProvider.label), col(IdentityProvider.issuer),
    col(IdentityProvider.client_id), col(IdentityProvider.domains), col(IdentityProvider.role),
    col(IdentityProvider.only), col(IdentityProvider.keeper_id),
).join(Organisation, col(Organisation.id) == col(IdentityProvider.organisation_id))  # fmt: skip
