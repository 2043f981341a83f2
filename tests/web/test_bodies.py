"""What no page of ours sends: it is refused, and the server stays upright."""

import io
import re

import pytest
from support.dump import dump
from support.pages import NOBODY
from werkzeug.middleware.proxy_fix import ProxyFix

from feedback.serving.environ import _add_headers
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


def test_post_without_a_body_is_taken(page, stranger):
    assert stranger.client.post(f"{page}/opened").status_code == 204


def test_zero_byte_is_refused(page, stranger):
    assert stranger.client.post(page, data={"comment": "a\0b", "integrity": "5"}).status_code == 400
    assert stranger.get(f"{page}?lang=a%00b").status_code == 400
    assert stranger.get("/sign-in/with/a%00b").status_code == 404


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
