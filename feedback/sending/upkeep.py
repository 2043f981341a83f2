"""What the worker does for the server as a whole: a backup a day, and a look at everything once an hour."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread

from flask import Flask

from feedback.config import Settings
from feedback.context import app_context
from feedback.db.engine import Database
from feedback.findings import write_report
from feedback.instance import LOOK_WANTED, done_at, forget_mark
from feedback.jobs.backups import back_up_daily
from feedback.sending.doctor import examine

log = logging.getLogger("feedback.upkeep")
TURN_EVERY = 2.0  # seconds
FIRST_LOOK_AFTER = 20.0  # seconds, so that the server beside answers by then
LOOK_EVERY = 3600.0  # seconds
LOOK_PAUSE = 10.0  # seconds between two looks, however often somebody asks


def start_upkeep_thread(app: Flask, stop: Event) -> Thread:
    """Start a thread that backs up and looks until `stop` is set; neither delays a mail. A backup that is cut off
    leaves none of its name, and is begun anew."""
    with app.app_context():
        context = app_context()
    looking = Looking(time.monotonic())

    def run() -> None:
        while not stop.wait(TURN_EVERY):
            try:
                back_up_daily(context.db, context.settings, context.clock())
                looking.look_if_due(context.db, context.settings, context.clock)
            except Exception:
                log.exception("this round of upkeep failed; the next one tries again")

    thread = Thread(target=run, name="upkeep", daemon=True)
    thread.start()
    return thread


class Looking:
    """When to look at everything again. began: by time.monotonic, which no clock that is set moves."""

    def __init__(self, began: float) -> None:
        self._due, self._earliest = began + FIRST_LOOK_AFTER, began

    def look_if_due(self, db: Database, settings: Settings, clock: Callable[[], datetime]) -> bool:
        """Look at everything once an hour, and soon after somebody asked; keep what was found. Return whether it
        was looked."""
        wanted, now = done_at(settings.instance, LOOK_WANTED), time.monotonic()
        if now < (self._earliest if wanted else self._due):
            return False
        self._due, self._earliest = now + LOOK_EVERY, now + LOOK_PAUSE
        write_report(settings.instance, clock(), examine(db, settings, clock()))
        forget_mark(settings.instance, LOOK_WANTED)
        return True
