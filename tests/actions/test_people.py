"""Organisations, and the people who sign in."""

import pytest
from argon2 import Type, extract_parameters
from support.cast import PASSWORD
from support.dump import dump

from feedback.actions import passwords, people
from feedback.actions.change import change
from feedback.actions.people import NewOrganisation, NewUser
from feedback.core.tokens import ALPHABET
from feedback.db.change import Invalid
from feedback.models import Organisation
from feedback.store.credentials import credentials


def known(db, email: str) -> int:
    with db.reading() as session:
        return len(credentials(session, email))


def test_organisation_is_as_it_was_asked_for(db, clock):
    new = NewOrganisation("  Krapfen & Söhne ", "Olga", "olga@example.com", PASSWORD, "Europe/Vienna", "de")
    organisation_id, _ = people.set_up(db, new, clock())
    with db.reading() as session:
        made = session.get_one(Organisation, organisation_id)
    assert (made.name, made.timezone, made.language, made.demo) == (
        "Krapfen & Söhne",
        "Europe/Vienna",
        "de",
        False,
    )


def test_email_is_stored_in_lower_case(cast, db):
    cast.add("Eve", "rep")
    assert known(db, "eve@example.com") == 1


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Eve@Straße.example", "eve@straße.example"),
        ("eve@xn--strae-oqa.example", "eve@straße.example"),
        ("eve@βόλος.example", "eve@βόλος.example"),
        ("Groß@example.com", "groß@example.com"),
    ],
)
def test_letters_that_folding_would_change_stay_in_an_address(typed, stored):
    assert people.normal_email(typed) == stored


def test_email_is_unique_within_organisation(cast, db):
    with pytest.raises(Invalid, match="is already somebody here"):
        cast.add("alice", "rep")
    cast.add("alice", "manager", organisation_id=cast.mallory.organisation_id)
    assert known(db, "alice@example.com") == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": " "}, "name"), ({"name": "n" * 201}, "name"), ({"email": "eve"}, "email"), ({"role": "boss"}, "role"),
     ({"password": "short"}, "password"), ({"teams": ["North", "South"]}, "team")],
    ids=str,
)  # fmt: skip
def test_invalid_person_is_refused_with_field(cast, db, clock, wrong, field):
    before = dump(db)
    eve = {"name": "Eve", "email": "eve@example.com", "role": "rep", "password": PASSWORD, **wrong}
    with pytest.raises(Invalid) as error, change(db, cast.olive.organisation_id, clock()) as c:
        people.add_user(c, NewUser(**eve))
    assert list(error.value.reasons) == [field]
    assert dump(db) == before


def test_password_is_stored_only_hashed(cast, db):
    assert PASSWORD not in str(dump(db))
    assert str(dump(db)["users"]).count("$argon2id$") == 5


def test_password_is_hashed_as_expensively_as_owasp_asks(cast, db):
    with db.reading() as session:
        (mine,) = credentials(session, "alice@example.com")
    cost = extract_parameters(mine.password_hash)
    assert (cost.type, cost.memory_cost, cost.time_cost, cost.parallelism) == (Type.ID, 19 * 1024, 2, 1)
    assert (cost.salt_len, cost.hash_len) == (16, 32)


def test_new_password_replaces_the_old(cast, db, clock):
    before = {row[1]: row for row in dump(db)["users"]}
    with change(db, cast.alice.organisation_id, clock()) as c:
        passwords.change_password(c, cast.alice.id, "another sentence")
    changed = [row for row in dump(db)["users"] if before[row[1]] != row]
    assert [row[1] for row in changed] == [cast.alice.id]
    with db.reading() as session:
        (alice,) = credentials(session, cast.alice.email)
    assert people.verify_password([alice], "another sentence") == [alice]
    assert people.verify_password([alice], PASSWORD) == []


def test_tokens_begin_with_organisation_code(cast):
    met = cast.meeting()
    cast.add("mike", "rep", organisation_id=cast.mallory.organisation_id)
    other = cast.meeting("mike")
    assert met.token[:4] != other.token[:4]
    assert set(met.token) <= set(ALPHABET)


def test_unknown_address_costs_as_much_as_a_known_one():
    """What a password is compared with where nobody has the address is no hash of anything, but has to be hashed alike."""
    mine = people.hash_password(PASSWORD)
    assert extract_parameters(people._DUMMY_HASH) == extract_parameters(mine)
    assert len(people._salt(people._DUMMY_HASH)) == len(people._salt(mine))
    assert people._dummy_hash() != people._DUMMY_HASH
    assert people.verify_password([], PASSWORD) == []
