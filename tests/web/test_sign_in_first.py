"""Whoever is not signed in is led to sign in, and back: from every page, and after every form, but those that are for all."""

import re

import pytest
from support.pages import NOBODY

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
# What is there without signing in, by how its address begins; and what leads there by itself.
OPEN = re.compile(
    r"/(f|F|g|G|accents|logos|demo|join|new-password|stop|try|sign-up|set-up|sign-in|api|mcp|static|forgot-password|healthz|metrics"
    r"|readyz|offline|privacy|robots\.txt|service-worker\.js|app\.webmanifest|\.well-known|sign-out|unlock)(/|$)"
)
NOT_OPEN = ("/privacy/processing", "/privacy/register", "/sign-in/passkey/new")


def test_pages_of_people_lead_to_sign_in(app, cast, stranger):
    pages = _closed(app, "GET")
    assert len(pages) > 70
    for path in pages:
        reply = stranger.get(path)
        assert (reply.status_code // 100, (reply.location or "")[:14]) == (3, "/sign-in?next="), path
    assert stranger.get("/contacts?q=dana").location == "/sign-in?next=/contacts?q%3Ddana"


def test_forms_of_people_lead_to_sign_in(app, cast, stranger):
    """Nothing of them is done."""
    forms = _closed(app, "POST")
    assert len(forms) > 65
    for path in forms:
        reply = stranger.post(path, {})
        assert (reply.status_code // 100, (reply.location or "")[:8]) == (3, "/sign-in"), path


def _closed(app, method: str) -> list[str]:
    rules = {rule.rule for rule in app.url_map.iter_rules() if method in rule.methods}
    closed = sorted(
        rule for rule in rules if rule.startswith(NOT_OPEN) or (rule != "/" and not OPEN.match(rule))
    )
    return [
        re.sub(r"<(?:\w+:)?\w+>", lambda part: NOBODY if "uuid" in part[0] else "x", rule) for rule in closed
    ]
