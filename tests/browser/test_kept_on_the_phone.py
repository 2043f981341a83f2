"""What a rep's phone keeps: the shell and the open code, and never as if it were live."""

import re
import time
from threading import Event

import pytest
from playwright.sync_api import Page, expect
from support.chromium import decode, tap, until

from feedback.actions import sessions
from feedback.actions.user_links import new_link
from feedback.core.dimensions import DIMENSIONS
from feedback.core.links import link_token
from feedback.web import operations

FROM_PHONE = ".from-phone"


@pytest.fixture
def installed(rep, compared, address):
    """installed() is Alice's phone with the service worker, on the page of today's code."""

    def enter(**options: object) -> Page:
        page = rep(**options)
        page.evaluate("navigator.serviceWorker.ready")
        page.wait_for_function("() => navigator.serviceWorker.controller")
        page.goto(f"{address}/meetings/{compared[1].meeting_id}")
        expect(page.locator(FROM_PHONE)).to_be_hidden()
        return page

    return enter


def kept(page: Page) -> list[str]:
    """The addresses of all that the phone keeps of signed-in pages."""
    return page.evaluate(
        """async () => { const found = [];
        for (const name of await caches.keys())
          for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
        return found.filter(path => !path.startsWith("/static/") && path !== "/offline"); }"""
    )


def test_opened_code_shows_offline_marked_as_stored(installed):
    page = installed()
    live = decode(page)
    page.context.set_offline(True)
    page.reload()
    assert decode(page) == live
    expect(page.locator(FROM_PHONE)).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(FROM_PHONE)).to_be_hidden()


def test_stored_code_shows_when_network_is_slow(installed, app):
    page = installed()
    better = Event()
    live, app.wsgi_app = app.wsgi_app, _slow(app.wsgi_app, better)
    began = time.monotonic()
    page.reload(wait_until="commit")
    expect(page.locator(FROM_PHONE)).to_be_visible()
    assert time.monotonic() - began < 5
    app.wsgi_app = live
    better.set()  # what still waits is answered, too: the browser asks for one address once at a time
    page.wait_for_timeout(300)
    page.reload()
    expect(page.locator(FROM_PHONE)).to_be_hidden()


def _slow(wsgi_app, better):
    def answer(environ, start_response):
        if environ["PATH_INFO"].startswith("/meetings/"):
            better.wait(6)
        return wsgi_app(environ, start_response)

    return answer


def test_only_the_code_page_is_stored(installed, address, compared):
    page = installed()
    for path in ("/meetings", f"/meetings/{compared[0].meeting_id}/gap", "/leaderboard", "/me"):
        page.goto(address + path)
    assert kept(page) == [f"/meetings/{compared[1].meeting_id}"]
    page.context.set_offline(True)
    page.goto(f"{address}/leaderboard")
    expect(page.get_by_text("No network.")).to_be_visible()


def test_stored_code_survives_an_update(installed, monkeypatch):
    page = installed()
    live, before = decode(page), page.evaluate("caches.keys()")
    monkeypatch.setattr(operations, "SHELL", ("js/htmx.js",))
    page.evaluate("""async () => { const worker = await navigator.serviceWorker.ready;
      const changed = new Promise(done => navigator.serviceWorker.addEventListener("controllerchange", done));
      await worker.update(); await changed; }""")
    page.wait_for_function("before => caches.keys().then(now => now.join() !== before)", arg=",".join(before))
    page.context.set_offline(True)
    page.reload()
    assert decode(page) == live
    expect(page.locator(FROM_PHONE)).to_have_css("border-radius", "12px")  # drawn as it was


def test_signing_out_removes_stored_code(installed, address):
    page = installed()
    code_page = page.url
    page.goto(f"{address}/me")
    page.get_by_role("button", name="Sign out", exact=True).tap()
    page.wait_for_url("**/sign-in")
    page.context.set_offline(True)
    page.goto(code_page)
    expect(page.get_by_role("heading", name="No network")).to_be_visible()


def test_session_that_ended_elsewhere_removes_stored_code(installed, address, cast):
    page = installed()
    code_page = page.url
    until(lambda: kept(page), page)
    with cast.changing() as c:
        sessions.end_sessions(c, cast.alice.id)
    page.goto(f"{address}/meetings")
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    until(lambda: not kept(page), page)
    page.context.set_offline(True)
    page.goto(code_page)
    expect(page.get_by_role("heading", name="No network")).to_be_visible()


def test_somebody_else_who_joins_removes_stored_code(app, installed, address, cast):
    page = installed()
    until(lambda: kept(page), page)
    with cast.changing() as c:
        link = new_link(c, cast.olive.id, cast.bob.id)
    token = link_token(app.extensions["feedback"].settings.secret_key, cast.bob.organisation_id, link)
    page.goto(f"{address}/join/{token}")
    page.get_by_label("Choose a password").fill("a sentence of his own")
    page.get_by_role("button", name="Save it, and sign in").tap()
    page.wait_for_url("**/meetings")
    until(lambda: not kept(page), page)


@pytest.fixture
def handed_over(installed):
    page = installed()
    page.get_by_role("link", name="Hand over phone").tap()
    page.get_by_label("Choose a PIN").fill("4711")
    page.get_by_role("button", name="Lock and hand over").tap()
    expect(page.get_by_role("heading", name="Six taps, Dana.")).to_be_visible()
    return page


def test_handed_over_phone_opens_only_the_answer(handed_over, compared, address, cast):
    page = handed_over
    page.go_back()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    met = f"/meetings/{compared[1].meeting_id}"
    for path in (
        "/",
        "/meetings",
        "/leaderboard",
        "/me",
        met,
        f"{met}/mirror",
        f"{met}/status",
        f"/reps/{cast.alice.id}",
    ):
        page.goto(address + path)
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        assert not re.search("Northwind|Whitfield", page.content()), path
    page.get_by_role("link", name="Back to the six taps").tap()
    expect(page.get_by_role("heading", name="Six taps, Dana.")).to_be_visible()


def test_handed_over_phone_shows_nothing_offline(handed_over, compared, address):
    page = handed_over
    page.context.set_offline(True)
    for path in (f"/meetings/{compared[1].meeting_id}", "/meetings"):
        page.goto(address + path)
        expect(page.get_by_role("heading", name="No network")).to_be_visible()


def test_handed_over_answer_is_marked(handed_over, compared, address, stored):
    page = handed_over
    tap(page, dict.fromkeys(DIMENSIONS, 5))
    page.get_by_role("button", name="Done").tap()
    expect(page.get_by_role("heading", name="Thank you, Dana.")).to_be_visible()
    assert "handed_over" in stored(compared[1]).client.signals
    page.goto(f"{address}/meetings")
    page.get_by_label("E-mail").fill("alice@example.com")
    page.get_by_label("Password").fill("a short sentence")
    page.get_by_role("button", name="Sign in").tap()
    expect(page.get_by_role("heading", name="Who did you just meet?")).to_be_visible()


def test_page_from_back_cache_reloads(installed):
    page = installed()
    with page.expect_navigation():
        page.evaluate("() => void dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
