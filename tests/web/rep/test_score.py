"""/reps/<id> for the rep: the rolling picture, from three voices on."""

import pytest
from support.pages import words


@pytest.fixture
def picture(cast, sign_in):
    """picture("Dana", ...) is what Alice is shown after these clients answered; Dana lets only the manager see."""

    def after(*contacts: str) -> str:
        for contact in contacts:
            met = cast.meeting("alice", contact)
            cast.answer(
                met, 1 if contact == "Dana" else 5, visibility="manager" if contact == "Dana" else "rep"
            )
            cast.seal(met, 5)
        return words(sign_in("alice").get(f"/reps/{cast.alice.id}").text)

    return after


def test_picture_needs_three_voices(picture):
    text = picture("Dana", "Eli")
    assert "From three voices on, all your clients together appear here" in text
    assert "the client said" not in text


def test_picture_of_three_voices_names_nobody(picture):
    text = picture("Dana", "Eli", "Fay")
    assert "How clients see you" in text
    assert "All your clients together, the latest counting most." in text
    assert "Integrity Blind spot" in text  # (1 + 5 + 5) / 3 said, 5 guessed
    assert "Dana" not in text
