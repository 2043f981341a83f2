"""The rep's phone: two taps to a code, a code without network, light pages, and for everyone."""

import re
from datetime import timedelta

import brotli
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import decode, tap
from playwright.sync_api import Page, expect

from feedback.core.dimensions import DIMENSIONS


@pytest.fixture
def rep(phone, address, cast):
    """rep() is Alice's phone, signed in."""

    def enter(**options: object) -> Page:
        page = phone(**options).new_page()
        page.goto(f"{address}/sign-in")
        page.get_by_label("E-mail").fill("alice@example.com")
        page.get_by_label("Password").fill("a short sentence")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/meetings")
        return page

    return enter


@pytest.fixture
def compared(cast, clock):
    """A meeting of last week, answered and sealed; and one of today, waiting."""
    earlier = cast.meeting()
    cast.answer(earlier, 5, 4, 3, 2, 5, 5, comment="Thank you for the list.")
    cast.seal(earlier, 5, 4, 3, 5, 3, 5, stage="comparing")
    clock.forward(days=7)
    return earlier, cast.meeting()


def taps_to_a_code(page: Page, steps: list[str]) -> int:
    for step in steps:
        page.get_by_role("button", name=step).or_(page.get_by_role("link", name=step)).first.tap()
    expect(page.get_by_role("heading", name=re.compile("Show this to"))).to_be_visible()
    return len(steps)


def test_a_known_contact_is_at_most_two_taps_from_a_code(rep, compared):
    assert taps_to_a_code(rep(), ["Show code"]) <= 2


def test_somebody_new_takes_a_name_a_company_and_one_tap(rep):
    page = rep()
    page.get_by_role("link", name="Start a meeting").tap()
    page.get_by_label("Name", exact=True).fill("Dana Whitfield")
    page.get_by_label("Company", exact=True).fill("Northwind")
    assert taps_to_a_code(page, ["Show the code"]) == 1


def test_an_opened_code_shows_without_network_and_says_so(rep, compared):
    page = rep()
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller")
    taps_to_a_code(page, ["Show code"])
    live = decode(page)
    page.context.set_offline(True)
    page.reload()
    assert decode(page) == live
    expect(page.locator(".from-phone")).to_be_visible()


def test_other_pages_are_not_kept_on_the_phone(rep, compared):
    page = rep()
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller")
    page.context.set_offline(True)
    page.goto(page.url)
    expect(page.get_by_role("heading", name="No network")).to_be_visible()


def test_signing_out_leaves_no_code_behind(rep, compared, address):
    page = rep()
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller")
    taps_to_a_code(page, ["Show code"])
    code_page = page.url
    page.goto(f"{address}/me")
    page.get_by_role("button", name="Sign out", exact=True).tap()
    page.wait_for_url("**/sign-in")
    page.context.set_offline(True)
    page.goto(code_page)
    expect(page.get_by_role("heading", name="No network")).to_be_visible()


def test_a_phone_that_was_handed_over_shows_the_client_nothing_else(rep, compared, address):
    page = rep()
    page.get_by_role("button", name="Show code").first.tap()
    page.get_by_role("button", name="Hand over phone").tap()
    expect(page.get_by_role("heading", name="Six taps, Dana.")).to_be_visible()
    page.goto(f"{address}/meetings")
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()


def test_mirror_taps_are_kept_and_sealed_once(rep, compared, address):
    _, waiting = compared
    page = rep()
    page.goto(f"{address}/meetings/{waiting.meeting_id}/mirror")
    with page.expect_response(lambda reply: reply.request.method == "POST"):
        tap(page, {"savvy": 4})
    page.reload()
    assert page.locator("input:checked").count() == 1
    tap(page, dict.fromkeys(DIMENSIONS, 4))
    page.get_by_role("button", name="Seal").tap()
    expect(page.get_by_text("Your guess is sealed")).to_be_visible()


PAGES = ("/meetings", "/meetings/new", "/meetings/{new}", "/meetings/{new}/mirror", "/meetings/{old}/gap",
         "/meetings/{new}/promises", "/relationships/{relationship}", "/relationships/{relationship}/practice",
         "/leaderboard", "/me")  # fmt: skip


@pytest.fixture
def every_page(compared, cast, address):
    from sqlmodel import select

    from feedback.models import Relationship

    with cast.db.reading() as session:
        relationship = session.exec(select(Relationship.id)).first()
    names = {"old": compared[0].meeting_id, "new": compared[1].meeting_id, "relationship": relationship}
    return [address + path.format(**names) for path in PAGES]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(rep, every_page, scheme):
    page = rep(color_scheme=scheme)
    found = {}
    for url in every_page:
        page.goto(url)
        report = Axe().run(page)
        found |= {url: report.generate_report()} if report.violations_count else {}
    assert found == {}


def test_nothing_scrolls_sideways_and_pages_are_light(rep, every_page):
    page = rep(viewport={"width": 360, "height": 740}, service_workers="block")
    for url in every_page:
        bodies: dict[str, int] = {}
        page.on("response", lambda r, b=bodies: b.update({r.url: len(brotli.compress(r.body(), quality=4))}))
        page.goto(url, wait_until="load")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, url
        assert sum(bodies.values()) < 60 * 1024, url


def test_status_goes_on_by_itself_until_the_client_is_done(rep, compared, cast, address):
    _, waiting = compared
    page = rep()
    page.goto(f"{address}/meetings/{waiting.meeting_id}")
    cast.answer(waiting, 4, done=False)
    expect(page.locator("#status")).to_contain_text(
        "6 of 6 taps", timeout=timedelta(seconds=8) / timedelta(milliseconds=1)
    )
    cast.answer(waiting, 4)
    expect(page.locator("#status")).to_contain_text("is done", timeout=8000)
