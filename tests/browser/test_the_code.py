"""The page with the code: read by a camera in both schemes, one code for each client, shared, awake, and quiet
when there is nothing more to ask."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from support.chromium import decode, tab_to

from feedback.actions import meetings
from feedback.actions.change import change
from feedback.actions.meetings import NewMeeting

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
NO_SHARE_SHEET = "delete Navigator.prototype.share; delete Navigator.prototype.canShare;"
SHARE_SHEET = """window.shared = [];
  Navigator.prototype.share = async (what) => { window.shared.push(what); if (window.refusal) throw window.refusal; };"""
WAKE_LOCK = """window.held = [];
  Object.defineProperty(Navigator.prototype, "wakeLock", { configurable: true,
    get: () => ({ request: async (what) => { window.held.push(what); } }) });"""


@pytest.fixture
def shown(rep, compared, address):
    """shown(...) is the page with Dana's code; script: what is run before the page's own."""

    def show(script: str = "", **options: object) -> Page:
        page = rep(**options)
        page.add_init_script(script)
        page.goto(f"{address}/meetings/{compared[1].meeting_id}")
        return page

    return show


def swipe(page: Page) -> None:
    """A thumb from right to left."""
    thumb = page.context.new_cdp_session(page)
    for kind, x in (
        ("touchStart", 330),
        *(("touchMove", x) for x in range(310, 60, -20)),
        ("touchEnd", None),
    ):
        points = [{"x": x, "y": 400}] if x else []
        thumb.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(16)


def at_rest(page: Page, place: int) -> None:
    """Waits until the codes have come to rest with this one in front."""
    page.wait_for_function(
        """place => { const row = document.querySelector(".codes"), code = row.children[place];
        const middle = (box) => (box.left + box.right) / 2;
        return Math.abs(middle(code.getBoundingClientRect()) - innerWidth / 2) < 2; }""",
        arg=place,
        timeout=5000,
    )


def test_several_codes_are_swiped_one_by_one(rep, cast, clock, address):
    met = [cast.meeting(contact=name) for name in ("Dana Whitfield", "Eli Ode", "Fay Kim")]
    with change(cast.db, cast.alice.organisation_id, clock()) as c:
        several = meetings.start_meeting(c, cast.alice.id, NewMeeting(contact_ids=[i.contact_id for i in met]))  # fmt: skip
    page = rep()
    page.goto(f"{address}/meetings/{several}")
    read = [decode(page)]
    swipe(page)
    at_rest(page, 1)
    read.append(decode(page))
    page.get_by_role("group", name="3 codes").focus()
    page.keyboard.press("ArrowRight")
    at_rest(page, 2)
    read.append(decode(page))
    page.keyboard.press("ArrowLeft")
    at_rest(page, 1)
    links = page.locator(".code [data-share]").evaluate_all("all => all.map(e => e.dataset.share)")
    assert read == [link.upper() for link in links]
    assert len(set(read)) == 3


def test_keyboard_focus_brings_a_code_forward(rep, cast, clock, address):
    met = [cast.meeting(contact=name) for name in ("Dana Whitfield", "Eli Ode")]
    with change(cast.db, cast.alice.organisation_id, clock()) as c:
        both = meetings.start_meeting(c, cast.alice.id, NewMeeting(contact_ids=[i.contact_id for i in met]))  # fmt: skip
    page = rep()
    page.goto(f"{address}/meetings/{both}")
    tab_to(page, page.get_by_role("group", name="2 codes"))
    tab_to(page, page.get_by_role("button", name="Share link").nth(1))
    at_rest(page, 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_code_is_black_on_white_with_border(shown, scheme):
    page = shown(color_scheme=scheme)
    code = Image.open(BytesIO(page.locator(".qr svg").screenshot())).convert("RGB")
    card = Image.open(BytesIO(page.locator(".qr").screenshot())).convert("RGB")
    paper = Image.open(BytesIO(page.screenshot())).convert("RGB").getpixel((4, 400))
    assert (sum(paper) < 150) == (scheme == "dark")
    seen = code.getcolors(256 * 256)
    assert sum(count for count, colour in seen if colour in (WHITE, BLACK)) > 0.99 * code.width * code.height
    modules = page.locator(".qr svg").evaluate("e => e.viewBox.baseVal.width")
    module, edge = code.width / modules, (card.width - code.width) / 2
    assert edge + 2 * module >= 4 * module  # the border that the standard asks for
    for step in range(int(1.8 * module)):
        assert {code.getpixel((x, step)) for x in range(code.width)} == {WHITE}
        assert {code.getpixel((step, y)) for y in range(code.height)} == {WHITE}


def test_codes_address_is_shown_in_large_letters(shown):
    page = shown()
    page.get_by_text("No camera?").tap()
    assert page.locator(".spelled").evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 20
    page.evaluate("scrollTo(0, 0)")
    token = decode(page).rsplit("/", 1)[1]
    assert token in page.locator(".spelled").inner_text().replace("-", "").replace("\n", "").upper()


def test_link_is_copied_without_share_sheet(shown):
    page = shown(NO_SHARE_SHEET)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Share link").tap()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").upper() == decode(page)


@pytest.mark.parametrize(
    ("refusal", "copied"), [("null", False), ("AbortError", False), ("NotAllowedError", True)]
)
def test_failed_share_sheet_copies_the_link(shown, refusal, copied):
    page = shown(SHARE_SHEET)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if refusal != "null":
        page.evaluate("name => { window.refusal = new DOMException('', name); }", refusal)
    page.get_by_role("button", name="Share link").tap()
    page.wait_for_function("() => window.shared.length === 1")
    assert page.evaluate("window.shared[0].url").upper() == decode(page)
    expect(page.get_by_role("button", name="Link copied")).to_have_count(int(copied))


def test_code_page_holds_a_wake_lock(shown, address):
    page = shown(WAKE_LOCK)
    assert page.evaluate("window.held") == ["screen"]
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.evaluate("window.held") == ["screen", "screen"]
    page.goto(f"{address}/meetings")
    assert page.evaluate("window.held") == []


def test_code_shows_without_wake_lock(shown):
    page = shown("delete Navigator.prototype.wakeLock;")
    errors: list[object] = []
    page.on("pageerror", lambda error: errors.append(error))
    page.reload()
    assert decode(page)
    assert errors == []


def test_status_polling_stops_once_client_is_done(shown, compared, cast):
    _, waiting = compared
    page, asked = shown(), []
    page.on("request", lambda request: asked.append(request) if request.url.endswith("/status") else None)
    cast.answer(waiting, 4, done=False)
    expect(page.locator("#status")).to_contain_text("6 of 6 taps", timeout=8000)
    expect(page.locator("#status")).to_contain_text("Dana is answering")
    cast.answer(waiting, 4)
    page.locator("#status:not([hx-trigger])").wait_for(timeout=8000)
    expect(page.locator("#status")).to_contain_text("Dana is done")
    until_now = len(asked)
    page.wait_for_timeout(4500)
    assert len(asked) == until_now
