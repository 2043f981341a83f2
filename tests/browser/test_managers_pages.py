"""The map of relationships and the accounts, on a phone and a laptop: for everyone, and nothing sideways."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlmodel import col, select
from support.chromium import LAPTOP, fonts_here

from feedback.actions.alerts import handle
from feedback.models import Alert, User

PAGES = ("/relationships", "/accounts", "ACCOUNT", "/alerts", "/coaching")
PEOPLE = (
    "Dana Whitfield",
    "Siobhán O’Neill",
    "鈴木 一郎",
    "विक्रम सिंह",
    "Maximiliane-Friederike von Hohenzollern",
    "محمد علي",
)
# Texts that stand over one another, or over the picture's edge; two units of leading may touch.
COLLISIONS = """svg => {
  const frame = svg.getBoundingClientRect();
  const names = [...svg.querySelectorAll(".name")].map(name => [name.textContent, name.getBoundingClientRect()]);
  const outside = ([, a]) => a.left < frame.left || a.right > frame.right || a.top < frame.top || a.bottom > frame.bottom;
  const over = (a, b) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom - 2 && b.top + 2 < a.bottom - 2;
  return names.filter((one, i) => outside(one) || names.slice(i + 1).some(other => over(one[1], other[1]))).map(one => one[0]);
}"""  # fmt: skip


@pytest.fixture
def manager(phone, address, cast):
    """manager() is Carol's browser, signed in; she has 24 relationships in three fields."""
    for n in range(24):
        met = cast.meeting("alice", f"{PEOPLE[n % 6]} {n}", f"Hinterland & Söhne {n % 5} Handelsgesellschaft")
        cast.answer(met, *((5, 4, 3 + n % 3, 4, 5 - n % 4, 4)))
        cast.seal(met, *((5, 5, 4, 5 - n % 2, 5, 3 + n % 3)))

    def enter(**options: object) -> Page:
        page = phone(service_workers="block", **options).new_page()
        page.goto(f"{address}/sign-in")
        page.get_by_label("E-mail").fill("carol@example.com")
        page.get_by_label("Password").fill("a short sentence")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/leaderboard")
        return page

    return enter


def open_each(page: Page, address: str):
    """Every page in turn; the account's is the first on the list."""
    for path in PAGES:
        if path == "ACCOUNT":
            page.goto(f"{address}/accounts")
            page.locator("tbody th a").first.click()
            page.wait_for_url("**/accounts/*")
        else:
            page.goto(address + path)
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [{}, LAPTOP | {"is_mobile": False}], ids=["phone", "laptop"])
def test_axe_finds_nothing_on_managers_pages(manager, address, scheme, device):
    found = {}
    for page in open_each(manager(color_scheme=scheme, **device), address):
        report = Axe().run(page)
        found |= {page.url: report.generate_report()} if report.violations_count else {}
    assert found == {}


@pytest.mark.parametrize("width", [360, 600, 1280])
def test_managers_pages_fit_without_overlapping_names(manager, address, width):
    for page in open_each(manager(viewport={"width": width, "height": 800}), address):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        for picture in page.locator("svg.map:visible").all():
            assert picture.locator(".name").count() > 2
            assert picture.evaluate(COLLISIONS) == [], page.url


EVERY_PAGE = ("/leaderboard", "/today", "/relationships", "/accounts", "/alerts", "/alerts?closed=1", "/answers", "/coaching",
              "/digest", "ALERT", "ACCOUNT", "REP", "RELATIONSHIP")  # fmt: skip
FIRST_LINK = {
    "ALERT": ("/alerts", "#open-alerts h2 a"), "ACCOUNT": ("/accounts", "tbody th a"),
    "REP": ("/leaderboard", "#board a[href^='/reps/']"), "RELATIONSHIP": ("/relationships", "tbody th a"),
}  # fmt: skip
# Whatever is pressed, a link in the midst of a sentence excepted.
TOO_SMALL = """() => [...document.querySelectorAll("button, select, .tools a, input[type=search], summary")]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))"""


