"""What a client's phone keeps: found again whole, by its own page alone; and a phone that keeps nothing answers, too."""

import json
import re

import pytest
from playwright.sync_api import expect
from support.chromium import SIX, tap, until

from feedback.core.dimensions import DIMENSIONS

SAVVY = DIMENSIONS.index("savvy")
KEY = "3" * 22
CHECKED = "input[type=radio]:checked"


@pytest.fixture
def keeping(phone, address, invitation):
    """keeping("{…}") is a phone that has this of taps, and a key, on the client's page, which cannot send yet."""

    def keep(kept: str, key: str = KEY, path: str = ""):
        context = phone()
        page = context.new_page()
        page.goto(f"{address}/privacy")
        page.evaluate(
            "([token, key, kept]) => { localStorage[`key ${token}`] = key; localStorage[`answer ${token}`] = kept; }",
            [invitation.token, key, kept],
        )
        page.route(
            "**/f/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
        )
        page.goto(address + (path or f"/f/{invitation.token}"))
        return page

    return keep


@pytest.mark.parametrize(
    "refusal",
    [
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } })",
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }",
    ],
    ids=["refused", "full"],
)
def test_phone_that_keeps_nothing_answers(phone, address, invitation, stored, refusal):
    page, keys = phone().new_page(), []
    page.on("request", lambda each: keys.extend(re.findall(r"key=(\w+)", each.post_data or "")))
    page.add_init_script(refusal)
    page.goto(f"{address}/f/{invitation.token}")
    page.context.set_offline(True)
    tap(page, SIX)
    expect(page.locator(".saved")).to_contain_text("No network")
    page.context.set_offline(False)
    page.wait_for_url(f"**/f/{invitation.token}/*")
    page.get_by_role("button", name="Done").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, Dana.")
    assert stored(invitation).client.ratings == tuple(SIX.values())
    assert len({*keys}) == 1


def test_taps_that_were_kept_are_shown_and_sent(keeping, invitation, stored):
    """By an earlier version of the page, too: names and shape of what is kept do not change."""
    kept = {"fields": {"savvy": "4", "visibility": "manager"}, "sequence": 5, "done": False}
    page = keeping(json.dumps(kept), path=f"/f/{invitation.token}?lang=en")
    expect(page.locator('input[name="savvy"][value="4"]')).to_be_checked()
    expect(page.locator(CHECKED)).to_have_count(1)
    expect(page.get_by_label("Alice sees this too")).not_to_be_checked()
    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")
    until(lambda: stored(invitation).client.ratings[SAVVY] == 4, page)
    assert stored(invitation).client.visibility == "manager"
    assert page.url.endswith(f"/f/{invitation.token}/{KEY}?lang=en")


def test_words_that_were_kept_are_shown(keeping, cast, invitation):
    own = cast.answer_address(invitation)
    cast.answer(invitation, 4)
    page = keeping(
        json.dumps({"fields": {"comment": "Thank you.", "stage": "change"}, "sequence": 5, "done": False}),
        own.rpartition("/")[2],
        f"{own}?step=extras",
    )
    expect(page.get_by_label("Anything to add?")).to_have_value("Thank you.")
    expect(page.get_by_label("To plan a change")).to_be_checked()


def test_page_works_though_what_is_kept_cannot_be_read(keeping, invitation, stored):
    page = keeping("{")
    page.unroute_all()
    tap(page, {"savvy": 4})
    until(lambda: stored(invitation).client.ratings[SAVVY] == 4)


def test_taps_that_the_browser_put_back_are_done(page, invitation, stored):
    """As a browser does when a page is loaded again: no event tells of them."""
    page.evaluate("""document.querySelector('input[name="savvy"][value="2"]').checked = true""")
    page.get_by_role("button", name="Done").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, Dana.")
    assert stored(invitation).client.ratings[SAVVY] == 2


def test_page_of_another_meeting_shows_nothing_of_this(page, cast, address, invitation):
    other = page.context.new_page()
    other.goto(f"{address}/f/{cast.meeting(contact='Eli Ode').token}")
    page.context.set_offline(True)
    tap(page, {"savvy": 4})
    expect(page.locator(".saved")).to_contain_text("No network")
    page.context.set_offline(False)
    expect(other.locator(CHECKED)).to_have_count(0)
    other.reload()
    expect(other.get_by_role("heading", level=1)).to_contain_text("Six taps, Eli")
    expect(other.locator(CHECKED)).to_have_count(0)


def test_phone_whose_clock_is_behind_goes_on_from_the_last_tap(page, phone, invitation, stored):
    tap(page, {"savvy": 4})
    page.wait_for_url(f"**/f/{invitation.token}/*")
    behind, sequences = phone().new_page(), []
    behind.add_init_script("Date.now = () => 1e12")
    behind.on(
        "request",
        lambda each: sequences.extend(map(int, re.findall(r"sequence=(\d+)", each.post_data or ""))),
    )
    behind.goto(page.url)
    last = int(behind.locator("form").get_attribute("data-sequence"))
    tap(behind, {"savvy": 2})
    until(lambda: stored(invitation).client.ratings[SAVVY] == 2)
    older = {"fields": {"savvy": "1"}, "sequence": 5, "done": False}
    behind.evaluate(
        "([name, kept]) => localStorage[name] = kept", [f"answer {invitation.token}", json.dumps(older)]
    )
    behind.reload()
    until(lambda: 5 in sequences, behind)
    tap(behind, {"savvy": 3})
    until(lambda: sequences == [last + 1, 5, last + 2], behind)


def test_second_tab_follows_the_first_though_the_phones_clock_stands(phone, address, invitation, stored):
    """Also who sees it is sent from there: the taps that it is about were made in the first."""
    context = phone()
    context.add_init_script("Date.now = () => 1e12")
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(f"{address}/f/{invitation.token}")
    tap(first, {"savvy": 4})
    expect(second.locator(CHECKED)).to_have_count(1)
    second.get_by_label("Alice sees this too").uncheck()
    until(lambda: stored(invitation).client.visibility == "manager")
    assert stored(invitation).client.ratings[SAVVY] == 4


def test_key_has_no_favourite_letters(phone, address, invitation):
    """Of 256 bytes 242 make a letter, so that each of the 22 comes as often; 255 to 242 make none."""
    page = phone().new_page()
    page.add_init_script("crypto.getRandomValues = (bytes) => bytes.map((_, n) => 255 - n)")
    page.goto(f"{address}/f/{invitation.token}")
    tap(page, {"savvy": 4})
    until(lambda: page.evaluate("localStorage.mark"), page)
    assert page.evaluate("localStorage.mark") == "YXWVTRQPNMKJHGFDC97643"[:18] + "YXWV"
