"""Mailed links that sign somebody in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import Session, col

from feedback.core.sign_in_links import link_is_good
from feedback.db.rows import view_or_none
from feedback.db.tenancy import references
from feedback.models import SignInLink, User


@dataclass(frozen=True, slots=True)
class SignInLinkView:
    """A link, and whom it signs in."""

    organisation_id: UUID
    id: UUID
    user_id: UUID
    email: str
    name: str
    browser_hash: str
    created_at: datetime
    used_at: datetime | None

    def good(self, now: datetime) -> bool:
        """Tell whether it can be used."""
        return link_is_good(self.created_at, self.used_at, now)


def sign_in_link(session: Session, organisation_id: UUID, link_id: UUID) -> SignInLinkView | None:
    """Return a link of somebody who may sign in; None when there is none."""
    return view_or_none(
        SignInLinkView, session.execute(_links(organisation_id).where(col(SignInLink.id) == link_id))
    )


def link_asked_at(
    session: Session, organisation_id: UUID, user_id: UUID, asked_at: datetime
) -> SignInLinkView | None:
    """Return the link that somebody asked for at that moment; None when there is none."""
    asked = col(SignInLink.user_id) == user_id, col(SignInLink.created_at) == asked_at
    found = _links(organisation_id).where(*asked).order_by(col(SignInLink.id)).limit(1)
    return view_or_none(SignInLinkView, session.execute(found))


def _links(organisation_id: UUID) -> Select[UUID, UUID, UUID, str, str, str, datetime, datetime | None]:
    return (
        select(
            col(SignInLink.organisation_id), col(SignInLink.id), col(SignInLink.user_id), col(User.email),
            col(User.name), col(SignInLink.browser_hash), col(SignInLink.created_at), col(SignInLink.used_at),
        )
        .join(User, references(SignInLink, SignInLink.user_id, User))
        .where(col(SignInLink.organisation_id) == organisation_id, col(User.ended_at).is_(None))
    )  # fmt: skip
