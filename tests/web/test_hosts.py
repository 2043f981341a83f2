"""Under which host the app answers: what a visitor says of it reaches no mail, and a code only where nothing is set."""

import re
from dataclasses import replace

import pytest
from support.cast import PASSWORD, Browser
from support.dump import dump
from support.pages import words
from werkzeug.middleware.proxy_fix import ProxyFix

from feedback.web.limits import count_client

HERE = "https://feedback.example"


@pytest.fixture
def at(app):
    """at(base) gives the app this public address."""
    context = app.extensions["feedback"]

    def move(base):
        app.extensions["feedback"] = replace(context, settings=replace(context.settings, base_url=base))

    return move


def ask(browser, path, host, **headers):
    return browser.get(path, headers={"Host": host, **headers})


def code(browser, meeting, host):
    """What the code of a meeting carries when its page is asked for under this host."""
    return re.search(r'data-share="([^"]+)/f/', ask(browser, meeting, host).text)[1]


def test_code_carries_public_address(sign_in, meeting, at):
    alice = sign_in("alice")
    at("http://localhost")
    assert code(alice, meeting, "localhost") == "http://localhost"


def test_public_address_may_be_written_in_capitals(stranger, at):
    at("https://Feedback.Example:443")
    assert ask(stranger, "/privacy", "feedback.example").status_code == 200


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "192.168.1.20:8000", "feedback.example", "[::1]:8000"]
)
def test_code_carries_plain_host_where_none_is_set(app, cast, meeting, host):
    alice = Browser(app.test_client())
    here = {"base_url": f"http://{host}"}
    token = re.search(r'csrf_token" value="([^"]+)"', alice.get("/sign-in", **here).text)[1]
    form = {"email": cast.alice.email, "password": PASSWORD, "csrf_token": token}
    assert alice.client.post("/sign-in", data=form, **here).status_code == 303
    shown = alice.get(meeting, **here).text
    assert re.search(r'data-share="([^"]+)/f/', shown)[1] == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    ["x" * 3000, "evil.example/", "a@evil.example", "evil.example:81:82", "my_pc", "evil example", "evil.example:x",
     "<b>", "é.example", "[evil]", "..", "-x"],
)  # fmt: skip
def test_host_that_is_none_is_refused(sign_in, meeting, host):
    alice = sign_in("alice")
    reply = alice.get(meeting, environ_overrides={"HTTP_HOST": host})
    assert reply.status_code == 400
    assert "evil" not in reply.text


@pytest.mark.parametrize("path", ["/meetings?x=1", "/f/abcd", "/sign-in", "/no/such/page", "/"])
def test_page_under_another_name_leads_to_ours(cast, stranger, at, path):
    at(HERE)
    reply = ask(stranger, path, "old.example")
    assert (reply.status_code, reply.location) == (302, HERE + path)


@pytest.mark.parametrize("path", ["//evil.example", "/a%0d%0aSet-Cookie:%20x=y", "/%2f%2fevil.example", "/é"])
def test_redirect_leads_nowhere_else(cast, stranger, at, path):
    at(HERE)
    reply = ask(stranger, path, "old.example")
    assert reply.status_code == 302
    assert reply.location.startswith(f"{HERE}/")
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "app:8000", "localhost", "[::1]", "10.0.0.7"])
def test_host_that_a_proxy_made_up_is_explained(cast, stranger, at, host):
    at(HERE)
    reply = ask(stranger, "/sign-in", host)
    assert reply.status_code == 400
    assert f"This server answers at {HERE} only." in words(reply.text)
    assert f'href="{HERE}"' in reply.text


def test_form_under_another_host_changes_nothing(db, page, stranger, at):
    at(HERE)
    before = dump(db)
    for host in ("old.example", "evil.example:8000", "127.0.0.1"):
        assert stranger.client.post(page, data={"integrity": "5"}, headers={"Host": host}).status_code == 400
    assert dump(db) == before


@pytest.mark.parametrize("host", ["feedback.example", "FEEDBACK.example", "feedback.example:443"])
def test_own_host_is_answered(cast, stranger, at, host):
    at(HERE)
    assert ask(stranger, "/sign-in", host).status_code == 200


