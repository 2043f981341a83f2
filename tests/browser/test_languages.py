"""The client's page in every language, on the smallest phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from feedback.wording import i18n

# Does any word of a rating, shown because its ring is chosen, run into its row's label, or out of the page?
CLASHES = """() => [...document.querySelectorAll('.rings')].flatMap(row => {
  const label = document.createRange();
  label.selectNodeContents(row.querySelector('legend'));
  const lines = [...label.getClientRects()];
  return [...row.querySelectorAll('b')].filter(word => {
    const box = word.getBoundingClientRect();
    return box.left < 0 || box.right > innerWidth || word.scrollWidth > word.clientWidth + 1 ||
      lines.some(l => l.left < box.right && box.left < l.right && l.top < box.bottom && box.top < l.bottom);
  }).map(word => word.textContent + ' / ' + row.querySelector('legend').textContent);
})"""


@pytest.fixture
def invitation(cast):
    return cast.meeting()


@pytest.fixture
def small(phone, address, invitation):
    page = phone(viewport={"width": 320, "height": 640}).new_page()

    def show(tag: str, path: str = f"/f/{invitation.token}"):
        page.goto(f"{address}{path}?lang={tag}")
        return page

    return show


def test_rating_page_fits_in_every_language(small):
    for tag in i18n.languages():
        page = small(tag)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, tag
        assert page.evaluate(CLASHES) == [], tag


def test_other_pages_fit_in_every_language(small, cast, invitation):
    own = cast.answer_address(invitation)
    cast.answer(invitation, 4, done=False)
    for tag in i18n.languages():
        for path in (f"/f/{invitation.token}", f"{own}/receipt"):
            page = small(tag, path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, (tag, page.url)


@pytest.mark.parametrize("tag", ["ar", "he", "fa"])
def test_right_to_left_pages_run_from_right(small, tag):
    page = small(tag)
    assert page.locator("html").get_attribute("dir") == "rtl"
    boxes = [ring.bounding_box()["x"] for ring in page.locator(".rings").first.locator(".tap").all()]
    assert boxes == sorted(boxes, reverse=True)
    assert Axe().run(page).violations_count == 0


def test_page_uses_the_browsers_language(phone, address, cast):
    page = phone(locale="de-AT").new_page()
    page.goto(f"{address}/f/{cast.meeting().token}")
    assert page.locator("html").get_attribute("lang") == "de"


def test_language_switch_keeps_the_taps(small, cast):
    page = small("en")
    page.locator('label:has(input[name="savvy"][value="2"])').tap()
    page.get_by_label("Language").select_option("en-all")  # the short menu's last line
    page.wait_for_url("**lang=en-all**")
    page.get_by_label("Language").select_option("ja")
    page.wait_for_url("**lang=ja**")
    assert page.locator('input[name="savvy"][value="2"]').is_checked()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_menu_of_languages_is_one_and_whole(phone, address, invitation, script):
    page = phone(java_script_enabled=script, locale="sl").new_page()
    page.goto(f"{address}/f/{invitation.token}")
    menu = page.locator("[name=speak]")
    expect(menu).to_be_visible()
    assert page.locator("select").filter(visible=True).count() == 1
    assert page.locator("label").filter(visible=True, has_text="Slovenščina").count() == 1
    tags = menu.locator("option").evaluate_all("options => options.map(each => each.value)")
    assert {"de", "sl", "uk", "sl-all"} <= set(tags)
    assert menu.input_value() == "sl"


def test_page_shifts_by_nothing_when_its_menu_comes(phone, address, invitation):
    page = phone().new_page()
    page.add_init_script("""
      window.shifts = [];
      new PerformanceObserver((list) => shifts.push(...list.getEntries().map((each) => each.value)))
        .observe({ type: "layout-shift", buffered: true });
    """)
    page.goto(f"{address}/f/{invitation.token}")
    expect(page.locator("[name=speak]")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.locator("[name=speak] option").count() > 5
    assert page.evaluate("shifts") == []
