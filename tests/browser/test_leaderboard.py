"""Monday's page in a real browser: it looks again by itself, and moves nothing that is being read."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from support.chromium import LAPTOP


@pytest.fixture
def manager(phone, address, cast):
    """Carol's browser on the leaderboard of fourteen reps."""
    for n in range(14):
        rep = f"rep{n:02d}"
        cast.add(rep, "rep", "North")
        for contact in "ABCD":
            cast.answer(cast.meeting(rep, f"{rep} {contact}"), 3 + n % 3)

    def enter(**options):
        page = phone(**{**LAPTOP, "is_mobile": False, "has_touch": False, **options}).new_page()
        page.goto(f"{address}/sign-in")
        page.get_by_label("E-mail").fill("carol@example.com")
        page.get_by_label("Password").fill("a short sentence")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/leaderboard")
        return page

    return enter


def look(page):
    """As the clock does every twenty seconds; returns the status of the reply."""
    with page.expect_response(lambda reply: reply.url.endswith("/leaderboard")) as reply:
        page.evaluate("htmx.trigger('#board', 'look')")
    page.wait_for_timeout(150)
    return reply.value.status


def top_of(page, name):
    return page.get_by_role("link", name=name).bounding_box()["y"]


def test_refresh_keeps_the_scroll_position(manager, cast):
    page = manager()
    page.mouse.wheel(0, 600)  # into the rows, and not to the end of the page: nobody can hold on there
    page.wait_for_timeout(200)
    assert page.evaluate("scrollY") > 100
    first = page.evaluate(
        "[...document.querySelectorAll('#board tr[id]')].find(r => r.getBoundingClientRect().bottom > 0).querySelector('a').textContent"
    )
    before = top_of(page, first)
    for contact in "EFGH":
        cast.answer(cast.meeting("alice", f"Alice {contact}"), 5)  # a new first row
    assert look(page) == 200
    assert page.get_by_role("link", name="Alice").count() == 1
    assert abs(top_of(page, first) - before) <= 1


def test_open_page_shows_new_alert(manager, address, cast):
    page = manager()
    page.goto(f"{address}/alerts")
    cast.answer(cast.meeting(contact="Dana"), 1)
    alert = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Dana"))
    expect(alert.get_by_label("Reasons")).to_have_text("Low rating", timeout=4000)  # the page asks every two


def test_unchanged_board_is_not_resent(manager):
    page = manager()
    assert look(page) == 200  # the first time it has no tag yet
    assert [look(page), look(page)] == [304, 304]
    assert page.get_by_role("link", name="Rep09").count() == 1


def test_refresh_keeps_the_focus(manager, cast):
    page = manager()
    page.get_by_role("link", name="Rep03").focus()
    cast.answer(cast.meeting("rep05", "New"), 5)
    look(page)
    assert page.evaluate("document.activeElement.textContent") == "Rep03"


def test_selected_text_stops_the_refresh(manager):
    page = manager()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "leaderboard" in request.url else None)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#board .note'))")
    page.evaluate("htmx.trigger('#board', 'look')")
    page.wait_for_timeout(200)
    assert asked == []


def test_past_week_does_not_refresh(manager, cast, clock):
    clock.forward(days=7)
    cast.answer(cast.meeting(), 5)
    page = manager()
    page.goto(f"{page.url}/2026-W47")
    assert page.locator("#board").count() == 1
    assert "Alice" in page.inner_text("#board")
    assert page.locator("#board[hx-get]").count() == 0


def test_leaderboard_fits_a_phone_as_cards(manager):
    page = manager(viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("#board tbody tr").first.evaluate("row => getComputedStyle(row).display") == "grid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_leaderboard(manager, scheme):
    page = manager(color_scheme=scheme)
    assert Axe().run(page).response["violations"] == []


def test_print_shows_only_the_board(manager):
    page = manager()
    page.emulate_media(media="print", color_scheme="light")
    assert page.get_by_role("navigation").is_hidden()
    assert page.get_by_role("link", name="CSV").is_hidden()
    assert page.locator("#board tbody tr").count() == 14
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
