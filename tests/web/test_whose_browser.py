"""Whose browser an answer comes from: the client's, a rep's, or a phone that was handed over for this very code."""

import pytest
from support.pages import six


@pytest.fixture
def answered(cast, sign_in):
    """answered(browser, invitation) is (counts, signals) after six taps and Done in that browser."""

    def say(browser, invitation):
        browser.client.post(f"/f/{invitation.token}", data={**six(4), "done": "1", "sequence": "1"})
        said = cast.reload(invitation).client
        return said.counts, {"reps_browser", "handed_over"} & set(said.signals)

    return say


@pytest.fixture
def lend(sign_in):
    """lend(met) is Alice's phone, handed over for that meeting's code."""

    def hand(met):
        phone = sign_in("alice")
        phone.post(f"/meetings/{met.meeting_id}/hand-over", {"invitation": met.id, "pin": "4711"})
        return phone

    return hand


def test_phone_is_handed_over_for_its_code_only(cast, answered, lend):
    dana, eli = cast.meeting(), cast.meeting(contact="Eli")
    assert answered(lend(dana), dana) == ("counted", {"handed_over"})
    assert answered(lend(cast.meeting(contact="Fay")), eli) == ("quarantined", {"reps_browser"})


def test_rep_of_another_organisation_is_a_client_here(cast, answered, sign_in, lend):
    """A rep may be a client, too: of another organisation."""
    cast.add("mike", "rep", organisation_id=cast.mallory.organisation_id)
    ours, theirs = cast.meeting(), cast.meeting("mike", "Alice")
    assert answered(sign_in("mike"), ours) == ("counted", set())
    assert answered(lend(cast.meeting(contact="Fay")), theirs) == ("counted", set())


@pytest.mark.parametrize(
    ("name", "found"),
    [("alice", {"reps_browser"}), ("bob", {"reps_browser"}), ("carol", set()), ("olive", set())],
)
def test_signed_in_reps_are_told_apart(cast, answered, sign_in, name, found):
    assert answered(sign_in(name), cast.meeting())[1] == found
