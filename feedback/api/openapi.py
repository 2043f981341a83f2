"""The description of the API (OpenAPI 3.1), made of the operations themselves."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from feedback import __version__
from feedback.api.operations import JSON, KEY_PATTERN, OPERATIONS, Operation
from feedback.web.problems import MEDIA

PREFIX = "/api/v1"
REFERENCE = "#/components/schemas/{model}"
UUID_TEXT = {"type": "string", "format": "uuid"}
PROBLEM = {
    "title": "Problem",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}, "description": "By field."},
        "scope": {"type": "string", "description": "That the token lacks."},
    },
    "required": ["type", "title", "status"],
}
ALWAYS = {
    400: "It did not arrive whole",
    401: "No token, or one that is over",
    429: "Too many requests",
    503: "Not now",
}
SOMETIMES = {403: "Not for this role, or the token lacks the scope", 404: "There is nothing here"}
WITH_BODY = {413: "Too large", 415: "No JSON"}
WITH_INPUT = {422: "It cannot be taken; `errors` says why, by field"}
WITH_CHANGE = {
    409: "It cannot be done as things stand",
    410: "It is over",
    412: "Somebody changed it meanwhile",
}


def describe() -> dict[str, Any]:
    """Return the description. It is the same for everybody."""
    answers = {op: TypeAdapter(op.answer) for op in OPERATIONS if _answers_json(op)}
    bodies = {op: TypeAdapter(op.body) for op in OPERATIONS if op.body}
    asked: list[tuple[Operation, JsonSchemaMode, TypeAdapter[Any]]] = [
        *((op, "serialization", each) for op, each in answers.items()),
        *((op, "validation", each) for op, each in bodies.items()),
    ]
    found, shared = TypeAdapter.json_schemas(asked, ref_template=REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for op in OPERATIONS:
        answer, body = found.get((op, "serialization")), found.get((op, "validation"))
        paths.setdefault(path_of(op), {})[op.method.lower()] = _operation(op, answer, body)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Beyond Doughnuts",
            "version": __version__,
            "description": "Made of the program itself. A rep's token learns nothing of an answer before the guess is sealed.",
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {**shared.get("$defs", {}), "Problem": PROBLEM},
        },
    }


def path_of(op: Operation) -> str:
    """Return the address of an operation as OpenAPI has it."""
    return re.sub(r"<\w+:(\w+)>", r"{\1}", op.path)


def _answers_json(op: Operation) -> bool:
    return op.media == JSON and op.answer not in (None, type(None))


def _operation(op: Operation, answer: Any, body: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": op.view.__name__,
        "summary": op.summary,
        "description": f"Scope {op.scope}. For: {', '.join(op.roles)}.",
        "tags": [op.path.split("/")[1]],
        "parameters": list(_parameters(op)),
        "responses": _responses(op, answer),
    }
    if body:
        said["requestBody"] = {"required": True, "content": {JSON: {"schema": body}}}
    return said


def _parameters(op: Operation) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"<uuid:(\w+)>", op.path):
        yield {"name": name, "in": "path", "required": True, "schema": UUID_TEXT}
    if op.query:
        yield from _query(op.query)
    if op.method == "POST":
        key = {"type": "string", "pattern": KEY_PATTERN}
        yield _header("Idempotency-Key", "A request with the same key is done once, for a day.", key)
    if op.current:
        yield _header(
            "If-Match",
            "The ETag that GET answered here, or one address above where there is no GET: 412 where somebody changed it "
            "since.",
            {"type": "string"},
        )
    if op.method == "GET":
        yield _header(
            "If-None-Match",
            "An ETag: 304 where nothing changed.",
            {"type": "string"},
        )


def _header(name: str, words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": words, "schema": schema}


def _query(model: type[BaseModel]) -> Iterable[dict[str, Any]]:
    schema = model.model_json_schema(ref_template=REFERENCE)
    shared = schema.get("$defs", {})
    for name, field in schema["properties"].items():
        known = next(each for each in field.get("anyOf", [field]) if each.get("type") != "null")
        known = {**known, **shared.get(known.get("$ref", "").rpartition("/")[2], {})}
        kept = {
            key: value
            for key, value in known.items()
            if key not in ("$ref", "title", "default", "description")
        }
        words = {"description": field["description"]} if "description" in field else {}
        yield {"name": name, "in": "query", "required": False, "schema": kept, **words}


def _responses(op: Operation, answer: Any) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done"}
    if op.status != 204:
        shape = answer if answer else {"type": "string", "format": "binary"}
        done = {
            "description": "Done",
            "headers": {"ETag": {"schema": {"type": "string"}}},
            "content": {op.media: {"schema": shape}},
        }
    refusals = (
        ALWAYS
        | SOMETIMES
        | (WITH_BODY if op.body else {})
        | (WITH_CHANGE if op.changes or op.current else {})
    )
    refusals |= WITH_INPUT if op.body or op.query or op.changes else {}
    if op.media != JSON or "meeting_id" in op.path:
        refusals |= {410: "It is over"}
    said = {str(op.status): done}
    if op.method == "GET":
        said["304"] = {"description": "Nothing changed"}
    for status, words in sorted(refusals.items()):
        said[str(status)] = {
            "description": words,
            "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return said
