"""/people and /teams: who signs in, what they do, and which teams there are."""

import re

import pytest
from sqlmodel import delete, select
from support.cast import PASSWORD
from support.pages import NOBODY, words

from feedback.models import Audit, TeamManager, User

SAM = {"name": "Sam O’Hara", "email": "Sam@Example.com", "role": "rep"}
ALICE = {"name": "Alice", "email": "alice@example.com", "role": "rep"}
W47 = "/2026-W47"


@pytest.fixture
def olive(sign_in):
    return sign_in("olive")


@pytest.fixture
def team(cast):
    """team("North") is its id."""
    with cast.db.reading() as session:
        north = session.exec(select(User.team_id).where(User.id == cast.alice.id)).one()
        south = session.exec(select(User.team_id).where(User.id == cast.bob.id)).one()
    return {"North": str(north), "South": str(south)}.__getitem__


@pytest.fixture
def user(cast):
    """user("alice") is the row."""

    def read(name, organisation="olive"):
        with cast.db.reading() as session:
            wanted = select(User).where(
                User.email == f"{name}@example.com",
                User.organisation_id == cast.people[organisation].organisation_id,
            )
            return session.exec(wanted).first()

    return read


@pytest.fixture
def audited(cast):
    """audited() is what the audit log says of people and teams since the test began, oldest first."""

    def read():
        with cast.db.reading() as session:
            rows = session.exec(select(Audit).order_by(Audit.id)).all()
        return [row.what for row in rows if row.what.startswith(("person.", "team.", "link."))]

    earlier = len(read())
    return lambda: read()[earlier:]


def test_people_page_lists_roles_and_teams(cast, olive):
    cast.add("nora", "manager", "South", "North")
    text = words(olive.get("/people").text)
    assert "5 people" in text
    for line in ("Alice alice@example.com Rep · North", "Carol carol@example.com Manager · North",
                 "Nora nora@example.com Manager · North, South", "Olive olive@example.com Owner"):  # fmt: skip
        assert line in text


def test_people_page_is_per_organisation(cast, sign_in):
    seen = {name: sign_in(name).get("/people").text for name in ("olive", "mallory")}
    assert [("Alice" in text, "Mallory" in text) for text in seen.values()] == [(True, False), (False, True)]


@pytest.mark.parametrize("path", ["/people", "/people/new", "/teams"])
def test_people_pages_are_for_owners_only(cast, sign_in, path):
    assert [sign_in(name).get(path).status_code for name in ("alice", "carol", "olive")] == [403, 403, 200]


def test_stranger_signs_in_first(cast, stranger):
    assert stranger.get("/people").location == "/sign-in?next=/people"


def test_people_are_found_by_name_and_address(cast, olive):
    found = {q: words(olive.get(f"/people?q={q}").text) for q in ("ALI", "carol@", "zzz")}
    assert ["Alice" in found["ALI"], "Carol" in found["ALI"], "Carol" in found["carol@"]] == [
        True,
        False,
        True,
    ]
    assert "Nobody with “zzz”" in found["zzz"]


def test_invited_rep_joins_by_the_link(cast, olive, stranger, team, user, audited):
    place = olive.post("/people/new", {**SAM, "teams": team("North")}).location
    page = olive.get(place).text
    path = re.search(r"http://localhost(/join/[\w.-]+)", page)[1]
    assert "A link to join" in page
    assert user("sam").password_hash is None
    assert "Olive invites you to Beyond Doughnuts at Doughnut Partners" in words(stranger.get(path).text)
    assert stranger.get(path).status_code == 200  # a mail scanner that opens it uses nothing up
    assert stranger.post(path, {"password": PASSWORD}).location == "/"
    assert stranger.get("/", follow_redirects=True).request.path == "/meetings"
    assert stranger.get(path).location == "/"  # the browser's back button
    assert olive.get(path).status_code == 410
    assert audited() == ["person.added", "link.made", "link.used"]


def test_link_is_for_one_use(cast, olive, app, stranger):
    path = _link_of(olive, olive.post("/people/new", SAM).location)
    stranger.post(path, {"password": PASSWORD})
    second = stranger.__class__(app.test_client()).post(path, {"password": "another sentence"})
    assert (second.status_code, "It has been used" in second.text) == (410, True)


