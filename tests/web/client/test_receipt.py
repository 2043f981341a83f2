"""/f/<token>/<key>/receipt: what I said; change it, erase it, it wasn't me."""

import pytest
from support.pages import words

from feedback.core.tokens import new_token


def test_it_shows_what_was_said_and_who_may_see_it(cast, stranger, invitation, own):
    cast.answer(invitation, 5, 4, 3, 2, 1, 5, comment="See you in May", visibility="manager")
    text = words(stranger.get(f"{own}/receipt").text)
    assert "Keeps promises Fantastic Has the skills to deliver Good Makes me feel valued Fine" in text
    assert "See you in May" in text
    assert "Only the manager may see this." in text


def test_before_anything_was_said_there_is_nothing_to_take_back(stranger, own):
    text = stranger.get(f"{own}/receipt").text
    assert "Nothing yet." in text
    assert "Erase now" not in text


def test_it_stays_when_the_page_has_closed(cast, clock, stranger, invitation, own):
    cast.answer(invitation, 4)
    clock.forward(days=15)
    text = stranger.get(f"{own}/receipt").text
    assert "Erase now" in text
    assert "Change it" not in text


def test_an_erased_answer_is_gone_from_it(cast, stranger, invitation, own):
    cast.answer(invitation, 4, comment="My secret")
    stranger.client.post(f"{own}/erase")
    reply = stranger.get(f"{own}/receipt")
    assert reply.status_code == 410
    assert "My secret" not in reply.text


@pytest.mark.parametrize("key", ["3479CDFGHJKMNPQRTVWXY34", None])
def test_another_key_or_token_is_not_found(cast, stranger, invitation, page, own, key):
    cast.answer(invitation, 1, comment="My secret")
    other = f"{page}/{key}" if key else own.replace(invitation.token, new_token(invitation.token[:4]))
    reply = stranger.get(f"{other}/receipt")
    assert reply.status_code == 404
    assert "My secret" not in reply.text


def test_hiding_it_after_the_rep_could_see_it_says_so_honestly(cast, stranger, invitation, own):
    cast.seal(invitation, 5)
    cast.answer(invitation, 1)
    stranger.client.post(own, data={"visibility": "manager"})
    text = words(stranger.get(f"{own}/receipt").text)
    assert "Only the manager may see this. Alice could see it until 18 Nov" in text


def test_hiding_it_before_the_rep_has_guessed_is_no_confession(cast, stranger, invitation, own):
    cast.answer(invitation, 1)
    stranger.client.post(own, data={"visibility": "manager"})
    text = words(stranger.get(f"{own}/receipt").text)
    assert "Only the manager may see this." in text
    assert "could see it" not in text


def test_it_takes_no_form(stranger, own):
    assert stranger.client.post(f"{own}/receipt").status_code == 405
