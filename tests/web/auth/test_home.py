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
def test_home_redirects_by_role(cast, sign_in, name, home):
    assert sign_in(name).get("/").location == home


def test_stranger_is_led_to_sign_in(cast, stranger):
    assert stranger.get("/").location == "/sign-in"


def test_empty_database_leads_to_set_up(stranger):
    assert stranger.get("/").location == "/set-up"


def test_post_to_home_is_405(cast, stranger):
    assert stranger.post("/").status_code == 405
