"""The rep between two meetings, with one hand: what is needed fits the screen, and a wrong tap costs nothing."""

import pytest
from playwright.sync_api import Page, expect
from support.chromium import tap

from feedback.actions import meetings
from feedback.actions.meetings import NewMeeting

SMALL = {"viewport": {"width": 390, "height": 664}, "service_workers": "block"}


def lowest(page: Page, *selectors: str) -> float:
    """Return where the lowest of these ends, in pixels from the top of the screen."""
    boxes = [page.locator(selector).first.bounding_box() for selector in selectors]
    return max(box["y"] + box["height"] for box in boxes)


def bar(page: Page) -> float:
    """Return where the bar at the bottom begins."""
    return page.locator(".top").bounding_box()["y"]


def test_code_page_needs_no_scrolling(rep, compared, address):
    page = rep(**SMALL)
    page.goto(f"{address}/meetings/{compared[1].meeting_id}")
    assert lowest(page, ".qr", ".code [data-share]", ".status", "#status .button") <= bar(page)
    assert page.locator(".qr").bounding_box()["width"] > 280
    expect(page.locator(".spelled")).to_be_hidden()


def test_home_shows_search_and_contacts_first(rep, compared):
    page = rep(**SMALL)
    assert lowest(page, "[type=search]", ".to-do summary", "#recent li") <= bar(page)
    page.get_by_label("Find a contact or company").fill("nobody")
    expect(page.get_by_role("link", name="Add them")).to_be_visible()
    page.get_by_label("Find a contact or company").fill("northwind dan")  # whatever the order
    expect(page.locator("#recent li")).to_have_count(1)
    page.get_by_role("button", name="Show code").tap()
    expect(page.get_by_role("heading", name="Show this to Dana Whitfield")).to_be_visible()


def test_wrong_tap_is_taken_back(rep, compared, phone, address):
    page = rep(**SMALL)
    page.get_by_role("button", name="Show code").first.tap()
    token = page.locator(".code [data-share]").get_attribute("data-share").rsplit("/", 1)[1]
    page.get_by_role("button", name="Take it back").tap()
    expect(page.get_by_role("heading", name="Taken back")).to_be_visible()
    client = phone().new_page()
    assert client.goto(f"{address}/f/{token}").status == 410
    expect(client.get_by_role("heading", name="This code was taken back")).to_be_visible()


def test_button_goes_once_client_has_opened(rep, compared, phone, address):
    page = rep(**SMALL)
    page.goto(f"{address}/meetings/{compared[1].meeting_id}")
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    phone().new_page().goto(f"{address}/f/{compared[1].token}")
    expect(page.get_by_role("button", name="Take it back")).to_have_count(0, timeout=8000)


def test_back_and_again_is_the_same_code(rep, compared):
    page = rep(**SMALL)
    page.get_by_role("button", name="Show code").first.tap()
    expect(page.locator(".qr")).to_be_visible()
    first = page.url
    page.go_back()
    page.get_by_role("button", name="Show code").first.tap()
    expect(page.locator(".qr")).to_be_visible()
    assert page.url == first


def test_phone_comes_back_by_its_pin(rep, compared, address):
    page = rep(**SMALL)
    page.goto(f"{address}/meetings/{compared[1].meeting_id}")
    page.get_by_role("link", name="Hand over phone").tap()
    page.get_by_label("Choose a PIN").fill("4711")
    page.get_by_role("button", name="Lock and hand over").tap()
    with page.expect_response(lambda reply: reply.request.method == "POST" and "/f/" in reply.url):
        tap(page, {"savvy": 4})
    page.get_by_role("link", name="Alice").tap()  # an installed app has no address bar
    page.get_by_label("The PIN you chose").fill("0000")
    page.get_by_role("button", name="Take the phone back").tap()
    expect(page.get_by_text("That is not the PIN")).to_be_visible()
    page.get_by_label("The PIN you chose").fill("4711")
    page.get_by_role("button", name="Take the phone back").tap()
    expect(page.get_by_role("heading", name="Who did you just meet?")).to_be_visible()


# A busy phone tells late what came into view, and then all of it at once: the first code came and went, the second came.
TOLD_LATE = """
  const Observer = window.IntersectionObserver;
  window.IntersectionObserver = class extends Observer {
    constructor(tell, options) {
      const held = [];
      super((seen) => {
        if (!held.length) setTimeout(() => tell(held.splice(0).sort((a, b) => a.target.id < b.target.id ? -1 : 1)), 400);
        held.push(...seen);
      }, options);
    }
  };
"""


@pytest.mark.parametrize("way", ["arrow", "key", "dot"])
@pytest.mark.parametrize("told", ["at once", "late"])
def test_several_codes_are_stepped_through(rep, cast, address, told, way):
    met = [cast.meeting(contact=name) for name in ("Dana Whitfield", "Eli Ode")]
    with cast.changing() as c:
        both = meetings.start_meeting(c, cast.alice.id, NewMeeting([i.contact_id for i in met]))
    page = rep(viewport={"width": 1280, "height": 800}, is_mobile=False, has_touch=False)
    if told == "late":
        page.add_init_script(TOLD_LATE)
    page.goto(f"{address}/meetings/{both}")
    if way == "arrow":
        page.get_by_role("button", name="The next code").click()
    elif way == "key":
        page.keyboard.press("ArrowRight")
    else:
        page.get_by_role("link", name="Eli Ode").click()
    expect(page.get_by_role("link", name="Eli Ode")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("heading", name="Show this to Eli Ode")).to_be_in_viewport(ratio=1)
