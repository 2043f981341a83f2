"""The client's page: light on the line, and for any hands and eyes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from feedback.actions.answer_keys import begin_again
from feedback.actions.answers import erase_answer
from feedback.actions.change import change
from feedback.actions.reserved import reserve_codes
from feedback.core.dimensions import DIMENSIONS
from feedback.core.reserved import STOCK

FACES = (
    "rows",
    "extras",
    "thanks",
    "receipt",
    "begun",
    "answered",
    "put away",
    "erased",
    "closed",
    "unknown",
    "not yet",
    "privacy",
)

HEADINGS = {
    "rows": "Six taps, Dana. How was it?", "extras": "Thank you, Dana.", "thanks": "Thank you, Dana.",
    "receipt": "What you said", "begun": "Being answered on another phone", "answered": "Answered on another phone",
    "put away": "Begun again on another phone", "erased": "Erased", "closed": "This page has closed",
    "unknown": "We do not know this address", "privacy": "What is kept, and for how long",
    "not yet": "This page is not ready yet",
}  # fmt: skip


@pytest.fixture
def open_face(phone, address, cast, clock):
    """open_face("rows", ...) opens one of the pages a client can come to."""

    def show(face: str, **options: object) -> Page:
        invitation = cast.meeting(contact="Dana Whitfield")
        own = cast.answer_address(invitation)
        if face not in ("rows", "unknown", "not yet"):
            done = face not in ("begun", "put away")
            cast.answer(invitation, 5, 4, 3, 2, 5, 5, done=done, comment="Thank you, it helped.")
        if face == "put away":
            with change(cast.db, invitation.organisation_id, clock()) as c:
                begin_again(c, invitation.id)
        if face == "erased":
            with change(cast.db, invitation.organisation_id, clock()) as c:
                erase_answer(c, invitation.id)
        if face == "closed":
            clock.forward(days=20)
        if face == "not yet":
            with change(cast.db, invitation.organisation_id, clock()) as c:
                reserved = reserve_codes(c, cast.alice.id, invitation.id, STOCK - 1)
            own = f"/f/{reserved[0]}"
        path = {"rows": f"/f/{invitation.token}", "begun": f"/f/{invitation.token}", "thanks": f"{own}?step=thanks",
                "answered": f"/f/{invitation.token}", "receipt": f"{own}/receipt", "unknown": f"/f/{'X' * 26}",
                "privacy": "/privacy", "extras": f"{own}?step=extras"}.get(face, own)  # fmt: skip
        page = phone(**options).new_page()
        page.goto(address + path)
        expect(page.get_by_role("heading", level=1)).to_have_text(HEADINGS[face])
        if face in ("begun", "answered", "put away", "not yet"):
            expect(page).to_have_title(f"{HEADINGS[face]} · Doughnut Partners")
        return page

    return show


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("face", FACES)
def test_axe_finds_nothing_on_client_pages(open_face, face, scheme):
    page = open_face(face, color_scheme=scheme)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("face", FACES)
def test_client_pages_fit_320_pixels(open_face, face):
    page = open_face(face, viewport={"width": 320, "height": 568})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


# Text that is cut off, or reaches out of the page.
CUT = """() => [...document.querySelectorAll(".button, .choice, legend, h1, h2, p, dt, dd, summary, .tap b")].filter(e => {
  const box = e.getBoundingClientRect();
  return e.offsetParent && !e.closest(".sr") &&
    (e.scrollWidth > e.clientWidth + 1 && e.clientWidth || box.left < -1 || box.right > innerWidth + 1);
}).map(e => e.textContent)"""


def test_client_pages_fit_at_double_text_size(open_face):
    for face in FACES:
        page = open_face(face, viewport={"width": 360, "height": 640})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, face
        assert page.evaluate(CUT) == [], face


def test_client_pages_fit_laptop_at_200_percent(open_face):
    zoomed = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2, "is_mobile": False}
    for face in FACES:
        page = open_face(face, **zoomed)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, face
        assert page.evaluate(CUT) == [], face


def test_reduced_motion_stops_all_animation(open_face):
    for face in FACES:
        page = open_face(face, reduced_motion="reduce")
        moving = page.evaluate(
            """() => [...document.querySelectorAll("*")].map(e => getComputedStyle(e))
              .flatMap(s => [s.transitionDuration, s.animationDuration]).filter(d => !/^(0s(, )?)+$/.test(d))"""
        )
        assert moving == [], face


def edges(page: Page, name: str, value: str) -> list[str]:
    """How a choice stands out when the phone takes all colours away: its border and its outline."""
    kind = "label:has({})" if name in ("visibility", "stage") else "{}"
    tap = page.locator(kind.format(f'input[name="{name}"][value="{value}"]'))
    return tap.evaluate(
        "e => { const s = getComputedStyle(e); return [s.borderTopWidth, s.outlineStyle, s.outlineWidth]; }"
    )


def test_forced_colours_show_choice_and_focus(open_face):
    page = open_face("rows", forced_colors="active")
    assert edges(page, "integrity", "5") == edges(page, "integrity", "4")
    page.locator('label:has(input[name="integrity"][value="5"])').tap()
    assert (edges(page, "integrity", "5")[0], edges(page, "integrity", "4")[0]) == ("4px", "1px")
    page.locator('input[name="integrity"][value="5"]').focus()
    page.keyboard.press("ArrowLeft")
    assert edges(page, "integrity", "4") == ["4px", "solid", "3px"]
    assert edges(page, "integrity", "5")[1] == "none"


def test_forced_colours_show_who_sees_it(open_face):
    page = open_face("rows", forced_colors="active")
    assert edges(page, "visibility", "rep")[0] == "4px"
    page.get_by_label("Alice sees this too").uncheck()
    assert edges(page, "visibility", "rep")[0] == "1px"


def test_forced_colours_show_extras_and_buttons(open_face):
    page = open_face("extras", forced_colors="active")
    page.get_by_label("To compare options").check()
    assert (edges(page, "stage", "comparing")[0], edges(page, "stage", "change")[0]) == ("4px", "1px")
    for face in FACES:
        page = open_face(face, forced_colors="active")
        borders = page.locator(".button").evaluate_all(
            "all => all.map(e => getComputedStyle(e).borderTopStyle)"
        )
        assert set(borders) <= {"solid"}, face


def test_tap_targets_are_at_least_44_pixels(open_face):
    page = open_face("rows")
    sizes = page.locator(".tap input, .choice, .button, .speak select, .brow a").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).map(r => [r.width, r.height])"
    )
    assert len(sizes) == 34
    assert all(width >= 44 and height >= 44 for width, height in sizes)


def test_ratings_have_accessible_names(open_face):
    page = open_face("rows")
    groups = page.get_by_role("group")
    assert groups.count() == len(DIMENSIONS)
    expect(groups.first).to_have_accessible_name("Keeps promises")
    names = [radio.get_attribute("value") for radio in groups.first.get_by_role("radio").all()]
    assert names == ["1", "2", "3", "4", "5"]
    for name, radio in zip(
        ("Poor", "Weak", "Fine", "Good", "Fantastic"), groups.first.get_by_role("radio").all(), strict=True
    ):
        expect(radio).to_have_accessible_name(name)


def test_chosen_rating_shows_its_word(open_face):
    page = open_face("rows")
    page.locator('label:has(input[name="integrity"][value="5"])').tap()
    word = page.locator('input[name="integrity"][value="5"] + b')
    expect(word).to_have_css("opacity", "1")


def test_client_page_is_light(phone, address, cast):
    """One request of at most 5 KB: nobody else's, no font, image or cookie."""
    invitation = cast.meeting()
    context = phone()
    page = context.new_page()
    sizes = {}
    page.on(
        "requestfinished",
        lambda each: sizes.update({(each.method, each.url): each.sizes()["responseBodySize"]}),
    )
    page.goto(f"{address}/f/{invitation.token}", wait_until="networkidle")
    (first,) = [size for (method, _), size in sizes.items() if method == "GET"]
    assert 2000 < first <= 5 * 1024
    assert all(url.startswith(address) for _, url in sizes)
    assert context.cookies() == []


def test_static_files_are_compressed_and_cached(phone, address):
    page = phone().new_page()
    kept = {}
    page.on("response", lambda reply: kept.update({reply.url: reply.all_headers()}))
    page.goto(f"{address}/sign-in", wait_until="networkidle")
    static = {url: headers for url, headers in kept.items() if "/static/" in url}
    assert len(static) >= 4
    assert all("immutable" in headers["cache-control"] for headers in static.values())
    assert all(headers.get("content-encoding") in ("br", "gzip") for headers in static.values())
