"""What the app was made with, for whoever works within it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app

from feedback.config import Settings
from feedback.db.engine import Database


@dataclass(frozen=True, slots=True)
class AppContext:
    """What the app was made with, the same for every request."""

    db: Database
    settings: Settings
    clock: Callable[[], datetime]


def app_context() -> AppContext:
    return cast(AppContext, current_app.extensions["feedback"])
