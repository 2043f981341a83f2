"""For whoever runs it: is it alive, is it ready."""

from flask import Blueprint, Response, make_response
from sqlalchemy.exc import SQLAlchemyError

from feedback.migrations import at_head
from feedback.web.context import db

pages = Blueprint("operations", __name__)


@pages.get("/healthz")
def alive() -> Response:
    return _text("ok", 200)


@pages.get("/readyz")
def ready() -> Response:
    """Can the database be reached, and does it have every migration?"""
    try:
        return (
            _text("ok", 200)
            if at_head(db())
            else _text("migrations are missing: run `feedback migrate`", 503)
        )
    except SQLAlchemyError:
        return _text("the database cannot be reached", 503)


def _text(words: str, status: int) -> Response:
    response = make_response(words + "\n", status)
    response.mimetype = "text/plain"
    return response
