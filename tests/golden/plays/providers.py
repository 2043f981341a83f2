"""Signing in by the organisation's own provider. What the provider says is played here; that a real one is understood,
tests/web/auth/test_providers.py shows."""

from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from feedback.actions import providers
from feedback.actions.oidc import Claims, ProvesNothing, ProviderAway
from golden.story import Story

PAGE = "/settings/sign-in"
ISSUER = "https://id.example.com"
OLD = "a short sentence"
FORM = {
    "what": "provider", "kind": "other", "label": "  Example   ID ", "issuer": ISSUER, "tenant": "", "client_id": "us",
    "secret": "a secret of theirs", "domains": "example.com,Example.DE @example.net example.com", "role": "rep",
}  # fmt: skip


class Provider:
    """What the provider says from now on: who somebody is, or an error; and when they signed in there."""

    def __init__(self, story: Story) -> None:
        self.story, self.away = story, False
        self.says: Claims | Exception = ProvesNothing("nobody")

    def metadata(self, client: Any) -> dict[str, str]:
        if self.away:
            raise ProviderAway("id.example.com does not answer, or not with JSON.")
        return {"authorization_endpoint": f"{client.issuer}/authorize"}

    def claims(self, *_: Any) -> Claims:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def knows(
        self,
        subject: str,
        email: str,
        name: str = "",
        *,
        verified: bool = True,
        ago: timedelta | None = None,
    ) -> None:
        at = int((self.story.clock() - ago).timestamp()) if ago is not None else None
        self.says = Claims(subject, email, verified, name, at)


def play(s: Story) -> None:
    s.open()
    with ExitStack() as stack:
        they = Provider(s)
        for module in ("oidc", "providers"):
            stack.enter_context(patch(f"feedback.actions.{module}.metadata", they.metadata))
        stack.enter_context(patch("feedback.actions.providers.addresses_of", lambda _target, private: []))
        stack.enter_context(patch("feedback.web.providers.claims_for", they.claims))
        _set(s, they)
        _people_come_in(s, they)
        _shown_again(s, they)
        _only_so(s, they)
        _removed(s, they)


def _leave(s: Story, who: str, more: str = "") -> str:
    """Send a browser to the provider; return the state that it is to come back with."""
    code = s.rows("organisations")[0]["code"]

    def look() -> None:
        s.reply = s.browser(who).get(f"/sign-in/with/{code}{more}")

    s.do(f"{who} GET /sign-in/with/<code>{more}", look)
    return parse_qs(urlsplit(s.reply.location or "").query).get("state", [""])[0]


def _come(s: Story, who: str, more: str = "", aside: str = "") -> None:
    s.post(who, "/sign-in/callback", {"code": "theirs", "state": _leave(s, who, more)}, aside=aside)


def _set(s: Story, they: Provider) -> None:
    s.scene("A provider is set")
    s.post("carol", PAGE, FORM, aside="owners only")
    for wrong in (
        {"issuer": "http://id.example.com"},
        {"issuer": "nonsense"},
        {"kind": "microsoft", "tenant": "a b"},
        {"client_id": ""},
        {"client_id": "c" * 301},
        {"client_id": "with blank"},
        {"secret": " "},
        {"client_id": "", "secret": "", "issuer": ""},
        {"domains": "not a domain!"},
        {"domains": "-example.com"},
        {"domains": "example"},
        {"domains": ", ".join(f"a-domain-of-theirs-{n:03}.example" for n in range(33))},
        {"domains": ""},
        {"role": "owner"},
        {"only": "1"},
        {"only": "1", "keeper": "<Alice>"},
    ):
        s.post("olive", PAGE, FORM, **wrong)
    they.away = True
    s.post("olive", PAGE, FORM, aside="it does not answer")
    they.away = False
    s.post("olive", PAGE, FORM, client_id=" us ", secret=" a secret of theirs ")
    s.post("olive", PAGE, FORM, secret="", aside="the secret stays")
    s.post("olive", PAGE, FORM, kind="microsoft", tenant=" ten-ant ", role="", domains="")
    s.post("olive", PAGE, FORM, kind="google", label="not this one", role="manager")
    s.post("mallory", PAGE, FORM, label="l" * 61, domains="elsewhere.example", keeper="<Mallory>")
    s.post("mallory", PAGE, FORM, label=" ", domains="example.com", keeper="<Olive>")
    for email in ("", "x", "x@example.com", "X@Example.DE", "x@example", "x" * 321):
        s.post("phone", "/sign-in/company", email=email)
    s.post("olive", PAGE, FORM, client_id="us c", aside="nothing is forgotten of what is refused")
    s.post("olive", PAGE, FORM, client_id="us")
    s.later(minutes=10, seconds=1)
    s.post("olive", PAGE, FORM, aside="longer than ten minutes after the password")
    s.post("olive", PAGE, FORM, proof_password=OLD)


