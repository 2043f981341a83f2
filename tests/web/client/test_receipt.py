"""/f/<token>/receipt: what I said; change it, erase it, it wasn't me."""

import pytest

from feedback.core.tokens import new_token
from web.looks import words


def test_it_shows_what_was_said_and_who_may_see_it(cast, stranger, invitation, page):
    cast.answer(invitation, 5, 4, 3, 2, 1, 5, comment="See you in May", visibility="manager")
    text = words(stranger.get(f"{page}/receipt").text)
    assert "Keeps promises Fantastic Has the skills to deliver Good Makes me feel valued Fine" in text
    assert "See you in May" in text
    assert "Only the manager may see this." in text


def test_before_anything_was_said_there_is_nothing_to_take_back(stranger, page):
    text = stranger.get(f"{page}/receipt").text
    assert "Nothing yet." in text
    assert "Erase now" not in text


def test_it_stays_when_the_page_has_closed(cast, clock, stranger, invitation, page):
    cast.answer(invitation, 4)
    clock.forward(days=15)
    text = stranger.get(f"{page}/receipt").text
    assert "Erase now" in text
    assert "Change it" not in text


def test_an_erased_answer_is_gone_from_it(cast, stranger, invitation, page):
    cast.answer(invitation, 4, comment="My secret")
    stranger.client.post(f"{page}/erase")
    reply = stranger.get(f"{page}/receipt")
    assert reply.status_code == 410
    assert "My secret" not in reply.text


@pytest.mark.parametrize("token", ["x", None])
def test_an_unknown_token_is_not_found(stranger, invitation, token):
    assert stranger.get(f"/f/{token or new_token(invitation.token[:4])}/receipt").status_code == 404


def test_it_takes_no_form(stranger, page):
    assert stranger.client.post(f"{page}/receipt").status_code == 405