def test_other_port_is_another_host(cast, stranger, at):
    at(HERE)
    assert ask(stranger, "/sign-in", "feedback.example:8443").location == f"{HERE}/sign-in"


def test_health_and_files_are_answered_under_any_host(app, cast, stranger, at):
    at(HERE)
    for path in ("/healthz", "/readyz", app.extensions["assets"].url("css/base.css")):
        for host in ("10.0.0.7:8000", "old.example", "my_app:8000"):
            assert stranger.client.head(path, headers={"Host": host}).status_code == 200


def test_forwarded_host_counts_only_from_a_trusted_proxy(app, cast, stranger, at):
    at(HERE)
    forwarded = {"X-Forwarded-Host": "evil.example"}
    assert ask(stranger, "/sign-in", "feedback.example", **forwarded).status_code == 200
    app.wsgi_app = ProxyFix(app.wsgi_app, x_host=1)
    assert ask(stranger, "/sign-in", "feedback.example", **forwarded).location == f"{HERE}/sign-in"
    assert (
        ask(stranger, "/sign-in", "10.0.0.7", **{"X-Forwarded-Host": "feedback.example"}).status_code == 200
    )


def test_forwarded_host_reaches_no_code(app, sign_in, meeting):
    alice = sign_in("alice")
    reply = alice.get(meeting, headers={"X-Forwarded-Host": "evil.example"})
    assert reply.status_code == 200
    assert "evil.example" not in reply.text


WRITTEN = (
    "192.0.2.7:4711",
    "[2001:db8::7]:99",
    "fe80::1%eth0",
    "_hidden",
    "unknown",
    "10.0.0.1, 192.0.2.7:80",
    "x" * 3000,
)
ODD_HOSTS = (
    "x" * 3000, "x" * 100, "evil..example", "evil.example/", "a@evil.example", "<b>", "feedback.example, evil.example/", "[::1", "-x",
)  # fmt: skip


@pytest.fixture
def behind(made, meeting, page, sign_in):
    """behind(base) asks, of an app behind one proxy, for Dana's page, for Alice's with the code, and for none."""

    def ask_through(base):
        browser = Browser(made(trusted_proxies=1, base_url=base).test_client())
        browser.client._cookies.update(sign_in("alice").client._cookies)
        return lambda **headers: [
            browser.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            for path in (page, meeting, "/no/such/page")
        ]

    return ask_through


def test_what_a_proxy_writes_for_an_address_opens_both_pages(behind, db):
    ask_for = behind(None)
    for written in WRITTEN:
        dana, alice, _ = ask_for(X_Forwarded_For=written)
        assert (dana.status_code, alice.status_code) == (200, 200), written
        assert 'data-share="http://localhost/f/' in alice.text
    assert "192.0.2.7" not in str(dump(db))


@pytest.mark.parametrize("base", [None, "http://localhost"])
def test_host_that_is_none_is_refused_from_a_trusted_proxy_too(behind, base):
    """Signed in, too: the page that says so has no links to make."""
    ask_for = behind(base)
    for host in ODD_HOSTS:
        for reply in ask_for(X_Forwarded_Host=host):
            led_here = reply.status_code == 302 and reply.location.startswith(f"{base}/")
            assert reply.status_code == 400 or led_here, host
            assert not re.search("evil|xxx|<b>", reply.text), host


def test_host_from_a_trusted_proxy_is_in_the_code(behind):
    """It is the last that counts: what a visitor wrote before it reaches nothing."""
    dana, alice, _ = behind(None)(X_Forwarded_Host="evil.example, shown.example", X_Forwarded_For="192.0.2.7")
    assert 'data-share="http://shown.example/f/' in alice.text
    assert "evil.example" not in dana.text + alice.text


def test_ports_that_a_proxy_writes_are_no_way_around_the_limit(made, page):
    """A port, a zone or a word may be new for each request: they are one network."""
    app = made(trusted_proxies=1)
    for network in ("192.0.2.7", "unknown"):
        while count_client(app.extensions["limits"], {}, network):
            pass
    for written in ("192.0.2.7:4711", "198.51.100.1, 192.0.2.7:9", "_hidden", "x" * 3000):
        assert app.test_client().get(page, headers={"X-Forwarded-For": written}).status_code == 429
    assert app.test_client().get(page, headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 200
