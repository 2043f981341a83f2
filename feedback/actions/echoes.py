"""Where an answer is repeated: in what people wrote because of it, and in what receivers said. It is forgotten when the
answer is erased, by its client or with whoever gave it."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, delete, true, update
from sqlmodel import col

from feedback.actions.clients import write_search
from feedback.core.erasure import QUOTE_GONE, QUOTED, without_quotes
from feedback.db.change import Change
from feedback.models import (
    AlertEvent,
    ApiReplay,
    Audit,
    ClientLine,
    Contact,
    ImportJob,
    ImportRow,
    JobState,
    Mail,
    NotedOutcome,
    Outbox,
    Promise,
    WebhookDelivery,
)
from feedback.store.answers import AnswerRows
from feedback.store.echoes import (
    alerts_of_answer,
    came_as_guest,
    replays_about,
    texts_about,
    waiting_files,
)
from feedback.store.erasure import ContactTrail, contact_trail
from feedback.store.queued import is_waiting

LEFT_OF_A_QUOTE = f" {QUOTE_GONE}\u201c\u201d\"'.,:;!?"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")  # of files that may wait to be imported


def forget_echoes(c: Change, answer: AnswerRows, said: str | None) -> None:
    """Forget what repeats an answer that its client erases: words that were written because of it, since it began, and
    quotes of it in what was written about the client otherwise. What happened, when, and who did it, stays. said: its
    comment."""
    asked, since = answer.invitation.id, answer.row.created_at
    alerts = alerts_of_answer(c.session, c.organisation_id, asked)
    forget_words_about(c, alerts, since)
    because = col(NotedOutcome.alert_id).in_(alerts) & (col(NotedOutcome.created_at) >= since)
    update_rows(c, NotedOutcome, because, reason=None)
    forget_reasons(c, [asked])
    forget_replies(c, [asked], alerts)
    left = (col(Outbox.invitation_id) == asked) & ~is_waiting(Outbox)
    update_rows(c, Outbox, left, recipient="")
    contact_id = answer.invitation.contact_id
    about = [asked, contact_id, *alerts]
    replays = replays_about(c.session, c.organisation_id, about, since)
    delete_rows(c, ApiReplay, col(ApiReplay.id).in_(replays))
    if said:
        trail = contact_trail(c.session, c.organisation_id, contact_id)
        forget_quotes(c, contact_id, trail, [said], since)
        _forget_files(c, said)
    if answer.invitation.guest and came_as_guest(c.session, c.organisation_id, asked):
        _forget_address(c, contact_id)


def forget_words_about(c: Change, alerts: Sequence[UUID], since: datetime | None = None) -> dict[str, int]:
    """Empty what people noted about these alerts, since a moment, and delete what their clients were to be told; return how
    many notes and lines, and how many mails are stopped."""
    noted = col(AlertEvent.alert_id).in_(alerts) & col(AlertEvent.note).is_not(None)
    noted &= col(AlertEvent.user_id).is_not(None)  # what an alert says by itself names nobody
    told = col(ClientLine.alert_id).in_(alerts)
    return {
        "notes": update_rows(c, AlertEvent, noted & _since(AlertEvent, since), note=None),
        "told": delete_rows(c, ClientLine, told & _since(ClientLine, since)),
        "mails": stop_mails(c, col(Outbox.alert_id).in_(alerts) & (col(Outbox.kind) == Mail.WE_DID) & _since(Outbox, since)),
    }  # fmt: skip


def forget_reasons(c: Change, invitations: Sequence[UUID]) -> None:
    """Empty why managers decided about these answers as they did."""
    decided = col(Audit.about_id).in_(invitations) & col(Audit.reason).is_not(None)
    update_rows(c, Audit, decided, reason=None)


def forget_replies(c: Change, invitations: Sequence[UUID], alerts: Sequence[UUID]) -> None:
    """Delete what receivers answered to messages and mails about answers and alerts: some repeat what they were told. (Of a
    chat service's answer no more than a code is kept.)"""
    about: tuple[tuple[Any, ColumnElement[bool]], ...] = (
        (WebhookDelivery, col(WebhookDelivery.about_id).in_([*invitations, *alerts])),
        (Outbox, col(Outbox.invitation_id).in_(invitations) | col(Outbox.alert_id).in_(alerts)),
    )
    for table, which in about:
        update_rows(c, table, which & col(table.error).is_not(None), error=None)


def forget_quotes(
    c: Change, contact_id: UUID, trail: ContactTrail, said: Sequence[str], since: datetime
) -> int:
    """Take quotes of comments out of what was written about their client since a moment; return out of how many texts."""
    quoting = 0
    for table, column, row_id, text in texts_about(c.session, c.organisation_id, contact_id, trail, since):
        rest = text
        for each in said:
            rest = without_quotes(rest, each)
        if rest == text:
            continue
        quoting += 1
        row = col(table.id) == row_id
        if table is ClientLine:
            delete_rows(c, ClientLine, row)  # rather than that a client is told half of it
        elif table is not Promise and (table in (AlertEvent, Audit) or not rest.strip(LEFT_OF_A_QUOTE)):
            update_rows(c, table, row, **{column: None})  # history lets itself be emptied, and not rewritten
        else:
            update_rows(c, table, row, **{column: rest})
    return quoting


def _forget_files(c: Change, said: str) -> None:
    """Forget the files that wait to be imported and hold a comment, as one does that was exported."""
    longest = max(re.split(r'["\r\n]', said), key=len)
    if len(longest) * 2 < QUOTED:
        return
    words = [longest.encode(encoding, "ignore") for encoding in ENCODINGS]
    for job_id, content in waiting_files(c.session, c.organisation_id):
        if any(each in content for each in words):
            stopped = {"content": None, "state": JobState.STOPPED, "ended_at": c.now}
            update_rows(c, ImportJob, col(ImportJob.id) == job_id, **stopped)
            delete_rows(c, ImportRow, col(ImportRow.job_id) == job_id)


def _forget_address(c: Change, contact_id: UUID) -> None:
    """Forget the address that a guest typed for the receipt; also where an import says whom it found by it."""
    guest = c.session.get_one(Contact, (c.organisation_id, contact_id))
    if guest.email:
        says = cast(col(ImportRow.says), String).icontains(guest.email, autoescape=True)
        update_rows(c, ImportRow, says, says=[])
        guest.email = None
        write_search(c, [contact_id])


def stop_mails(c: Change, which: ColumnElement[bool]) -> int:
    """Take the address off mails that were sent, and send those no more that wait; return how many waited."""
    stopped = update_rows(c, Outbox, which & is_waiting(Outbox), given_up_at=c.now)
    update_rows(c, Outbox, which, recipient="", error=None)
    return stopped


def update_rows(c: Change, table: Any, which: ColumnElement[bool], **values: Any) -> int:
    """Write these values into rows of the organisation; return how many."""
    here = col(table.organisation_id) == c.organisation_id
    return c.write(update(table).where(here, which).values(**values))


def delete_rows(c: Change, table: Any, which: ColumnElement[bool]) -> int:
    """Delete rows of the organisation; return how many."""
    here = col(table.organisation_id) == c.organisation_id
    return c.write(delete(table).where(here, which))


def _since(table: Any, moment: datetime | None) -> ColumnElement[bool]:
    return col(table.created_at) >= moment if moment else true()
