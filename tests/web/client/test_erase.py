"""/f/<token>/erase: taken back, at once and for good."""

from store.dump import dump

from feedback.core.tokens import new_token
from feedback.store.replay import differences
from web.looks import six


def test_what_was_said_is_nowhere_in_the_database_any_more(cast, db, stranger, invitation, page, stored):
    cast.answer(invitation, 1, 2, 1, 2, 1, 2, comment="My secret", nps=3, stage="curious")
    stranger.client.post(f"{page}/erase")
    said = stored().client
    assert "My secret" not in str(dump(db))
    assert {*said.ratings, said.comment, said.nps, said.stage} == {None}


def test_the_numbers_follow_at_once(cast, db, stranger, invitation, page, stored):
    cast.answer(invitation, 1)
    stranger.client.post(f"{page}/erase")
    with db.reading() as session:
        assert list(differences(session, invitation.organisation_id)) == []
    assert stored().client.erased_at


def test_the_rep_sees_nothing_of_it_either(cast, sign_in, stranger, invitation, page, meeting):
    cast.seal(invitation, 5)
    cast.answer(invitation, 1, comment="My secret")
    stranger.client.post(f"{page}/erase")
    card = sign_in("alice").get(f"{meeting}/gap")
    assert card.status_code == 200
    assert "My secret" not in card.text


def test_nothing_can_be_said_afterwards(cast, stranger, invitation, page, stored):
    cast.answer(invitation, 4)
    stranger.client.post(f"{page}/erase")
    assert stranger.client.post(page, data={**six(5), "done": "1"}).status_code == 410
    assert stored().client.taps == 0


def test_twice_and_after_closing_is_fine(cast, clock, stranger, invitation, page):
    cast.answer(invitation, 4)
    clock.forward(days=15)
    assert [stranger.client.post(f"{page}/erase").status_code for _ in range(2)] == [303, 303]


def test_an_unknown_token_is_not_found(stranger, invitation):
    assert stranger.client.post(f"/f/{new_token(invitation.token[:4])}/erase").status_code == 404
    assert stranger.client.post("/f/x/erase").status_code == 404


def test_it_takes_no_get(cast, stranger, invitation, page, stored):
    cast.answer(invitation, 4)
    assert stranger.get(f"{page}/erase").status_code == 405
    assert stored().client.taps == 6
