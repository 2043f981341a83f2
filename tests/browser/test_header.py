"""The head of signed-in pages: one row on the smallest phone, for the thumb and for the keyboard."""

import pytest
from playwright.sync_api import expect
from support.chromium import tab_to

SMALLEST = {"viewport": {"width": 320, "height": 568}, "service_workers": "block"}


@pytest.mark.parametrize("name", ["alice", "olive"])
def test_header_is_one_row_of_large_targets(entered, name):
    page = entered(name, **SMALLEST)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.locator(".top").bounding_box()["height"] < 60
    for target in page.locator(".top :is(a, button):visible").all():
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 44, target.inner_text()
    assert page.locator(".top .me bdi").inner_text() == name.title()


def test_menu_opens_by_keyboard_alone(entered):
    page = entered("olive", **SMALLEST)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    accounts = page.get_by_role("link", name="Accounts")
    expect(accounts).to_be_hidden()
    tab_to(page, page.get_by_role("button", name="Menu"))
    page.keyboard.press("Enter")
    tab_to(page, accounts)
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts")


def test_all_pages_stand_in_the_row_on_a_laptop(entered):
    page = entered("olive", viewport={"width": 1280, "height": 800}, is_mobile=False)
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    assert page.locator(".top").bounding_box()["height"] < 60
    expect(page.get_by_role("link", name="People")).to_be_visible()


def test_form_is_sent_once_until_it_is_shown_again(entered):
    sent = entered("alice").evaluate(
        """() => {
          const form = document.body.appendChild(document.createElement("form")), sent = [];
          addEventListener("submit", (event) => { sent.push(!event.defaultPrevented); event.preventDefault(); });
          const twice = () => { form.requestSubmit(); form.requestSubmit(); };
          twice();
          dispatchEvent(new Event("pageshow"));  // as by the back button
          twice();
          return sent;
        }"""
    )
    assert sent == [True, False, True, False]
