"""You said, we did: one line from a manager to the client of an alert, by mail and on top of the client's next page.

The rep shows that page, so it carries nothing that the rep may not know: no line that follows from an answer which the
rep can still guess, or which the client told managers alone.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, update
from sqlmodel import col

from feedback.core.audit import AuditKind
from feedback.db.change import Change, Invalid
from feedback.db.tenancy import references
from feedback.models import ClientLine, Invitation, Mail, Outbox, Relationship
from feedback.store.alert_rows import locked_alert
from feedback.store.asking import mail_stops
from feedback.store.client_lines import (
    LineClient,
    client_of_alert,
    is_own_address,
    line_of_alert,
    mail_of_line,
    rep_may_read,
    waiting_lines,
    was_opened,
)
from feedback.wording.i18n import app_text, lazy_app_text

LONGEST = 200
HELD_BACK = timedelta(hours=1)  # the mail, in which the line can be taken back
NEEDED = lazy_app_text("Write in a line what was done.")
TOLD = lazy_app_text("The client was told already. Take that back first.")
LEFT = lazy_app_text("It has already gone out: the mail was sent, or the page was opened.")
OPEN = lazy_app_text("Close the alert first.")


def tell_client(c: Change, alert_id: UUID, by: UUID, words: str, base_url: str | None) -> None:
    """Tell the client of a closed alert what was done about it. base_url: of mails; None where none can be sent. The same
    words twice are told once. Raises Invalid."""
    alert = locked_alert(c.session, c.organisation_id, alert_id)
    words = line_of(words)
    if not words:
        raise Invalid(line=NEEDED)
    if alert.closed_at is None:
        raise Invalid(line=OPEN)
    told = line_of_alert(c.session, c.organisation_id, alert_id)
    if told:
        if told.words == words:
            return
        raise Invalid(line=TOLD)
    c.session.add(
        ClientLine(
            organisation_id=c.organisation_id, alert_id=alert_id, by_id=by, words=words, created_at=c.now
        )
    )
    c.session.flush()
    who = client_of_alert(c.session, c.organisation_id, alert_id)
    if base_url and who.email and may_be_mailed(c, alert_id, who):
        c.session.add(
            Outbox(
                organisation_id=c.organisation_id,
                kind=Mail.WE_DID,
                recipient=who.email,
                alert_id=alert_id,
                base_url=base_url,
                due_at=c.now + HELD_BACK,
                created_at=c.now,
            )
        )
    c.audit(by, AuditKind.CLIENT_TOLD, who.contact_id, name=who.contact)


def line_of(text: str) -> str:
    """Return what was written with single spaces. Raises Invalid when it is too long."""
    words = " ".join(text.split())
    if len(words) > LONGEST:
        why = app_text("At most %(most)s characters; this has %(count)s.", most=LONGEST, count=len(words))
        raise Invalid(line=why)
    return words


def may_be_mailed(c: Change, alert_id: UUID, who: LineClient) -> bool:
    """Tell whether the client's address may be told: it is known, takes our mails, and is not one at which the rep might
    read what the rep may not know."""
    if not who.email or c.organisation.demo or mail_stops(c.session, c.organisation_id, [who.email]):
        return False
    if is_own_address(c.session, c.organisation_id, who.email):
        return False
    return who.email_typed_at is None or rep_may_read(c.session, c.organisation_id, alert_id, who, c.now)


def take_line_back(c: Change, alert_id: UUID, by: UUID) -> None:
    """Take back what a client was told, before it has left. Twice is once. Raises Invalid."""
    locked_alert(c.session, c.organisation_id, alert_id)
    told = line_of_alert(c.session, c.organisation_id, alert_id)
    if told is None:
        return
    mail = mail_of_line(c.session, c.organisation_id, alert_id)
    sent = mail is not None and (mail.sent_at is not None or (mail.tries > 0 and mail.given_up_at is None))
    seen = told.invitation_id and was_opened(c.session, c.organisation_id, told.invitation_id)
    if sent or seen:
        raise Invalid(line=LEFT)
    if mail:
        c.session.delete(mail)
    who = client_of_alert(c.session, c.organisation_id, alert_id)
    c.audit(by, AuditKind.CLIENT_LINE_BACK, who.contact_id, name=who.contact)
    c.session.delete(told)
    c.session.flush()


def put_on_page(c: Change, invitation: Invitation, relationship: Relationship) -> None:
    """Let the latest line that waits stand on this page, which is new; where the rep may not read it yet, on a later
    one."""
    for line in waiting_lines(c.session, c.organisation_id, relationship.id):
        who = client_of_alert(c.session, c.organisation_id, line.alert_id)
        if rep_may_read(c.session, c.organisation_id, line.alert_id, who, c.now, but=invitation.id):
            line.invitation_id = invitation.id
            return


def take_off_pages(c: Change, *, meeting_id: UUID | None = None, invitation_id: UUID | None = None) -> None:
    """Let lines wait for another page: this one is gone, or anybody in a room could open it."""
    page = col(Invitation.meeting_id) == meeting_id if meeting_id else col(Invitation.id) == invitation_id
    which = exists().where(references(ClientLine, ClientLine.invitation_id, Invitation), page)
    these = col(ClientLine.organisation_id) == c.organisation_id, which.correlate(ClientLine)
    gone = update(ClientLine).where(*these).values(invitation_id=None)
    c.session.execute(gone.execution_options(synchronize_session=False))
