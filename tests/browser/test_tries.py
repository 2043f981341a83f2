"""What the client's page sends, when, and how often: as soon as it can, all of it, and nothing twice."""

import re
from threading import Event

import pytest
from playwright.sync_api import Page, Request, Route, expect
from support.chromium import SIX, tap, until

from feedback.core.dimensions import DIMENSIONS

SAVVY = DIMENSIONS.index("savvy")


@pytest.fixture
def posts(page) -> list[Request]:
    """The taps that the page sends."""
    found: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST" and not request.url.endswith("/opened"):
            found.append(request)

    page.on("request", note)
    return found


def sent(post: Request, name: str) -> str:
    return re.findall(rf"(?:^|&){name}=([^&]*)", post.post_data or "")[0]


def click(page: Page, name: str, value: int) -> None:
    page.evaluate(f"""document.querySelector('input[name="{name}"][value="{value}"]').click()""")


def hold(page: Page) -> list[Route]:
    """The next tap that is sent, held up."""
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        route.continue_() if held else held.append(route)

    page.route("**/f/**", hold_the_first)
    return held


def stand_still(page: Page) -> None:
    """The page's clock goes on by page.clock.run_for alone."""
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))


def test_tries_grow_rarer_until_one_arrives(page, posts, invitation, stored):
    def fails_after(milliseconds: int) -> None:
        before = len(posts)
        page.clock.run_for(milliseconds - 1)
        page.wait_for_timeout(20)
        assert len(posts) == before
        page.clock.run_for(1)
        expect(page.locator(".saved")).to_contain_text("We cannot be reached")  # and the next try is due
        page.evaluate("document.querySelector('.saved').textContent = ''")
        assert len(posts) == before + 1

    stand_still(page)
    page.route("**/f/**", lambda route: route.abort())
    click(page, "savvy", 1)
    page.clock.run_for(100)
    click(page, "savvy", 2)  # goes out with the first
    fails_after(120)
    page.clock.run_for(500)
    click(page, "savvy", 4)  # in place of the try that was due
    fails_after(120)
    for wait in (4, 8, 16, 30, 30):
        fails_after(wait * 1000)
    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")
    page.clock.run_for(1)
    until(lambda: stored(invitation).client.ratings[SAVVY] == 4, page)
    expect(page.locator(".saved")).to_contain_text("Saved as you tap")
    page.route("**/f/**", lambda route: route.abort())
    click(page, "savvy", 5)
    fails_after(120)
    fails_after(2000)


def test_words_go_out_when_typing_pauses_and_done_at_once(page, address, cast, invitation):
    own = cast.answer_address(invitation)
    cast.answer(invitation, 4)
    told: list[str] = []
    page.on("request", lambda each: told.append(each.url) if each.method == "POST" else None)
    page.goto(f"{address}{own}?step=extras")
    stand_still(page)
    words = page.get_by_label("Anything to add?")
    for text in ("Thank", "Thank you"):
        words.fill(text)
        page.clock.run_for(599)
        page.wait_for_timeout(20)
        assert told == []
    page.clock.run_for(1)
    until(lambda: told, page)
    page.get_by_role("button", name="That’s all").tap()
    until(lambda: page.clock.run_for(1) or page.url.endswith("step=thanks"), page)  # once the words are there
    assert told == [address + own] * 2  # and nobody is told again that the page was opened


def test_nothing_is_sent_twice(page, posts, invitation, stored):
    held, pages = hold(page), page.evaluate("history.length")
    tap(page, {"savvy": 4})
    until(lambda: held, page)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(200)
    assert len(posts) == 1
    held[0].continue_()
    until(lambda: stored(invitation).progress.taps == 1, page)
    page.wait_for_url(f"**/f/{invitation.token}/*")
    line = page.locator(".saved").evaluate_handle("e => e.firstChild")
    page.evaluate("dispatchEvent(new Event('online'))")  # nothing waits
    page.wait_for_timeout(100)
    tap(page, {"savvy": 2})
    until(lambda: stored(invitation).client.ratings[SAVVY] == 2, page)
    assert [each.url for each in posts[1:]] == [page.url]
    mark = page.evaluate("localStorage.mark")
    assert {sent(each, "mark") for each in posts} == {mark}
    assert line.evaluate("e => e.isConnected")  # "Saved as you tap" is not read aloud anew with each tap
    assert page.evaluate("history.length") == pages
    page.reload()
    assert page.evaluate("localStorage.mark") == mark


