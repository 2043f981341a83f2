"""Signing in by the organisation's own provider, against a real one that runs here."""

import re
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlmodel import col, select, update
from support.cast import PASSWORD, Browser
from support.dump import dump
from support.pages import words

from feedback.actions.providers import allow_other_ways
from feedback.core.audit import AuditKind
from feedback.models import Audit, IdentityProvider, Outbox, Passkey, User, UserSession

pytestmark = [pytest.mark.parametrize("db", ["sqlite"], indirect=True), pytest.mark.filterwarnings("ignore")]
PAGE = "/settings/sign-in"


class Provider:
    """The provider; it names whom it is told to."""

    def __init__(self, address: str) -> None:
        self.address, self.sub = address, "1"

    def knows(self, sub: str, **claims: object) -> None:
        """Let it name somebody from now on."""
        self.sub = sub
        requests.put(f"{self.address}/users/{sub}", json=claims, timeout=5).raise_for_status()

    def sends_back(self, address: str) -> dict[str, str]:
        """Return what a browser brings back that was sent to `address`."""
        reply = requests.post(address, data={"sub": self.sub}, allow_redirects=False, timeout=5)
        found = parse_qs(urlsplit(reply.headers["Location"]).query)
        return {name: values[0] for name, values in found.items()}


@pytest.fixture(scope="module")
def served():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import run_server_in_thread
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def provider(served) -> Provider:
    return Provider(served)


@pytest.fixture
def form(provider) -> dict[str, str]:
    return {
        "what": "provider", "kind": "other", "label": "Example ID", "issuer": provider.address, "client_id": "us",
        "secret": "a secret of the provider", "domains": "example.com, Example.DE", "role": "rep",
    }  # fmt: skip


@pytest.fixture
def own_network(app, clock):
    """Providers may be on this machine; and the clock is that of the provider."""
    clock.now = datetime.now(UTC)
    context = app.extensions["feedback"]
    app.extensions["feedback"] = replace(context, settings=replace(context.settings, private_webhooks=True))


@pytest.fixture
def olive(own_network, sign_in):
    return sign_in("olive")


@pytest.fixture
def set_up(cast, form, olive):
    assert olive.post(PAGE, form).status_code == 303
    return olive


@pytest.fixture
def anybody(app):
    return lambda: Browser(app.test_client())


def leaves(browser: Browser, target: str = "") -> str:
    """Return where the browser is sent to by the button on the sign-in page."""
    button = re.search(r'href="(/sign-in/with/[^"]+)"', browser.get(f"/sign-in{target}").text)[1]
    return browser.get(button.replace("&amp;", "&")).location


def comes_back(browser: Browser, brought: dict[str, str]):
    page = browser.get(f"/sign-in/callback?code={brought.get('code', '')}&state={brought.get('state', '')}")
    assert page.status_code == 200
    return browser.post("/sign-in/callback", brought)


def signs_in(browser: Browser, provider: Provider):
    return comes_back(browser, provider.sends_back(leaves(browser)))


def test_provider_signs_in_whom_it_names(anybody, cast, db, provider, set_up):
    provider.knows("a-1", email="Alice@Example.com", email_verified=True, name="Alice")
    browser = anybody()
    sent = leaves(browser, "?next=/relationships")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert {len(asked[name]) for name in ("state", "nonce", "code_challenge")} == {43}
    assert (asked["redirect_uri"], asked["scope"]) == (
        "http://localhost/sign-in/callback",
        "openid email profile",
    )
    before = dump(db)
    brought = provider.sends_back(sent)
    browser.get(f"/sign-in/callback?code={brought['code']}&state={brought['state']}")
    assert dump(db) == before  # whoever looks changes nothing
    done = browser.post("/sign-in/callback", brought)
    assert (done.status_code, done.location) == (303, "/relationships")
    assert "Alice" in words(browser.get("/me").text)
    browser._token = None
    assert browser.post("/sign-in/callback", brought).status_code == 400  # it was used
    with db.reading() as session:
        assert session.get_one(User, (cast.alice.organisation_id, cast.alice.id)).subject == "a-1"
        assert "a secret of the provider" not in str(dump(db)["identity_providers"])


