"""The mail server: connect, TLS, login; and a real mail, if it is wanted."""

import smtplib
import socket
import ssl
from uuid import uuid4

from feedback.config import Settings
from feedback.findings import Finding, look, ok, wrong
from feedback.sending.letter import Letter
from feedback.sending.smtp import LoginWithoutTLS, compose, connected, failure_reason, is_private

TEST = Letter(
    "Test mail from Beyond Doughnuts",
    "Whoever runs your feedback server sent this mail to see whether mails arrive.\nThey do. There is nothing to do.\n",
)


def check_mail(settings: Settings, to: str | None = None) -> Finding:
    """Do mails leave? to: where a test mail goes."""
    if not settings.smtp_url:
        remedy = (
            "Set FEEDBACK_SMTP_URL and FEEDBACK_MAIL_FROM: alerts, weekly mails and receipts wait for it."
        )
        return (wrong if to else look)("Mail", "No mail server is set.", remedy)
    try:
        with connected(settings) as server:
            private = is_private(server, settings)
            if to:
                server.send_message(compose(settings, to, TEST, str(uuid4())))
            else:
                server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return wrong("Mail", f"No mail leaves: {failure_reason(error)}.", _remedy(error))
    if not private:
        remedy = "Use a mail server that speaks TLS: mails leave this machine in plain text."
        return look("Mail", "The mail server takes our mails, but speaks no TLS.", remedy)
    return ok("Mail", f"A test mail was taken for {to}." if to else "The mail server takes our mails.")


def _remedy(error: Exception) -> str:
    if isinstance(error, LoginWithoutTLS):
        return "Use a mail server that offers STARTTLS, or smtps:// in FEEDBACK_SMTP_URL."
    if isinstance(error, ssl.SSLCertVerificationError):
        return "Name the host that the certificate is for in FEEDBACK_SMTP_URL, or its authority in SSL_CERT_FILE."
    if isinstance(error, ssl.SSLError):
        return "smtps:// is for a port that speaks TLS at once (465), smtp:// for STARTTLS (587)."
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "Look at user and password in FEEDBACK_SMTP_URL; special characters are written as %40."
    if isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPSenderRefused):
        return "The server does not take mails from FEEDBACK_MAIL_FROM, or not for this address: ask whoever runs it."
    if isinstance(error, socket.gaierror):
        return "Look at the host in FEEDBACK_SMTP_URL: nobody knows its name."
    return "Look at host and port in FEEDBACK_SMTP_URL, and whether a firewall is between."
