"""A view whose transaction the database has undone is called again."""

from time import sleep

from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from feedback.db.errors import is_undone
from feedback.web.context import close_read_session

FAILED = "feedback.failed"  # in the environ: the error of whoever tried before Flask, and would be in vain once more
PAUSES = (0.02, 0.1, 0.3)  # seconds before each further try


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
