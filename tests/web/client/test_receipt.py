"""/f/<token>/<key>/receipt: what I said; change it, erase it, it wasn't me."""

import pytest
from support.pages import words

from feedback.core.tokens import new_token


def test_receipt_shows_answer_and_visibility(cast, stranger, invitation, own):
    cast.answer(invitation, 5, 4, 3, 2, 1, 5, comment="See you in May", visibility="manager")
    text = words(stranger.get(f"{own}/receipt").text)
    assert "Keeps promises Fantastic Has the skills to deliver Good Makes me feel valued Fine" in text
    assert "See you in May Who sees your answers: Carol (manager) Change it" in text


def test_empty_receipt_cannot_be_erased(stranger, own):
    text = stranger.get(f"{own}/receipt").text
    assert "Nothing yet." in text
    assert "Erase now" not in text


def test_receipt_stays_after_closing(cast, clock, stranger, invitation, own):
    cast.answer(invitation, 4)
    clock.forward(days=15)
    text = stranger.get(f"{own}/receipt").text
    assert "Erase now" in text
    assert "Change it" not in text


def test_receipt_of_erased_answer_is_410(cast, stranger, invitation, own):
    cast.answer(invitation, 4, comment="My secret")
    stranger.client.post(f"{own}/erase")
    reply = stranger.get(f"{own}/receipt")
    assert reply.status_code == 410
    assert "My secret" not in reply.text


@pytest.mark.parametrize("key", ["3479CDFGHJKMNPQRTVWXY34", None])
def test_receipt_with_wrong_key_is_404(cast, stranger, invitation, page, own, key):
    cast.answer(invitation, 1, comment="My secret")
    other = f"{page}/{key}" if key else own.replace(invitation.token, new_token(invitation.token[:4]))
    reply = stranger.get(f"{other}/receipt")
    assert reply.status_code == 404
    assert "My secret" not in reply.text


def test_late_hiding_admits_rep_could_see(cast, stranger, invitation, own):
    cast.seal(invitation, 5)
    cast.answer(invitation, 1)
    stranger.client.post(own, data={"visibility": "manager"})
    text = words(stranger.get(f"{own}/receipt").text)
    assert "Who sees your answers: Carol (manager) Alice could see it until 18 Nov" in text


def test_hiding_before_guess_admits_nothing(cast, stranger, invitation, own):
    cast.answer(invitation, 1)
    stranger.client.post(own, data={"visibility": "manager"})
    text = words(stranger.get(f"{own}/receipt").text)
    assert "Who sees your answers: Carol (manager)" in text
    assert "could see it" not in text


def test_post_to_receipt_is_405(stranger, own):
    assert stranger.client.post(f"{own}/receipt").status_code == 405
