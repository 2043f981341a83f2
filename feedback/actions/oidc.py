"""OpenID Connect as a relying party: what a provider says of itself, where a browser is sent, and who comes back.

Every request goes to addresses that were checked as those of webhooks are; none is redirected.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from feedback.core.emails import small_letters
from feedback.webhooks.subscriptions import addresses_of
from feedback.webhooks.targets import target_of

TIMEOUT = (4, 6)  # seconds to connect, and between two parts of an answer
LARGEST = 512 * 1024  # bytes of an answer
SKEW = 120  # seconds that a provider's clock may be off
SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384")  # never "none", and no shared secret
KNOWN_AS = "/.well-known/openid-configuration"
ASKS_ANEW = {"https://accounts.google.com": "select_account"}  # which knows no "login"


class ProviderAway(Exception):
    """Raised when a provider does not answer, or with what is no answer; the message is for whoever set it up."""


class ProvesNothing(Exception):
    """Raised when what came back proves nothing; the message says why, for the log."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who we are to a provider."""

    issuer: str
    client_id: str
    secret: str
    redirect_uri: str
    private: bool  # whether the provider may be in our own network, and http


@dataclass(frozen=True, slots=True)
class Begun:
    """What this browser was sent out with, to be compared with what comes back."""

    state: str
    nonce: str
    verifier: str  # of PKCE


@dataclass(frozen=True, slots=True)
class Claims:
    """Who a provider says somebody is."""

    subject: str
    email: str  # in lower case
    verified: bool
    name: str
    signed_in_at: int | None = None  # there, in seconds since 1970; None where it does not say


def metadata(client: RelyingParty) -> dict[str, Any]:
    """Return what a provider says of itself. Raises ProviderAway, also for one that says it is another."""
    with _session(client) as session:
        found = _get(session, f"{client.issuer.rstrip('/')}{KNOWN_AS}")
    if found.get("issuer", "").rstrip("/") != client.issuer.rstrip("/"):
        raise ProviderAway("The provider calls itself something else than this issuer.")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        _require_address(found.get(name), private=client.private)
    return found


def authorization_address(client: RelyingParty, begun: Begun, *, anew: bool = False) -> str:
    """Return where the browser is sent. anew: whoever is signed in there has to show again who they are. Raises
    ProviderAway."""
    endpoint = metadata(client)["authorization_endpoint"]
    more = {"max_age": "0", "prompt": ASKS_ANEW.get(client.issuer, "login")} if anew else {}
    with _session(client) as session:
        address, _ = session.create_authorization_url(
            endpoint, state=begun.state, code_verifier=begun.verifier, nonce=begun.nonce, **more
        )
    return str(address)


def signed_in_since(claims: Claims, at: float) -> bool:
    """Tell whether somebody signed in at the provider after a moment, in seconds since 1970. Where it does not say when,
    that it was asked to ask them anew has to do."""
    return claims.signed_in_at is None or claims.signed_in_at >= at - SKEW


def claims_for(client: RelyingParty, begun: Begun, code: str, now: datetime) -> Claims:
    """Return who came back with a code. The keys are asked for each time, so that a provider may change them whenever it
    likes. Raises ProviderAway, ProvesNothing."""
    known = metadata(client)
    with _session(client) as session:
        token = _token(session, known["token_endpoint"], begun, code)
        said = _id_token(token, _get(session, known["jwks_uri"]), client, begun, now)
        if "email" not in said and known.get("userinfo_endpoint"):
            _require_address(known["userinfo_endpoint"], private=client.private)
            asked = _get(session, known["userinfo_endpoint"], token.get("access_token"))
            said = {**asked, **said} if asked.get("sub") == said["sub"] else said
    verified = said.get("email_verified", said.get("xms_edov"))
    return Claims(
        subject=str(said["sub"])[:255],
        email=small_letters(str(said.get("email", ""))),
        verified=verified in (True, "true", "True", 1, "1"),
        name=" ".join(str(said.get("name", "")).split()),
        signed_in_at=int(at) if isinstance(at := said.get("auth_time"), int | float) else None,
    )


