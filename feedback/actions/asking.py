"""Asking a client by link or by mail, and what keeps an address from being mailed."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from feedback.actions.change import tap
from feedback.actions.rooms import open_room
from feedback.core.access import Reader
from feedback.core.asking import StopReason, Way, WhyNoMail, address_mark, reminder_due
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.db.locks import locked, locked_or_new
from feedback.models import Contact, Invitation, Mail, MailStop, Outbox
from feedback.pages.asking import asked_by_mail
from feedback.store.asking import asking_mail_by_id
from feedback.store.invitations import invitations_of_meeting
from feedback.store.working_days import working_days


class NotMailed(Exception):
    """Raised when a contact may not be asked by mail now; `why` says why. Nothing was changed."""

    def __init__(self, why: WhyNoMail) -> None:
        super().__init__(why)
        self.why = why


def ask_by_link(c: Change, invitation_id: UUID) -> None:
    """Note that the rep sends the link to the client. Nothing changes once somebody was mailed."""
    invitation = locked(c.session, Invitation, organisation_id=c.organisation_id, id=invitation_id)
    if invitation and invitation.way is Way.CODE:
        invitation.way = Way.LINK


def ask_by_mail(c: Change, meeting_id: UUID, invitation_id: UUID, base_url: str | None) -> None:
    """Queue the mail that asks the client of this invitation, and the one that reminds two working days later where
    nothing was tapped by then. base_url: of the addresses in them; None where no mail can be sent. Raises NotMailed."""
    if not base_url:
        raise NotMailed(WhyNoMail.NO_SERVER)
    invitation = locked(c.session, Invitation, organisation_id=c.organisation_id, id=invitation_id)
    assert invitation is not None  # noqa: S101 (the view has read it)
    contact = locked(c.session, Contact, organisation_id=c.organisation_id, id=invitation.contact_id)
    assert contact is not None  # noqa: S101 (an invitation has one)
    found = invitations_of_meeting(c.session, c.organisation_id, meeting_id, Reader.RULES, c.now)
    state = asked_by_mail(c.session, found, c.now)[invitation_id]
    if state.why or not contact.email:
        raise NotMailed(state.why or WhyNoMail.NO_ADDRESS)
    contact.asked_by_mail_at = c.now
    if invitation.way is not Way.GROUP:  # whose page goes on to tell nobody in the room who has answered
        invitation.way = Way.MAIL
    _queue(c, Mail.ASK, invitation, contact.email, base_url)
    _queue(c, Mail.REMINDER, invitation, contact.email, base_url)


def ask_all(c: Change, meeting_id: UUID, way: str | None, base_url: str | None) -> None:
    """Ask everybody of a meeting in this way; whoever may not be mailed is to be sent the link. For the code, and for
    any other word, nothing is to be done."""
    if way == Way.GROUP:
        open_room(c, meeting_id)
    if way not in (Way.LINK, Way.MAIL):
        return
    for found in invitations_of_meeting(c.session, c.organisation_id, meeting_id, Reader.RULES, c.now):
        ask_by_link(c, found.id)
        if way == Way.MAIL:
            with suppress(NotMailed):
                ask_by_mail(c, meeting_id, found.id, base_url)


def _queue(c: Change, kind: Mail, invitation: Invitation, email: str, base_url: str) -> None:
    """Queue one of the two mails; one that was given up, as when the address was wrong, is queued again."""
    due = c.now if kind is Mail.ASK else reminder_due(c.now, c.zone, working_days(c.organisation))
    key = {"organisation_id": c.organisation_id, "invitation_id": invitation.id, "kind": kind}
    values = {"recipient": email, "base_url": base_url, "due_at": due, "created_at": c.now, "tries": 0}
    mail = locked_or_new(c.session, Outbox, key, values)
    for name, value in {**values, "sent_at": None, "given_up_at": None, "error": None}.items():
        setattr(mail, name, value)


def stop_mail(c: Change, email: str, reason: StopReason) -> None:
    """Keep an address from being asked by mail; stop_marked for whoever knows the address."""
    stop_marked(c, address_mark(c.organisation_id, email), reason)


def stop_marked(c: Change, mark: str, reason: StopReason) -> None:
    """Keep the address of this mark from being asked by mail. What the client has stopped stays the client's own."""
    key = {"organisation_id": c.organisation_id, "address_mark": mark}
    stop = locked_or_new(c.session, MailStop, key, {"reason": reason, "created_at": c.now})
    if stop.reason is not StopReason.CLIENT:
        stop.reason = reason


def allow_mail(c: Change, email: str) -> None:
    """Let an address be asked by mail again, unless its reader has stopped the mails."""
    allow_marked(c, address_mark(c.organisation_id, email), by_client=False)


def allow_marked(c: Change, mark: str, *, by_client: bool) -> None:
    """Let the address of this mark be asked by mail again. by_client: also where the client has stopped the mails."""
    these = [col(MailStop.organisation_id) == c.organisation_id, col(MailStop.address_mark) == mark]
    if not by_client:
        these.append(col(MailStop.reason) != StopReason.CLIENT)
    c.session.execute(delete(MailStop).where(*these))


def set_aside_bounced(db: Database, mail_id: UUID, now: datetime) -> bool:
    """Ask the address of a mail that bounced for good by mail no more. Tells whether the mail was one that asks."""
    with db.reading() as session:
        mail = asking_mail_by_id(session, mail_id)
    if mail is None:
        return False
    with tap(db, mail.organisation_id, now) as c:
        stop_mail(c, mail.recipient, StopReason.REFUSED)
    return True
