"""/: to the role's home."""

import pytest


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("alice", "/meetings"),
        ("carol", "/leaderboard"),
        ("olive", "/leaderboard"),
        ("mallory", "/leaderboard"),
    ],
)
def test_everybody_is_led_home(cast, sign_in, name, home):
    assert sign_in(name).get("/").location == home


def test_a_stranger_is_led_to_sign_in(cast, stranger):
    assert stranger.get("/").location == "/sign-in"


def test_the_very_first_visitor_is_led_to_set_up(stranger):
    assert stranger.get("/").location == "/set-up"


def test_it_takes_no_form(cast, stranger):
    assert stranger.post("/").status_code == 405
