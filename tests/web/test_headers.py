"""The headers of each kind of page, exactly: what they are, and that there are no others."""

import re
from dataclasses import replace

import pytest
from support.cast import PASSWORD, Browser

from feedback.app import create_app

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Server": "web",
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Request-ID": "16 random letters",
}
OWN = "'sha256-…'"  # the hash of what stands in the page (test_first_view.py looks at it)
CLIENT = COMMON | {
    "Content-Security-Policy": POLICY.replace("style-src 'self'", f"style-src {OWN}"),
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "private, no-cache",
}
ROWS = CLIENT | {
    "Content-Security-Policy": CLIENT["Content-Security-Policy"].replace(
        "script-src 'self'", f"script-src {OWN}"
    )
}
STATIC = COMMON | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "max-age=315360000, public, immutable",
}
HSTS = {"Strict-Transport-Security": "max-age=31536000"}
# What says what is sent, and nothing about how it may be used.
ABOUT_THE_CONTENT = {
    "Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition", "Vary", "ETag", "Last-Modified",
    "Location", "Allow", "Set-Cookie",
}  # fmt: skip
TYPE_SAID = re.compile(
    r'text/(html|css|csv|javascript|plain); charset="?utf-8"?|application/json|image/svg\+xml'
)
HTTPS = "https://feedback.example"


@pytest.fixture(params=["http://localhost", HTTPS])
def base(request) -> str:
    return request.param


@pytest.fixture
def served(app, cast, db, clock, base):
    """The app under a public address with TLS, or without."""
    settings = replace(app.extensions["feedback"].settings, base_url=base)
    return create_app(settings, database=db, clock=clock)


class At(Browser):
    """A browser at a public address, which a proxy with TLS passes on."""

    def __init__(self, app, base):
        super().__init__(app.test_client())
        self.base, send = base, self.client.open
        self.client.open = lambda *path, **options: send(*path, **{"base_url": base, **options})


@pytest.fixture
def enter(served, cast, base):
    """enter("alice") is Alice's browser there; enter(None) a stranger's."""

    def sign_in(name):
        browser = At(served, base)
        if name:
            form = {"email": cast.people[name].email, "password": PASSWORD}
            referrer = {"Referer": f"{base}/sign-in"}  # a form over TLS says where it comes from
            assert browser.post("/sign-in", form, headers=referrer).status_code == 303
            browser._token = None
        return browser

    return sign_in


def carried(reply) -> dict[str, str]:
    return {
        name: re.sub("'sha256-[^']+'", OWN, re.sub("^[0-9a-f]{16}$", COMMON["X-Request-ID"], value))
        for name, value in reply.headers.items()
        if name not in ABOUT_THE_CONTENT
    }


@pytest.mark.parametrize(
    ("who", "path", "status", "expected"),
    [
        (None, "{client}", 200, ROWS),
        (None, "/f/unknown", 404, CLIENT),
        (None, "/privacy", 200, CLIENT),
        ("alice", "/meetings", 200, COMMON),
        ("alice", "{meeting}", 200, COMMON),
        ("alice", "{meeting}/status", 200, COMMON),
        ("alice", "{client}", 200, ROWS | {"Cache-Control": "no-store"}),
        ("carol", "/leaderboard", 200, COMMON),
        ("carol", "/leaderboard.csv", 200, COMMON),
        ("olive", "/settings", 200, COMMON),
        (None, "/sign-in", 200, COMMON),
        (None, "/meetings", 302, COMMON),
        ("alice", "/settings", 403, COMMON),
        (None, "/nothing", 404, COMMON),
        (None, "/sign-out", 405, COMMON),
        (None, "/healthz", 200, COMMON),
        (None, "/readyz", 200, COMMON),
        (None, "/offline", 200, COMMON),
        (None, "/service-worker.js", 200, COMMON | {"Cache-Control": "no-cache"}),
        (None, "{css}", 200, STATIC),
        (None, "{svg}", 200, STATIC),
        (None, "/static/none.css", 404, COMMON),
    ],
)
def test_kind_of_page_has_exactly_these_headers(
    served, enter, base, invitation, meeting, who, path, status, expected
):
    url = served.extensions["assets"].url
    path = path.format(
        client=f"/f/{invitation.token}", meeting=meeting, css=url("css/base.css"), svg=url("img/doughnut.svg")
    )
    reply = enter(who).client.head(path)
    assert reply.status_code == status
    assert TYPE_SAID.fullmatch(reply.headers["Content-Type"])
    assert carried(reply) == expected | (HSTS if base == HTTPS else {})


@pytest.mark.parametrize("base", [HTTPS], indirect=True)
def test_hosts_below_are_asked_for_tls_where_the_operator_says_so(served, cast, db, clock):
    settings = replace(served.extensions["feedback"].settings, hsts="subdomains")
    told = create_app(settings, database=db, clock=clock)
    css = told.extensions["assets"].url("css/base.css")
    for path in ("/sign-in", css):
        reply = told.test_client().head(path, base_url=HTTPS)
        assert reply.status_code == 200
        assert reply.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_form_that_is_refused_has_the_same(enter, base):
    reply = enter(None).post("/sign-in", {"email": "x"}, headers={"Referer": base})
    assert (reply.status_code, carried(reply)) == (422, COMMON | (HSTS if base == HTTPS else {}))


def test_sign_out_clears_what_the_browser_kept(enter, base):
    reply = enter("alice").post("/sign-out", headers={"Referer": base})
    assert reply.status_code == 303
    assert carried(reply) == COMMON | {"Clear-Site-Data": '"cache"'} | (HSTS if base == HTTPS else {})


def test_cookies_are_bound_to_the_host_behind_tls(cast, enter, base):
    form = {"email": cast.alice.email, "password": PASSWORD}
    cookies = enter(None).post("/sign-in", form, headers={"Referer": base}).headers.getlist("Set-Cookie")
    secure = base == HTTPS
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert names == ({"__Host-session", "__Host-device"} if secure else {"session", "device"})
    for cookie in cookies:
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
        assert ("Secure" in cookie.split("; ")) is secure
        assert "Domain" not in cookie


@pytest.mark.parametrize("base", [HTTPS], indirect=True)
def test_client_gets_no_cookie(enter, invitation):
    reply = enter(None).get(f"/f/{invitation.token}")
    assert (reply.status_code, reply.headers.getlist("Set-Cookie")) == (200, [])


def test_trace_and_folders_tell_nothing(stranger, cast):
    assert stranger.client.open("/sign-in", method="TRACE").status_code == 405
    folders = ("/static/", "/static/css/", "/static", "/.git/config", "/static/../pyproject.toml")
    assert {path: stranger.get(path).status_code for path in folders} == dict.fromkeys(folders, 404)
