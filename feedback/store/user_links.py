"""Links by which people join or choose a new password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.access import NotFound
from feedback.db.locks import locked
from feedback.db.rows import view_or_none
from feedback.db.tenancy import references
from feedback.models import LinkKind, Organisation, User, UserLink


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link, and for whom it is."""

    organisation_id: UUID
    organisation: str
    id: UUID
    kind: LinkKind
    user_id: UUID
    name: str
    email: str
    user_ended_at: datetime | None
    made_by_name: str
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    used: bool

    def good(self, now: datetime) -> bool:
        """Tell whether it can be used."""
        return self.ended_at is None and self.user_ended_at is None and now < self.expires_at


_MAKER = select(col(User.name)).where(
    col(User.organisation_id) == col(UserLink.organisation_id), col(User.id) == col(UserLink.made_by)
)
_LINKS = (
    select(
        col(UserLink.organisation_id),
        col(Organisation.name).label("organisation"),
        col(UserLink.id),
        col(UserLink.kind),
        col(UserLink.user_id),
        col(User.name).label("name"),
        col(User.email),
        col(User.ended_at).label("user_ended_at"),
        _MAKER.correlate(UserLink).scalar_subquery().label("made_by_name"),
        col(UserLink.created_at).label("made_at"),
        col(UserLink.expires_at),
        col(UserLink.ended_at),
        col(UserLink.used),
    )
    .join(User, references(UserLink, UserLink.user_id, User))
    .join(Organisation, col(Organisation.id) == col(UserLink.organisation_id))
)


def link_by_id(session: Session, organisation_id: UUID, link_id: UUID) -> LinkView | None:
    """Return a link; None when there is none."""
    here = _LINKS.where(col(UserLink.organisation_id) == organisation_id, col(UserLink.id) == link_id)
    return view_or_none(LinkView, session.execute(here))


def newest_link(session: Session, organisation_id: UUID, user_id: UUID) -> LinkView | None:
    """Return the link that was made last for a person; None when there was none."""
    here = _LINKS.where(col(UserLink.organisation_id) == organisation_id, col(UserLink.user_id) == user_id)
    return view_or_none(LinkView, session.execute(here.order_by(col(UserLink.id).desc()).limit(1)))


def open_links(session: Session, organisation_id: UUID, user_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the id of the link that has not ended, by person."""
    found = select(col(UserLink.user_id), col(UserLink.id)).where(
        col(UserLink.organisation_id) == organisation_id,
        col(UserLink.user_id).in_(user_ids),
        col(UserLink.ended_at).is_(None),
    )
    return {row.user_id: row.id for row in session.execute(found)}


def held_link(session: Session, organisation_id: UUID, link_id: UUID, now: datetime) -> UserLink:
    """Return a link that can be used, held until the transaction ends. Raises NotFound when it cannot be."""
    found = locked(session, UserLink, organisation_id=organisation_id, id=link_id)
    if found is None or found.ended_at or now >= found.expires_at:
        raise NotFound("link")
    user = session.get_one(User, (organisation_id, found.user_id))
    if user.ended_at:
        raise NotFound("link")
    return found
