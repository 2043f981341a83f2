"""Receipts, by which the real client finds out if somebody answered in their name."""

from feedback.db.change import Change
from feedback.models import Mail, Outbox
from feedback.store.answers import AnswerRows


def queue_receipt(c: Change, answer: AnswerRows, base_url: str | None) -> None:
    """Queue a receipt to the contact's own address, if it is known and mail can be sent (base_url is
    given), and the organisation sends receipts. The example organisation's clients are made up: nobody is mailed."""
    if not base_url or not answer.contact.email or c.organisation.demo or not c.organisation.receipts:
        return
    c.session.add(
        Outbox(
            organisation_id=c.organisation_id,
            kind=Mail.RECEIPT,
            recipient=answer.contact.email,
            invitation_id=answer.invitation.id,
            base_url=base_url,
            due_at=c.now,
            created_at=c.now,
        )
    )
