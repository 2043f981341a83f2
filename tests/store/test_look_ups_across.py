"""What is looked up across organisations finds what is meant, and nothing like it."""

from datetime import timedelta

import pytest
from sqlmodel import delete

from feedback.models import IdentityProvider, Outbox
from feedback.store.figures import waiting
from feedback.store.providers import providers_for


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("house.example", 1),
        ("second.example", 1),
        ("use.example", 0),
        ("house.exam", 0),
        ("house_example", 0),
    ],
)
def test_provider_is_found_by_its_whole_domain(cast, db, domain, found):
    with cast.changing() as c:
        c.session.add(
            IdentityProvider(
                organisation_id=c.organisation_id,
                created_at=c.now,
                label="Company",
                issuer="https://login.example",
                client_id="id",
                secret="secret",
                domains=("house.example", "second.example"),
            )
        )
    with db.reading() as session:
        assert len(providers_for(session, domain)) == found


def test_mail_waits_once_it_was_due(cast, clock, db):
    """One that was tried goes on waiting until its next try; one of next week waits for nothing yet."""
    with db.writing() as session:
        session.execute(delete(Outbox).where(Outbox.organisation_id == cast.olive.organisation_id))
    with cast.changing() as c:
        for days, tries, sent in ((-1, 0, None), (1, 1, None), (7, 0, None), (-2, 1, clock())):
            c.session.add(
                Outbox(
                    organisation_id=c.organisation_id,
                    created_at=c.now + timedelta(minutes=tries),
                    kind="alert",
                    recipient="carol@example.com",
                    user_id=cast.carol.id,
                    base_url="",
                    due_at=c.now + timedelta(days=days),
                    tries=tries,
                    sent_at=sent,
                )
            )
    with db.reading() as session:
        assert waiting(session, Outbox, clock()) == (2, clock())
