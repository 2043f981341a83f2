"""/meetings/<id>/gap: the two sides by each other."""

import re

import pytest
from support.dump import dump
from support.pages import NOBODY, words


def kinds(text: str) -> list[tuple[str, str]]:
    """The lines of a gap card: dimension and class, from the top."""
    return re.findall(r'<h2>(\w+)</h2><span class="pill \w+">([\w ]+)</span>', text)


def test_gap_card_puts_worst_blind_spot_first(cast, sign_in, invitation, meeting):
    # 5:5 agreed above Good; 3:3 agreed below; 5 said, 3 guessed: more than the rep sees; 1 said, 5 guessed: less
    cast.answer(invitation, 5, 3, 5, 4, 1, 3)
    cast.seal(invitation, 5, 3, 3, 4, 5, 4)
    text = sign_in("alice").get(f"{meeting}/gap").text
    assert kinds(text) == [
        ("Savvy", "Blind spot"), ("Chemistry", "Blind spot"), ("Integrity", "Agreed strength"),
        ("Competency", "Agreed weakness"), ("Recognition", "Advantage"), ("Proactivity", "Agreed strength"),
    ]  # fmt: skip
    assert "Blind spot: Savvy. You guessed 5, Dana said 1." in words(text)
    assert "Practice for Savvy" in words(text)


def test_gap_card_names_advantages_to_build_on(cast, sign_in, invitation, meeting):
    cast.answer(invitation, 5, 5, 5, 4, 1, 4)
    cast.seal(invitation, 5, 3, 3, 4, 5, 4)
    text = words(sign_in("alice").get(f"{meeting}/gap").text)
    assert "To build on: Dana sees more in Competency and Recognition than you guessed." in text


def test_advantage_is_headline_without_blind_spot(cast, sign_in, invitation, meeting):
    cast.answer(invitation, 5)
    cast.seal(invitation, 5, 5, 5, 5, 5, 3)
    assert "Advantage: Chemistry. You guessed 3, Dana said 5." in words(
        sign_in("alice").get(f"{meeting}/gap").text
    )


def test_page_that_closed_unanswered_leads_on(cast, clock, sign_in, invitation, meeting):
    cast.seal(invitation, 5)
    clock.forward(days=15)
    text = sign_in("alice").get(f"{meeting}/gap").text
    assert "Dana did not answer, and the page has closed. Before you meet Dana again" in words(text)
    assert re.search(r'class="button" href="/relationships/[0-9a-f-]{36}"', text)


def test_gap_card_shows_effect_of_practice(cast, clock, sign_in, invitation, meeting):
    alice = sign_in("alice")
    cast.answer(invitation, 5, 5, 5, 2, 5, 5)
    cast.seal(invitation, 5)
    take = re.search(r'action="(/relationships/[^"]+/practice)"', alice.get(f"{meeting}/gap").text)[1]
    alice.post(take, {"dimension": "proactivity", "number": "1"})
    told = []
    for _ in range(2):
        clock.forward(days=7)
        later = cast.meeting()
        cast.answer(later, 5, 5, 5, 4, 5, 5)
        cast.seal(later, 4)
        told.append(words(alice.get(f"/meetings/{later.meeting_id}/gap").text))
    assert "Proactivity was 2.0 before, and is 4.0 since. One meeting proves little." in told[0]
    assert "Proactivity was 2.0 before, and is 4.0 since." in told[1]
    assert "One meeting proves little." not in told[1]


def test_unsealed_gap_card_leads_to_mirror(cast, sign_in, invitation, meeting):
    cast.answer(invitation, 5)
    reply = sign_in("alice").get(f"{meeting}/gap")
    assert reply.status_code == 303
    assert f"{meeting}/mirror" in reply.location


