"""Everybody who is not the meeting's own rep."""

import pytest


@pytest.fixture
def refusals(cast, sign_in):
    """refusals(path) is what the others get: Bob, and a rep of elsewhere, then Carol, Olive and Mallory."""

    def look(path: str) -> list[int]:
        if "mike" not in cast.people:
            cast.add("mike", "rep", organisation_id=cast.mallory.organisation_id)
        names = ("bob", "mike", "carol", "olive", "mallory")
        return [sign_in(name).get(path).status_code for name in names]

    return look


@pytest.fixture
def post_refusals(cast, sign_in):
    """The same for a form that is sent."""

    def send(path: str) -> list[int]:
        if "mike" not in cast.people:
            cast.add("mike", "rep", organisation_id=cast.mallory.organisation_id)
        names = ("bob", "mike", "carol", "olive", "mallory")
        return [sign_in(name).post(path).status_code for name in names]

    return send
