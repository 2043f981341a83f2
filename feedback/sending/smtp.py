"""Sending mail by SMTP."""

import smtplib
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from feedback.config import Settings
from feedback.sending.letters import Letter

TIMEOUT_SECONDS = 20  # seconds for the mail server to answer


def compose(settings: Settings, recipient: str, letter: Letter, key: str) -> EmailMessage:
    """Compose the message. key: the same for the same mail, so that a mail sent twice has one Message-ID."""
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = recipient
    message["Subject"] = " ".join(letter.subject.split())
    message["Message-ID"] = f"<{key}@{(settings.mail_from or 'localhost').rpartition('@')[2].strip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message


def send(settings: Settings, message: EmailMessage) -> None:
    """Send the message through the configured server. Raises OSError or smtplib.SMTPException."""
    url = urlsplit(settings.smtp_url or "")
    implicit_tls = url.scheme == "smtps"
    make = smtplib.SMTP_SSL if implicit_tls else smtplib.SMTP
    with make(
        url.hostname or "localhost", url.port or (465 if implicit_tls else 25), timeout=TIMEOUT_SECONDS
    ) as server:
        if not implicit_tls and server.has_extn("starttls"):
            server.starttls()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)