def _people_come_in(s: Story, they: Provider) -> None:
    s.scene("Who comes in by it")
    they.knows("a-1", "alice@example.com", "Alice")
    state = _leave(s, "phone", "?next=/relationships")
    s.post("thief", "/sign-in/callback", {"code": "theirs", "state": state}, aside="another browser's")
    s.post("phone", "/sign-in/callback", {"code": "theirs", "state": "made up"})
    s.later(minutes=10)
    s.post("phone", "/sign-in/callback", {"code": "theirs", "state": state}, aside="in its last second")
    s.post("phone", "/sign-in/callback", {"code": "theirs", "state": state}, aside="once only")
    state = _leave(s, "other", "?next=https://evil.example/")
    s.later(minutes=10, seconds=1)
    s.post("other", "/sign-in/callback", {"code": "theirs", "state": state}, aside="too late")
    _come(s, "other", "?next=https://evil.example/")
    windows = [_leave(s, "windows") for _ in range(4)]
    for state in (windows[0], windows[3], windows[1]):
        s.post("windows", "/sign-in/callback", {"code": "theirs", "state": state}, aside="three windows")
    s.later(minutes=10)
    they.knows("a-2", "alice@example.com")
    _come(s, "third", aside="another account with her address")
    they.knows("a-1", "alice.new@example.com")
    _come(s, "third", aside="renamed there")
    they.knows("s-1", "sam@example.com", "Sam Low")
    _come(s, "sam", aside="somebody new")
    s.later(minutes=10)
    for subject, email, name, verified in (
        ("t-1", "tess@example.de", "", True),
        ("l-1", "long@example.net", "n" * 201, True),
        ("u-1", "una@example.com", "Una", False),
        ("v-1", "vic@elsewhere.example", "Vic", True),
        ("w-1", "wim@notexample.com", "Wim", True),
        ("x-1", "", "Nobody", True),
        ("y-1", "two words@example.com", "Yan", True),
    ):
        they.knows(subject, email, name, verified=verified)
        _come(s, f"phone of {subject}")
        s.later(minutes=5)
    they.says = ProvesNothing("the ID token does not hold")
    _come(s, "fourth")
    they.says = ProviderAway("The provider does not answer.")
    _come(s, "fourth")
    they.away = True
    _leave(s, "fourth")
    they.away = False
    s.later(minutes=10)
    s.post("olive", "/people/<Bob>/access", what="end")
    they.knows("b-1", "bob@example.com", "Bob")
    _come(s, "bob's phone", aside="who has left")
    s.post("olive", PAGE, FORM, proof_password=OLD, role="", domains="")
    they.knows("z-1", "zoe@example.com", "Zoe")
    _come(s, "fifth", aside="nobody comes in for the first time")


def _shown_again(s: Story, they: Provider) -> None:
    s.scene("It says again who somebody is")
    form = {"name": "CRM", "scopes": ["read"], "days": "30"}
    they.knows("s-1", "sam@example.com")
    s.later(minutes=10)
    _come(s, "sam")
    s.later(minutes=10, seconds=1)
    s.post("sam", "/me/tokens", form)
    s.post("sam", "/me/tokens", form, proof_provider="1", aside="nothing has come back yet")
    they.knows("a-1", "alice@example.com")
    _come(s, "sam", "?prove=1", aside="somebody else")
    they.knows("s-1", "sam@example.com", ago=timedelta(seconds=121))
    _come(s, "sam", "?prove=1", aside="was not asked again")
    state = _leave(s, "sam", "?prove=1")
    s.post("phone", "/sign-in/callback", {"code": "theirs", "state": state}, aside="another browser's")
    they.says = ProvesNothing("the ID token does not hold")
    s.post("sam", "/sign-in/callback", {"code": "theirs", "state": state})
    they.says = ProviderAway("The provider does not answer.")
    _come(s, "sam", "?prove=1")
    they.away = True
    _leave(s, "sam", "?prove=1")
    they.away = False
    _leave(s, "nobody", "?prove=1")
    they.knows("s-1", "sam@example.com", ago=timedelta(seconds=120))
    _come(s, "sam", "?prove=1")
    s.post("sam", "/me/tokens", form, proof_provider="1")


def _only_so(s: Story, they: Provider) -> None:
    s.scene("Only by it, but for one owner")
    s.later(minutes=10)
    s.post("olive", PAGE, FORM, proof_password=OLD, only="1", keeper="<Olive>", secret="another one")
    typed = {"password": OLD}
    for name in ("carol", "olive", "mallory"):
        s.post(f"{name}'s phone", "/sign-in", typed, email=f"{name}@example.com")
    s.post("carol's phone", "/forgot-password", email="carol@example.com")
    s.post("carol's phone", "/sign-in/link", email="carol@example.com")
    s.mails()
    s.post("olive", "/people/<Olive>/access", what="end", aside="who keeps the way back")
    s.change("other ways are allowed by whoever runs the server", providers.allow_other_ways)
    s.change("other ways are allowed a second time", providers.allow_other_ways)
    s.post("carol's phone", "/sign-in", typed, email="carol@example.com")


def _removed(s: Story, they: Provider) -> None:
    s.scene("It is removed")
    state = _leave(s, "last")
    s.post("olive", PAGE, what="remove", aside="some have no other way in")
    with s.cast.changing() as c:
        olive = c.session.get_one(providers.User, (s.cast.olive.organisation_id, s.cast.olive.id))
        kept, olive.password_hash = olive.password_hash, None
    s.silently()
    s.post("olive", PAGE, what="remove", sure="1", aside="and no owner could")
    with s.cast.changing() as c:
        c.session.get_one(
            providers.User, (s.cast.olive.organisation_id, s.cast.olive.id)
        ).password_hash = kept
    s.silently()
    s.post("olive", PAGE, what="remove", sure="1")
    s.post("olive", PAGE, what="remove", sure="1", aside="a second click")
    s.post("last", "/sign-in/callback", {"code": "theirs", "state": state})
    _leave(s, "last")
    s.change("other ways are allowed, where there is no provider", providers.allow_other_ways)
