"""What managers tell clients after an alert, and what decides where it may be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.access import HiddenBecause, Reader
from feedback.db.tenancy import references
from feedback.models import (
    Account,
    Alert,
    AlertReason,
    ClientLine,
    Contact,
    Invitation,
    Mail,
    Outbox,
    Relationship,
    User,
)
from feedback.store.invitations import invitations_of_relationship


@dataclass(frozen=True, slots=True)
class LineClient:
    """The client of an alert, whom a line would reach."""

    contact_id: UUID
    contact: str
    account: str
    email: str | None
    email_typed_at: datetime | None  # when a rep typed the address in: it may be the rep's own
    language: str | None
    rep_id: UUID
    relationship_id: UUID
    erased_at: datetime | None


def client_of_alert(session: Session, organisation_id: UUID, alert_id: UUID) -> LineClient:
    """Return whom an alert is about."""
    row = session.execute(
        select(
            col(Contact.id).label("contact_id"), col(Contact.name).label("contact"), col(Account.name).label("account"),
            col(Contact.email), col(Contact.email_typed_at), col(Contact.language), col(Relationship.rep_id),
            col(Relationship.id).label("relationship_id"), col(Contact.erased_at),
        )
        .select_from(Alert)
        .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(col(Alert.organisation_id) == organisation_id, col(Alert.id) == alert_id)
    ).one()  # fmt: skip
    return LineClient(**row._mapping)


def line_of_alert(session: Session, organisation_id: UUID, alert_id: UUID) -> ClientLine | None:
    """Return what the client of an alert is told, as a row to be written; None where nothing is."""
    return session.scalars(
        select(ClientLine).where(
            col(ClientLine.organisation_id) == organisation_id, col(ClientLine.alert_id) == alert_id
        )
    ).first()


def mail_of_line(session: Session, organisation_id: UUID, alert_id: UUID) -> Outbox | None:
    """Return the mail that tells the client of an alert, as a row to be written; None where there is none."""
    return session.scalars(
        select(Outbox)
        .where(
            col(Outbox.organisation_id) == organisation_id,
            col(Outbox.alert_id) == alert_id,
            col(Outbox.kind) == Mail.WE_DID,
        )
        .order_by(col(Outbox.id).desc())
    ).first()


def waiting_lines(session: Session, organisation_id: UUID, relationship_id: UUID) -> Sequence[ClientLine]:
    """Return what stands on no page yet of a relationship's client, the latest first."""
    return session.scalars(
        select(ClientLine)
        .join(Alert, references(ClientLine, ClientLine.alert_id, Alert))
        .where(
            col(ClientLine.organisation_id) == organisation_id,
            col(Alert.relationship_id) == relationship_id,
            col(ClientLine.invitation_id).is_(None),
        )
        .order_by(col(ClientLine.created_at).desc(), col(ClientLine.id).desc())
    ).all()


def rep_may_read(
    session: Session,
    organisation_id: UUID,
    alert_id: UUID,
    who: LineClient,
    now: datetime,
    but: UUID | None = None,
) -> bool:
    """Tell whether the rep may read what the client of an alert is told, as on a page that the rep shows: each answer that
    gave a reason is shown to the rep by itself, and there is none of this client that the rep can still guess. but: an
    invitation that is new, about which nothing was said yet."""
    causes = set(
        session.scalars(
            select(col(AlertReason.invitation_id)).where(
                col(AlertReason.organisation_id) == organisation_id,
                col(AlertReason.alert_id) == alert_id,
                col(AlertReason.invitation_id).is_not(None),
            )
        )
    )
    asked = invitations_of_relationship(session, organisation_id, who.rep_id, who.contact_id, Reader.REP, now)
    can_guess = any(i.access.hidden_because is HiddenBecause.GUESS_FIRST for i in asked if i.id != but)
    return not can_guess and all(i.access.whole for i in asked if i.id in causes)


def is_own_address(session: Session, organisation_id: UUID, email: str) -> bool:
    """Tell whether an address is one of the organisation's own people's."""
    found = select(func.count()).where(col(User.organisation_id) == organisation_id, col(User.email) == email)
    return bool(session.scalar(found))


def was_opened(session: Session, organisation_id: UUID, invitation_id: UUID) -> bool:
    """Tell whether a page was opened, as far as is known."""
    found = select(col(Invitation.opened_at)).where(
        col(Invitation.organisation_id) == organisation_id, col(Invitation.id) == invitation_id
    )
    return session.scalar(found) is not None
