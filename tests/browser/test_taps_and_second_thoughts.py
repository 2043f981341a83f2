"""The client's page where a person is quick or changes their mind, and where a phone's clock does."""

import re

from playwright.sync_api import expect
from support.chromium import SIX, tap, until

from feedback.core.dimensions import DIMENSIONS


def test_tap_that_waits_for_another_try_is_sent_as_the_page_is_left(page, invitation, stored):
    failed = []

    def fail(route):
        failed.append(route.request.url)
        route.abort()

    page.route(re.compile(f"/f/{invitation.token}"), fail)
    tap(page, {"savvy": 4})
    until(lambda: failed, page)
    expect(page.locator(".saved[data-waiting]")).to_be_visible()
    page.unroute_all()
    assert stored(invitation).progress.taps == 0
    page.evaluate("location.assign('/privacy')")  # before two seconds are over
    page.wait_for_url("**/privacy")
    until(lambda: stored(invitation).progress.taps == 1)


def test_tap_after_offline_done_is_done_all_the_same(page, invitation, stored):
    page.context.set_offline(True)
    tap(page, SIX)
    page.get_by_role("button", name="Done").tap()
    expect(page.locator(".saved")).to_contain_text("No network")
    tap(page, {"savvy": 2})  # on second thoughts
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Thank you, Dana.")).to_be_visible(timeout=10_000)
    said = stored(invitation).client
    assert (said.done_at is not None, said.ratings[DIMENSIONS.index("savvy")]) == (True, 2)


def test_page_that_is_made_ready_unseen_is_opened_once_it_is_seen(phone, address, invitation, stored):
    page, told = phone().new_page(), []
    page.on("request", lambda request: told.append(request) if request.url.endswith("/opened") else None)
    page.add_init_script(
        "Object.defineProperty(document, 'prerendering', { value: true, configurable: true })"
    )
    page.goto(f"{address}/f/{invitation.token}")
    page.wait_for_load_state("networkidle")
    assert (told, stored(invitation).opened_at) == ([], None)
    page.evaluate("document.dispatchEvent(new Event('prerenderingchange'))")
    until(lambda: stored(invitation).opened_at is not None)
    assert len(told) == 1


def test_tap_on_a_phone_whose_clock_was_put_back_follows_what_waited(page, invitation, stored):
    page.context.set_offline(True)
    tap(page, SIX)
    expect(page.locator(".saved")).to_contain_text("No network")
    url, context = page.url, page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.add_init_script("{ const now = Date.now; Date.now = () => now() - 3_600_000; }")
    again.goto(url)
    until(lambda: stored(invitation).progress.taps == 6)
    tap(again, {"savvy": 2})
    until(lambda: stored(invitation).client.ratings[DIMENSIONS.index("savvy")] == 2)