def test_refused_password_leaves_the_link_good(cast, olive, stranger, user):
    path = _link_of(olive, olive.post("/people/new", SAM).location)
    reply = stranger.post(path, {"password": "short"})
    assert (reply.status_code, "characters" in reply.text) == (422, True)
    assert user("sam").password_hash is None
    assert stranger.post(path, {"password": PASSWORD}).status_code == 303


@pytest.mark.parametrize("end", ["withdraw", "link", "end", "days"])
def test_link_ends(cast, olive, stranger, clock, sign_in, end):
    place = olive.post("/people/new", SAM).location
    path = _link_of(olive, place)
    if end == "days":
        clock.forward(days=7)
    else:
        olive.post(f"{place}/access", {"what": end})
    reply = stranger.post(path, {"password": PASSWORD})
    assert (reply.status_code, "no longer works" in reply.text) == (410, True)


def test_link_of_who_left_stays_ended(olive, stranger):
    place = olive.post("/people/new", SAM).location
    path = _link_of(olive, place)
    for what in ("end", "back"):
        assert olive.post(f"{place}/access", {"what": what}).status_code == 303
    reply = stranger.post(path, {"password": PASSWORD})
    assert (reply.status_code, "no longer works" in reply.text) == (410, True)


def test_forged_link_is_unknown(cast, olive, stranger):
    path = _link_of(olive, olive.post("/people/new", SAM).location)
    forged = path[:-2] + ("A" if path[-2] != "A" else "B") + path[-1]
    assert [stranger.get(p).status_code for p in (forged, "/join/x", "/join/é")] == [404] * 3
    assert stranger.get(path).status_code == 200


def test_link_sets_a_new_password(cast, olive, sign_in, stranger):
    alice, place = sign_in("alice"), f"/people/{cast.alice.id}"
    olive.post(f"{place}/access", {"what": "link"})
    assert alice.get("/me").status_code == 200  # nothing has happened yet
    stranger.post(_link_of(olive, place), {"password": "quite another sentence"})
    assert alice.get("/me").status_code == 302
    assert stranger.get("/me").status_code == 200


def test_person_is_changed(cast, olive, sign_in, team, user, audited):
    alice = sign_in("alice")
    form = {"name": " Alice  Müller ", "email": "ALICE@example.com", "role": "rep", "teams": team("South")}
    assert olive.post(f"/people/{cast.alice.id}", form).status_code == 303
    found = user("alice")
    assert (found.name, str(found.team_id)) == ("Alice Müller", team("South"))
    assert alice.get("/me").status_code == 200  # her role and address are the same
    with cast.db.reading() as session:
        (told,) = session.exec(select(Audit).where(Audit.what == "person.changed")).all()
    assert told.before == {"name": "Alice", "teams": ["North"]}
    assert told.after == {"name": "Alice Müller", "teams": ["South"]}


def test_saving_nothing_new_is_not_recorded(cast, olive, team, audited):
    form = {"name": "Alice", "email": "alice@example.com", "role": "rep", "teams": team("North")}
    assert olive.post(f"/people/{cast.alice.id}", form).status_code == 303
    assert audited() == []


def test_manager_looks_after_several_teams(cast, db, olive, team):
    form = {
        "name": "Carol",
        "email": "carol@example.com",
        "role": "manager",
        "teams": [team("North"), team("South")],
    }
    olive.post(f"/people/{cast.carol.id}", form)
    with db.reading() as session:
        found = {str(row.team_id) for row in session.exec(select(TeamManager))}
    assert found == {team("North"), team("South")}
    olive.post(f"/people/{cast.carol.id}", {**form, "teams": team("South")})
    with db.reading() as session:
        assert [str(row.team_id) for row in session.exec(select(TeamManager))] == [team("South")]


def test_demoted_manager_loses_the_open_page(cast, olive, sign_in, user):
    carol = sign_in("carol")
    assert carol.get("/leaderboard").status_code == 200
    olive.post(f"/people/{cast.carol.id}", {"name": "Carol", "email": "carol@example.com", "role": "rep"})
    assert carol.get("/alerts").status_code == 302
    assert sign_in("carol").get("/alerts").status_code == 403


def test_last_owner_stays(cast, olive, user):
    form = {"name": "Olive", "email": "olive@example.com", "role": "manager"}
    reply = olive.post(f"/people/{cast.olive.id}", form)
    assert (reply.status_code, "Olive is the only owner" in reply.text) == (422, True)
    cast.add("oscar", "owner")
    assert olive.post(f"/people/{cast.oscar.id}/access", {"what": "end"}).status_code == 303
    assert olive.post(f"/people/{cast.olive.id}", form).status_code == 422
    assert olive.post(f"/people/{cast.olive.id}/access", {"what": "end"}).status_code == 422
    assert (user("olive").role, user("olive").ended_at) == ("owner", None)


