"""An app that can mail, and what it mails."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask

from support.mail_server import MailServer, mail_server


class Mails:
    """Looks as the worker would: each call returns the words of what arrived. office: the server it arrives at."""

    def __init__(self, app: Flask, office: MailServer, deliver: Callable[..., object]) -> None:
        self.app, self.office, self.deliver = app, office, deliver

    def __call__(self) -> list[str]:
        before, context = len(self.office.mails), self.app.extensions["feedback"]
        with self.app.app_context():
            self.deliver(context.db, context.settings, context.clock)
        return [mail.get_body(("plain",)).get_content() for mail in self.office.mails[before:]]


@contextmanager
def mails_of(app: Flask, deliver: Callable[..., object]) -> Iterator[Mails]:
    """Give an app a mail server, and an address of its own. deliver: which of the worker's rounds sends."""
    with mail_server() as office:
        context = app.extensions["feedback"]
        settings = replace(
            context.settings,
            smtp_url=office.url,
            mail_from="us@feedback.example",
            base_url="http://localhost",
        )
        app.extensions["feedback"] = replace(context, settings=settings)
        yield Mails(app, office, deliver)
