"""The client's page on a bad line: every tap is kept, said to be kept, and sent once."""

import re
import threading

import pytest
from flask import Flask
from playwright.sync_api import Route, expect
from support.chromium import SIX, tap, until
from werkzeug.serving import BaseWSGIServer, make_server

from feedback.app import create_app
from feedback.core.dimensions import DIMENSIONS
from feedback.db.engine import Database


def test_each_tap_is_saved_at_once(page, invitation, stored):
    tap(page, {"savvy": 4})
    until(lambda: stored(invitation).progress.taps == 1)
    assert stored(invitation).client.ratings[DIMENSIONS.index("savvy")] == 4
    assert page.evaluate("location.search") == ""  # a tap chooses no language


def test_offline_taps_are_sent_when_online(page, invitation, stored):
    page.context.set_offline(True)
    tap(page, SIX)
    expect(page.locator(".saved")).to_contain_text("No network")
    assert stored(invitation).progress.taps == 0
    page.context.set_offline(False)
    until(lambda: stored(invitation).progress.taps == 6)
    expect(page.locator(".saved")).to_contain_text("Saved as you tap")


def test_offline_done_completes_when_online(page, invitation, stored):
    page.context.set_offline(True)
    tap(page, SIX)
    page.get_by_role("button", name="Done").tap()
    expect(page.locator(".saved")).to_contain_text("No network")
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Thank you, Dana.")).to_be_visible(timeout=10_000)
    assert stored(invitation).client.done_at is not None


def test_taps_of_killed_tab_are_sent_later(page, invitation, stored):
    page.context.set_offline(True)
    tap(page, SIX)
    expect(page.locator(".saved")).to_contain_text("No network")
    url, context = page.url, page.context
    page.close()
    context.set_offline(False)
    context.new_page().goto(url)
    until(lambda: stored(invitation).client.ratings == tuple(SIX.values()))


