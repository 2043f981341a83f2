"""What no page of ours sends: it is refused, and the server stays upright."""

import io
import re

import pytest
from support.dump import dump
from support.pages import NOBODY
from werkzeug.middleware.proxy_fix import ProxyFix

from feedback.serving.environ import _add_headers
from feedback.web.bodies import TAKE_A_FILE
from feedback.web.limits import _address, network, network_of, network_of_head


def posts(app, token):
    """Every address that takes a form."""
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods:
            path = rule.rule.replace("<token>", token).replace("<key>", "k" * 22)
            yield rule.endpoint, re.sub(r"<[^>]+>", NOBODY, path)


BODIES = [
    {"json": [1]},
    {"json": {"email": "alice@example.com", "password": "x"}},
    {"data": b"<a/>", "content_type": "text/xml"},
    {"data": b"a=1", "content_type": "application/octet-stream"},
    {
        "data": {"comment": (io.BytesIO(b"x"), "x.txt"), "integrity": "5"},
        "content_type": "multipart/form-data",
    },
]


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_bodies_that_are_no_forms_are_refused_everywhere(app, db, invitation, stranger, number):
    before = dump(db)
    for endpoint, path in posts(app, invitation.token):
        body = dict(BODIES[number])
        if isinstance(body.get("data"), dict):
            body["data"] = {"comment": (io.BytesIO(b"x"), "x.txt"), "integrity": "5"}
        reply = stranger.client.post(path, **body)
        expected = {415} if endpoint.startswith("client.") else {400, 415}  # others miss their token first
        if endpoint.startswith(("api.", "mcp.")):
            expected = {401}  # likewise
        assert reply.status_code in expected, (path, reply.status_code)
    assert dump(db) == before


TO_SIGN_IN = ("/sign-in", "/sign-up", "/set-up", "/forgot-password", "/new-password", "/join")


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_bodies_that_are_no_forms_are_refused_behind_the_token_of_a_form(
    app, db, invitation, sign_in, stranger, number
):
    """With a token in a header, as a script sends one: nothing but the body is left to refuse."""
    olive = sign_in("olive")
    before = dump(db)
    for endpoint, path in posts(app, invitation.token):
        if endpoint.startswith(("api.", "mcp.")) or (number == 4 and endpoint in TAKE_A_FILE):
            continue  # programs send JSON, and files have pages of their own: tests of their own, too
        who = stranger if path.startswith(TO_SIGN_IN) else olive
        body = dict(BODIES[number])
        if isinstance(body.get("data"), dict):
            body["data"] = {"comment": (io.BytesIO(b"x"), "x.txt"), "integrity": "5"}
        reply = who.client.post(path, headers={"X-CSRFToken": who._new_token()}, **body)
        assert reply.status_code == 415, (path, reply.status_code)
        assert "Set-Cookie" not in reply.headers, path
    assert dump(db) == before


def test_post_without_a_body_is_taken(page, stranger):
    assert stranger.client.post(f"{page}/opened").status_code == 204


def test_zero_byte_is_refused(page, stranger):
    assert stranger.client.post(page, data={"comment": "a\0b", "integrity": "5"}).status_code == 400
    assert stranger.get(f"{page}?lang=a%00b").status_code == 400
    assert stranger.get("/sign-in/with/a%00b").status_code == 404


FORM = "application/x-www-form-urlencoded"
# Werkzeug reads forms as UTF-8, whatever they say; so do we, and none of these is a way around.
CHARSETS = (
    "",
    "; charset=utf-16",
    "; charset=utf-32-le",
    "; charset=utf-7",
    "; charset=latin-1",
    "; charset=none",
)


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "script"])
def test_zero_byte_is_never_stored(db, page, stranger, stored, headers, charset):
    """Raw, too, and where what the script sends is answered before the application: on SQLite it was stored there."""
    begun = stranger.client.post(page, data=b"integrity=5&sequence=1", content_type=FORM, headers=headers)
    own = (begun.headers.get("HX-Replace-Url") or begun.headers["Location"]).partition("?")[0]
    last = "sequence={}&visibility=rep&done=1&comment={}"
    for number, comment in ((2, "Fine"), (3, "Good")):  # from the second on, the short way
        stranger.client.post(own, data=last.format(number, comment), content_type=FORM, headers=headers)
    sent = (
        (last.format(4, "a\0b").encode(), FORM + charset),
        (last.format(5, "a%00b").encode(), FORM + charset),
        (_multipart("comment", b"a\0b"), f"multipart/form-data; boundary=x{charset}"),
        (_multipart("comment", "a\0b".encode("utf-16")), f"multipart/form-data; boundary=x{charset}"),
    )
    for body, kind in sent:
        reply = stranger.client.post(own, data=body, content_type=kind, headers=headers)
        assert reply.status_code == 400, (kind, body)
    inside = last.format(6, "b").encode("utf-16")  # names with zero bytes in them are no names of ours
    assert (
        stranger.client.post(own, data=inside, content_type=FORM + charset, headers=headers).status_code < 500
    )
    assert stored().client.comment == "Good"


def _multipart(name: str, value: bytes) -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return head.encode() + value + b"\r\n--x--\r\n"


def test_endless_host_name_is_refused(page, stranger):
    assert stranger.get(page, headers={"Host": "x" * 3000}).status_code == 400


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2::9", "2001:0db8:0001:0002"),
        ("[2001:db8:1:2::9]:4711", "2001:0db8:0001:0002"),
        ("[2001:db8:1:2::9]", "2001:0db8:0001:0002"),
        ('"[2001:db8:1:2::9]:4711"', "2001:0db8:0001:0002"),
        ("fe80::1%eth0", "fe80:0000:0000:0000"),
        ("unknown", "unknown"),
        ("", "unknown"),
        ("_SEVKISEK", "unknown"),
        ("1.2.3.4.5:6", "unknown"),
    ],
)
def test_network_is_read_from_what_proxies_write(app, written, found):
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": written}):
        assert network() == found


@pytest.mark.parametrize("proxies", [0, 1, 2])
@pytest.mark.parametrize(
    "passed_on",
    [(), ("192.0.2.1",), ("192.0.2.1, 192.0.2.2",), ("192.0.2.1", "[2001:db8::3]:4711"), ("", "x")],
)
def test_network_is_told_by_the_head_as_it_is_to_the_application(proxies, passed_on):
    found = []

    def application(environ, _start):
        found.append(network_of(environ["REMOTE_ADDR"]))
        return []

    if proxies:
        application = ProxyFix(application, x_for=proxies, x_proto=proxies, x_host=proxies)
    headers = [(b"x-forwarded-for", each.encode()) for each in passed_on]
    environ = {"REMOTE_ADDR": "198.51.100.9"}
    _add_headers(environ, headers)
    application(environ, None)
    assert network_of_head(proxies)("198.51.100.9", headers) == found[0]


def test_client_page_opens_behind_any_proxy(page, stranger):
    for written in ("192.0.2.1:4711", "[2001:db8::1]:99", "fe80::1%3", "_hidden", "unknown", "x" * 3000):
        assert _address(written) is None or written[0] in "1[f"
        assert stranger.get(page, environ_overrides={"REMOTE_ADDR": written}).status_code == 200
