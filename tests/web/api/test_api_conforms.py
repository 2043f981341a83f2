"""The API does what its description says, asked by each member of the cast (schemathesis)."""

import pytest
from sqlmodel import col, select
from support.conformance import Conformance

from feedback.models import Alert, Contact, Relationship, Team

NAMES = ("alice", "carol", "olive", "mallory")


@pytest.fixture
def known(cast):
    """Ids of what Alice met, by the names of path parameters."""
    done, waiting = cast.meeting(), cast.meeting("alice", "Eli")
    cast.answer(done, 1)
    cast.seal(done, 5)
    cast.answer(waiting, 2)
    where = cast.olive.organisation_id
    with cast.db.reading() as session:
        ids = {
            name: session.exec(
                select(table.id).where(col(table.organisation_id) == where).order_by(col(table.id))
            ).first()
            for name, table in (("alert_id", Alert), ("relationship_id", Relationship), ("team_id", Team))
        }
        account = session.exec(select(Contact.account_id).where(col(Contact.id) == done.contact_id)).one()
    ids |= {
        "meeting_id": waiting.meeting_id, "invitation_id": waiting.id, "contact_id": done.contact_id,
        "account_id": account, "user_id": cast.bob.id, "promise_id": done.id, "merge_id": done.id, "outcome_id": done.id, "entry_id": done.id, "calendar_id": done.id,
    }  # fmt: skip
    return {name: str(value) for name, value in ids.items()}


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_api_conforms_for_the_whole_cast(app, program, known):
    """One request for each of them to each operation; what is not allowed is asked by one of them."""
    conformance = Conformance(app)
    for n, name in enumerate(NAMES):
        assert conformance.find_faults(program(name), known, 1, slice(n, None, len(NAMES))) > 55
