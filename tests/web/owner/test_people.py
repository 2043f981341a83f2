"""/people: who is here."""

from support.pages import words


def test_people_page_lists_roles_and_teams(cast, sign_in):
    cast.add("nora", "manager", "South", "North")
    text = words(sign_in("olive").get("/people").text)
    assert "5 people" in text
    for line in ("Alice alice@example.com rep · North", "Carol carol@example.com manager · North",
                 "Nora nora@example.com manager · North, South", "Olive olive@example.com owner"):  # fmt: skip
        assert line in text


def test_people_page_is_per_organisation(cast, sign_in):
    seen = {name: sign_in(name).get("/people").text for name in ("olive", "mallory")}
    assert [("Alice" in text, "Mallory" in text) for text in seen.values()] == [(True, False), (False, True)]


def test_people_page_is_for_owners_only(cast, sign_in):
    assert [sign_in(name).get("/people").status_code for name in ("alice", "bob", "carol")] == [403] * 3


def test_stranger_signs_in_first(cast, stranger):
    assert stranger.get("/people").location == "/sign-in?next=/people"
