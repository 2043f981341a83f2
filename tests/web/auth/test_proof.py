"""Before what would hurt most it is asked again who somebody is; nothing that was typed is lost."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select, update
from support.authenticator import Authenticator
from support.cast import PASSWORD, Browser
from support.chat_services import chat_channel
from support.dump import dump
from support.pages import words

from feedback.core.audit import AuditKind
from feedback.models import Audit, User, UserSession

# What people are promised, by its own number: one that moves in the code is to be noticed.
PROVED_FOR = timedelta(minutes=10)
PER_DEVICE = 10

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
QUESTION = "Is it you?"


@pytest.fixture
def later(clock, sign_in):
    """Olive's browser, ten minutes after she signed in."""
    olive = sign_in("olive")
    clock.forward(seconds=PROVED_FOR.total_seconds())
    return olive


def role_of(db, who) -> str:
    with db.reading() as session:
        return session.get_one(User, (who.organisation_id, who.id)).role


def kept(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<input type="hidden" name="(?!csrf_token)([^"]+)" value="([^"]*)">', page)


def test_role_is_given_after_the_password(cast, db, later):
    address = f"/people/{cast.alice.id}"
    form = {"name": "Alice O’Hara", "email": cast.alice.email, "role": "manager"}
    page = later.post(address, form)
    assert (page.status_code, QUESTION in words(page.text)) == (200, True)
    assert role_of(db, cast.alice) == "rep"
    assert dict(kept(page.text)) == form
    wrong = later.post(address, {**form, "proof_password": "not this one"})
    assert (wrong.status_code, dict(kept(wrong.text)), "not this one" in wrong.text) == (422, form, False)
    done = later.post(address, {**dict(kept(wrong.text)), "proof_password": PASSWORD})
    assert (done.status_code, role_of(db, cast.alice)) == (303, "manager")
    with db.reading() as session:
        assert AuditKind.PROOF_FAILED in [row.what for row in session.exec(select(Audit))]


@pytest.mark.parametrize("what", ["link", "mail", "back", "factor"])
def test_what_lets_somebody_in_is_done_after_the_password(cast, db, later, what):
    before = {**dump(db), "sessions": None}
    asked = later.post(f"/people/{cast.alice.id}/access", {"what": what})
    assert (asked.status_code, QUESTION in words(asked.text)) == (200, True)
    assert {**dump(db), "sessions": None} == before


def test_right_proofs_are_not_counted(cast, db, later):
    for _ in range(PER_DEVICE + 1):
        with db.writing() as session:
            session.execute(update(UserSession).values(proved_at=None))
        form = {"what": "link", "proof_password": PASSWORD}
        assert later.post(f"/people/{cast.alice.id}/access", form).status_code == 303


def test_every_dangerous_form_asks(cast, db, invitation, later):
    with cast.changing() as c:
        channel_id = chat_channel(c, cast.olive.id)
    forms = {
        "/export": {},
        "/webhooks": {"url": "https://8.8.8.8/", "events": "alert.opened"},
        "/chat": {"service": "slack", "name": "Sales", "url": "https://8.8.8.8/", "topics": "week"},
        f"/chat/{channel_id}": {"what": "change", "topics": "alerts", "managers_only": "1"},
        f"/chat/{channel_id}/address": {"url": "https://8.8.8.8/", "managers_only": "1"},
        "/settings/kept": {"comments_months": "1"},
        "/settings/sign-in": {"roles": "rep"},
        "/me/passkeys": {"what": "add", "passkey": "{}"},
        "/me/second-factor": {"what": "begin"},
        "/me/tokens": {"name": "CRM", "scopes": "read", "days": "30"},
        "/tokens": {"name": "CRM", "scopes": "read", "days": "30"},
        "/people/new": {"name": "Sam", "email": "sam@example.com", "role": "owner"},
        f"/people/{cast.alice.id}": {"name": "Alice", "email": "thief@example.com", "role": "rep"},
        f"/people/{cast.alice.id}/access": {"what": "link"},
        f"/people/{cast.alice.id}/erase": {"sure": "1"},
        f"/people/{cast.alice.id}/file": {},
        f"/contacts/{invitation.contact_id}/erase": {"sure": "1"},
        f"/contacts/{invitation.contact_id}/file": {},
    }
    later.get("/people")  # writes down that the session is used
    before = dump(db)
    asked = {path: QUESTION in later.post(path, form).text for path, form in forms.items()}
    assert asked == dict.fromkeys(forms, True)
    assert dump(db) == before


def test_proof_holds_for_ten_minutes(clock, later):
    assert later.post("/export", {"proof_password": PASSWORD}).mimetype == "application/zip"
    clock.forward(minutes=9)
    assert later.post("/export").mimetype == "application/zip"
    clock.forward(minutes=1)
    assert QUESTION in later.post("/export").text


def test_switching_proves_nothing(cast, clock, app, sign_in):
    cast.add("mallory", "owner", organisation_id=cast.olive.organisation_id)
    other = cast.people["mallory"]
    both = Browser(app.test_client())
    both.post("/sign-in", {"email": other.email, "password": PASSWORD, "organisation": other.organisation_id})
    both._token = None
    here = re.search(r'name="organisation" value="([^"]+)"', both.get("/me").text)[1]
    assert both.post("/me/organisation", {"organisation": here}).status_code == 303
    both._token = None
    assert QUESTION in both.post("/export").text


def test_passkey_is_a_proof_as_well(clock, later, sign_in):
    """Even for a form that carries a passkey of its own; somebody else's is none, and neither is one of another moment."""
    form = {"name": "CRM", "scopes": "read", "days": "30", "passkey": "kept"}
    mine, bobs, bob = Authenticator(), Authenticator(credential_id=b"of Bob"), sign_in("bob")
    for browser, device in ((later, mine), (bob, bobs)):
        made = device.make(browser.get("/sign-in/passkey/new").json)
        browser.post("/me/passkeys", {"what": "add", "passkey": made, "proof_password": PASSWORD})
    clock.forward(minutes=10)
    page = later.post("/me/tokens", form)
    assert "Show a passkey" in words(page.text)
    assert ("passkey", "kept") in kept(page.text)

    def shows(device):
        options = later.get("/sign-in/passkey/options?for=proof").json
        return later.post("/me/tokens", {**form, "proof_passkey": device.show(options)})

    assert "somebody else" in words(shows(bobs).text)
    stale = mine.show(later.get("/sign-in/passkey/options").json)
    assert later.post("/me/tokens", {**form, "proof_passkey": stale}).status_code == 422
    assert "bd_" in shows(mine).text


def test_wrong_proofs_are_limited(later):
    tried = [later.post("/export", {"proof_password": "not this one"}).status_code for _ in range(11)]
    assert tried == [422] * 10 + [429]
