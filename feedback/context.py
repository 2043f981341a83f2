"""Access to the database, the settings and the clock of the running app."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app

from feedback.config import Settings
from feedback.db.engine import Database


@dataclass(frozen=True, slots=True)
class AppContext:
    """What the app was created with, the same for every request."""

    db: Database
    settings: Settings
    clock: Callable[[], datetime]  # returns the current time, aware


def app_context() -> AppContext:
    """Return the context of the running app. Needs a Flask app context."""
    return cast(AppContext, current_app.extensions["feedback"])
