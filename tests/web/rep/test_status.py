"""/meetings/<id>/status: how far the client is, and no more."""

import pytest
from support.pages import NOBODY, words

HTMX = {"HX-Request": "true"}


def test_status_follows_the_client(cast, clock, sign_in, stranger, page, invitation, meeting):
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
        said.append(words(alice.get(f"{meeting}/status", headers=HTMX).text).split(" Seal my guess")[0])
    assert said == [
        "Waiting for Dana The code has not been opened yet Wrong person? Take it back",
        "Dana is answering Opened 5 minutes ago · 0 of 6 taps",
        "Dana is answering Opened 10 minutes ago · 2 of 6 taps",
        "Dana is done Opened 15 minutes ago",
    ]


def test_status_is_286_once_client_is_done(cast, sign_in, invitation, meeting):
    alice = sign_in("alice")
    assert alice.get(f"{meeting}/status", headers=HTMX).status_code == 200
    cast.answer(invitation, 5)
    assert alice.get(f"{meeting}/status", headers=HTMX).status_code == 286


def test_status_polling_stops_once_client_is_done(cast, sign_in, invitation, meeting):
    alice = sign_in("alice")
    assert 'hx-trigger="every 2s"' in alice.get(meeting).text
    cast.answer(invitation, 5)
    assert "hx-trigger" not in alice.get(f"{meeting}/status", headers=HTMX).text
    assert "hx-trigger" not in alice.get(meeting).text
    assert alice.get(f"{meeting}/status").status_code == 200  # 286 is a word for htmx alone


def test_status_is_286_after_closing(clock, sign_in, meeting):
    clock.forward(days=15)
    assert sign_in("alice").get(f"{meeting}/status", headers=HTMX).status_code == 286


def test_status_is_page_or_htmx_part(sign_in, meeting):
    alice = sign_in("alice")
    assert alice.get(f"{meeting}/status").text.startswith("<!doctype html>")
    assert alice.get(f"{meeting}/status", headers=HTMX).text.startswith('<div id="status"')
    restored = {**HTMX, "HX-History-Restore-Request": "true"}
    assert alice.get(f"{meeting}/status", headers=restored).text.startswith("<!doctype html>")


def test_ended_session_redirects_whole_page(stranger, meeting):
    reply = stranger.get(f"{meeting}/status", headers=HTMX)
    assert reply.data == b""
    assert reply.headers["HX-Redirect"] == f"/sign-in?next={meeting}/status"


def test_status_is_for_own_rep_only(meeting, refusals):
    assert refusals(f"{meeting}/status") == [404, 404, 403, 403, 403]


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_unknown_meeting_is_404(cast, sign_in, which):
    assert sign_in("alice").get(f"/meetings/{which}/status").status_code == 404


def test_post_to_status_is_405(sign_in, meeting):
    assert sign_in("alice").post(f"{meeting}/status").status_code == 405
