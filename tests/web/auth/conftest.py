"""A mail server for signing in by mail."""

import pytest
from support.mailing import mails_of

from feedback.sending.worker import deliver_mails


@pytest.fixture
def mailing(app):
    """The app with a mail server; mailing() lets the worker look once, and returns the words of what arrived."""
    with mails_of(app, deliver_mails) as mails:
        yield mails