def test_sealed_mirror_waits_for_the_client(cast, sign_in, stranger, page, invitation, meeting):
    cast.seal(invitation, 5)
    stranger.client.post(page, data={"savvy": 1})
    text = sign_in("alice").get(f"{meeting}/gap").text
    assert "Dana has tapped 1 of 6, and has not finished yet." in words(text)
    assert kinds(text) == []


def test_unfinished_answer_shows_after_closing(cast, clock, sign_in, stranger, page, invitation, meeting):
    cast.seal(invitation, 5)
    stranger.client.post(page, data={"savvy": 1})
    clock.forward(days=15)
    assert kinds(sign_in("alice").get(f"{meeting}/gap").text) == [("Savvy", "Blind spot")]


def test_gap_card_hides_manager_only_answer(cast, fork, sign_in, invitation, meeting):
    alice, cards, before = sign_in("alice"), [], fork()
    for rating, comment in ((5, "Wonderful"), (1, "")):
        before.restore()
        cast.seal(invitation, 3, stage="growing")
        cast.answer(invitation, rating, visibility="manager", comment=comment, stage="curious")
        cards.append(alice.get(f"{meeting}/gap", headers={"HX-Request": "true"}).data)
    assert b"chose to let only your manager see it" in cards[0]
    assert cards[0] == cards[1]


def test_gap_card_shows_escaped_comment(cast, sign_in, invitation, meeting):
    cast.seal(invitation, 4)
    cast.answer(invitation, 4, comment="<b>Thanks</b> & bye")
    assert "&lt;b&gt;Thanks&lt;/b&gt; &amp; bye" in sign_in("alice").get(f"{meeting}/gap").text


def test_gap_card_tells_rep_is_ahead(cast, sign_in, invitation, meeting):
    cast.seal(invitation, 4, stage="comparing")
    cast.answer(invitation, 4, stage="problem")
    text = words(sign_in("alice").get(f"{meeting}/gap").text)
    assert "You think they are comparing options; Dana says: they have a problem worth solving." in text


@pytest.mark.parametrize(
    ("mine", "theirs"), [("problem", "curious"), ("curious", "growing"), (None, "curious")]
)
def test_small_stage_difference_is_no_mismatch(cast, sign_in, invitation, meeting, mine, theirs):
    cast.seal(invitation, 4, stage=mine)
    cast.answer(invitation, 4, stage=theirs)
    text = words(sign_in("alice").get(f"{meeting}/gap").text)
    assert "Agreed strength" in text
    assert "You think" not in text


def test_acknowledged_gap_card_is_marked_seen(cast, clock, sign_in, invitation, meeting, stored):
    cast.seal(invitation, 4)
    cast.answer(invitation, 4)
    alice, first = sign_in("alice"), clock()
    for _ in range(2):  # when it was seen first stays
        reply = alice.post(f"{meeting}/gap", {"invitation": invitation.id})
        assert (reply.status_code, reply.location) == (303, "/meetings")
        assert stored().mirror.seen_at == first
        clock.forward(minutes=1)


@pytest.mark.parametrize("sealed", [True, False])
def test_incomplete_gap_card_cannot_be_seen(cast, db, sign_in, invitation, meeting, sealed):
    if sealed:
        cast.seal(invitation, 4)
    alice, before = sign_in("alice"), dump(db)
    assert alice.post(f"{meeting}/gap").status_code == 303
    assert dump(db) == before


def test_gap_card_is_for_own_rep_only(cast, invitation, meeting, refusals, post_refusals):
    cast.seal(invitation, 4)
    cast.answer(invitation, 4)
    assert refusals(f"{meeting}/gap") == post_refusals(f"{meeting}/gap") == [404, 404, 403, 403, 403]


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_unknown_meeting_or_invitation_is_404(sign_in, meeting, which):
    alice = sign_in("alice")
    assert alice.get(f"/meetings/{which}/gap").status_code == 404
    assert alice.get(f"{meeting}/gap?invitation={which}").status_code == 404
    assert alice.post(f"{meeting}/gap", {"invitation": which}).status_code == 404
