"""Operations: an address, who may ask it, and what goes in and out. The addresses and their description are made of
these, so that they cannot say two things."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from flask import Response, g, make_response, request
from pydantic import BaseModel, TypeAdapter, ValidationError

from feedback.actions.api_tokens import REPLAYS_FOR, keep_replay
from feedback.api.authentication import ApiRefused, current_token, require_scope
from feedback.core.access import Forbidden, Role
from feedback.core.api_tokens import Scope
from feedback.db.change import Change
from feedback.db.locks import advisory_lock
from feedback.store.api_tokens import StoredReplay, replay_of
from feedback.web.context import changing, current_user
from feedback.web.problems import problem

V = TypeVar("V", bound=Callable[..., Any])
REPS = (Role.REP,)
MANAGERS = (Role.MANAGER, Role.OWNER)
OWNERS = (Role.OWNER,)
EVERYBODY = tuple(Role)
JSON = "application/json"
KEY_PATTERN = "^[!-~]{1,200}$"  # of an Idempotency-Key


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    method: str
    path: str  # as Flask has it
    view: Callable[..., Any]
    scope: Scope
    roles: tuple[Role, ...]
    status: int
    media: str
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    answer: Any  # the type that is answered; None for nothing
    changes: bool
    current: Callable[..., Any] | None  # returns what If-Match is compared with
    summary: str


OPERATIONS: list[Operation] = []
_WRITERS: dict[type[Any], TypeAdapter[Any]] = {}  # by the kind of answer that they write


def operation(
    method: str,
    path: str,
    scope: Scope = Scope.READ,
    roles: tuple[Role, ...] = EVERYBODY,
    *,
    status: int = 200,
    media: str = JSON,
    current: Callable[..., Any] | None = None,
) -> Callable[[V], V]:
    """Return a decorator that makes a function an operation. Its parameters: those of the address, `query` and `body` by
    their annotations; `c`, the open change, first where it writes. It returns what is annotated. current(session, **path):
    what GET of the same address answers, or of the one above where it has none, so that If-Match can be held against it.
    A view that opens its change itself calls `require_match`."""

    def note(view: V) -> V:
        hints = get_type_hints(view)
        OPERATIONS.append(
            Operation(
                method, path, view, scope, roles, status, media, hints.get("query"), hints.get("body"),
                hints.get("return"), "c" in hints, current, (view.__doc__ or "").split("\n\n")[0].strip(),
            )
        )  # fmt: skip
        return view

    return note


def serve(op: Operation) -> Callable[..., Response]:
    """Return the view of an operation."""

    def view(**path: Any) -> Response:
        require_scope(op.scope)
        if current_user().role not in op.roles:
            raise Forbidden(current_user().role)
        values = dict(path)
        if op.query:
            values["query"] = _read_query(op.query)
        if op.body:
            values["body"] = _read_body(op.body)
        if op.changes:
            return _changed(op, path, values)
        return _reply(op, op.status, _written(op, op.view(**values)))

    view.__name__ = op.view.__name__
    return view


def _read_query(model: type[BaseModel]) -> Any:
    try:
        found = model.model_validate(request.args.to_dict())
        getattr(found, "skip", 0)  # a cursor that is none is found out here
    except ValidationError as error:
        raise _invalid(error) from None
    except ValueError:
        raise ApiRefused(
            problem(422, "That cannot be taken", errors={"cursor": "This is no cursor of ours."})
        ) from None
    return found


def _read_body(model: type[BaseModel]) -> Any:
    sent = request.get_data()  # 413 for one that is too large
    if request.mimetype != JSON:
        raise ApiRefused(
            problem(415, "This address takes JSON", "Nothing was changed. Send application/json.")
        )
    try:
        return model.model_validate_json(sent)
    except ValidationError as error:
        raise _invalid(error) from None


def _invalid(error: ValidationError) -> ApiRefused:
    reasons: dict[str, str] = {}
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        where = ".".join(str(part) for part in each["loc"]) or "body"
        reasons.setdefault(where[:200], each["msg"])
    return ApiRefused(
        problem(422, "That cannot be taken", "Nothing was changed.", errors=dict(list(reasons.items())[:20]))
    )


def _changed(op: Operation, path: dict[str, Any], values: dict[str, Any]) -> Response:
    """Open a change, do it, and keep the answer where a key asks for it: all in one transaction."""
    key = _idempotency_key() if op.method == "POST" else None
    asked = hashlib.sha256(
        f"{request.method} {request.full_path}\n".encode() + request.get_data()
    ).hexdigest()
    with changing() as c:
        if key:
            advisory_lock(c.session, f"api {current_token().id} {key}")
            before = replay_of(c.session, c.organisation_id, current_token().id, key, c.now - REPLAYS_FOR)
            if before:
                return _replayed(op, before, asked)
        if op.current:
            require_match(c, op.current, **path)
        body = _written(op, op.view(c, **values))
        if key:
            answer = StoredReplay(asked, op.status, body.decode())
            keep_replay(c, current_token().id, key, answer)
    return _reply(op, op.status, body)


def _idempotency_key() -> str | None:
    """Return the hash of the request's key; None without one."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not re.match(KEY_PATTERN, key):
        why = "From 1 to 200 letters without spaces."
        raise ApiRefused(problem(422, "That cannot be taken", errors={"Idempotency-Key": why}))
    return hashlib.sha256(key.encode()).hexdigest()


def _replayed(op: Operation, before: StoredReplay, asked: str) -> Response:
    if before.request_hash != asked:
        why = "This key was sent before, with another request. Nothing was changed; choose another key."
        raise ApiRefused(problem(422, "That cannot be taken", why, errors={"Idempotency-Key": why}))
    response = _reply(op, before.status, before.body.encode())
    response.headers["Idempotency-Replayed"] = "true"
    return response


def require_match(c: Change, current: Callable[..., Any], **path: Any) -> None:
    """Raise ApiRefused (412) where somebody changed what `current` returns since whoever asks has looked at it."""
    if not request.if_match:
        return
    advisory_lock(c.session, f"api {current.__name__} {path or current_user().id}")
    now_there = _as_json(found) if (found := current(c.session, **path)) else b""
    if not request.if_match.contains(etag_of(now_there)):
        raise ApiRefused(
            problem(412, "Somebody changed it meanwhile", "Nothing was changed. Look at it again.")
        )


def _written(op: Operation, answer: Any) -> bytes:
    if op.answer in (None, type(None)):
        return b""
    if op.media != JSON:
        return answer if isinstance(answer, bytes) else str(answer).encode()
    return _as_json(answer)


def _as_json(answer: Any) -> bytes:
    """Write an answer. What writes its kind is made for the first of them, and kept."""
    kind = type(answer)
    if kind not in _WRITERS:
        _WRITERS[kind] = TypeAdapter(kind)
    return _WRITERS[kind].dump_json(answer)


def _reply(op: Operation, status: int, body: bytes) -> Response:
    response = make_response(body, status)
    response.headers["Content-Type"] = op.media
    if status == 204:
        del response.headers["Content-Type"]
        return response
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(etag_of(body))
    if request.method in ("GET", "HEAD"):
        response.make_conditional(request)
    return response


def etag_of(body: bytes) -> str:
    """Return the tag of an answer: of its content and nothing else, so that it says no more than that."""
    return hashlib.sha256(body).hexdigest()


def refused(error: ApiRefused) -> Response:
    """Return the problem that was raised."""
    g.setdefault("viewer", None)
    return error.response
