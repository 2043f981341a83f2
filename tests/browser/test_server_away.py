"""The server is killed under a rep's phone: meetings begin all the same, and none is made twice."""

import threading

import pytest
from playwright.sync_api import Error, expect
from sqlalchemy import select
from sqlmodel import col
from support.chromium import decode
from werkzeug.serving import make_server

from feedback.models import Meeting

READY = "Without a network this phone can begin 5 meetings"


def go(page, address):
    """Go there, also from a page that is just about to look again by itself."""
    try:
        page.goto(address)
    except Error:
        page.goto(address)


class Server:
    """A server that can be killed, and comes back at the same port."""

    def __init__(self, app):
        self.app, self.port = app, 0
        self.start()

    def start(self):
        self.serving = make_server("127.0.0.1", self.port, self.app, threaded=True)
        self.port = self.serving.port
        self.thread = threading.Thread(target=self.serving.serve_forever, daemon=True)
        self.thread.start()

    def kill(self):
        self.serving.shutdown()
        self.thread.join()
        self.serving.server_close()


@pytest.fixture
def server(app):
    made = Server(app)
    yield made
    made.kill()


@pytest.fixture
def address(server):
    return f"http://127.0.0.1:{server.port}"


@pytest.fixture
def ready(rep, cast):
    """Alice's phone on her page, with codes for meetings without a network."""
    cast.meeting()
    page = rep()
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("() => navigator.serviceWorker.controller")
    expect(page.get_by_text(READY)).to_be_visible()
    return page


def meetings(db):
    with db.reading() as session:
        asked = select(col(Meeting.form_key)).execution_options(across_organisations=True)
        return list(session.scalars(asked))


def test_open_home_goes_on_when_the_server_is_killed(ready, server, db, clock):
    page = ready
    clock.forward(hours=2)
    server.kill()
    page.get_by_role("button", name="Show code").tap()
    shown = page.get_by_role("heading", name="Show this to Dana Whitfield")
    expect(shown).to_be_visible()
    code = decode(page)
    page.reload()
    expect(shown).to_be_visible()
    assert decode(page) == code
    assert len(meetings(db)) == 1
    server.start()
    page.wait_for_url("**/meetings/*-*", timeout=40000)
    expect(shown).to_be_visible()
    assert decode(page) == code
    assert len(meetings(db)) == 2


def test_typing_is_not_taken_away_when_the_network_is_back(ready, address):
    page = ready
    page.context.set_offline(True)
    go(page, f"{address}/meetings")
    find = page.get_by_label("Find a contact or company")
    find.fill("Dana")
    page.context.set_offline(False)
    with page.expect_response("**/meetings/reserved"):
        page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(500)
    expect(find).to_have_value("Dana")
    find.fill("")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text(READY)).to_be_visible()


def test_form_that_arrived_without_its_answer_is_one_meeting(ready, app, db, clock):
    page = ready
    clock.forward(hours=2)
    live = app.wsgi_app

    def loses_the_answer(environ, start_response):
        if environ["PATH_INFO"] != "/meetings/new":
            return live(environ, start_response)
        b"".join(live(environ, lambda *_: None))
        start_response("502 Bad Gateway", [("Content-Type", "text/plain")])
        return [b"away"]

    app.wsgi_app = loses_the_answer
    page.get_by_role("button", name="Show code").tap()
    page.wait_for_url("**/meetings/*-*")
    expect(page.get_by_role("heading", name="Show this to Dana Whitfield")).to_be_visible()
    assert len(meetings(db)) == 2


def test_phone_in_a_clients_hand_begins_nothing(ready, address, cast):
    page = ready
    page.get_by_role("button", name="Show code").tap()
    page.get_by_role("link", name="Hand over phone").tap()
    page.get_by_label("Choose a PIN").fill("4711")
    page.get_by_role("button", name="Lock and hand over").tap()
    expect(page.get_by_role("heading", name="Six taps, Dana.")).to_be_visible()
    page.context.set_offline(True)
    for path in ("/meetings", "/offline"):
        page.goto(address + path)
        expect(page.get_by_role("heading", name="No network")).to_be_visible()
        assert "Whitfield" not in page.inner_text("body")
    page.context.set_offline(False)
    go(page, f"{address}/meetings")
    page.get_by_label("The PIN you chose").fill("4711")
    page.get_by_role("button", name="Take the phone back").tap()
    expect(page.get_by_text(READY)).to_be_visible()
    page.context.set_offline(True)
    page.goto(f"{address}/meetings")
    expect(page.get_by_role("button", name="Show code")).to_be_visible()


def test_signing_out_leaves_nothing_on_the_phone(ready, address, app):
    page = ready
    page.context.set_offline(True)
    page.goto(f"{address}/meetings")
    page.get_by_role("button", name="Show code").tap()
    live = app.wsgi_app
    page.context.set_offline(False)
    page.wait_for_url("**/meetings/*-*")
    page.context.set_offline(True)
    page.goto(f"{address}/meetings")
    page.locator("#somebody-new summary").tap()
    page.get_by_label("Name").fill("Eli Ode")
    page.get_by_role("textbox", name="Company").fill("x" * 200)
    page.get_by_role("button", name="Show the code").tap()

    def refuses(environ, start_response):
        if environ["PATH_INFO"] == "/meetings/late":
            start_response("502 Bad Gateway", [("Content-Type", "text/plain")])
            return [b"away"]
        return live(environ, start_response)

    app.wsgi_app = refuses
    page.context.set_offline(False)
    go(page, f"{address}/me")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Sign out", exact=True).tap()
    expect(page.get_by_role("heading", name="Alice")).to_be_visible()
    page.wait_for_timeout(300)
    assert asked
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Sign out", exact=True).tap()
    page.wait_for_url("**/sign-in")
    kept = page.evaluate("""() => new Promise(done => { const asked = indexedDB.open("without network", 1);
      asked.onsuccess = () => { const got = asked.result.transaction("kept").objectStore("kept").get("all");
      got.onsuccess = () => done(JSON.stringify(got.result)); }; })""")
    assert '"codes":[],"contacts":[],"waiting":[]' in kept
    page.context.set_offline(True)
    page.goto(f"{address}/meetings")
    expect(page.get_by_role("heading", name="No network")).to_be_visible()


def test_page_says_where_it_cannot_work(rep, cast, address):
    cast.meeting()
    page = rep()
    page.add_init_script("Object.defineProperty(self, 'isSecureContext', { value: false })")
    page.goto(f"{address}/meetings")
    expect(page.get_by_text("the address has to begin with https")).to_be_visible()
    expect(page.get_by_text(READY)).to_be_hidden()