def test_owner_who_has_not_joined_is_none_yet(cast, olive, user):
    olive.post("/people/new", {**SAM, "role": "owner"})
    form = {"name": "Olive", "email": "olive@example.com", "role": "manager"}
    assert olive.post(f"/people/{cast.olive.id}", form).status_code == 422


def test_who_leaves_is_out_at_once_and_can_come_back(cast, olive, sign_in, user, audited):
    alice = sign_in("alice")
    cast.seal(cast.meeting(), 4)
    olive.post(f"/people/{cast.alice.id}/access", {"what": "end"})
    assert alice.get("/meetings").status_code == 302
    assert "Alice" not in words(olive.get("/people").text)
    assert "Alice alice@example.com" in words(olive.get("/people?left=1").text)
    assert "cannot sign in" in olive.get(f"/people/{cast.alice.id}").text
    olive.post(f"/people/{cast.alice.id}/access", {"what": "back"})
    assert sign_in("alice").get("/meetings").status_code == 200
    assert audited()[-2:] == ["person.ended", "person.brought_back"]


def test_sessions_of_somebody_are_ended(cast, olive, sign_in):
    alice = sign_in("alice")
    olive.post(f"/people/{cast.alice.id}/access", {"what": "sign_out"})
    assert alice.get("/me").status_code == 302
    assert olive.get("/me").status_code == 200


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"name": " "}, "A name"),
        ({"email": "not an address"}, "not an e-mail address"),
        ({"email": "bob@example.com"}, "is already somebody here"),
        ({"role": "king"}, "Choose what this person does"),
        ({"teams": NOBODY}, "no longer there"),
        ({"name": "N" * 201}, "At most 200"),
    ],
)
def test_wrong_person_is_refused_with_the_form(cast, olive, user, form, why):
    for path in ("/people/new", f"/people/{cast.alice.id}"):
        reply = olive.post(path, {"name": "Alice X", "email": "ax@example.com", "role": "rep", **form})
        assert (reply.status_code, why in reply.text) == (422, True)
    assert user("alice").name == "Alice"


def test_rep_is_in_one_team(cast, olive, team):
    reply = olive.post("/people/new", {**SAM, "teams": [team("North"), team("South")]})
    assert (reply.status_code, "A rep is in one team" in reply.text) == (422, True)


def test_same_address_may_be_elsewhere(cast, olive, user):
    assert olive.post("/people/new", {**SAM, "email": "mallory@example.com"}).status_code == 303
    assert user("mallory").name == SAM["name"]
    assert user("mallory", "mallory").name == "Mallory"


def test_person_of_another_organisation_is_unknown(cast, sign_in):
    mallory, path = sign_in("mallory"), f"/people/{cast.alice.id}"
    form = {"name": "Alice", "email": "alice@example.com", "role": "rep"}
    assert mallory.get(path).status_code == 404
    assert mallory.post(path, form).status_code == 404
    assert mallory.post(f"{path}/access", {"what": "link"}).status_code == 404


def test_teams_are_added_renamed_and_deleted(cast, olive, audited):
    olive.post("/teams", {"name": " West  Coast "})
    page = olive.get("/teams").text
    west = re.search(r'/teams/([\w-]+)"', page[page.index("West Coast") :])[1]
    assert "North 1 rep · Carol" in words(page)
    assert "South 1 rep · no manager: alerts go to the owners" in words(page)
    olive.post(f"/teams/{west}", {"name": "Pacific"})
    assert "Pacific" in olive.get("/teams").text
    olive.post(f"/teams/{west}", {"what": "delete"})
    assert "Pacific" not in olive.get("/teams").text
    assert audited() == ["team.added", "team.renamed", "team.deleted"]


@pytest.mark.parametrize("name", ["north", "NORTH ", "", "N" * 201])
def test_wrong_team_name_is_refused(cast, olive, team, name):
    for path in ("/teams", f"/teams/{team('South')}"):
        assert olive.post(path, {"name": name}).status_code == 422
    assert olive.post(f"/teams/{team('North')}", {"name": "north"}).status_code == 303  # its own


