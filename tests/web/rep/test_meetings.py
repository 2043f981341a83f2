"""/meetings: the rep's home."""

from support.pages import words


def test_it_begins_with_those_met_last(cast, clock, sign_in):
    for contact in ("Dana", "Eli", "Fay"):
        cast.meeting(contact=contact)
        clock.forward(hours=1)
    text = words(sign_in("alice").get("/meetings").text)
    assert text.index("Fay") < text.index("Eli") < text.index("Dana")


def test_a_new_rep_is_told_how_it_goes(cast, sign_in):
    assert "Your first meeting" in sign_in("alice").get("/meetings").text


def test_a_meeting_waits_for_the_guess_and_then_for_the_client(cast, sign_in, invitation):
    alice = sign_in("alice")
    assert "Waiting for your guess" in alice.get("/meetings").text
    cast.seal(invitation, 4)
    text = alice.get("/meetings").text
    assert "Waiting for your guess" not in text
    assert "not answered yet" in text


def test_what_came_in_is_new_until_it_was_looked_at(cast, sign_in, invitation, meeting):
    alice = sign_in("alice")
    cast.seal(invitation, 4)
    cast.answer(invitation, 4)
    assert "New for you" in alice.get("/meetings").text
    alice.post(f"{meeting}/gap", {"invitation": invitation.id})
    assert "New for you" not in alice.get("/meetings").text


def test_a_guess_that_is_too_late_waits_no_more(clock, sign_in, invitation):
    clock.forward(days=15)
    assert "Waiting for your guess" not in sign_in("alice").get("/meetings").text


def test_nobody_elses_meetings_are_there(cast, sign_in, invitation):
    assert "Dana" not in sign_in("bob").get("/meetings").text


def test_managers_and_owners_have_no_meetings(cast, sign_in):
    assert [sign_in(name).get("/meetings").status_code for name in ("carol", "olive", "mallory")] == [403] * 3


def test_it_takes_no_form(cast, sign_in):
    assert sign_in("alice").post("/meetings").status_code == 405


def test_a_session_that_ended_comes_back_here_after_signing_in(cast, stranger):
    reply = stranger.get("/meetings")
    assert reply.status_code == 302
    assert reply.location == "/sign-in?next=/meetings"
