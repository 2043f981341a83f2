"""/meetings/<id>: the code."""

import re

import pytest
from support.pages import NOBODY, words


def test_meeting_page_shows_code_and_address(sign_in, invitation, meeting):
    text = sign_in("alice").get(meeting).text
    assert "Show this to Dana Whitfield" in words(text)
    assert re.search(r'<svg viewBox="0 0 (\d+) \1"', text)
    assert f"localhost/f/ {invitation.spelled}" in words(text)


def test_meeting_page_shows_clients_progress(cast, sign_in, invitation, meeting):
    alice = sign_in("alice")
    assert "Waiting for Dana" in words(alice.get(meeting).text)
    cast.answer(invitation, 4)
    assert "Dana is done" in words(alice.get(meeting).text)


def test_meeting_is_for_own_rep_only(meeting, refusals):
    assert refusals(meeting) == [404, 404, 403, 403, 403]


@pytest.mark.parametrize("which", ["x", "1", "0190b5a4", "../people", NOBODY])
def test_unknown_meeting_is_404(cast, sign_in, which):
    assert sign_in("alice").get(f"/meetings/{which}").status_code == 404


def test_post_to_meeting_is_405(sign_in, meeting):
    assert sign_in("alice").post(meeting).status_code == 405


def test_stranger_signs_in_first(stranger, meeting):
    assert stranger.get(meeting).location == f"/sign-in?next={meeting}"
