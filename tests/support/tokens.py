"""Programs that ask the API with a token."""

from collections.abc import Sequence

from flask.testing import FlaskClient

from feedback.actions.api_tokens import NewToken, make_token
from feedback.core.api_tokens import Scope, TokenKind
from feedback.store.people import viewer_of
from support.cast import Browser, Cast

ALL = tuple(Scope)


def token_of(
    cast: Cast,
    name: str,
    scopes: Sequence[Scope] | None = None,
    kind: TokenKind = TokenKind.OWN,
    days: int = 90,
) -> str:
    """Return a token of somebody; with every scope that the person may have."""
    person = cast.people[name]
    with cast.changing(person.organisation_id) as c:
        viewer = viewer_of(c.session, person.organisation_id, person.id)
        wanted = scopes or [scope for scope in Scope if viewer.is_owner or scope is not Scope.ADMIN]
        return make_token(c, viewer, NewToken(f"{name}'s program", wanted, days, kind))


def carry(cast: Cast, browsers: dict[str, Browser]) -> None:
    """Let browsers ask the API, too, with tokens of their people that were used just now."""
    for name, browser in browsers.items():
        if name in cast.people:
            browser.api_token = token_of(cast, name)
            assert browser.get("/api/v1/me").status_code == 200


class Program:
    """Another program, which asks with a token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client, self.token = client, token

    def ask(self, method: str, path: str, body: object = None, **headers: str):
        """Send a request; path is what follows /api/v1."""
        sent = {"Authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        more = {} if body is None else {"json": body}
        return self.client.open(f"/api/v1{path}", method=method, headers=sent, **more)

    def get(self, path: str, **headers: str):
        """Send a GET."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str):
        """Send a POST."""
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: object = None, **headers: str):
        """Send a PATCH."""
        return self.ask("PATCH", path, body, **headers)