def test_lost_reply_leaves_one_answer(page, invitation, stored):
    lost: list[str] = []

    def lose_the_first_reply(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
        else:
            lost.append(route.request.url)
            route.fetch()  # it arrives, the answer does not
            route.abort()

    page.route("**/f/*", lose_the_first_reply)
    tap(page, SIX)
    until(lambda: stored(invitation).client.ratings == tuple(SIX.values()), page)
    assert len(lost) == 1
    page.wait_for_url(f"**/f/{invitation.token}/*")
    page.reload()
    expect(page.locator("input[type=radio]:checked")).to_have_count(6)


@pytest.mark.parametrize("status", [408, 429, 500])
def test_taps_that_were_not_taken_are_sent_again(page, invitation, stored, status):
    late: list[str] = []

    def refuse_the_first(route: Route) -> None:
        if route.request.method != "POST" or late:
            route.continue_()
        else:
            late.append(route.request.url)
            route.fulfill(status=status, body="Not now.")

    page.route("**/f/*", refuse_the_first)
    tap(page, SIX)
    until(lambda: stored(invitation).client.ratings == tuple(SIX.values()), page)
    assert len(late) == 1


def test_taps_in_two_tabs_are_all_kept(page, invitation, stored):
    other = page.context.new_page()
    other.goto(page.url)
    tap(page, {"integrity": 5})
    until(lambda: stored(invitation).progress.taps == 1)
    expect(other.locator('input[name="integrity"][value="5"]')).to_be_checked()
    tap(other, {"competency": 2})
    until(lambda: stored(invitation).progress.taps == 2)
    assert stored(invitation).client.ratings[:2] == (5, 2)


def test_opening_that_was_not_told_is_told_before_the_next_tap(phone, address, invitation, stored):
    """An answer whose page nobody opened would look as if no person had given it. Taps do not wait for it."""
    page, tries, before = phone().new_page(), [], []

    def not_at_first(route):
        tries.append(route.request.url)
        if len(tries) in (1, 4):
            route.abort()
        elif len(tries) < 4:
            route.fulfill(status=(429, 503)[len(tries) - 2], body="Not now.")
        else:
            page.wait_for_timeout(200)
            before.append(stored(invitation).progress.taps)
            route.continue_()

    page.route("**/opened", not_at_first)
    page.goto(f"{address}/f/{invitation.token}")
    until(lambda: len(tries) == 1, page)
    for n, name in enumerate(DIMENSIONS, 1):
        assert (stored(invitation).opened_at is None) == (n < 5)
        tap(page, {name: 4})
        until(lambda n=n: stored(invitation).progress.taps == n, page)
    assert len(tries) == 5
    assert before == [3]  # the fourth tap waited for it


def test_tap_made_while_another_is_sent_is_sent_too(page, invitation, stored):
    slow: list[str] = []

    def tap_meanwhile(route: Route) -> None:
        if route.request.method == "POST" and not slow:
            slow.append(route.request.url)
            page.evaluate("""() => document.querySelector('input[name="savvy"][value="2"]').click()""")
            page.wait_for_timeout(300)  # its turn comes while the other is on its way
        route.continue_()

    page.route("**/f/*", tap_meanwhile)
    tap(page, {"integrity": 5})
    until(lambda: stored(invitation).progress.taps == 2, page)
    assert stored(invitation).client.ratings[DIMENSIONS.index("savvy")] == 2


def test_last_of_several_taps_is_kept(page, invitation, stored):
    for rating in (1, 5, 5, 3, 4, 4):
        tap(page, {"chemistry": rating})
    until(lambda: stored(invitation).client.ratings[-1] == 4)
    assert stored(invitation).progress.taps == 1


def test_key_address_shows_taps_on_another_phone(page, phone, invitation, stored):
    tap(page, SIX)
    until(lambda: stored(invitation).progress.taps == 6)
    page.wait_for_url(f"**/f/{invitation.token}/*")
    other = phone().new_page()
    other.goto(page.url)
    assert other.locator("input[type=radio]:checked").count() == 6


def test_link_preview_is_not_an_opening(phone, address, invitation, stored):
    link_preview = phone(java_script_enabled=False).new_page()
    link_preview.goto(f"{address}/f/{invitation.token}")
    assert stored(invitation).opened_at is None
    phone().new_page().goto(f"{address}/f/{invitation.token}")
    until(lambda: stored(invitation).opened_at is not None)


def test_answer_works_without_script(phone, address, invitation, stored):
    page = phone(java_script_enabled=False).new_page()
    page.goto(f"{address}/f/{invitation.token}")
    expect(page.get_by_text("Saved as you tap")).to_be_hidden()
    expect(page.get_by_text("This page is for Dana")).to_be_visible()
    tap(page, SIX)
    page.locator(".button", has_text="Done").tap()
    expect(page.get_by_role("heading", name="Thank you, Dana.")).to_be_visible()
    assert stored(invitation).client.ratings == tuple(SIX.values())


def test_language_change_keeps_the_taps(page, invitation, stored):
    tap(page, {"integrity": 4, "savvy": 2})
    page.get_by_label("Language").select_option("en")
    until(lambda: stored(invitation).progress.taps == 2)
    expect(page.locator("input[type=radio]:checked")).to_have_count(2)


def test_answer_works_by_keyboard_alone(page, invitation, stored):
    page.locator('input[name="integrity"]').first.focus()
    for _ in DIMENSIONS:
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
    expect(page.get_by_label("Alice sees this too")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Done")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you, Dana.")).to_be_visible()
    assert stored(invitation).client.ratings == (2,) * 6
    assert stored(invitation).client.visibility == "manager"


def test_offline_visibility_choice_is_sent_when_online(page, invitation, stored):
    page.context.set_offline(True)
    tap(page, {"savvy": 4})
    page.get_by_label("Alice sees this too").uncheck()
    expect(page.locator(".saved")).to_contain_text("No network")
    page.context.set_offline(False)
    until(lambda: stored(invitation).progress.taps == 1)
    assert stored(invitation).client.visibility == "manager"
    page.get_by_label("Alice sees this too").check()
    until(lambda: stored(invitation).client.visibility == "rep")


