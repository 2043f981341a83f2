"""Starting a meeting."""

from datetime import timedelta
from uuid import uuid4

import pytest
from support.dump import dump

from feedback.actions import meetings
from feedback.actions.change import change
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.core.access import Reader
from feedback.db.change import Invalid
from feedback.store.invitations import invitations_of_meeting

# What people are promised, by its own number: one that moves in the code is to be noticed.
MOST_CONTACTS = 20

DANA = NewContact("Dana Whitfield", "Northwind")


@pytest.fixture
def start(cast):
    """start(...) is Alice's meeting, held now; returns its id."""

    def begin(new=None, **options):
        who = cast.alice
        with change(cast.db, who.organisation_id, cast.clock()) as c:
            return meetings.start_meeting(c, who.id, NewMeeting(new_contact=new, **options))

    return begin


def test_each_contact_gets_its_own_token(cast, start):
    ids = [cast.meeting(contact=name).contact_id for name in ("Dana", "Eli")]
    with cast.db.reading() as session:
        one, other = invitations_of_meeting(
            session, cast.alice.organisation_id, start(contact_ids=ids), Reader.REP, cast.clock()
        )
    assert [one.contact_id, other.contact_id] == ids
    assert one.token != other.token
    assert one.closes_at == cast.clock() + timedelta(days=14)


def test_same_form_twice_is_one_meeting(cast, start):
    assert start(DANA, form_key="k") == start(DANA, form_key="k")
    assert len(dump(cast.db)["meetings"]) == len(dump(cast.db)["invitations"]) == 1


def test_form_key_is_per_rep(cast, start):
    with change(cast.db, cast.bob.organisation_id, cast.clock()) as c:
        bobs = meetings.start_meeting(c, cast.bob.id, NewMeeting(new_contact=DANA, form_key="k"))
    mine = start(DANA, form_key="k")
    assert (mine != bobs, start(DANA, form_key="k") == mine) == (True, True)


@pytest.mark.parametrize("name", ["dana  whitfield", "DANA WHITFIELD", " Dana Whitfield "])
def test_respelled_name_is_same_contact(cast, start, name):
    start(DANA)
    start(NewContact(name, "NORTHWIND"))
    assert (len(dump(cast.db)["contacts"]), len(dump(cast.db)["accounts"])) == (1, 1)


def test_same_name_elsewhere_is_another_contact(cast, start):
    start(DANA)
    start(NewContact("Dana Whitfield", "Zenith"))
    assert len(dump(cast.db)["contacts"]) == 2


def test_stored_email_is_not_overwritten(cast, start):
    for email in (None, "Dana@Northwind.example", "other@northwind.example"):
        start(NewContact("Dana Whitfield", "Northwind", email))
    assert "dana@northwind.example" in str(dump(cast.db)["contacts"])
    assert "other@" not in str(dump(cast.db)["contacts"])


def test_contact_chosen_twice_is_invited_once(cast, start):
    contact = cast.meeting().contact_id
    meeting_id = start(DANA, contact_ids=[contact, contact])
    with cast.db.reading() as session:
        assert (
            len(
                invitations_of_meeting(
                    session, cast.alice.organisation_id, meeting_id, Reader.REP, cast.clock()
                )
            )
            == 1
        )


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({}, "contact_name"),
        ({"new": NewContact("", "Northwind")}, "contact_name"),
        ({"new": NewContact("Dana", "  ")}, "account_name"),
        ({"new": NewContact("D" * 201, "Northwind")}, "contact_name"),
        ({"new": NewContact("Dana", "Northwind", "no address")}, "contact_email"),
        ({"contact_ids": [uuid4()]}, "contact_id"),
    ],
)  # fmt: skip
def test_invalid_meeting_is_refused_with_field(cast, start, options, field):
    before = dump(cast.db)
    with pytest.raises(Invalid) as error:
        start(**options)
    assert list(error.value.reasons) == [field]
    assert dump(cast.db) == before


def test_meeting_has_at_most_20_people(cast, start):
    ids = [cast.meeting(contact=f"Guest {n}").contact_id for n in range(MOST_CONTACTS)]
    assert start(contact_ids=ids)
    with pytest.raises(Invalid, match="At most 20 people"):
        start(DANA, contact_ids=ids)