def test_team_with_somebody_in_it_stays(cast, olive, team):
    reply = olive.post(f"/teams/{team('North')}", {"what": "delete"})
    assert (reply.status_code, "Move its people first" in reply.text) == (422, True)


def test_team_of_a_past_week_stays(cast, olive, clock, team):
    cast.answer(cast.meeting(), 5)
    clock.forward(days=7)
    cast.settle()
    olive.post(f"/people/{cast.alice.id}", {**ALICE, "teams": team("South")})
    with cast.db.writing() as session:
        session.execute(delete(TeamManager))
    assert olive.post(f"/teams/{team('North')}", {"what": "delete"}).status_code == 422


def test_team_of_another_organisation_is_unknown(cast, sign_in, team):
    assert sign_in("mallory").post(f"/teams/{team('North')}", {"name": "Mine"}).status_code == 404


def test_past_week_keeps_its_team(cast, olive, clock, team):
    met = cast.meeting()
    cast.seal(met, 4)
    cast.answer(met, 5)
    clock.forward(days=7)
    cast.settle()
    olive.post(f"/people/{cast.alice.id}", {**ALICE, "teams": team("South")})
    past, live = (olive.get(f"/leaderboard{week}.csv").text for week in (W47, ""))
    assert ["North" in _row(text, "Alice") for text in (past, live)] == [True, False]


def test_past_week_is_for_who_looks_after_its_teams(cast, olive, clock, team, sign_in):
    cast.add("nora", "manager", "South")
    cast.answer(cast.meeting(), 5)
    clock.forward(days=7)
    olive.post(f"/people/{cast.alice.id}", {**ALICE, "teams": team("South")})
    for browser, chosen in ((sign_in("carol"), "North"), (sign_in("nora"), "South")):
        asked = [(week, who) for week in (W47, "") for who in (browser, olive)]
        seen = [
            _row(who.get(f"/leaderboard{week}.csv?team={team(chosen)}").text, "Alice") for week, who in asked
        ]
        assert [bool(row) for row in seen] == [chosen == "North"] * 2 + [chosen == "South"] * 2
    assert f"/reps/{cast.alice.id}" not in sign_in("carol").get(f"/leaderboard{W47}").text  # hers no longer


def test_who_left_stays_in_past_weeks(cast, olive, clock):
    for contact in ("Ana", "Ben", "Cleo", "Eli"):
        cast.answer(cast.meeting("alice", contact), 5)
        cast.answer(cast.meeting("bob", contact), 4)
    clock.forward(days=7)
    olive.post(f"/people/{cast.alice.id}", {**ALICE, "name": "Alice Smith"})
    olive.post(f"/people/{cast.alice.id}/access", {"what": "end"})
    past, live = (olive.get(f"/leaderboard{week}.csv").text for week in (W47, ""))
    assert (_row(past, "Alice Smith")[:3], _row(past, "Bob")[:3]) == (
        ["2026-W47", "1", ""],
        ["2026-W47", "2", ""],
    )
    assert (_row(live, "Alice"), _row(live, "Bob")[:3]) == ([], ["2026-W48", "1", "1"])  # a place gained
    page = olive.get(f"/leaderboard{W47}").text
    assert ("Alice Smith" in page, f"/reps/{cast.alice.id}" in page) == (True, False)


def test_week_waits_for_the_guess_of_who_left(cast, olive, clock, sign_in):
    """Whoever left could be brought back, and guess: others learn nothing of that answer either."""
    with cast.changing() as c:
        c.organisation.reps_see_all = True
    for contact in ("Ana", "Ben", "Cleo"):
        cast.answer(cast.meeting("alice", contact), 5)
    clock.forward(days=7)
    olive.post(f"/people/{cast.alice.id}/access", {"what": "end"})
    bob = sign_in("bob")
    assert bob.get(f"/leaderboard{W47}.csv").status_code == 404
    clock.forward(days=8)
    assert bob.get(f"/leaderboard{W47}.csv").status_code == 200


def _row(text: str, rep: str) -> list[str]:
    """The cells of a rep's row in a leaderboard's file; [] without one."""
    rows = [line.split(",") for line in text.splitlines()]
    return next((cells for cells in rows if rep in cells[3]), [])


def _link_of(browser, place: str) -> str:
    return re.search(r"http://localhost(/join/[\w.-]+)", browser.get(place).text)[1]