@pytest.mark.parametrize("what", ["opened", "tap"])
def test_tap_is_sent_though_another_word_is_on_its_way_as_the_page_is_left(
    phone, address, app, invitation, stored, what
):
    live, better, late = app.wsgi_app, Event(), []

    def slow(environ, start_response):
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].endswith("opened") == (
            what == "opened"
        ):
            late.append(environ["PATH_INFO"])
            if what == "opened" or len(late) == 1:
                better.wait(5)
        return live(environ, start_response)

    app.wsgi_app = slow
    page = phone().new_page()
    page.goto(f"{address}/f/{invitation.token}")
    tap(page, {"integrity": 5})
    until(lambda: late)
    tap(page, {"savvy": 2})
    page.evaluate("location.assign('/privacy')")
    page.wait_for_url("**/privacy")
    until(lambda: stored(invitation).client.ratings[SAVVY] == 2)
    assert stored(invitation).client.ratings[0] == 5
    better.set()


def test_phone_that_is_behind_another_sends_nothing_more(page, phone, app, invitation):
    live, posts = app.wsgi_app, []

    def count(environ, start_response):
        posts.extend(environ["PATH_INFO"] for _ in [0] if environ["REQUEST_METHOD"] == "POST")
        return live(environ, start_response)

    other = phone().new_page()
    other.goto(page.url)
    tap(other, {"savvy": 5})
    other.wait_for_url(f"**/f/{invitation.token}/*")
    pages = page.evaluate("history.length")
    app.wsgi_app = count
    tap(page, {"savvy": 1})
    expect(page.get_by_role("heading", level=1)).to_have_text("Being answered on another phone")
    page.wait_for_timeout(100)
    assert len(posts) == 1
    assert page.evaluate("history.length") == pages


def test_closed_meanwhile_nothing_waits(page, clock, posts):
    held = hold(page)
    tap(page, {"savvy": 4})
    until(lambda: held, page)
    tap(page, {"savvy": 2})
    clock.forward(days=20)
    held[0].continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("This page has closed")
    assert not [name for name in page.evaluate("Object.keys(localStorage)") if name.startswith("answer ")]
    assert len(posts) == 1


def test_words_that_are_too_long_are_told_and_not_done(page, address, cast, invitation, stored):
    own = cast.answer_address(invitation)
    cast.answer(invitation, 4)
    page.goto(f"{address}{own}?step=extras")
    words = page.get_by_label("Anything to add?")
    words.evaluate("e => e.removeAttribute('maxlength')")
    words.fill("x" * 2001)
    expect(page.get_by_role("alert")).to_be_visible()
    assert words.input_value() == "x" * 2001
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('answer '))") == []
    words.fill("Thank you.")
    until(lambda: stored(invitation).client.comment == "Thank you.")


def test_chosen_extra_stays_on_its_page(page, address, cast, invitation, stored):
    own = cast.answer_address(invitation)
    cast.answer(invitation, 4)
    page.goto(f"{address}{own}?step=extras")
    page.get_by_label("To compare options").check()
    until(lambda: stored(invitation).client.stage == "comparing")
    page.wait_for_timeout(100)
    assert page.url == f"{address}{own}?step=extras"
    page.evaluate("window.here = true")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    page.wait_for_timeout(100)
    assert page.evaluate("window.here")  # brought back by the browser, it is as it was


def test_done_whose_answer_lost_its_headers_ends_at_what_was_said(page, invitation):
    def strip(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.fulfill(status=200, body="")
        else:
            route.continue_()

    tap(page, SIX)
    page.wait_for_url(f"**/f/{invitation.token}/*")
    page.route("**/f/**", strip)
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url))
    page.get_by_role("button", name="Done").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("What you said")
    assert not [each for each in asked if each.endswith("null")]
