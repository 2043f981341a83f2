"""The real client finds out if somebody answered in their name."""

from feedback.actions.change import Change
from feedback.models import Contact, Invitation, Outbox


def promise_receipt(c: Change, invitation: Invitation, base_url: str | None) -> None:
    """A receipt to the contact's own address, if it is known and mail can be sent (base_url is given)."""
    contact = c.session.get_one(Contact, (c.organisation_id, invitation.contact_id))
    if not base_url or not contact.email:
        return
    c.session.add(
        Outbox(
            organisation_id=c.organisation_id,
            kind="receipt",
            recipient=contact.email,
            invitation_id=invitation.id,
            base_url=base_url,
            due_at=c.now,
            created_at=c.now,
        )
    )