def test_browser_is_sent_to_the_configured_provider_and_back_to_us_alone(anybody, provider, set_up):
    provider.knows("a-2", email="alice@example.com", email_verified=True, name="Alice")
    browser = anybody()
    sent = leaves(browser, "?next=https://evil.example/")
    assert urlsplit(sent)[:2] == urlsplit(provider.address)[:2]
    assert parse_qs(urlsplit(sent).query)["redirect_uri"] == ["http://localhost/sign-in/callback"]
    assert comes_back(browser, provider.sends_back(sent)).location == "/"
    assert anybody().get("/sign-in/with/another?issuer=https://evil.example").status_code == 404


def test_another_client_at_the_provider_names_everybody_anew(anybody, cast, db, form, provider, set_up):
    """A subject is of one client: some providers call the same person otherwise for another."""
    provider.knows("a-1", email="alice@example.com", email_verified=True)
    assert signs_in(anybody(), provider).status_code == 303
    named = []
    for client in (form["client_id"], "another"):
        assert set_up.post(PAGE, {**form, "client_id": client}).status_code == 303
        with db.reading() as session:
            named.append(session.get_one(User, (cast.alice.organisation_id, cast.alice.id)).subject)
    assert named == ["a-1", None]


def test_state_of_another_browser_is_refused(anybody, cast, provider, set_up):
    provider.knows("a-1", email="alice@example.com", email_verified=True)
    victim, attacker = anybody(), anybody()
    brought = provider.sends_back(leaves(attacker))
    for browser in (victim, anybody()):
        reply = comes_back(browser, brought)
        assert (reply.status_code, "begun in another browser" in words(reply.text)) == (400, True)
        assert browser.get("/me").status_code == 302
    leaves(victim)  # has one of its own by now
    victim._token = None
    assert comes_back(victim, brought).status_code == 400


def test_code_of_another_sign_in_is_refused(anybody, cast, provider, set_up):
    """Somebody slips a code into one's own state: the nonce in it is another's."""
    provider.knows("a-1", email="alice@example.com", email_verified=True)
    victim, attacker = anybody(), anybody()
    stolen = provider.sends_back(leaves(attacker))["code"]
    own = provider.sends_back(leaves(victim))["state"]
    assert comes_back(victim, {"code": stolen, "state": own}).status_code == 403
    assert (
        comes_back(
            victim, {"code": "made up", "state": provider.sends_back(leaves(victim))["state"]}
        ).status_code
        == 403
    )


def test_new_people_come_in_by_their_domain(anybody, cast, db, form, provider, set_up):
    cases = {
        ("s-1", "sam@example.com", True): 303,
        ("t-1", "tess@example.de", True): 303,
        ("u-1", "una@example.com", False): 403,  # not verified
        ("v-1", "vic@elsewhere.example", True): 403,
        ("w-1", "wim@notexample.com", True): 403,
        ("x-1", "", True): 403,
    }
    for (sub, email, verified), status in cases.items():
        provider.knows(sub, email=email, email_verified=verified, name=f"Name of {sub}")
        assert signs_in(anybody(), provider).status_code == status, email
    with db.reading() as session:
        new = {row.email: (row.name, row.role) for row in session.exec(select(User)) if row.subject}
    assert new == {"sam@example.com": ("Name of s-1", "rep"), "tess@example.de": ("Name of t-1", "rep")}
    assert "needs a link" not in words(set_up.get("/people").text)
    set_up.post(PAGE, {**form, "role": ""})
    provider.knows("y-1", email="yan@example.com", email_verified=True)
    assert signs_in(anybody(), provider).status_code == 403
    assert set_up.post(PAGE, {**form, "role": "owner"}).status_code == 422
    assert set_up.post(PAGE, {**form, "domains": ""}).status_code == 422


def test_another_account_with_the_address_is_refused(anybody, cast, clock, db, provider, set_up):
    provider.knows("a-1", email="alice@example.com", email_verified=True)
    assert signs_in(anybody(), provider).status_code == 303
    provider.knows("a-2", email="alice@example.com", email_verified=True)
    refused = signs_in(anybody(), provider)
    assert (refused.status_code, "another account" in words(refused.text)) == (403, True)
    provider.knows("a-1", email="alice.new@example.com", email_verified=True)  # renamed there
    again = anybody()
    assert signs_in(again, provider).status_code == 303
    assert "alice@example.com" in words(again.get("/me").text)
    set_up.post(f"/people/{cast.alice.id}/access", {"what": "end"})
    assert "no longer a member" in words(signs_in(anybody(), provider).text)
    with db.reading() as session:
        assert AuditKind.SIGN_IN_FAILED in [row.what for row in session.exec(select(Audit))]


