"""/meetings/<id>/taken-back: a wrong tap costs nothing, and no answer is ever moved by it."""

import pytest
from support.dump import dump
from support.pages import NOBODY, six, words

from feedback.actions import meetings
from feedback.actions.meetings import NewMeeting
from feedback.models import Mail, Outbox
from feedback.store.replay import differences

NOT_COUNTED = ("meetings", "invitations", "feedback", "relationships", "promises", "alerts", "answer_keys")


@pytest.fixture
def take_back(sign_in, invitation, meeting):
    """take_back() is Alice's tap on the button, and what she then sees."""

    def send():
        alice = sign_in("alice")
        reply = alice.post(f"{meeting}/taken-back", {"invitation": invitation.id})
        return reply, alice.get(meeting)

    return send


def test_taken_back_meeting_counts_nowhere(cast, db, clock, sign_in, meeting, take_back, invitation):
    alice = sign_in("alice")
    alice.post(f"{meeting}/mirror", {**six(4), "done": "1"})
    alice.post(f"{meeting}/promises", {"side": "rep", "words": "Send the list", "due_on": "2026-11-18"})
    reply, page = take_back()
    assert (reply.status_code, page.status_code) == (303, 410)
    assert "You took back the code for Dana Whitfield" in words(page.text)
    stored = dump(db)
    assert {table: stored[table] for table in NOT_COUNTED} == {table: [] for table in NOT_COUNTED}
    assert "Dana" not in alice.get("/meetings").text
    assert alice.get(f"{meeting}/mirror").status_code == 410
    with db.reading() as session:
        assert list(differences(session, cast.alice.organisation_id)) == []


def test_clients_code_says_that_it_was_taken_back(stranger, page, take_back):
    take_back()
    for reply in (
        stranger.get(page),
        stranger.client.post(page, data=six(4)),
        stranger.client.post(f"{page}/opened"),
    ):
        assert reply.status_code == 410
        assert "Alice showed it by mistake. Nothing was saved" in words(reply.text)
    assert "zurückgenommen" in stranger.get(f"{page}?lang=de").text


@pytest.mark.parametrize("what", ["opened", "tapped", "done"])
def test_code_in_use_stays_and_says_why(
    cast, db, sign_in, stranger, page, invitation, meeting, take_back, what
):
    if what == "opened":
        stranger.client.post(f"{page}/opened")
    else:
        cast.answer(invitation, 4, done=what == "done")
    assert "Take it back" not in sign_in("alice").get(meeting).text
    before = dump(db)
    reply, shown = take_back()
    assert (reply.status_code, shown.status_code) == (409, 200)
    assert "has been opened, so this code stays" in words(reply.text)
    after = dump(db)
    assert {name: after[name] for name in NOT_COUNTED} == {name: before[name] for name in NOT_COUNTED}


def test_earlier_answers_of_the_client_stay(cast, clock, db, sign_in, take_back):
    earlier = cast.meeting()
    cast.answer(earlier, 5)
    cast.seal(earlier, 4)
    clock.forward(days=1)
    wrong = cast.meeting()
    alice = sign_in("alice")
    alice.post(f"/meetings/{wrong.meeting_id}/taken-back", {"invitation": wrong.id})
    assert cast.reload(earlier).client.ratings == (5,) * 6
    with db.reading() as session:
        assert list(differences(session, cast.alice.organisation_id)) == []


@pytest.mark.parametrize(("tries", "status"), [(0, 303), (1, 409)])
def test_code_whose_address_was_mailed_stays(clock, db, invitation, take_back, tries, status):
    """A mail that waits was seen by nobody; one that was tried may have arrived."""
    with db.writing() as session:
        where = {"organisation_id": invitation.organisation_id, "invitation_id": invitation.id}
        times = {"created_at": clock(), "due_at": clock()}
        session.add(
            Outbox(**where, **times, kind=Mail.ASK, recipient="dana@x.example", base_url="", tries=tries)
        )
    assert take_back()[0].status_code == status


def test_one_of_several_codes_is_taken_back(cast, sign_in):
    met = [cast.meeting(contact=name) for name in ("Dana Whitfield", "Eli Ode")]
    with cast.changing() as c:
        both = meetings.start_meeting(c, cast.alice.id, NewMeeting([i.contact_id for i in met]))
    alice = sign_in("alice")
    page = alice.get(f"/meetings/{both}").text
    eli = page.split('name="invitation" value="')[-1].split('"')[0]
    alice.post(f"/meetings/{both}/taken-back", {"invitation": eli})
    shown = words(alice.get(f"/meetings/{both}").text)
    assert "Show this to Dana Whitfield" in shown
    assert "Eli" not in shown


def test_same_contact_within_the_hour_is_same_code(cast, clock, sign_in, invitation, meeting):
    alice, tap = sign_in("alice"), {"contact_id": invitation.contact_id}
    assert alice.post("/meetings/new", tap).location == meeting
    clock.forward(minutes=59)
    assert alice.post("/meetings/new", tap).location == meeting
    clock.forward(minutes=2)
    assert alice.post("/meetings/new", tap).location != meeting


def test_answered_meeting_is_not_asked_again(cast, sign_in, invitation, meeting):
    cast.answer(invitation, 4)
    reply = sign_in("alice").post("/meetings/new", {"contact_id": invitation.contact_id})
    assert reply.location == meeting


def test_taking_back_is_for_own_rep_only(meeting, post_refusals):
    assert post_refusals(f"{meeting}/taken-back") == [404, 404, 403, 403, 403]


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_unknown_invitation_is_404(sign_in, meeting, which):
    assert sign_in("alice").post(f"{meeting}/taken-back", {"invitation": which}).status_code == 404


def test_get_taken_back_is_405(sign_in, meeting):
    assert sign_in("alice").get(f"{meeting}/taken-back").status_code == 405
