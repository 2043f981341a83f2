"""/meetings: the rep's home."""

from support.pages import words


def test_latest_contact_comes_first(cast, clock, sign_in):
    for contact in ("Dana", "Eli", "Fay"):
        cast.meeting(contact=contact)
        clock.forward(hours=1)
    text = words(sign_in("alice").get("/meetings").text)
    assert text.index("Fay") < text.index("Eli") < text.index("Dana")


def test_new_rep_sees_an_introduction(cast, sign_in):
    assert "Your first meeting" in sign_in("alice").get("/meetings").text


def test_meeting_waits_for_mirror_then_client(cast, sign_in, invitation):
    alice = sign_in("alice")
    assert "Waiting for your guess" in alice.get("/meetings").text
    cast.seal(invitation, 4)
    text = alice.get("/meetings").text
    assert "Waiting for your guess" not in text
    assert "not answered yet" in text


def test_new_gap_is_marked_until_seen(cast, sign_in, invitation, meeting):
    alice = sign_in("alice")
    cast.seal(invitation, 4)
    cast.answer(invitation, 4)
    assert "New for you" in alice.get("/meetings").text
    alice.post(f"{meeting}/gap", {"invitation": invitation.id})
    assert "New for you" not in alice.get("/meetings").text


def test_expired_mirror_is_not_asked_for(clock, sign_in, invitation):
    alice = sign_in("alice")
    assert "Waiting for your guess" in alice.get("/meetings").text
    clock.forward(days=15)
    page = sign_in("alice").get("/meetings").text  # a session unused for so long has ended
    assert "Dana" in page
    assert "Waiting for your guess" not in page


def test_home_shows_own_meetings_only(cast, sign_in, invitation):
    cast.meeting("bob", "Eli")
    pages = {name: sign_in(name).get("/meetings").text for name in ("alice", "bob")}
    assert {name: ("Dana" in page, "Eli" in page) for name, page in pages.items()} == {
        "alice": (True, False),
        "bob": (False, True),
    }


def test_managers_and_owners_get_403(cast, sign_in):
    assert [sign_in(name).get("/meetings").status_code for name in ("carol", "olive", "mallory")] == [403] * 3


def test_post_to_meetings_is_405(cast, sign_in):
    assert sign_in("alice").post("/meetings").status_code == 405


def test_stranger_signs_in_first(cast, stranger):
    reply = stranger.get("/meetings")
    assert reply.status_code == 302
    assert reply.location == "/sign-in?next=/meetings"


def test_home_names_who_was_heard_this_week(cast, clock, sign_in):
    """A client of the week before moved last week's score, one that is not guessed moved none, and nobody is named whose
    answer is for managers alone."""
    for contact in ("Ana", "Ben", "Cleo"):
        met = cast.meeting(contact=contact)
        cast.seal(met, 4)
        cast.answer(met, 4)
    clock.forward(days=7)
    for contact, guessed, visibility in (
        ("Dan", True, "rep"),
        ("Eli", False, "rep"),
        ("Fay", True, "manager"),
    ):
        met = cast.meeting(contact=contact)
        cast.answer(met, 5, visibility=visibility)
        if guessed:
            cast.seal(met, 4)
    text = words(sign_in("alice").get("/meetings").text)
    names = text.split("after hearing from ")[1]
    assert names.startswith("Dan")
    assert not names.startswith("Dan,")
