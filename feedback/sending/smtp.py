"""Sending mail by SMTP."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

import idna

from feedback.config import Settings
from feedback.logs import words_of
from feedback.sending.letter import Letter

TIMEOUT_SECONDS = 20  # seconds for the mail server to answer


class LoginWithoutTLS(smtplib.SMTPException):
    """Raised before a login that would leave this machine in plain text."""


def compose(settings: Settings, recipient: str, letter: Letter, key: str) -> EmailMessage:
    """Compose the message. key: the same for the same mail, so that a mail sent twice has one Message-ID."""
    message = EmailMessage()
    message["From"] = _from(settings.mail_from or "", letter.sender)
    message["To"] = in_ascii(recipient)
    if letter.reply_to:
        message["Reply-To"] = in_ascii(letter.reply_to)
    if letter.stop_address:
        message["List-Unsubscribe"] = f"<{letter.stop_address}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{key}@{(settings.mail_from or 'localhost').rpartition('@')[2].strip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message


def in_ascii(email: str) -> str:
    """Return an address as every mail server takes it: its domain as xn--. One whose part before the @ is in another
    script stays as it is, for servers that take those (SMTPUTF8)."""
    local, at, domain = email.rpartition("@")
    try:
        return local + at + idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return email


def _from(organisations: str, sender: str | None) -> str | Address:
    """Return who a mail is from: the organisation's address, under the name of whoever asks."""
    _, email = parseaddr(organisations)
    return Address(" ".join(sender.split()), addr_spec=in_ascii(email)) if sender else organisations


def send(settings: Settings, message: EmailMessage) -> None:
    """Send the message through the configured server, over TLS with a verified certificate where the server speaks
    it. Raises OSError (ssl.SSLError among them) or smtplib.SMTPException."""
    with connected(settings) as server:
        server.send_message(message)


@contextmanager
def connected(settings: Settings) -> Iterator[smtplib.SMTP]:
    """Connect to the configured server, and log in where the address has a user; as send does."""
    url = urlsplit(settings.smtp_url or "")
    with _connected(url) as server:
        if url.username:
            if not is_private(server, settings):
                raise LoginWithoutTLS("the mail server offers no STARTTLS, so the login was not sent to it")
            server.login(unquote(url.username), unquote(url.password or ""))
        yield server


def is_private(server: smtplib.SMTP, settings: Settings) -> bool:
    """Tell whether nobody can listen in: over TLS, or on this machine."""
    host = urlsplit(settings.smtp_url or "").hostname or ""
    return isinstance(server.sock, ssl.SSLSocket) or _is_this_machine(host)


def failure_reason(error: Exception) -> str:
    """Return why a mail could not be sent, in words for whoever looks at the queue. A mail server repeats addresses in
    its own: they are not for the log."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the mail server's certificate cannot be trusted: {error.verify_message} "
            "(SSL_CERT_FILE names an authority of your own)"
        )
    if isinstance(error, LoginWithoutTLS):
        return str(error)
    return f"{type(error).__name__}: {error}"


def reason_in_log(error: Exception) -> str:
    """Return why a mail could not be sent, without what the mail server says, for that may name people."""
    if isinstance(error, ssl.SSLCertVerificationError | LoginWithoutTLS):
        return failure_reason(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"SMTPRecipientsRefused: {', '.join(str(code) for code, _ in error.recipients.values())}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__}: {error.smtp_code}"
    return words_of(error)


def refuses_address(error: Exception) -> bool:
    """Tell whether a mail server said for good that there is no such address: 5.1.x, or a 550 or 553 that says no more.
    A server that refuses the sender, or to relay (5.7.x), says nothing about the address."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    code, words = next(iter(error.recipients.values()))
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    status = _STATUS.search(said)
    return status.group().startswith("5.1.") if status else code in (550, 553)


_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")  # an enhanced status code (RFC 3463)


def _connected(url: SplitResult) -> smtplib.SMTP:
    """Connect, with TLS where the address or the server says so. The certificate must be for the host that is named,
    from an authority that this machine trusts; smtplib verifies nothing by itself."""
    context, host = ssl.create_default_context(), url.hostname or "localhost"
    if url.scheme == "smtps":
        return smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT_SECONDS, context=context)
    server = smtplib.SMTP(host, url.port or 25, timeout=TIMEOUT_SECONDS)
    try:
        server.ehlo_or_helo_if_needed()
        if server.has_extn("starttls"):
            server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _is_this_machine(host: str) -> bool:
    """Tell whether a host is this machine, to which nobody listens in."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in ("localhost", "")
