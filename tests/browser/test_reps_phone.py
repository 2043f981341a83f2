"""The rep's phone: two taps to a code, light pages, and for everyone."""

import re
from datetime import date, timedelta

import brotli
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect
from sqlmodel import select
from support.chromium import tab_to, tap, until

from feedback.actions import promises
from feedback.actions.change import change
from feedback.actions.promises import NewPromise
from feedback.calendar import entries
from feedback.calendar.event import PlannedMeeting
from feedback.core.dimensions import DIMENSIONS
from feedback.models import Relationship


def taps_to_a_code(page: Page, steps: list[str]) -> int:
    for step in steps:
        page.get_by_role("button", name=step).or_(page.get_by_role("link", name=step)).first.tap()
    expect(page.get_by_role("heading", name=re.compile("Show this to"))).to_be_visible()
    return len(steps)


def test_known_contacts_code_needs_two_taps(rep, compared):
    assert taps_to_a_code(rep(), ["Show code"]) <= 2


def test_new_contact_gets_code_in_one_submit(rep):
    page = rep()
    page.get_by_role("link", name="Start a meeting").tap()
    page.get_by_label("Name", exact=True).fill("Dana Whitfield")
    page.get_by_label("Company", exact=True).fill("Northwind")
    assert taps_to_a_code(page, ["Show the code"]) == 1


def test_mirror_taps_survive_reload_and_seal(rep, compared, address):
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


def test_tap_on_its_way_is_let_go_as_the_guess_is_sealed(rep, compared, address):
    """Its answer could come after the seal's, and would lead the phone a second time to the page that is coming."""
    _, waiting = compared
    page = rep(service_workers="block")
    page.goto(f"{address}/meetings/{waiting.meeting_id}/mirror")
    taps, seals, let_go = [], [], []
    page.route(
        lambda url: url.partition("?")[0].endswith("/mirror"),
        lambda route: (taps if "hx-request" in route.request.headers else seals).append(route),
    )
    page.on("requestfailed", lambda request: let_go.append(request.headers.get("hx-request")))
    tap(page, dict.fromkeys(DIMENSIONS, 4))
    until(lambda: taps, page)
    page.wait_for_timeout(200)  # none is to come any more
    sent, gone = len(taps), len(let_go)
    page.evaluate(
        "() => { document.querySelector('[name=savvy][value=\"2\"]').click(); document.forms[0].requestSubmit(); }"
    )
    until(lambda: seals and let_go[gone:], page)
    assert (let_go[gone:], len(seals)) == (["true"], 1)
    page.wait_for_timeout(300)  # twice the pause after which a tap is sent
    assert len(taps) == sent
    seals[0].continue_()
    expect(page.get_by_text("Your guess is sealed")).to_be_visible()


PAGES = ("/meetings", "/meetings/new", "/meetings/new?q=nobody", "/meetings/calendar", "/meetings/{new}", "/meetings/{new}/mirror",
         "/meetings/{old}/gap", "/meetings/{hidden}/gap", "/meetings/{sealed}/gap", "/meetings/{new}/promises",
         "/relationships/{relationship}", "/relationships/{relationship}/practice", "/reps/{rep}", "/leaderboard", "/me")  # fmt: skip


@pytest.fixture
def every_page(compared, cast, clock, address) -> list[str]:
    """Every page of Alice's, with something on it."""
    hidden, sealed = cast.meeting(contact="Eli"), cast.meeting(contact="Fay")
    cast.seal(hidden, 4)
    cast.answer(hidden, 2, visibility="manager")
    cast.seal(sealed, 4)
    planned = [
        PlannedMeeting(clock(), "Quarterly review", ("new@x.example",)),
        PlannedMeeting(clock() + timedelta(days=1), "Tea"),
    ]
    with change(cast.db, cast.alice.organisation_id, clock()) as c:
        entries.replace_entries(c, cast.alice.id, planned)
    for side in ("rep", "client"):
        new = NewPromise(side, "Send the price list", date(2026, 11, 20))
        with cast.changing() as c:
            promises.note_promise(c, compared[0].meeting_id, compared[0].contact_id, new)
    with cast.db.reading() as session:
        relationship = session.exec(
            select(Relationship.id).where(Relationship.contact_id == compared[0].contact_id)
        ).one()
    names = {"old": compared[0].meeting_id, "new": compared[1].meeting_id, "hidden": hidden.meeting_id,
             "sealed": sealed.meeting_id, "relationship": relationship, "rep": cast.alice.id}  # fmt: skip
    return [address + path.format(**names) for path in PAGES]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_reps_pages(rep, every_page, scheme):
    page = rep(color_scheme=scheme, viewport={"width": 360, "height": 740})
    found = {}
    for url in every_page:
        assert page.goto(url).status == 200, url
        page.evaluate("for (const more of document.querySelectorAll('details')) more.open = true")
        report = Axe().run(page)
        found |= {url: report.generate_report()} if report.violations_count else {}
    assert found == {}


def test_reps_pages_fit_and_are_light(rep, every_page):
    context = rep(viewport={"width": 360, "height": 740}, service_workers="block").context
    for url in every_page:
        page = context.new_page()  # so that what it loads is its own, and all of it new
        context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
        replies: list[Response] = []
        page.on("response", lambda reply, replies=replies: replies.append(reply))
        page.goto(url, wait_until="load")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, url
        loaded = [brotli.compress(reply.body(), quality=4) for reply in replies]
        assert 20 * 1024 < sum(map(len, loaded)) < 60 * 1024, url
        page.close()


def test_search_and_start_work_without_script(rep, compared):
    page = rep(java_script_enabled=False)
    page.get_by_role("link", name="Somebody else").tap()
    page.get_by_label("Find a contact or company").fill("northw")
    page.keyboard.press("Enter")
    page.wait_for_url("**/meetings/new?q=northw")
    page.get_by_label("Dana Whitfield").check()
    assert taps_to_a_code(page, ["Show the code"]) == 1


def test_search_finds_while_typing(rep, compared):
    page = rep()
    page.get_by_role("link", name="Somebody else").tap()
    page.get_by_label("Find a contact or company").press_sequentially("zz")
    expect(page.get_by_text("Nobody called “zz” here yet.")).to_be_visible()
    page.get_by_label("Find a contact or company").fill("whit")
    expect(page.get_by_label("Dana Whitfield")).to_be_visible()


def test_mirror_is_sealed_by_keyboard_alone(rep, compared):
    page = rep()
    tab_to(page, page.get_by_role("button", name="Show code").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Show this to Dana Whitfield")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Seal my guess"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What will Dana say?")).to_be_visible()
    for name in DIMENSIONS:
        tab_to(page, page.locator(f'input[name="{name}"][value="1"]'))
        page.keyboard.press("ArrowRight")
    tab_to(page, page.get_by_role("button", name="Seal"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your guess is sealed")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_mirror_says_that_taps_are_saved_where_they_are(rep, compared, script):
    page = rep(java_script_enabled=script)
    taps_to_a_code(page, ["Show code"])
    page.get_by_role("link", name="Seal my guess").tap()
    expect(page.get_by_role("button", name="Seal")).to_be_visible()
    expect(page.get_by_text("Your taps are saved.")).to_be_visible(visible=script)