def test_clock_may_be_off_by_two_minutes(anybody, cast, clock, provider, set_up):
    provider.knows("a-1", email="alice@example.com", email_verified=True)
    told = clock.now
    for off, status in ((-110, 303), (-400, 403)):
        clock.now = told + timedelta(seconds=off)
        browser = anybody()
        brought = provider.sends_back(leaves(browser))
        assert comes_back(browser, brought).status_code == status, off


def test_only_the_provider_signs_in_and_one_owner(anybody, cast, db, form, provider, set_up):
    assert set_up.post(PAGE, {**form, "only": "1", "keeper": str(cast.alice.id)}).status_code == 422
    assert (
        set_up.post(PAGE, {**form, "only": "1", "keeper": str(cast.olive.id), "secret": ""}).status_code
        == 303
    )
    typed = anybody().post("/sign-in", {"email": cast.alice.email, "password": PASSWORD})
    assert (typed.status_code, "Doughnut Partners signs in with Example ID" in words(typed.text)) == (
        403,
        True,
    )
    keeper, elsewhere = anybody(), anybody()
    assert keeper.post("/sign-in", {"email": cast.olive.email, "password": PASSWORD}).status_code == 303
    assert elsewhere.post("/sign-in", {"email": cast.mallory.email, "password": PASSWORD}).status_code == 303
    provider.knows("a-1", email="alice@example.com", email_verified=True)
    assert signs_in(anybody(), provider).status_code == 303
    with cast.changing() as c:
        assert [allow_other_ways(c) for _ in range(2)] == [True, False]
    with db.reading() as session:
        told = session.exec(select(Audit).order_by(col(Audit.id).desc())).first()
    assert (told.what, told.about_name, told.user_id) == (AuditKind.PROVIDER_SET, "Example ID", None)
    assert (told.before, told.after) == ({"only": True}, {"only": False})
    assert anybody().post("/sign-in", {"email": cast.alice.email, "password": PASSWORD}).status_code == 303


def test_provider_that_is_down_stops_nobody_else(anybody, cast, db, set_up):
    with db.writing() as session:
        session.exec(select(IdentityProvider)).one().issuer = "http://localhost:9"
    browser = anybody()
    button = re.search(r'href="(/sign-in/with/[^"]+)"', browser.get("/sign-in").text)[1]
    reply = browser.get(button)
    assert (reply.status_code, "Example ID does not answer now" in words(reply.text)) == (503, True)
    assert browser.post("/sign-in", {"email": cast.alice.email, "password": PASSWORD}).status_code == 303


def test_settings_refuse_what_is_no_provider(cast, clock, form, olive, provider):
    said = {
        "issuer": {"http://localhost:9": "localhost does not answer", f"{provider.address}/x": "answers with 404", "nonsense": "begins with"},
        "client_id": {"": "client ID"},
        "secret": {"": "client secret"},
        "domains": {"not a domain!": "Domains like"},
    }  # fmt: skip
    for name, values in said.items():
        for value, reason in values.items():
            reply = olive.post(PAGE, {**form, name: value})
            assert (reply.status_code, reason in words(reply.text)) == (422, True), value
    clock.forward(minutes=11)
    assert "Is it you?" in olive.post(PAGE, form).text  # and only whoever shows who they are


def test_own_network_is_refused(cast, form, sign_in):
    """Unless it is allowed, as for webhooks."""
    olive = sign_in("olive")
    for issuer, reason in (
        (form["issuer"], "begins with https"),
        ("https://localhost", "private network"),
        ("https://169.254.169.254", "private network"),
    ):
        reply = olive.post(PAGE, {**form, "issuer": issuer})
        assert (reply.status_code, reason in words(reply.text)) == (422, True), issuer


