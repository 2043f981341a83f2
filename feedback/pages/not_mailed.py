"""Why somebody is not asked by mail about a meeting that is not there yet."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from feedback.core.asking import AskedByMail, WhyNoMail, why_no_mail
from feedback.store.asking import last_asked_by_mail, mail_stops
from feedback.store.contacts import ContactView, archived_contacts
from feedback.store.organisations import organisation


def why_not_mailed(
    session: Session, organisation_id: UUID, contacts: Sequence[ContactView], now: datetime
) -> dict[UUID, WhyNoMail]:
    """Return, by contact, why they are not asked by mail about a new meeting now; whoever may be is absent."""
    emails = [each.email for each in contacts if each.email]
    stops = mail_stops(session, organisation_id, emails)
    last = last_asked_by_mail(session, organisation_id, emails)
    example = organisation(session, organisation_id).demo
    archived = archived_contacts(session, organisation_id, [each.id for each in contacts])
    found = {
        each.id: WhyNoMail.ARCHIVED
        if each.id in archived
        else why_no_mail(
            AskedByMail(
                email=each.email,
                stop=stops.get(each.email or ""),
                last_at=last.get(each.email or ""),
                example=example,
                closed=False,
                begun=False,
                asked=False,
            ),
            now,
        )
        for each in contacts
    }
    return {contact_id: why for contact_id, why in found.items() if why}
