"""Mail leaves over TLS that was verified, or a login does not leave at all; what was not sent stays queued."""

import logging
import socket
from base64 import b64encode
from dataclasses import replace

import pytest
from sqlmodel import select
from support.certificates import self_signed
from support.mail_server import mail_server

from feedback.config import Settings
from feedback.core.dimensions import DIMENSIONS
from feedback.models import Outbox
from feedback.sending.letter import Letter
from feedback.sending.smtp import compose
from feedback.sending.worker import deliver_mails

OFFICE, LOGIN = "mail.example", "us:secret@"
SECRET = b64encode(b"\0us\0secret").decode()


@pytest.fixture
def certificate(tmp_path):
    return self_signed(tmp_path, OFFICE)


@pytest.fixture(autouse=True)
def _names(monkeypatch):
    """Every name ending in .example is this machine."""
    resolve = socket.getaddrinfo

    def here(host, *more, **options):
        return resolve("127.0.0.1" if str(host).endswith(".example") else host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", here)


@pytest.fixture
def trusted(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))


@pytest.fixture
def post(app, cast, clock, tmp_path):
    """post(url) sends the one mail that is due, a minute after the last try; returns its row."""
    met = cast.meeting("alice")
    cast.answer(met, *[1] * len(DIMENSIONS))
    settings = Settings(tmp_path, "", "k" * 40, mail_from="us@feedback.example")

    def send(url):
        clock.forward(hours=1)
        with app.app_context():
            deliver_mails(cast.db, replace(settings, smtp_url=url), clock)
        with cast.db.reading() as session:
            return session.exec(select(Outbox)).one()

    return send


@pytest.mark.parametrize("implicit", [True, False], ids=["smtps", "STARTTLS"])
@pytest.mark.usefixtures("trusted")
def test_trusted_server_gets_login_and_mail(post, certificate, implicit):
    with mail_server(certificate, implicit) as office:
        row = post(office.at(OFFICE, LOGIN))
    assert (row.error, office.logins, len(office.mails)) == (None, [(SECRET, True)], 1)


@pytest.mark.parametrize("implicit", [True, False], ids=["smtps", "STARTTLS"])
@pytest.mark.parametrize(
    ("host", "trust", "reason"),
    [(OFFICE, False, "self-signed"), ("other.example", True, "Hostname mismatch")],
    ids=["self-signed", "wrong host"],
)
def test_untrusted_server_gets_nothing(post, certificate, monkeypatch, caplog, implicit, host, trust, reason):
    if trust:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    with mail_server(certificate, implicit) as office:
        row = post(office.at(host, LOGIN))
    assert (office.logins, office.mails) == ([], [])
    assert row.error.startswith("the mail server's certificate cannot be trusted: ")
    assert reason in row.error.replace("self signed", "self-signed")
    assert row.error in caplog.text
    assert (row.sent_at, row.given_up_at) == (None, None)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_untrusted_server_on_this_machine_gets_nothing(post, certificate, host):
    with mail_server(certificate) as office:
        assert "cannot be trusted" in post(office.at(host)).error
    assert office.mails == []


def test_login_never_leaves_in_plain_text(post, caplog):
    with mail_server() as office, caplog.at_level(logging.WARNING):
        row = post(office.at(OFFICE, LOGIN))
    assert (office.logins, office.mails) == ([], [])
    assert row.error == "the mail server offers no STARTTLS, so the login was not sent to it"
    assert f"a mail was not sent and stays queued: {row.error}" in caplog.text


@pytest.mark.usefixtures("trusted")
def test_queued_mail_leaves_once_server_encrypts(post, certificate):
    with mail_server() as careless:
        assert post(careless.at(OFFICE, LOGIN)).sent_at is None
    with mail_server(certificate) as careful:
        assert post(careful.at(OFFICE, LOGIN)).sent_at is not None
    assert len(careful.mails) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_login_on_this_machine_needs_no_encryption(post, host):
    with mail_server() as office:
        assert post(office.at(host, LOGIN)).sent_at is not None
    assert office.logins == [(SECRET, False)]


def test_server_without_login_may_do_without(post):
    with mail_server() as office:
        assert post(office.at(OFFICE)).sent_at is not None


def test_line_end_makes_no_further_header(tmp_path):
    """Of what people type: subject and sender become one line, an address with a line's end makes no mail."""
    settings, evil = (
        Settings(tmp_path, "", "k" * 40, mail_from="us@feedback.example"),
        "x\r\nBcc: all@example.com",
    )
    mail = compose(settings, "dana@example.com", Letter(evil, "text", sender=evil), "key")
    assert (mail["Bcc"], mail["Subject"]) == (None, "x Bcc: all@example.com")
    assert b"\nBcc:" not in bytes(mail)
    for recipient, reply_to in (
        (f"dana@example.com{evil}", None),
        ("dana@example.com", f"alice@example.com{evil}"),
    ):
        with pytest.raises(ValueError, match="linefeed"):
            compose(settings, recipient, Letter("subject", "text", reply_to=reply_to), "key")
