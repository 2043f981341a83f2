"""/relationships: the map of the four fields, the levels, and who says "fine"."""

import re

import pytest
from sqlalchemy import event
from support.pages import NOBODY, words

from feedback.actions import answers


def rows(text: str) -> list[str]:
    """The lines of the table, as they read."""
    body = text.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in text else ""
    return [words(row) for row in re.findall(r"<tr.*?</tr>", body, re.S)]


def names(text: str) -> set[str]:
    """Everybody this page could betray, of those on the stage."""
    return set(re.findall(r"Ana Sá|Ben|Cleo|Eli|Fay|Gus|Hal|Ivo|Bob|Alice|=cmd\(\)", words(text)))


def option(browser, name: str) -> str:
    return re.search(rf'<option value="([^"]+)"[^>]*>{name}<', browser.get("/relationships").text)[1]


def test_map_table_shows_level_and_gap(scored, sign_in):
    # Ana: 5 and 5. Ben: said (5+3+5+3+3+5)/6 = 4, guessed 4: agreed, though he hoped for more competency.
    # Cleo: 3, guessed 5.
    assert rows(sign_in("carol").get("/relationships").text) == [
        "Cleo Northwind Alice 50 Transactional Blind spot Blind spot in Integrity: guessed 5.0, says 3.0",
        "Ben Northwind Alice 75 Predisposed Agreed strength Blind spot in Competency: guessed 4.0, says 3.0",
        "Ana Sá Northwind Alice 100 Trusted Advisor Agreed strength Agreed strength in Integrity: guessed 5.0, says 5.0",
    ]


def test_each_field_shows_its_count(scored, sign_in):
    text = words(sign_in("carol").get("/relationships").text)
    assert "4 relationships · 3 rated by both sides" in text
    assert "Advantages: 0. Agreed strengths: 2. Agreed weaknesses: 0. Blind spots: 1." in text


def test_map_picture_names_and_links_every_dot(scored, sign_in, relationship):
    text = sign_in("carol").get("/relationships").text
    for svg in re.findall(r'<svg class="map.*?</svg>', text, re.S):
        assert svg.count("<circle") == 3
        assert f'href="/relationships/{relationship(scored.alice)}"' in svg
        assert "<title>Cleo, Northwind, with Alice: guessed 5.0, says 3.0</title>" in svg
        assert set(re.findall(r'class="name"[^>]*>([^<]+)<', svg)) == {"Ana Sá", "Ben", "Cleo"}


def test_one_sided_relationships_are_listed_apart(scored, sign_in):
    scored.seal(scored.meeting("bob", "Jo"), 4)
    text = words(sign_in("olive").get("/relationships").text)
    assert "Not guessed yet 4 The client has answered; the rep has not sealed a guess. Eli" in text
    assert "Not answered yet 1 The rep has sealed a guess; no answer of the client counts so far. Jo" in text
    assert "1 more was met, but neither side has rated a meeting." in text


def test_levels_are_counted(scored, sign_in):
    # Ana 100, Ben 75, Cleo 50, Ivo 25
    text = words(sign_in("carol").get("/relationships").text)
    assert "Trusted Advisor 1 of 4 Predisposed 1 of 4 Transactional 1 of 4 Antagonistic 1 of 4" in text
    assert "All 4 were first heard since 30 Sept, so nothing has moved yet." in text


@pytest.fixture
def moved(cast, clock):
    """In November Dana says 5, Eli 3, Fay 5; a half-life later, in February, Dana says 3, Eli 5, and Gus 4."""
    for said in ({"Dana": 5, "Eli": 3, "Fay": 5}, {"Dana": 3, "Eli": 5, "Gus": 4}):
        for contact, rating in said.items():
            cast.answer(cast.meeting("alice", contact), rating)
        clock.forward(days=90)
    clock.forward(days=-90)
    return cast


