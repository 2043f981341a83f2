"""Passkeys: made, named and removed; signing in by one; and a copy of one."""

from copy import copy

import pytest
from sqlmodel import select
from support.authenticator import PRESENT, Authenticator
from support.cast import PASSWORD, Browser
from support.pages import NOBODY, words

from feedback.core.audit import AuditKind
from feedback.models import Audit, Passkey

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
PAGE = "/me/passkeys"


@pytest.fixture
def device(sign_in):
    """A device with a passkey of Alice's."""
    alice, made = sign_in("alice"), Authenticator()
    options = alice.get("/sign-in/passkey/new").json
    reply = alice.post(PAGE, {"what": "add", "name": "Alice’s phone", "passkey": made.make(options)})
    assert reply.status_code == 303
    return made


@pytest.fixture
def anybody(app):
    """anybody() is a browser in which nobody is signed in."""
    return lambda: Browser(app.test_client())


def shows(browser: Browser, device: Authenticator, **how) -> int:
    """Sign in by the device's passkey; return the status."""
    options = browser.get("/sign-in/passkey/options").json
    return browser.post("/sign-in/passkey", {"passkey": device.show(options, **how)}).status_code


def is_in(browser: Browser) -> bool:
    return browser.get("/me").status_code == 200


def kinds(db) -> list[str]:
    with db.reading() as session:
        return [row.what for row in session.exec(select(Audit).order_by(Audit.id))]


def test_passkey_signs_in_again_and_again(anybody, cast, device):
    for _ in range(2):
        browser = anybody()
        assert shows(browser, device) == 303
        assert "Alice" in words(browser.get("/me").text)


def test_passkeys_are_named_and_removed(anybody, cast, db, device, sign_in):
    alice, bob = sign_in("alice"), sign_in("bob")
    assert 'value="Alice’s phone"' in alice.get(PAGE).text
    second = Authenticator(credential_id=b"another")
    for _ in range(2):  # the same one twice is said
        made = second.make(alice.get("/sign-in/passkey/new").json)
        added = alice.post(PAGE, {"what": "add", "name": "", "passkey": made})
    assert (added.status_code, "there already" in words(added.text)) == (422, True)
    with db.reading() as session:
        rows = {row.name: str(row.id) for row in session.exec(select(Passkey))}
    assert set(rows) == {"Alice’s phone", "Passkey 2"}
    mine = rows["Alice’s phone"]
    assert alice.post(PAGE, {"what": "rename", "id": mine, "name": " Old <phone> "}).status_code == 303
    assert "Old &lt;phone&gt;" in alice.get(PAGE).text
    assert alice.post(PAGE, {"what": "rename", "id": mine, "name": " "}).status_code == 422
    for browser, which in ((bob, mine), (alice, NOBODY), (alice, "x")):
        assert browser.post(PAGE, {"what": "remove", "id": which}).status_code == 404
    assert alice.post(PAGE, {"what": "remove", "id": mine}).status_code == 303
    refused = anybody()
    assert (shows(refused, device), shows(refused, second)) == (422, 303)
    assert {AuditKind.PASSKEY_ADDED, AuditKind.PASSKEY_REMOVED} <= set(kinds(db))


def test_copy_of_a_passkey_is_blocked(anybody, db, device, sign_in):
    clone = copy(device)
    assert [shows(anybody(), device) for _ in range(2)] == [303, 303]
    browser = anybody()
    options = browser.get("/sign-in/passkey/options").json
    reply = browser.post("/sign-in/passkey", {"passkey": clone.show(options)})
    assert (reply.status_code, "its counter went backwards" in words(reply.text)) == (422, True)
    assert not is_in(browser)
    assert shows(anybody(), device) == 422  # until it is removed nobody gets in by either
    assert AuditKind.PASSKEY_CLONED in kinds(db)
    assert "there seems to be a copy" in words(sign_in("alice").get(PAGE).text)


