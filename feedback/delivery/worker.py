"""What happens by the clock: mails go out, weeks are frozen, marks are forgotten."""

import logging
import smtplib
from datetime import datetime, timedelta
from threading import Event

from flask import Flask, g, render_template
from sqlalchemy.exc import SQLAlchemyError

from feedback.actions import outbox
from feedback.actions.daily import turn_the_day
from feedback.config import Settings
from feedback.delivery import webhooks
from feedback.delivery.mail import compose, send
from feedback.store.database import Database
from feedback.store.invitations import by_id
from feedback.store.outbox import DueMail, due_mails
from feedback.store.replay import organisations
from feedback.web.context import ground
from feedback.web.i18n import speak, translate

log = logging.getLogger("feedback.worker")
LOOK_EVERY = 2.0  # seconds
TURN_EVERY = timedelta(minutes=1)


def work(app: Flask, stop: Event) -> None:
    """Runs until `stop` is set. An error in one round is logged; the next round tries again."""
    turned: datetime | None = None
    webhook_thread = webhooks.start(app, stop)
    while not stop.is_set():
        try:
            with app.app_context():
                here = ground()
                now = here.clock()
                if here.settings.smtp_url:
                    deliver(here.db, here.settings, now)
                if turned is None or now - turned >= TURN_EVERY:
                    turn(here.db, now)
                    turned = now
        except (SQLAlchemyError, OSError):
            log.exception("this round failed; the next one tries again")
        stop.wait(LOOK_EVERY)
    webhooks.rest(webhook_thread)


def turn(db: Database, now: datetime) -> None:
    """Everything that is due by the calendar, for every organisation."""
    with db.reading() as session:
        every = organisations(session)
    for organisation_id, _ in every:
        turn_the_day(db, organisation_id, now)


def deliver(db: Database, settings: Settings, now: datetime) -> int:
    """Sends what is due; returns how many went out. Needs an app context, for the templates."""
    with db.reading() as session:
        waiting = due_mails(session, now)
    count = 0
    for mail in waiting:
        if not outbox.claim(db, mail, now):
            continue
        try:
            subject, text = _words(db, mail)
            send(settings, compose(settings, mail.recipient, subject, text))
        except (OSError, smtplib.SMTPException) as error:
            outbox.failed(db, mail, f"{type(error).__name__}: {error}", now)
        else:
            outbox.sent(db, mail, now)
            count += 1
    return count


def _words(db: Database, mail: DueMail) -> tuple[str, str]:
    """Subject and text of a receipt, in the language of the person it goes to."""
    with db.reading() as session:
        invitation = by_id(session, mail.organisation_id, mail.invitation_id) if mail.invitation_id else None
    if invitation is None:
        raise OSError("what the mail is about is gone")
    g.timezone = invitation.timezone
    speak(invitation.client.language, invitation.contact_language, invitation.organisation_language)
    address = f"{mail.base_url}/f/{invitation.token}/receipt"
    subject = f"{translate('What you said')} · {invitation.rep}"
    return subject, render_template("mail/receipt.txt", invitation=invitation, address=address)
