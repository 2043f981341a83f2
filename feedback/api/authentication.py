"""Who asks: a token in the Authorization header, and nothing else. A browser's session opens nothing here."""

from typing import cast

from flask import Response, g, request

from feedback.actions.api_tokens import end_token, note_used
from feedback.actions.change import tap
from feedback.core.api_tokens import Scope, TokenState, looks_like_token, use_is_due
from feedback.core.audit import AuditKind
from feedback.store.api_tokens import TokenAccess, TokenView, token_access
from feedback.web.context import db, now, read_session
from feedback.web.limits import Allowance, count_token, limit_programs
from feedback.web.problems import problem
from feedback.web.request_log import note_organisation

NAMES = {"token", "access_token", "api_token", "api_key", "apikey", "authorization"}  # of parameters
ASK_FOR_ONE = "Send a token: Authorization: Bearer bd_..."
STATE_WORDS = {
    TokenState.EXPIRED: "This token has expired. Make another one.",
    TokenState.ENDED: "This token was ended. Make another one.",
    TokenState.NOBODY: "Whoever made this token may not use it any more.",
}
BURNT = "A token stood in the address, where servers and proxies write it down. It was ended; make another one, and send it in the Authorization header."
IN_ADDRESS = "A token belongs in the Authorization header, never in the address."


class ApiRefused(Exception):
    """Raised where the answer is a problem that is already written."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def let_in() -> Response | None:
    """Before a request: find out who asks; return the problem where nobody may."""
    g.viewer = None
    limit_programs()
    if any(
        name.casefold() in NAMES or looks_like_token(value) for name, value in request.args.items(multi=True)
    ):
        return _burn()
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not secret.strip():
        return unauthorised(ASK_FOR_ONE)
    found = token_access(read_session(), secret.strip(), now())
    if found is None:
        return unauthorised("This token is not known here.")
    if found.viewer is None:
        return unauthorised(STATE_WORDS[found.state])
    return _enter(found)


def _enter(found: TokenAccess) -> Response | None:
    g.viewer, g.token, g.allowance = found.viewer, found.token, count_token(found.token.id)
    note_organisation(request.environ, found.token.organisation_id)
    if not g.allowance.within:
        refused = problem(429, "Too many requests", f"Wait {g.allowance.seconds} seconds.")
        refused.headers["Retry-After"] = str(g.allowance.seconds)
        return refused
    if use_is_due(found.token.used_at, now()):
        note_used(db(), found.token, now())
    return None


def unauthorised(detail: str) -> Response:
    """Return 401, in words."""
    refused = problem(401, "Nobody is signed in", detail)
    refused.headers["WWW-Authenticate"] = 'Bearer realm="feedback"'
    return refused


def _burn() -> Response:
    """End whatever tokens stand in the address, as often as it takes."""
    burnt = False
    for value in request.args.to_dict(flat=False).values():
        for text in value:
            found = token_access(read_session(), text.strip(), now())
            if found and found.token.ended_at is None:
                with tap(db(), found.token.organisation_id, now()) as c:
                    end_token(c, None, found.token, AuditKind.TOKEN_BURNT)
                burnt = True
    return unauthorised(BURNT if burnt else IN_ADDRESS)


def current_token() -> TokenView:
    """Return the token of this request."""
    return cast(TokenView, g.token)


def has_scope(scope: Scope) -> bool:
    """Tell whether the token of this request may be used for that."""
    return scope in current_token().scopes


def require_scope(scope: Scope) -> None:
    """Raise ApiRefused (403, naming it) unless the token has the scope."""
    if has_scope(scope):
        return
    refused = problem(403, "This token may not do that", f"It lacks the scope {scope}.", scope=scope.value)
    refused.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{scope}"'
    raise ApiRefused(refused)


def add_allowance(response: Response) -> Response:
    """Say how many requests are left."""
    allowance: Allowance | None = g.get("allowance")
    if allowance:
        response.headers["RateLimit-Limit"] = str(allowance.limit)
        response.headers["RateLimit-Remaining"] = str(allowance.left)
        response.headers["RateLimit-Reset"] = str(allowance.seconds)
    return response
