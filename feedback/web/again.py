"""A view whose transaction the database has undone is called again."""

import traceback
from time import sleep

from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from feedback.db.errors import is_undone
from feedback.web.context import close_read_session

FAILED = "feedback.failed"  # in the environ: the error of whoever tried before Flask, and would be in vain once more
PAUSES = (0.02, 0.1, 0.3)  # seconds before each further try


def note_long_way(app: Flask, error: Exception) -> None:
    """Write down that a request went on to the application because this was raised before it: which kind, and where,
    without its words, which may be a client's. Nobody else would notice that everything goes the long way."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    app.logger.warning("went the long way: %s in %s", type(error).__name__, last.name)


class PatientFlask(Flask):
    """Flask, but a view is called again, a few times, when nothing was stored and another try may succeed: after a
    deadlock, a serialization failure, or on a connection that the database has closed since it was last used. What is
    counted of a request, and whether its form may be sent, was decided before, once."""

    def dispatch_request(self) -> ResponseReturnValue:
        if FAILED in request.environ:
            raise request.environ[FAILED]
        for pause in PAUSES:
            try:
                return super().dispatch_request()
            except DBAPIError as error:
                if not is_undone(error):
                    raise
                self.logger.warning("tried again, for the database undid it: %s", error.orig)
                close_read_session()
                for file in request.files.values():
                    file.seek(0)
                sleep(pause)
        return super().dispatch_request()