def test_provider_proves_again_who_somebody_is(anybody, db, provider, set_up):
    """For whoever has no password: in another window, while what was typed waits."""
    who = {"email": "sam@example.com", "email_verified": True, "name": "Sam"}
    provider.knows("s-1", **who)
    sam, form = anybody(), {"name": "CRM", "scopes": "read", "days": "30"}
    assert signs_in(sam, provider).status_code == 303
    assert "you sign in with Example ID" in words(sam.get("/me").text)
    with db.writing() as session:  # long ago, also by the provider's clock, too
        ten = datetime.now(UTC) - timedelta(minutes=11)
        session.execute(
            update(UserSession).values(proved_at=ten).execution_options(across_organisations=True)
        )
    sam._token = None
    page = sam.post("/me/tokens", form)
    assert ("Is it you?" in page.text, 'name="proof_password"' in page.text) == (True, False)
    again = re.search(r'href="(/sign-in/with/[^"]+)"', page.text)[1].replace("&amp;", "&")
    early = sam.post("/me/tokens", {**form, "proof_provider": "1"})
    assert (early.status_code, "Nothing has come back yet" in words(early.text)) == (422, True)

    def shows(browser, sub):
        provider.sub = sub
        sent = browser.get(again).location
        asked = parse_qs(urlsplit(sent).query)
        assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
        return provider.sends_back(sent)

    provider.knows("b-1", email="bob@example.com", email_verified=True)
    assert "named somebody else" in words(comes_back(sam, shows(sam, "b-1")).text)
    brought, bob = shows(sam, "s-1"), anybody()
    assert comes_back(bob, brought).status_code == 400  # another browser's
    assert bob.get(again).status_code == 403  # nobody is signed in there
    assert "bd_" not in sam.post("/me/tokens", {**form, "proof_provider": "1"}).text
    provider.knows("s-1", **who, auth_time=int(ten.timestamp()))  # asked nobody anew
    assert comes_back(sam, shows(sam, "s-1")).status_code == 403
    assert "bd_" not in sam.post("/me/tokens", {**form, "proof_provider": "1"}).text
    provider.knows("s-1", **who)
    assert "It is you" in words(comes_back(sam, brought).text)
    assert "bd_" in sam.post("/me/tokens", {**form, "proof_provider": "1"}).text
    assert comes_back(sam, brought).status_code == 400  # once
    with db.reading() as session:
        assert [row.what for row in session.exec(select(Audit))].count(AuditKind.PROOF_FAILED) == 2
        assert "Sam" in [row.name for row in session.exec(select(User))]


def test_whoever_keeps_the_way_back_stays(cast, form, provider, set_up, sign_in):
    cast.add("otto", "owner")
    assert set_up.post(PAGE, {**form, "only": "1", "keeper": str(cast.olive.id)}).status_code == 303
    otto = sign_in_by_cookie(cast, sign_in, provider)
    for path, sent in (
        (f"/people/{cast.olive.id}/access", {"what": "end"}),
        (f"/people/{cast.olive.id}", {"name": "Olive", "email": cast.olive.email, "role": "manager"}),
    ):
        refused = otto.post(path, sent)
        assert (refused.status_code, "Name another owner first" in words(refused.text)) == (422, True), path
    otto.post(PAGE, {**form, "secret": "", "only": "1", "keeper": str(cast.people["otto"].id)})
    assert otto.post(f"/people/{cast.olive.id}/access", {"what": "end"}).status_code == 303


def sign_in_by_cookie(cast, sign_in, provider):
    """Otto's browser: he is not the keeper, and comes in by the provider."""
    provider.knows("o-1", email="otto@example.com", email_verified=True)
    browser = Browser(sign_in("mallory").client.application.test_client())
    assert signs_in(browser, provider).status_code == 303
    browser._token = None
    return browser


def test_first_sign_in_ever_is_no_new_device(anybody, cast, provider, set_up, app):
    context = app.extensions["feedback"]
    settings = replace(
        context.settings, smtp_url="smtp://localhost:1", mail_from="us@x.example", base_url="http://localhost"
    )
    app.extensions["feedback"] = replace(context, settings=settings)
    provider.knows("s-1", email="sam@example.com", email_verified=True, name="Sam")
    told = []
    for _ in range(2):
        assert signs_in(anybody(), provider).status_code == 303
        with cast.db.reading() as session:
            told.append([row.recipient for row in session.exec(select(Outbox))])
    assert told == [[], ["sam@example.com"]]


