"""The mail that tells a client what was done about what they said."""

from datetime import datetime

from flask import g, render_template
from sqlmodel import Session

from feedback.context import app_context
from feedback.core.asking import address_mark
from feedback.core.links import stop_token
from feedback.sending.letter import Letter, NothingToSend
from feedback.store.asking import mail_stops
from feedback.store.client_lines import client_of_alert, line_of_alert, rep_may_read
from feedback.store.mail_queue import DueMail
from feedback.store.organisations import organisation
from feedback.store.people import first_name, viewer_of
from feedback.wording.i18n import translate, use_language


def we_did_letter(session: Session, mail: DueMail, now: datetime) -> Letter:
    """Write the line in the frame of the client's language. Raises NothingToSend where it was taken back, the client was
    erased or has another address, or the address takes no more mails, or may be the rep's, who may not read it."""
    line = line_of_alert(session, mail.organisation_id, mail.alert_id) if mail.alert_id else None
    if line is None or mail.alert_id is None:
        raise NothingToSend("it was taken back")
    client = client_of_alert(session, mail.organisation_id, mail.alert_id)
    if client.erased_at or client.email != mail.recipient:
        raise NothingToSend("the contact has another address by now")
    if mail_stops(session, mail.organisation_id, [mail.recipient]):
        raise NothingToSend("the address takes no more mails")
    if client.email_typed_at and not rep_may_read(session, mail.organisation_id, mail.alert_id, client, now):
        raise NothingToSend("a rep typed the address, and may not read this yet")
    where, writer = (
        organisation(session, mail.organisation_id),
        viewer_of(session, mail.organisation_id, line.by_id),
    )
    g.timezone = where.timezone
    use_language(client.language, where.language)
    mark = address_mark(mail.organisation_id, mail.recipient)
    stop = f"{mail.base_url}/stop/{stop_token(app_context().settings.secret_key, mail.organisation_id, mark)}"
    values = {
        "first": first_name(client.contact),
        "line": line.words,
        "writer": writer.name if writer else None,
        "organisation": where.name,
        "stop": stop,
    }
    return Letter(
        f"{translate('You said, we did')} · {where.name}",
        render_template("mail/we_did.txt", **values),
        render_template("mail/we_did.html", **values),
        sender=f"{writer.name} ({where.name})" if writer else where.name,
        reply_to=writer.email if writer else None,
        stop_address=stop,
    )
