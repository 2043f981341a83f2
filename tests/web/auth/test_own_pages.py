"""What is a person's own is shown to nobody else: where they are signed in, their passkeys, tokens and codes."""

import pytest
from support.tokens import token_of

from feedback.actions.sessions import begin_session
from feedback.models import Passkey

MARKS = ("Bobs telephone", "bob's program", "Bobs passkey")


@pytest.fixture
def bobs(cast):
    """Bob has one of each, under a name that tells whose it is."""
    bob = cast.people["bob"]
    with cast.changing() as c:
        begin_session(c, bob.id, MARKS[0])
        c.session.add(
            Passkey(
                organisation_id=bob.organisation_id,
                created_at=c.now,
                user_id=bob.id,
                name=MARKS[2],
                credential_id="bob",
                public_key="none",
                sign_count=0,
            )
        )
    token_of(cast, "bob")
    return bob


@pytest.fixture
def own_pages(app):
    """Every page about oneself."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    found = sorted(rule.rule for rule in rules if rule.rule == "/me" or rule.rule.startswith("/me/"))
    assert len(found) > 3
    return found


def _shown(browser, pages) -> str:
    return " ".join(browser.get(page).text for page in pages).replace("&#39;", "'")


def test_own_pages_show_what_is_ones_own(bobs, own_pages, sign_in):
    text = _shown(sign_in("bob"), own_pages)
    assert [mark for mark in MARKS if mark not in text] == []


@pytest.mark.parametrize("name", ["alice", "carol", "olive", "mallory"])
def test_own_pages_show_nothing_of_others(bobs, own_pages, sign_in, name):
    text = _shown(sign_in(name), own_pages)
    assert name.title() in text
    assert [mark for mark in MARKS if mark in text] == []
