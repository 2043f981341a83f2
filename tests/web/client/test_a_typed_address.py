"""A receipt to an address that the rep typed in may reach the rep: it gives nothing away before the guess."""

import pytest
from sqlmodel import select
from support.pages import six, words

from feedback.models import Alert, Contact

SECRET = "Nobody ever answers the phone"


@pytest.fixture
def mailed(db, cast, clock, invitation):
    """The page that the receipt leads to, at an address that Alice typed in."""
    with db.writing() as session:
        contact = session.exec(select(Contact)).one()
        contact.email, contact.email_typed_at = "dana@example.org", clock.now
    cast.answer(invitation, 1, comment=SECRET)
    return cast.answer_address(invitation)


def test_mailed_key_reads_nothing_before_guess(mailed, stranger, stored):
    reply = stranger.get(mailed, follow_redirects=True)
    assert reply.status_code == 200
    assert SECRET not in reply.text
    assert "Alice typed in the address this was mailed to" in words(reply.text)
    assert stranger.client.post(mailed, data={**six(5), "done": "1"}).status_code == 303
    assert stored().client.ratings == (1,) * 6


def test_mailed_key_works_after_guess_and_is_noticed(mailed, cast, invitation, stranger, stored):
    cast.seal(invitation, 4)
    assert SECRET in stranger.get(f"{mailed}/receipt").text
    stranger.client.post(mailed, data={**six(5), "done": "1", "sequence": 10**13})
    said = stored().client
    assert (said.ratings, "changed_by_mail" in said.signals) == ((5,) * 6, True)


def test_mailed_key_reads_once_nothing_can_be_guessed_any_more(mailed, clock, stranger):
    clock.forward(days=20)
    assert SECRET in stranger.get(f"{mailed}/receipt").text


def test_key_mailed_to_ones_own_address_changes_like_any_other(
    mailed, cast, db, invitation, stranger, stored
):
    cast.seal(invitation, 4)
    with db.writing() as session:
        session.exec(select(Contact)).one().email_typed_at = None
    stranger.client.post(mailed, data={**six(5), "done": "1", "sequence": 10**13})
    said = stored().client
    assert (said.ratings, "changed_by_mail" in said.signals) == ((5,) * 6, False)


def test_erasing_by_mailed_key_leaves_open_alert(mailed, stranger, stored, sign_in, db):
    stranger.client.post(f"{mailed}/erase")
    assert "taken_back" in stored().client.signals
    with db.reading() as session:
        assert [alert.closed_at for alert in session.exec(select(Alert))] == [None]


@pytest.mark.parametrize("typed", [True, False])
def test_erasing_a_good_answer_is_noticed_where_the_rep_may_have_done_it(
    cast, clock, db, invitation, stored, stranger, typed
):
    """Nothing about it is urgent: that it went by a mail which may have reached the rep is what a manager hears of."""
    with db.writing() as session:
        contact = session.exec(select(Contact)).one()
        contact.email, contact.email_typed_at = "dana@example.org", clock.now if typed else None
    cast.answer(invitation, 5)
    stranger.client.post(f"{cast.answer_address(invitation)}/erase")
    said = stored().client
    assert (said.erased_at is not None, "taken_back" in said.signals) == (True, typed)
