"""/me: who I am here, and the way out."""

import pytest
from support.pages import words


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("alice", "Alice alice@example.com · rep at Doughnut Partners"),
        ("carol", "Carol carol@example.com · manager at Doughnut Partners"),
        ("mallory", "Mallory mallory@example.com · owner at Elsewhere Ltd"),
    ],
)
def test_me_page_shows_name_and_role(cast, sign_in, name, line):
    assert line in words(sign_in(name).get("/me").text)


def test_post_to_me_is_405(cast, sign_in):
    assert sign_in("alice").post("/me").status_code == 405


def test_stranger_is_led_to_sign_in(cast, stranger):
    assert stranger.get("/me").location == "/sign-in?next=/me"
