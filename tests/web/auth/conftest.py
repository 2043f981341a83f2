"""A mail server for signing in by mail."""

from dataclasses import replace

import pytest
from support.mail_server import mail_server

from feedback.sending.worker import deliver_mails


@pytest.fixture
def mailing(app, tmp_path):
    """The app with a mail server; mailing() lets the worker look once, and returns the words of what arrived."""
    with mail_server() as office:
        context = app.extensions["feedback"]
        settings = replace(
            context.settings,
            smtp_url=office.url,
            mail_from="us@feedback.example",
            base_url="http://localhost",
        )
        app.extensions["feedback"] = replace(context, settings=settings)

        def look() -> list[str]:
            before = len(office.mails)
            with app.app_context():
                deliver_mails(context.db, settings, context.clock)
            return [mail.get_body(("plain",)).get_content() for mail in office.mails[before:]]

        yield look
