"""/answers/<id>: one answer, what it counts, and what a manager makes of it."""

import pytest
from support.dump import dump
from support.pages import NOBODY, six, words

ACCEPT = {"decision": "accept", "reason": "I called Dana"}


@pytest.fixture
def doubted(sign_in, invitation):
    """Dana's page was answered in the browser where Alice is signed in."""
    reply = sign_in("alice").client.post(f"/f/{invitation.token}", data={**six(5), "done": "1"})
    assert reply.status_code == 303
    return f"/answers/{invitation.id}"


def test_answer_page_shows_answer_mirror_and_loyalty(cast, sign_in, invitation):
    cast.seal(invitation, 4)
    cast.answer(invitation, 5, 4, 3, 2, 1, 5)
    text = words(sign_in("carol").get(f"/answers/{invitation.id}").text)
    # (100 + 75 + 50 + 25 + 0 + 100) / 6 = 58.33
    assert "This answer counts. On its own it would make a loyalty of 58" in text
    assert "Integrity 5 4 Competency 4 4 Recognition 3 4 Proactivity 2 4 Savvy 1 4" in text


def test_mirror_is_hidden_before_seal(cast, sign_in, invitation, meeting):
    sign_in("alice").post(f"{meeting}/mirror", six(4))
    cast.answer(invitation, 5)
    assert "Integrity 5 – Competency 5 –" in words(sign_in("carol").get(f"/answers/{invitation.id}").text)


def test_quarantined_answer_says_why(doubted, sign_in):
    text = words(sign_in("carol").get(doubted).text)
    assert "This does not count: not counted until a manager has looked at it." in text
    assert "It was given in a browser where a rep is signed in" in text


def test_accepted_answer_counts_with_decision_shown(doubted, sign_in):
    carol = sign_in("carol")
    assert carol.post(doubted, ACCEPT).status_code == 303
    text = words(carol.get(doubted).text)
    assert "This answer counts." in text
    assert "18 Nov: Carol accepted it. “I called Dana”" in text


def test_answer_set_aside_stays_uncounted(doubted, sign_in, stored):
    carol = sign_in("carol")
    carol.post(doubted, {"decision": "set_aside", "reason": "Alice tried it out"})
    assert "This does not count: set aside by a manager." in words(carol.get(doubted).text)
    assert stored().client.ratings == (5,) * 6


@pytest.mark.parametrize("form", [{}, {"decision": "accept"}, {"decision": "x", "reason": "y"},
                                  {"decision": "accept", "reason": "r" * 2001}], ids=str)  # fmt: skip
def test_decision_needs_choice_and_reason(db, doubted, sign_in, form):
    carol, before = sign_in("carol"), dump(db)
    reply = carol.post(doubted, form)
    assert reply.status_code == 422
    assert str(form.get("reason", "")) in reply.text
    assert dump(db) == before


def test_unanswered_invitation_cannot_be_decided(db, sign_in, invitation):
    carol, before = sign_in("carol"), dump(db)
    assert carol.post(f"/answers/{invitation.id}", ACCEPT).status_code in (404, 422)
    assert dump(db) == before


def test_undoubted_answer_cannot_be_set_aside(cast, db, sign_in, invitation):
    cast.answer(invitation, 1)
    carol, before = sign_in("carol"), dump(db)
    reply = carol.post(f"/answers/{invitation.id}", {"decision": "set_aside", "reason": "Unwelcome"})
    assert reply.status_code in (404, 422)
    assert dump(db) == before


def test_answer_of_other_team_is_404(cast, sign_in, invitation):
    cast.answer(invitation, 5)
    cast.answer(other := cast.meeting("bob", "Eli"), 5)
    mine, bobs = f"/answers/{invitation.id}", f"/answers/{other.id}"
    assert sign_in("mallory").get(mine).status_code == sign_in("carol").get(bobs).status_code == 404
    assert sign_in("mallory").post(mine, ACCEPT).status_code == 404
    assert sign_in("carol").post(bobs, ACCEPT).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_rep_gets_403_for_answer_page(cast, sign_in, invitation, method):
    cast.answer(invitation, 5)
    codes = [getattr(sign_in(n), method)(f"/answers/{invitation.id}").status_code for n in ("alice", "bob")]
    assert codes == [403, 403]


@pytest.mark.parametrize("which", ["x", "1", NOBODY])
def test_unknown_answer_is_404(cast, sign_in, which):
    assert sign_in("olive").get(f"/answers/{which}").status_code == 404
    assert sign_in("olive").post(f"/answers/{which}", ACCEPT).status_code == 404


def test_stranger_signs_in_first(invitation, stranger):
    assert stranger.get(f"/answers/{invitation.id}").location == f"/sign-in?next=/answers/{invitation.id}"
