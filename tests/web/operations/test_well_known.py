"""/robots.txt and /.well-known/security.txt."""

from dataclasses import replace

import pytest

from feedback.config import read_settings

SECURITY = "/.well-known/security.txt"


@pytest.fixture
def contact(app):
    """contact(address, base_url) sets who is named."""

    def name(address, base_url=None):
        context = app.extensions["feedback"]
        changed = replace(context.settings, security_contact=address, base_url=base_url)
        app.extensions["feedback"] = replace(context, settings=changed)

    return name


def test_robots_read_nothing(stranger, cast):
    reply = stranger.get("/robots.txt")
    assert (reply.mimetype, reply.text) == ("text/plain", "User-agent: *\nDisallow: /\n")


def test_security_contact_is_named(stranger, cast, contact):
    contact("mailto:us@feedback.example", "http://localhost")
    reply = stranger.get(SECURITY)
    assert reply.mimetype == "text/plain"
    assert reply.text.splitlines() == [
        "Contact: mailto:us@feedback.example",
        "Expires: 2027-02-16T00:00:00Z",
        f"Canonical: http://localhost{SECURITY}",
        "Preferred-Languages: en",
    ]


def test_no_contact_is_404(stranger, cast):
    assert stranger.get(SECURITY).status_code == 404


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("us@feedback.example", "mailto:us@feedback.example"),
        ("mailto:us@feedback.example", "mailto:us@feedback.example"),
        ("https://feedback.example/report", "https://feedback.example/report"),
        ("", None),
    ],
)
def test_contact_is_kept_as_uri(tmp_path, typed, kept):
    env = {"FEEDBACK_INSTANCE": str(tmp_path), "FEEDBACK_SECURITY_CONTACT": typed}
    assert read_settings(env).security_contact == kept


def test_post_is_405(stranger, cast):
    assert [stranger.post(path).status_code for path in ("/robots.txt", SECURITY)] == [405, 405]
