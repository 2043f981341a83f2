"""Mails and chat messages about urgent alerts, to everybody responsible for the rep, within a minute, and several alerts
in one of them."""

from datetime import timedelta
from uuid import UUID

from feedback.chat.posting import post_alert
from feedback.db.change import Change
from feedback.models import Alert, Mail, Outbox, Relationship
from feedback.store.alert_rows import waiting_for_mail
from feedback.store.answers import HeldRelationship
from feedback.store.handed_over import rep_looking_after
from feedback.store.people import responsible_for

GATHERED_FOR = timedelta(seconds=20)  # what comes within it goes as one mail


def tell_of_alert(
    c: Change, alert: Alert, relationship: HeldRelationship | Relationship, *, new: bool
) -> None:
    """Queue a mail for each person responsible for whoever looks after the contact, and a message for each chat channel,
    unless one is queued already: about an alert that is new there is none. The example organisation's people are made
    up: nobody is told."""
    if c.organisation.demo:
        return
    rep_id = rep_looking_after(c.session, c.organisation_id, relationship)
    _mail_alert(c, alert, rep_id, new=new)
    post_alert(c, alert, rep_id, new=new)
    c.session.flush()


def _mail_alert(c: Change, alert: Alert, rep_id: UUID, *, new: bool) -> None:
    waiting = set() if new else waiting_for_mail(c.session, alert)
    for person in responsible_for(c.session, c.organisation_id, rep_id):
        if person.id not in waiting:
            c.session.add(
                Outbox(
                    organisation_id=c.organisation_id,
                    created_at=c.now,
                    kind=Mail.ALERT,
                    recipient=person.email,
                    user_id=person.id,
                    alert_id=alert.id,
                    base_url="",
                    due_at=c.now + GATHERED_FOR,
                )
            )