def _token(session: Any, endpoint: str, begun: Begun, code: str) -> dict[str, Any]:
    from authlib.common.errors import AuthlibBaseError
    from requests import RequestException

    try:
        token = session.fetch_token(
            endpoint, code=code, code_verifier=begun.verifier, timeout=TIMEOUT, allow_redirects=False
        )
    except AuthlibBaseError as error:
        raise ProvesNothing(f"the provider refused the code: {error.error}") from error
    except (RequestException, OSError, ValueError) as error:
        raise ProviderAway("The provider does not answer.") from error
    if not isinstance(token.get("id_token"), str):
        raise ProvesNothing("the provider gave no ID token")
    return dict(token)


def _id_token(
    token: dict[str, Any], keys: dict[str, Any], client: RelyingParty, begun: Begun, now: datetime
) -> dict[str, Any]:
    """Return the claims of an ID token that is signed by the provider, for us, now, and for this browser."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        read = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=list(SIGNED_BY))  # type: ignore[arg-type]  # as it came
        claims = CodeIDToken(
            read.claims,
            read.header,
            {
                "iss": {"essential": True, "values": [client.issuer, client.issuer.rstrip("/")]},
                "aud": {"essential": True, "value": client.client_id},
                "nonce": {"essential": True, "value": begun.nonce},
            },
            {"nonce": begun.nonce, "client_id": client.client_id, "access_token": token.get("access_token")},
        )
        claims.validate(now=int(now.timestamp()), leeway=SKEW)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ProvesNothing(f"the ID token does not hold: {type(error).__name__} {error}") from error
    return dict(claims)


def _get(session: Any, address: str, bearer: str | None = None) -> dict[str, Any]:
    from requests import RequestException

    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
    try:
        reply = session.request(
            "GET", address, withhold_token=True, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
        found = json.loads(reply.content) if reply.status_code == 200 else None
    except (RequestException, OSError, ValueError) as error:
        raise ProviderAway(f"{urlsplit(address).hostname} does not answer, or not with JSON.") from error
    if not isinstance(found, dict):
        raise ProviderAway(
            f"{urlsplit(address).hostname} answers with {reply.status_code}, and no JSON object."
        )
    return found


def _require_address(address: Any, *, private: bool) -> None:
    try:
        target_of(str(address), private=private)
    except ValueError as error:
        raise ProviderAway(f"The provider names an address that cannot be: {error}") from error


def _session(client: RelyingParty) -> Any:
    """Return a session of Authlib that connects to checked addresses alone, and reads no endless answer."""
    from authlib.integrations.requests_client import OAuth2Session

    session = OAuth2Session(
        client.client_id,
        client.secret,
        scope="openid email profile",
        redirect_uri=client.redirect_uri,
        code_challenge_method="S256",
    )
    session.trust_env = False  # no proxy of the environment
    for scheme in ("https://", "http://"):
        session.mount(scheme, _adapter(private=client.private))
    return session


def _adapter(*, private: bool) -> Any:
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.exceptions import NewConnectionError
    from urllib3.util.connection import create_connection

    def connect(connection: Any, scheme: str) -> Any:
        """Connect to an address that was checked: a second look-up could lead elsewhere."""
        try:
            target = target_of(f"{scheme}://{connection.host}:{connection.port}/", private=private)
            address = addresses_of(target, private=private)[0][4][0]
            return create_connection((str(address), connection.port), connection.timeout)
        except (OSError, ValueError) as error:
            raise NewConnectionError(connection, str(error)) from error

    class Plain(HTTPConnection):
        def _new_conn(self) -> Any:
            return connect(self, "http")

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> Any:
            return connect(self, "https")

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    class Guarded(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}

        def send(self, *args: Any, **kwargs: Any) -> Any:
            reply = super().send(*args, **{**kwargs, "stream": True})
            body = reply.raw.read(LARGEST + 1, decode_content=True)
            reply.close()
            reply._content = body if len(body) <= LARGEST else b""
            reply._content_consumed = True
            return reply

    return Guarded()