def test_moves_are_counted_since_last_quarter(moved, sign_in):
    # Dana 100, then (0.5*100 + 50)/1.5 = 66.7. Eli 50, then (0.5*50 + 100)/1.5 = 83.3. Fay stays at 100. Gus 75.
    text = words(sign_in("carol").get("/relationships").text)
    assert "Moved up since 31 Dec 1 Eli Northwind ▲ Predisposed was Transactional" in text
    assert "Moved down since 31 Dec 1 Dana Northwind ▼ Transactional was Trusted Advisor" in text
    assert "New since 31 Dec 1 Gus" in text
    assert (
        "Trusted Advisor 1 of 4 2 on 31 Dec Predisposed 2 of 4 0 on 31 Dec Transactional 1 of 4 1 on 31 Dec"
        in text
    )


def test_quarter_uses_the_organisations_time_zone(cast, clock, sign_in):
    # 31 Dec, 23:30 UTC is already January in Berlin: what was said then is new.
    clock.forward(days=43, hours=12, minutes=30)
    cast.answer(cast.meeting("alice", "Dana"), 5)
    clock.forward(days=1)
    assert "All 1 were first heard since 31 Dec" in words(sign_in("carol").get("/relationships").text)


def test_fine_clients_are_by_latest_answer(cast, clock, sign_in):
    for contact, first, then in (("Dana", 5, 3), ("Eli", 3, 5)):
        cast.answer(cast.meeting("alice", contact), first)
        clock.forward(days=1)
        cast.answer(cast.meeting("alice", contact), then)
    cast.answer(cast.meeting("alice", "Fay"), 5, comment="All fine.")
    cast.answer(cast.meeting("alice", "Gus"), 5, comment="All fine, and thank you for the list of suppliers.")
    text = words(sign_in("carol").get("/relationships").text)
    fine = text.split("Lukewarm answers")[1]
    assert fine.startswith(" 2 The latest answer says “fine”")
    assert re.findall(r"Dana|Eli|Fay|Gus", fine.split("Not guessed yet")[0]) == ["Fay", "Dana"]


def test_quarantined_answer_makes_nobody_fine(cast, sign_in):
    met = cast.meeting()
    cast.answer(met, 3)
    assert "Lukewarm answers 1" in words(sign_in("carol").get("/relationships").text)
    with cast.changing() as c:
        answers.dispute_answer(c, met.id, with_key=True)
    assert "Lukewarm answers 1" not in words(sign_in("carol").get("/relationships").text)


def test_manager_only_answer_shows_to_manager(cast, sign_in):
    met = cast.meeting()
    cast.answer(met, 2, visibility="manager")
    cast.seal(met, 5)
    assert len(rows(sign_in("carol").get("/relationships").text)) == 1


def test_map_shows_own_teams_only(scored, sign_in):
    text = sign_in("carol").get("/relationships").text
    assert names(text) == {"Ana Sá", "Ben", "Cleo", "Ivo", "Alice", "=cmd()"}
    assert "4 relationships" in words(text)
    assert "8 relationships" in words(sign_in("olive").get("/relationships").text)


def test_moves_show_own_teams_only(moved, clock, sign_in):
    moved.add("nora", "manager", "South")
    moved.answer(moved.meeting("bob", "Hal"), 5)
    text = words(sign_in("nora").get("/relationships").text)
    assert "1 relationship ·" in text
    assert not names(text) & {"Eli", "Fay", "Gus", "Alice"}


@pytest.mark.parametrize("name", ["mallory", "nora"])
def test_map_without_reps_says_so(scored, sign_in, name):
    scored.add("nora", "manager")
    text = sign_in(name).get("/relationships").text
    assert "No relationships yet." in text
    assert names(text) == set()


def test_unrated_map_says_what_comes(cast, sign_in):
    cast.meeting()
    text = words(sign_in("carol").get("/relationships").text)
    assert "No relationship has been rated by both sides yet." in text
    assert "<svg class" not in text


