"""The loop of the worker: it settles answers, sends mails, freezes weeks, and deletes what has expired."""

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

from flask import Flask

from feedback.actions.alerts.mail import GATHERED_FOR
from feedback.actions.answer_keys import add_mail_key
from feedback.actions.asking import stop_mail
from feedback.actions.change import change, tap
from feedback.actions.sign_ups import claim_mail, forget_sign_ups, mark_mailed
from feedback.calendar.itself import ask_by_itself
from feedback.config import Settings
from feedback.context import app_context
from feedback.core.answer_key import new_key
from feedback.core.asking import StopReason
from feedback.db.counters import forget_counters
from feedback.db.engine import Database
from feedback.db.statistics import analyze_grown
from feedback.imports.running import run_jobs
from feedback.instance import WORKER, forget_mark, mark_done
from feedback.jobs.daily import run_daily
from feedback.jobs.evidence import run_evidence
from feedback.jobs.scoring_changes import run_scoring_changes
from feedback.jobs.settling import settle_due
from feedback.models import Mail
from feedback.sending import chat, queue, webhooks
from feedback.sending.calendars import join_calendar_thread, start_calendar_thread
from feedback.sending.letter import NothingToSend
from feedback.sending.letters import letter, sign_up_letter
from feedback.sending.rounds import join_rounds
from feedback.sending.smtp import compose, failure_reason, reason_in_log, refuses_address, send
from feedback.sending.upkeep import start_upkeep_thread
from feedback.store.asking import ASKING
from feedback.store.calendars import organisations_that_ask
from feedback.store.mail_queue import NOT_TOLD, DueMail, alerts_waiting_for, due_mails
from feedback.store.replay import organisations
from feedback.store.sign_ups import due_sign_ups
from feedback.web.sign_up import ticket_of

log = logging.getLogger("feedback.worker")
LOOK_EVERY = 2.0  # seconds
IMPORT_MAY_TAKE = 20.0  # seconds that a stop waits for an import
RUN_JOBS_EVERY = timedelta(minutes=1)  # how often it looks for jobs that are due by the calendar


def run_worker(app: Flask, stop: Event) -> None:
    """Run until `stop` is set. An error in one round, of whatever kind, is logged; the next round tries
    again."""
    jobs_ran_at: datetime | None = None
    with app.app_context():
        settings = app_context().settings
    if settings.smtp_url and not settings.base_url:
        log.warning("FEEDBACK_BASE_URL is not set: mails carry no links, and receipts for clients wait")
    message_threads = webhooks.start_webhook_thread(app, stop), chat.start_chat_thread(app, stop)
    import_thread = start_import_thread(app, stop)
    calendar_thread = start_calendar_thread(app, stop)
    start_upkeep_thread(app, stop)  # not waited for: what it leaves half done is done anew
    while not stop.is_set():
        try:
            with app.app_context():
                context = app_context()
                now = context.clock()
                mark_done(context.settings.instance, WORKER, now)
                if context.settings.smtp_url:
                    deliver_mails(context.db, context.settings, context.clock)
                    deliver_sign_ups(context.db, context.settings, context.clock)
                settle_due(context.db, now, context.settings.base_url if context.settings.smtp_url else None)
                analyze_grown(context.db)
                if jobs_ran_at is None or now - jobs_ran_at >= RUN_JOBS_EVERY:
                    run_due_jobs(context.db, now)
                    ask_about_calendars(context.db, context.settings, now)
                    jobs_ran_at = now
        except Exception:
            log.exception("this round failed; the next one tries again")
        stop.wait(LOOK_EVERY)
    for thread in message_threads:
        join_rounds(thread)
    join_calendar_thread(calendar_thread)
    import_thread.join(IMPORT_MAY_TAKE)
    forget_mark(settings.instance, WORKER)


def start_import_thread(app: Flask, stop: Event) -> Thread:
    """Start a thread that checks and imports files, and works scores and figures of evidence out anew, until `stop` is set; a long one delays no mail. One that is cut off
    has written nothing, and another worker begins it anew."""
    with app.app_context():
        context = app_context()

    def run() -> None:
        while not stop.is_set():
            try:
                run_jobs(context.db, context.clock, context.settings.instance / "imports")
                run_scoring_changes(context.db, context.clock, context.settings.instance / "imports")
                run_evidence(context.db, context.clock)
            except Exception:
                log.exception("this round of imports failed; the next one tries again")
            stop.wait(LOOK_EVERY)

    thread = Thread(target=run, name="imports", daemon=True)
    thread.start()
    return thread


