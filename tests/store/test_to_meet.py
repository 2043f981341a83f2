"""Whom a rep is to meet: those whom a manager gave to the rep, while anybody may still meet them."""

import pytest

from feedback.core.finding import search_text
from feedback.models import Account, Contact
from feedback.store.contacts import name_key
from feedback.store.given import to_meet


@pytest.mark.parametrize(
    ("change", "listed"),
    [({}, True), ({"archived_at": 1}, False), ({"merged_at": 1}, False), ({"erased_at": 1}, False), ({"given_to_id": 1}, False)],
)  # fmt: skip
def test_rep_is_to_meet_whoever_is_still_there(cast, db, change, listed):
    with cast.changing() as c:
        account = Account(
            organisation_id=c.organisation_id, created_at=c.now, name="Northwind", name_key="northwind"
        )
        c.session.add(account)
        c.session.flush()
        here = {"organisation_id": c.organisation_id, "created_at": c.now, "account_id": account.id}
        given = {"given_to_id": cast.alice.id} | {
            name: cast.bob.id if name == "given_to_id" else c.now for name in change
        }
        search = search_text("Dana", "Northwind")
        c.session.add(Contact(**here, **given, name="Dana", name_key=name_key("Dana"), search=search))
    with db.reading() as session:
        found = to_meet(session, cast.alice.organisation_id, cast.alice.id, 9)
    assert [each.name for each in found] == ["Dana"] * listed
