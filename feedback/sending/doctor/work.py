"""What the worker does: its turns, the weekly mail, what waits, backups."""

from datetime import datetime, timedelta

from feedback.config import Settings
from feedback.db.engine import Database
from feedback.findings import Finding, look, ok, wrong
from feedback.instance import BACKUP_FAILED, WORKER, done_at, reason_of
from feedback.jobs.backups import newest_backup
from feedback.models import ChatMessage, Outbox, WebhookDelivery
from feedback.store.calendars import calendars_read
from feedback.store.chat import count_refusing
from feedback.store.figures import first_organisation, last_weekly_mail, waiting
from feedback.wording.filters import span

SILENT = timedelta(minutes=5)
WEEKLY_LATE = timedelta(days=8)
LATE, FAR_TOO_LATE = timedelta(minutes=15), timedelta(days=1)  # of a mail
MESSAGE_LATE = timedelta(hours=1)
BACKUP_LATE = timedelta(days=2)


def check_worker(settings: Settings, now: datetime) -> Finding:
    """Does the worker take its turns?"""
    heard = done_at(settings.instance, WORKER)
    if heard is None:
        remedy = "Start one, unless another machine runs it: feedback worker, or feedback serve without --no-worker."
        return look("Worker", "None runs with this instance folder.", remedy)
    if now - heard > SILENT:
        remedy = "Look at the server's log, and start the server anew."
        return wrong(
            "Worker", f"Not heard of for {span(now - heard)}: no mail leaves, no week freezes.", remedy
        )
    return ok("Worker", "It takes its turns.")


def check_queues(db: Database, settings: Settings, now: datetime) -> list[Finding]:
    """What waits to be sent, and when did the last weekly mail leave? Raises SQLAlchemyError."""
    with db.reading() as session:
        mails, messages = waiting(session, Outbox, now), waiting(session, WebhookDelivery, now)
        posts, refusing = waiting(session, ChatMessage, now), count_refusing(session)
        weekly, since = last_weekly_mail(session), first_organisation(session)
    found = [_messages(messages, now), _chat(posts, refusing, now)]
    if settings.smtp_url:  # without one mails wait, and that is told already
        found += [_mails(mails, now), _weekly(weekly, since, now)]
    return found


def check_calendars(db: Database, now: datetime) -> Finding:
    """Can the calendars be read that reps have subscribed? Raises SQLAlchemyError."""
    with db.reading() as session:
        whole, failing, since = calendars_read(session)
    if since is None:
        return ok("Calendars", f"{whole} are read from addresses, and none fails.")
    words = f"{failing} of {whole} cannot be read, the first for {span(now - since)}."
    if failing == whole > 1:
        return wrong(
            "Calendars", words, "Can this server reach others? Look at its network, and at the worker's log."
        )
    return look("Calendars", words, "Each rep sees why at their own calendar; all others are read.")


def check_backup(settings: Settings, now: datetime) -> Finding:
    """Is there a backup, and how old is it?"""
    name, made, failed_at = "Backup", newest_backup(settings), done_at(settings.instance, BACKUP_FAILED)
    last = f"The last one is {span(now - made)} old." if made else "There is none."
    if settings.backup_dir and failed_at:
        remedy = "Mend that; it is tried again each hour."
        return wrong(name, f"It failed: {reason_of(settings.instance, BACKUP_FAILED)}. {last}", remedy)
    if settings.backup_dir and (made is None or now - made > BACKUP_LATE):
        remedy = "The worker makes one each day: look whether it runs, and at its log."
        return (wrong if made else look)(name, last, remedy)
    if made is None or now - made > BACKUP_LATE:
        remedy = "Set FEEDBACK_BACKUP_DIR, or let your own backup touch the file last-backup in the instance folder."
        return look(name, last, remedy)
    return ok(name, last)


def _mails(mails: tuple[int, datetime | None], now: datetime) -> Finding:
    count, oldest = mails
    if oldest is None or now - oldest <= LATE:
        return ok("Mails", "None waits." if oldest is None else f"{count} wait, none for long.")
    found = wrong if now - oldest > FAR_TOO_LATE else look
    remedy = "See Mail; the reasons are in the worker's log and in outbox.error."
    return found("Mails", f"{count} wait, the oldest for {span(now - oldest)}.", remedy)


def _messages(messages: tuple[int, datetime | None], now: datetime) -> Finding:
    count, oldest = messages
    if oldest is None or now - oldest <= MESSAGE_LATE:
        return ok("Webhooks", "No message waits." if oldest is None else f"{count} wait, none for long.")
    remedy = "The page Webhooks shows what the receivers answer."
    return look("Webhooks", f"{count} wait, the oldest for {span(now - oldest)}.", remedy)


def _chat(posts: tuple[int, datetime | None], refusing: int, now: datetime) -> Finding:
    """refusing: channels that were paused because their service refuses messages."""
    count, oldest = posts
    remedy = "The page Chat says for each channel what its service answered, and what to do."
    if refusing:
        words = "1 channel is" if refusing == 1 else f"{refusing} channels are"
        return look("Chat", f"{words} paused: the service refuses what is posted there.", remedy)
    if oldest is None or now - oldest <= MESSAGE_LATE:
        return ok("Chat", "No message waits." if oldest is None else f"{count} wait, none for long.")
    return look("Chat", f"{count} wait, the oldest for {span(now - oldest)}.", remedy)


def _weekly(weekly: datetime | None, since: datetime | None, now: datetime) -> Finding:
    """since: when the first organisation was made; its first weekly mail comes after its first whole week."""
    late = (weekly is None or now - weekly > WEEKLY_LATE) and since and now - since > 2 * WEEKLY_LATE
    words = f"The last one left {span(now - weekly)} ago." if weekly else "None has left yet."
    if late:
        return wrong(
            "Weekly mail", words, "See Mail and Worker; it leaves on Mondays at 07:00, once mail works."
        )
    return ok("Weekly mail", words)