def run_due_jobs(db: Database, now: datetime) -> None:
    """Run the jobs that are due by the calendar for every organisation; a failure does not affect the
    others."""
    forget_counters(db, now)
    forget_sign_ups(db, now)
    db.forget_erased()
    with db.reading() as session:
        every = organisations(session)
    for organisation_id, _ in every:
        try:
            run_daily(db, organisation_id, now)
        except Exception:
            log.exception("the day of organisation %s did not turn; it is tried again", organisation_id)


def ask_about_calendars(db: Database, settings: Settings, now: datetime) -> int:
    """Ask clients by mail about meetings of calendars for which that is due by itself; return about how many. Nothing
    where no mail can be sent."""
    if not (settings.smtp_url and settings.base_url):
        return 0
    with db.reading() as session:
        every = organisations_that_ask(session)
    asked = 0
    for organisation_id in every:
        try:
            asked += ask_by_itself(db, organisation_id, now, settings.base_url)
        except Exception:
            log.exception(
                "clients of organisation %s were not asked by itself; it is tried again", organisation_id
            )
    return asked


def deliver_mails(db: Database, settings: Settings, clock: Callable[[], datetime]) -> int:
    """Send the mails that are due, and return how many went out. Needs an app context, for the templates. Without a
    public address receipts wait: it is never taken from a request.

    A mail is claimed before and reported after sending. If the worker is killed in between, the mail is sent
    again five minutes later, under the same Message-ID; the alternative would be a mail that never arrives.
    """
    with db.reading() as session:
        waiting = due_mails(session, clock(), receipts=settings.base_url is not None)
    return sum(_send(db, settings, mail, clock) for mail in waiting)


def deliver_sign_ups(db: Database, settings: Settings, clock: Callable[[], datetime]) -> int:
    """Send the links that confirm a sign-up, and return how many went out. One that fails is tried again in five
    minutes, until it is too old. Needs an app context, for the template."""
    if settings.base_url is None:
        return 0
    with db.reading() as session:
        waiting = due_sign_ups(session, clock())
    sent = 0
    for asked in waiting:
        if not claim_mail(db, asked, clock()):
            continue
        try:
            words = sign_up_letter(asked, f"{settings.base_url}/sign-up/{ticket_of(settings, asked)}")
            send(settings, compose(settings, asked.email, words, str(asked.id)))
        except (OSError, smtplib.SMTPException) as error:
            log.warning("a mail was not sent and stays queued: %s", reason_in_log(error))
            continue
        mark_mailed(db, asked, clock())
        sent += 1
    return sent


def _send(db: Database, settings: Settings, mail: DueMail, clock: Callable[[], datetime]) -> bool:
    """Claim, write and send one mail; return whether this worker sent it. Alert mails that wait for the same
    person are sent together with the first of them."""
    together, now = [mail], clock()
    mark_done(settings.instance, WORKER, now)  # a mail server may take its time for each
    if mail.kind == Mail.ALERT:
        with db.reading() as session:
            together = alerts_waiting_for(session, mail, now + GATHERED_FOR)
    with db.writing() as session:
        together = [each for each in together if queue.claim(session, each, now)]
    if not together:
        return False
    try:
        key = _key_for(db, mail, now)
        with db.reading() as session:
            words = letter(session, together, settings.base_url, now, key)
        send(settings, compose(settings, mail.recipient, words, str(together[0].id)))
    except NothingToSend as why:
        with db.writing() as session:
            for each in together:
                queue.give_up(session, each, f"{NOT_TOLD}{why}", now)
        return False
    except Exception as error:  # of whatever kind: a mail that cannot be written must not stop the others
        if not isinstance(error, OSError | smtplib.SMTPException):
            log.exception("a mail could not be made")
        else:
            log.warning("a mail was not sent and stays queued: %s", reason_in_log(error))
        if mail.kind in ASKING and refuses_address(error):
            return _set_aside(db, mail, clock())
        failed_at = clock()  # the same for all, by which they are found together again
        with db.writing() as session:
            for each in together:
                queue.mark_failed(session, each, failure_reason(error), failed_at)
        return False
    with db.writing() as session:
        for each in together:
            queue.mark_sent(session, each, clock())
    return True


def _set_aside(db: Database, mail: DueMail, now: datetime) -> bool:
    """Give up a mail whose address the mail server refuses for good, and ask that address no more."""
    with tap(db, mail.organisation_id, now) as c:
        queue.give_up(c.session, mail, "the mail server knows no such address", now)
        stop_mail(c, mail.recipient, StopReason.REFUSED)
    return False


def _key_for(db: Database, mail: DueMail, now: datetime) -> str | None:
    """Make and return the answer key that a receipt carries, which is stored nowhere else; None for other
    mails."""
    if mail.kind != Mail.RECEIPT or mail.invitation_id is None:
        return None
    key = new_key()
    with change(db, mail.organisation_id, now) as c:
        add_mail_key(c, mail.invitation_id, key)
    return key
