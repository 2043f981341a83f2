"""The mail that asks a client how a meeting was, and the one that reminds."""

from datetime import datetime

from flask import g, render_template
from sqlmodel import Session

from feedback.context import app_context
from feedback.core.access import Reader
from feedback.core.asking import address_mark
from feedback.core.links import stop_token
from feedback.models import Mail
from feedback.models.encrypted import UnreadableSecret
from feedback.sending.letter import Letter, NothingToSend
from feedback.store.asking import mail_stops
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitation_by_id
from feedback.store.mail_queue import DueMail
from feedback.store.people import viewer_of
from feedback.web.look import use_look
from feedback.wording.filters import day
from feedback.wording.i18n import translate, use_language


def asking_letter(session: Session, mail: DueMail, now: datetime) -> Letter:
    """Write the mail in the client's language. Raises NothingToSend where there is nothing to ask any more: it was
    answered, or begun, the page has closed, the address was stopped or has changed, or the rep has left."""
    found = (
        invitation_by_id(session, mail.organisation_id, mail.invitation_id, Reader.RULES, now)
        if mail.invitation_id
        else None
    )
    invitation = _still_to_ask(session, mail, found, now)
    rep = viewer_of(session, mail.organisation_id, invitation.rep_id)
    if rep is None:
        raise NothingToSend("the rep has left")
    g.timezone = invitation.timezone
    use_language(invitation.contact_language, invitation.organisation_language)
    use_look(invitation.organisation_id, invitation.look)
    mark = address_mark(mail.organisation_id, mail.recipient)
    stop = f"{mail.base_url}/stop/{stop_token(app_context().settings.secret_key, mail.organisation_id, mark)}"
    try:
        address = f"{mail.base_url}/f/{invitation.token}"
    except UnreadableSecret:
        raise NothingToSend("the code cannot be read with this server's key") from None
    values = {
        "invitation": invitation,
        "address": address,
        "stop": stop,
        "reminds": mail.kind == Mail.REMINDER,
        "met_on": day(invitation.held_at),
    }
    return Letter(
        translate("How was the meeting with %(rep)s?") % {"rep": invitation.rep},
        render_template("mail/ask.txt", **values),
        render_template("mail/ask.html", **values),
        sender=f"{invitation.rep} ({invitation.organisation})",
        reply_to=rep.email,
        stop_address=stop,
    )


def _still_to_ask(
    session: Session, mail: DueMail, found: InvitationView | None, now: datetime
) -> InvitationView:
    """Return the invitation when its client is still to be asked at the address of the mail. Raises NothingToSend."""
    reasons = (
        (found is None, "the meeting was taken back"),
        (found is not None and (found.begun or found.progress.done), "answered before the mail went out"),
        (found is not None and found.closed(now), "the page has closed"),
        (
            found is not None and found.contact_email != mail.recipient,
            "the contact has another address by now",
        ),
    )
    why = next((words for applies, words in reasons if applies), None)
    if found is None or why:
        raise NothingToSend(why or "")
    if mail_stops(session, mail.organisation_id, [mail.recipient]):
        raise NothingToSend("the address takes no more mails")
    return found
