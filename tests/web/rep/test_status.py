"""/meetings/<id>/status: how far the client is, and no more."""

import pytest
from support.pages import NOBODY, words

HTMX = {"HX-Request": "true"}


def test_it_follows_the_client_from_the_code_to_done(
    cast, clock, sign_in, stranger, page, invitation, meeting
):
    alice, said = sign_in("alice"), []
    steps = [
        lambda: None,
        lambda: stranger.client.post(f"{page}/opened"),
        lambda: stranger.client.post(page, data={"savvy": 2, "integrity": 5}),
        lambda: cast.answer(invitation, 5),
    ]
    for step in steps:
        step()
        clock.forward(minutes=5)
        said.append(words(alice.get(f"{meeting}/status", headers=HTMX).text).split(" Meanwhile:")[0])
    assert said == [
        "Waiting for Dana The code has not been opened yet",
        "Dana is answering Opened 5 minutes ago · 0 of 6 taps",
        "Dana is answering Opened 10 minutes ago · 2 of 6 taps",
        "Dana is done Opened 15 minutes ago",
    ]


def test_htmx_is_told_when_nothing_more_comes(cast, sign_in, invitation, meeting):
    alice = sign_in("alice")
    assert alice.get(f"{meeting}/status", headers=HTMX).status_code == 200
    cast.answer(invitation, 5)
    assert alice.get(f"{meeting}/status", headers=HTMX).status_code == 286


def test_and_the_part_that_comes_then_asks_no_more(cast, sign_in, invitation, meeting):
    alice = sign_in("alice")
    assert 'hx-trigger="every 2s"' in alice.get(meeting).text
    cast.answer(invitation, 5)
    assert "hx-trigger" not in alice.get(f"{meeting}/status", headers=HTMX).text
    assert "hx-trigger" not in alice.get(meeting).text
    assert alice.get(f"{meeting}/status").status_code == 200  # 286 is a word for htmx alone


def test_after_closing_nothing_more_comes(clock, sign_in, meeting):
    clock.forward(days=15)
    assert sign_in("alice").get(f"{meeting}/status", headers=HTMX).status_code == 286


def test_without_script_it_is_a_page_and_with_htmx_a_part_of_one(sign_in, meeting):
    alice = sign_in("alice")
    assert alice.get(f"{meeting}/status").text.startswith("<!doctype html>")
    assert alice.get(f"{meeting}/status", headers=HTMX).text.startswith('<div id="status"')
    restored = {**HTMX, "HX-History-Restore-Request": "true"}
    assert alice.get(f"{meeting}/status", headers=restored).text.startswith("<!doctype html>")


def test_a_phone_whose_session_ended_is_led_to_sign_in_as_a_whole(stranger, meeting):
    reply = stranger.get(f"{meeting}/status", headers=HTMX)
    assert reply.data == b""
    assert reply.headers["HX-Redirect"] == f"/sign-in?next={meeting}/status"


def test_only_its_own_rep_may_look(meeting, refusals):
    assert refusals(f"{meeting}/status") == [404, 404, 403, 403, 403]


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_what_is_no_meeting_is_not_found(cast, sign_in, which):
    assert sign_in("alice").get(f"/meetings/{which}/status").status_code == 404


def test_it_takes_no_form(sign_in, meeting):
    assert sign_in("alice").post(f"{meeting}/status").status_code == 405
