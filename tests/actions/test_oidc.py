"""ID tokens that hold, and that do not: clocks that are off, keys that change, and what somebody else has signed."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from feedback.actions.oidc import (
    Begun,
    Claims,
    ProvesNothing,
    ProviderAway,
    RelyingParty,
    claims_for,
    signed_in_since,
)

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
BEGUN = Begun("state", "nonce", "v" * 43)


class Issuer:
    """A provider that answers with whatever ID token it is told to."""

    def __init__(self, address: str) -> None:
        self.address, self.key, self.token = address, new_key(), ""
        self.pages = {
            "/.well-known/openid-configuration": lambda: {
                "issuer": address,
                **{f"{name}_endpoint": f"{address}/{name}" for name in ("authorization", "token")},
                "jwks_uri": f"{address}/keys",
            },
            "/keys": lambda: {"keys": [self.key.as_dict(private=False)]},
            "/token": lambda: {"access_token": "a", "token_type": "Bearer", "id_token": self.token},
        }

    def signs(self, key=None, alg: str = "ES256", **claims: object) -> Claims:
        """Return whom we take the ID token to name. Raises ProvesNothing."""
        said = {
            "iss": self.address, "aud": "us", "sub": "s-1", "nonce": "nonce", "iat": AT, "exp": AT + 60,
            "email": "sam@example.com", "email_verified": True, **claims,
        }  # fmt: skip
        key = key or self.key
        self.token = jwt.encode({"alg": alg, "kid": key.kid}, said, key, algorithms=[alg])
        return claims_for(
            RelyingParty(self.address, "us", "shared secret", "http://x/", True), BEGUN, "code", NOW
        )


def new_key() -> ECKey:
    return ECKey.generate_key("P-256", auto_kid=True)


@contextmanager
def served(pages):
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(pages[self.path]()).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def issuer():
    pages: dict = {}
    with served(pages) as address:
        found = Issuer(address)
        pages.update(found.pages)
        found.pages = pages
        yield found


def test_clocks_may_be_two_minutes_apart(issuer):
    for off, holds in ((110, True), (130, False)):
        for claims in ({"exp": AT - off}, {"nbf": AT + off}, {"iat": AT + off, "exp": AT + 600}):
            if holds:
                assert issuer.signs(**claims).subject == "s-1", claims
            else:
                with pytest.raises(ProvesNothing):
                    issuer.signs(**claims)


def test_keys_may_change_at_any_time(issuer):
    old = issuer.key
    assert issuer.signs().email == "sam@example.com"
    issuer.key = new_key()
    assert issuer.signs().email == "sam@example.com"
    with pytest.raises(ProvesNothing):
        issuer.signs(old)


@pytest.mark.filterwarnings("ignore")  # to sign with nothing is warned of
def test_what_others_have_signed_proves_nothing(issuer):
    shared = OctKey.import_key("shared secret".ljust(32, "."), {"kid": issuer.key.kid})
    twin = ECKey.import_key({**new_key().as_dict(private=True), "kid": issuer.key.kid})
    for key, alg in ((shared, "HS256"), (shared, "none"), (twin, "ES256")):
        with pytest.raises(ProvesNothing):
            issuer.signs(key, alg)
    for claims in (
        {"aud": "others"},
        {"aud": "others", "azp": "us"},  # ours by what it was asked with, and not for us
        {"iss": "http://127.0.0.1:1"},
        {"nonce": "another"},
        {"sub": None},
        {"exp": None},
    ):
        with pytest.raises(ProvesNothing):
            issuer.signs(**claims)


def test_sign_in_there_is_of_lately(issuer):
    """Where the provider says when it was; some do not."""
    since = float(AT)
    assert not signed_in_since(issuer.signs(auth_time=AT - 121), since)
    assert signed_in_since(issuer.signs(auth_time=AT - 119), since)
    assert signed_in_since(issuer.signs(), since)


def test_address_of_tokens_that_does_not_answer_is_said(issuer):
    issuer.pages["/.well-known/openid-configuration"] = lambda: {
        "issuer": issuer.address, "authorization_endpoint": f"{issuer.address}/authorization",
        "token_endpoint": "http://localhost:9/token", "jwks_uri": f"{issuer.address}/keys",
    }  # fmt: skip
    with pytest.raises(ProviderAway, match="does not answer"):
        issuer.signs()


@pytest.mark.parametrize("called", ["https://evil.example", "", None, "http://127.0.0.1:1"])
def test_provider_that_calls_itself_another_is_none(issuer, called):
    known = issuer.pages["/.well-known/openid-configuration"]()
    issuer.pages["/.well-known/openid-configuration"] = lambda: {**known, "issuer": called or ""}
    with pytest.raises(ProviderAway, match="something else than this issuer"):
        issuer.signs()