def test_offline_extras_are_sent_when_online(page, address, cast, invitation, stored):
    own = cast.answer_address(invitation)
    cast.answer(invitation, 4)
    page.goto(f"{address}{own}?step=extras")
    page.context.set_offline(True)
    page.get_by_label("To compare options").check()
    page.get_by_label("Anything to add?").fill("Thank you for the list.")
    expect(page.locator(".saved")).to_contain_text("What you wrote waits here")
    page.context.set_offline(False)
    until(lambda: stored(invitation).client.comment == "Thank you for the list.")
    assert stored(invitation).client.stage == "comparing"


def test_words_of_killed_tab_are_sent_by_reopened_address(page, address, cast, invitation, stored):
    own = cast.answer_address(invitation)
    cast.answer(invitation, 4)
    page.goto(f"{address}{own}?step=extras")
    page.context.set_offline(True)
    page.get_by_label("Anything to add?").fill("Thank you for the list.")
    expect(page.locator(".saved")).to_contain_text("What you wrote waits here")
    context = page.context
    page.close()
    context.set_offline(False)
    context.new_page().goto(address + own)
    until(lambda: stored(invitation).client.comment == "Thank you for the list.")


def test_taps_wait_while_server_is_down(phone, app, invitation, stored):
    server = _serve(app)
    page = phone().new_page()
    page.goto(f"http://127.0.0.1:{server.port}/f/{invitation.token}")
    _stop(server)
    tap(page, SIX)
    expect(page.locator(".saved")).to_contain_text("We cannot be reached just now")
    again = _serve(app, server.port)
    until(lambda: stored(invitation).client.ratings == tuple(SIX.values()))
    expect(page.locator(".saved")).to_contain_text("Saved as you tap")
    _stop(again)


def test_taps_wait_while_database_is_down(page, app, invitation, stored, tmp_path):
    gone = Database(f"sqlite:///{tmp_path}/no/such/folder/feedback.sqlite3")
    live = app.wsgi_app
    app.wsgi_app = create_app(app.extensions["feedback"].settings, database=gone).wsgi_app
    with page.expect_response(lambda reply: reply.status == 503):
        tap(page, SIX)
    expect(page.locator(".saved")).to_contain_text("We cannot be reached just now")
    app.wsgi_app = live
    until(lambda: stored(invitation).client.ratings == tuple(SIX.values()))
    gone.dispose()


def _serve(app: Flask, port: int = 0) -> BaseWSGIServer:
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _stop(server: BaseWSGIServer) -> None:
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "phones_clock", ["Date.now = () => 1.7e12", "let n = 1.7e12; Date.now = () => n -= 6e4"]
)
def test_last_tap_counts_though_the_clock_stands_or_runs_back(
    phone, address, invitation, stored, phones_clock
):
    """What orders the taps of a phone grows with each, whatever its clock does."""
    page = phone().new_page()
    page.add_init_script(phones_clock)
    page.goto(f"{address}/f/{invitation.token}")
    sent: list[int] = []
    page.on(
        "request",
        lambda request: sent.extend(map(int, re.findall(r"sequence=(\d+)", request.post_data or ""))),
    )
    for n, rating in enumerate((4, 2, 5, 1), 1):
        tap(page, {"savvy": rating})
        until(lambda n=n: len(sent) >= n, page)
        until(
            lambda rating=rating: stored(invitation).client.ratings[DIMENSIONS.index("savvy")] == rating, page
        )
    assert sent == sorted(set(sent))
    assert len(sent) >= 4


def test_what_is_changed_in_a_second_tab_is_later_than_the_first(page, invitation, stored):
    savvy = DIMENSIONS.index("savvy")
    second = page.context.new_page()
    second.goto(page.url)
    for rating in (2, 3, 4):
        tap(page, {"savvy": rating})
        until(lambda: stored(invitation).client.ratings[savvy] == rating)  # noqa: B023 (asked at once)
    tap(second, {"savvy": 5})
    until(lambda: stored(invitation).client.ratings[savvy] == 5)
