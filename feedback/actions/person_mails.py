"""Mails to somebody who signs in, about signing in."""

from uuid import UUID

from feedback.db.change import Change
from feedback.models import Mail, Outbox


def mail_person(c: Change, user_id: UUID, email: str, kind: Mail, base_url: str) -> None:
    """Queue a mail about signing in. The people of the example organisation are made up: nobody is mailed."""
    if not c.organisation.demo:
        c.session.add(
            Outbox(
                organisation_id=c.organisation_id,
                created_at=c.now,
                kind=kind,
                recipient=email,
                user_id=user_id,
                base_url=base_url,
                due_at=c.now,
            )
        )