def test_map_filters_by_team_or_rep(scored, sign_in):
    olive = sign_in("olive")
    south = olive.get(f"/relationships?team={option(olive, 'South')}").text
    assert "4 relationships · 0 rated by both sides" in words(south)
    assert names(south) == {"Eli", "Fay", "Gus", "Bob"}  # Hal is counted only
    alone = olive.get(f"/relationships?rep={scored.alice.id}").text
    assert [row.split()[0] for row in rows(alone)] == ["Cleo", "Ben", "Ana"]
    assert "Ivo" not in alone


def test_map_filters_by_account(cast, sign_in):
    for account in ("Northwind", "Contoso"):
        met = cast.meeting("alice", f"Dana of {account}", account)
        cast.answer(met, 5)
        cast.seal(met, 5)
    carol = sign_in("carol")
    path = re.search(r'href="/accounts/([^"]+)">Contoso', carol.get("/relationships").text)[1]
    text = carol.get(f"/relationships?account={path}").text
    assert [row.split(" Alice")[0] for row in rows(text)] == ["Dana of Contoso Contoso"]
    assert "only Contoso" in words(text)


def test_filter_outside_own_teams_is_404(scored, sign_in):
    olive = sign_in("olive")
    met = scored.meeting("bob", "Nils", "Southwind")
    south, bob = option(olive, "South"), scored.bob.id
    account = re.search(r'href="/accounts/([^"]+)">Southwind', olive.get("/accounts").text)[1]
    for query in (f"team={south}", f"rep={bob}", f"account={account}", f"rep={scored.carol.id}"):
        expected = [404, 404] if query.endswith(str(scored.carol.id)) else [404, 200]
        assert [
            sign_in(name).get(f"/relationships?{query}").status_code for name in ("carol", "olive")
        ] == expected
        assert sign_in("mallory").get(f"/relationships?{query}").status_code == 404
    assert met


@pytest.mark.parametrize("query", ["team=x", "rep=1", "account=x", "page=0", "page=2", "page=x", f"team={NOBODY}",
                                   f"rep={NOBODY}", f"account={NOBODY}"])  # fmt: skip
def test_invalid_map_filter_is_404(scored, sign_in, query):
    assert sign_in("olive").get(f"/relationships?{query}").status_code == 404


def test_map_table_is_paged_by_20(cast, sign_in):
    for n in range(21):
        met = cast.meeting("alice", f"Client {n:02}")
        cast.answer(met, 5)
        cast.seal(met, 5)
    carol = sign_in("carol")
    first, second = (carol.get(f"/relationships?rep={cast.alice.id}&page={n}").text for n in (1, 2))
    assert [len(rows(first)), len(rows(second))] == [20, 1]
    assert "1 to 20 of 21" in first
    assert f"rep={cast.alice.id}" in re.search(r'href="([^"]+)">After', first)[1]


def test_map_query_count_is_constant(scored, sign_in, db):
    carol, asked = sign_in("carol"), []
    event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    carol.get("/relationships")
    few = len(asked)
    for contact in ("Kim", "Lou", "Max"):
        met = scored.meeting("alice", contact)
        scored.answer(met, 4)
        scored.seal(met, 5)
    asked.clear()
    carol.get("/relationships")
    assert len(asked) == few


def test_contact_name_is_escaped(cast, sign_in):
    met = cast.meeting("alice", "<b>Siobhán</b> O'Neill", "鈴木 & Söhne")
    cast.answer(met, 3)
    cast.seal(met, 5)
    text = sign_in("carol").get("/relationships").text
    assert "<b>Siobhán" not in text
    assert "&lt;b&gt;Siobhán&lt;/b&gt; O&#39;Neill" in text
    assert "鈴木 &amp; Söhne" in text


def test_rep_gets_own_clients_and_no_map(cast, sign_in):
    page = sign_in("alice").get("/relationships")
    assert (page.status_code, "My clients" in page.text, "<svg" in page.text) == (200, True, False)


def test_post_to_map_is_405(cast, sign_in):
    assert sign_in("carol").post("/relationships").status_code == 405


def test_stranger_signs_in_first(cast, stranger):
    assert stranger.get("/relationships").location == "/sign-in?next=/relationships"