# The fonts in which a page is wider than its window; the first is the machine's own.
SIDEWAYS = """([width, fonts]) => ["", ...fonts].filter(font => {
  document.documentElement.style.fontFamily = font && `"${font}"`;
  return document.documentElement.scrollWidth > width;
})"""


def test_nothing_scrolls_sideways_or_is_too_small(manager, address, cast, db):
    """In German, too, whose words are the longest of those that these pages have, and in the letters of phones and desktops."""
    cast.answer(cast.meeting(contact=PEOPLE[4], account="Hinterland & Söhne Handelsgesellschaft"), 1)
    page, found = manager(), []
    paths = []
    for path in EVERY_PAGE:
        if path in FIRST_LINK:
            page.goto(address + FIRST_LINK[path][0])
            path = page.locator(FIRST_LINK[path][1]).first.get_attribute("href")
        paths.append(path)
    for tag, width in ((None, 320), (None, 390), (None, 1024), ("de", 320), ("de", 1024)):
        with db.writing() as session:
            session.get_one(User, (cast.carol.organisation_id, cast.carol.id)).language = tag
        page.set_viewport_size({"width": width, "height": 664})
        for path in paths:
            page.goto(address + path)
            found += [(tag, width, path, font) for font in page.evaluate(SIDEWAYS, [width, fonts_here()])]
            found += [(tag, width, path, small) for small in page.evaluate(TOO_SMALL)]
    assert found == []


def test_first_rep_is_in_the_first_view(manager, cast):
    page = manager(viewport={"width": 390, "height": 664})
    box = page.locator("#board tbody tr").first.bounding_box()
    assert box["y"] + 60 < 664 - 56  # the name and the score, above the pages at the bottom


def test_alert_is_taken_and_closed_without_a_long_way(manager, address, cast):
    cast.answer(cast.meeting(contact="Zoe Zimmer"), 1, comment="We are leaving.")
    page = manager(viewport={"width": 390, "height": 664})
    page.goto(f"{address}/alerts")
    page.get_by_role("link", name="Zoe Zimmer").click()
    page.wait_for_url("**/alerts/*")
    take = page.get_by_role("button", name="I take it").bounding_box()
    assert take["y"] + take["height"] < 664 - 56
    way = page.get_by_role("link", name="Close it")
    assert way.bounding_box()["y"] + 44 < 664 - 56
    way.click()
    button = page.get_by_role("button", name="Close it")
    for needed in (page.get_by_label("Recovered"), page.get_by_label("What happened"), button):
        expect(needed).to_be_in_viewport(ratio=1)


def test_leaderboard_prints_on_one_page(manager):
    pdf = manager(viewport={"width": 1280, "height": 900}, is_mobile=False).pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


def test_map_name_opens_its_relationship(manager, address):
    page = manager()
    page.goto(f"{address}/relationships")
    page.locator("svg.map:visible .name").last.click()
    page.wait_for_url("**/relationships/*")


@pytest.mark.parametrize("width", [360, 390])
def test_closed_alerts_outcome_stays_inside_its_card(manager, address, cast, width):
    cast.answer(cast.meeting(contact=PEOPLE[4], account="Hinterland & Söhne Handelsgesellschaft"), 1)
    with cast.db.reading() as session:
        alert_id = session.exec(select(Alert.id).where(col(Alert.kind) == "low")).first()
    with cast.changing() as c:
        handle.close_alert(c, alert_id, cast.carol.id, outcome="recovered", words="We met.")
    page = manager(viewport={"width": width, "height": 800})
    page.goto(f"{address}/alerts?closed=1")
    pill = page.locator(".card .pill", has_text="Recovered")
    assert pill.evaluate("e => e.scrollWidth <= e.clientWidth")
    inner = "e => e.closest('.card').getBoundingClientRect().right - e.getBoundingClientRect().right"
    assert pill.evaluate(inner) >= 10