def test_copy_that_has_counted_as_far_is_blocked(anybody, device):
    clone = copy(device)
    assert [shows(anybody(), each) for each in (device, clone)] == [303, 422]


def test_device_that_does_not_count_is_no_copy(anybody, device):
    for _ in range(2):
        device.count = -1
        assert shows(anybody(), device) == 303


def test_what_is_not_from_here_and_now_is_refused(anybody, clock, device):
    browser = anybody()
    options = browser.get("/sign-in/passkey/options").json
    shown = device.show(options)
    assert (
        anybody().post("/sign-in/passkey", {"passkey": shown}).status_code == 422
    )  # another browser's challenge
    assert browser.post("/sign-in/passkey", {"passkey": shown}).status_code == 303
    replay = copy(browser)
    replay._token = None
    assert replay.post("/sign-in/passkey", {"passkey": shown}).status_code == 422
    assert shows(anybody(), device, flags=PRESENT) == 422  # nobody unlocked the device
    foreign = copy(device)
    foreign.origin = "https://evil.example"
    assert shows(anybody(), foreign) == 422
    late = anybody()
    options = late.get("/sign-in/passkey/options").json
    clock.forward(minutes=10)
    assert late.post("/sign-in/passkey", {"passkey": device.show(options)}).status_code == 422
    for nonsense in ("", "x", "[]", "{}", '{"id": 1}', '{"response": {"userHandle": "AAAA"}}', "[" * 30000):
        assert anybody().post("/sign-in/passkey", {"passkey": nonsense}).status_code == 422


def test_passkey_counts_as_both(anybody, app, cast, clock, device, sign_in):
    """Where reps need a second factor, Alice's password alone leads to the passkey, and the passkey in."""
    owner = sign_in("olive")
    owner.post("/settings/sign-in", {"roles": "rep"})
    clock.forward(minutes=1)
    browser = anybody()
    assert shows(browser, device) == 303
    assert browser.get("/meetings").status_code == 200
    typed = anybody()
    reply = typed.post("/sign-in", {"email": cast.alice.email, "password": PASSWORD})
    assert reply.location.startswith("/sign-in/code")
    page = typed.get(reply.location)
    assert "A passkey of alice@example.com will do" in words(page.text)
    typed._token = None
    assert shows(typed, device) == 303
    assert is_in(typed)


def test_lost_device_is_taken_out_by_an_owner(anybody, cast, device, sign_in):
    owner = sign_in("olive")
    assert "Remove the second factor" in words(owner.get(f"/people/{cast.alice.id}").text)
    owner.post(f"/people/{cast.alice.id}/access", {"what": "factor"})
    assert shows(anybody(), device) == 422


def test_passkeys_are_offered_where_browsers_allow_them(cast, sign_in, stranger):
    offered = {
        "http://localhost": True, "https://feedback.example": True, "https://feedback.example:8443": True,
        "http://feedback.example": False, "https://192.0.2.1": False, "http://127.0.0.1": False,
    }  # fmt: skip
    found = {
        where: "Sign in with a passkey" in stranger.client.get("/sign-in", base_url=where).text
        for where in offered
    }
    assert found == offered
    assert stranger.client.get("/sign-in/passkey/options", base_url="http://127.0.0.1").status_code == 404


def test_a_person_has_twenty_passkeys(db, device, sign_in):
    alice = sign_in("alice")
    with db.writing() as session:
        told = session.exec(select(Passkey)).one().model_dump(exclude={"id", "credential_id"})
        session.add_all(Passkey(**told, credential_id=f"other-{n}") for n in range(18))
    answers = []
    for n in range(2):
        made = Authenticator(credential_id=f"new-{n}".encode()).make(alice.get("/sign-in/passkey/new").json)
        answers.append(alice.post(PAGE, {"what": "add", "name": "", "passkey": made}))
    assert [reply.status_code for reply in answers] == [303, 422]
    assert "as many as there can be" in words(answers[1].text)
