"""How the clients of a meeting were asked, and how they may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from feedback.core.asking import MAIL_EVERY, AskedByMail, StopReason, Way, WhyNoMail, why_no_mail
from feedback.models import Mail
from feedback.store.asking import AskingMail, asking_mails, last_asked_by_mail, mail_stops
from feedback.store.invitation_view import InvitationView
from feedback.store.organisations import organisation


@dataclass(frozen=True, slots=True)
class Asking:
    """How one client may be asked by mail, or was."""

    email: str | None
    why: WhyNoMail | None  # why not; None when it may be
    stop: StopReason | None
    again_from: datetime | None  # when the address may be asked again
    mail: AskingMail | None
    reminder: AskingMail | None  # due, sent, or given up


def asked_by_mail(
    session: Session, invitations: Sequence[InvitationView], now: datetime
) -> dict[UUID, Asking]:
    """Return how each of these invitations' clients may be asked by mail. All are of one organisation."""
    if not invitations:
        return {}
    organisation_id = invitations[0].organisation_id
    example = organisation(session, organisation_id).demo
    emails = [i.contact_email for i in invitations if i.contact_email]
    mails = asking_mails(session, organisation_id, [i.id for i in invitations])
    stops = mail_stops(session, organisation_id, emails)
    last = last_asked_by_mail(session, organisation_id, emails)
    found = {}
    for i in invitations:
        email = i.contact_email or ""
        mail = mails.get((i.id, Mail.ASK))
        state = AskedByMail(
            email=i.contact_email,
            stop=stops.get(email),
            last_at=last.get(email),
            example=example,
            closed=i.closed(now),
            begun=i.begun or i.progress.done,
            asked=mail is not None and mail.given_up_at is None,
            kept_back=i.way is Way.GROUP and not i.sealed and not i.closed(now),
        )
        found[i.id] = Asking(
            email=i.contact_email,
            why=why_no_mail(state, now),
            stop=state.stop,
            again_from=state.last_at and state.last_at + MAIL_EVERY,
            mail=mail,
            reminder=mails.get((i.id, Mail.REMINDER)),
        )
    return found
