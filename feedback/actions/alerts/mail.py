"""Urgent alerts go to whoever looks after the rep, within a minute, and together when many come at once."""

from datetime import timedelta

from sqlmodel import col, select

from feedback.db.change import Change
from feedback.models import Alert, Mail, Outbox, Relationship
from feedback.store.people import responsible_for

GATHERED_FOR = timedelta(seconds=20)  # what comes within it goes as one mail


def mail_alert(c: Change, alert: Alert, relationship: Relationship) -> None:
    """A line in the outbox for each person who should hear of it, unless one waits there already. The example
    organisation's people are made up: nobody is mailed."""
    if c.organisation.demo:
        return
    for person in responsible_for(c.session, c.organisation_id, relationship.rep_id):
        waiting = c.session.exec(
            select(Outbox.id).where(
                col(Outbox.organisation_id) == c.organisation_id,
                col(Outbox.alert_id) == alert.id,
                col(Outbox.user_id) == person.id,
                col(Outbox.sent_at).is_(None),
                col(Outbox.given_up_at).is_(None),
            )
        ).first()
        if waiting is None:
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
    c.session.flush()