def test_company_is_found_by_the_address(anybody, cast, form, olive, provider, sign_in):
    assert olive.post(PAGE, form).status_code == 303
    assert sign_in("mallory").post(PAGE, {**form, "domains": "elsewhere.example"}).status_code == 303
    browser = anybody()
    assert "Example ID" not in browser.get("/sign-in").text
    for email, found in (
        ("x@example.de", "Doughnut Partners"),
        ("x@elsewhere.example", "Elsewhere Ltd"),
        ("x@sub.elsewhere.example", "No company"),
        ("x@where.example", "No company"),  # the end of another's domain
        ("x@y.z", "No company"),
    ):
        text = words(browser.post("/sign-in/company", {"email": email}).text)
        assert found in text
        assert [name in text for name in ("Partners", "Elsewhere")] == [
            name in found for name in ("Partners", "Elsewhere")
        ]
    assert browser.get("/sign-in/with/XXXX").status_code == 404


def test_removed_provider_signs_nobody_in(anybody, cast, db, provider, set_up):
    provider.knows("a-1", email="alice@example.com", email_verified=True)
    browser = anybody()
    brought = provider.sends_back(leaves(browser))
    set_up.post(PAGE, {"what": "remove"})
    assert comes_back(browser, brought).status_code == 400
    with db.reading() as session:
        lines = {row.what: row for row in session.exec(select(Audit))}
    made, removed = lines[AuditKind.PROVIDER_SET], lines[AuditKind.PROVIDER_REMOVED]
    assert (removed.about_name, removed.after) == ("Example ID", None)
    assert removed.before == {name: now for name, now in made.after.items() if name != "secret"}


def test_what_is_changed_of_a_provider_is_written_down(cast, db, form, set_up):
    """Also who keeps the way back, and that there is another secret, without it."""
    kept = {**form, "secret": "", "label": "Ours", "only": "1", "keeper": str(cast.olive.id)}
    assert set_up.post(PAGE, kept).status_code == 303
    assert set_up.post(PAGE, {**kept, "secret": "another secret"}).status_code == 303
    with db.reading() as session:
        lines = session.exec(
            select(Audit).where(Audit.what == AuditKind.PROVIDER_SET).order_by(Audit.id)
        ).all()
    first, named, renewed = lines
    assert (first.before, first.after["secret"]) == (None, "a new one")
    differs = {
        name: (named.before[name], now) for name, now in named.after.items() if named.before[name] != now
    }
    assert differs == {
        "label": ("Example ID", "Ours"),
        "only": (False, True),
        "keeper": (None, str(cast.olive.id)),
    }
    assert renewed.after == renewed.before | {"secret": "a new one"}
    assert "secret of the provider" not in f"{first.after}{renewed.after}"


def test_removing_says_who_would_have_no_other_way_in(anybody, cast, db, provider, set_up):
    assert "Everybody has a password" in words(set_up.get(PAGE).text)
    for name in ("Sam", "Tom", "Uma"):
        provider.knows(name, email=f"{name.lower()}@example.com", email_verified=True, name=name)
        signs_in(anybody(), provider)
    with db.writing() as session:
        sam, tom, uma = session.exec(select(User).where(User.subject.is_not(None)).order_by(User.name)).all()
        session.add(
            Passkey(
                organisation_id=uma.organisation_id, created_at=uma.created_at, user_id=uma.id, name="Phone",
                credential_id="x", public_key="x",
            )
        )  # fmt: skip
    page = set_up.get(PAGE).text
    assert "2 people have no password, no passkey and no link" in words(page)
    assert all(f'href="/people/{each.id}"' in page for each in (sam, tom))
    assert "Uma" not in page
    assert "Give each a link on their page" in words(page)
    refused = set_up.post(PAGE, {"what": "remove"})
    assert (refused.status_code, "Confirm that you give a link" in words(refused.text)) == (422, True)
    set_up.post(f"/people/{sam.id}/access", {"what": "link"})
    assert "One person has no password" in words(set_up.get(PAGE).text)
    assert set_up.post(PAGE, {"what": "remove", "sure": "1"}).status_code == 303
    with db.reading() as session:
        assert session.exec(select(IdentityProvider)).all() == []
    assert "needs a link" in words(set_up.get("/people").text)


def test_provider_stays_while_no_owner_could_sign_in_without_it(cast, db, set_up):
    with db.writing() as session:
        session.execute(
            update(User).where(User.id == cast.olive.id).values(password_hash=None, subject="o-1")
        )
    refused = set_up.post(PAGE, {"what": "remove", "sure": "1"})
    assert (refused.status_code, "No owner could sign in then" in words(refused.text)) == (422, True)
    with db.reading() as session:
        assert session.exec(select(IdentityProvider)).one()
