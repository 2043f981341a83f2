"""A minimal mail server that accepts mails, with TLS where a test gives it a certificate."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy

from support.certificates import Certificate


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server. mails: those that it accepted. refuse: how many to refuse first. logins: what AUTH carried, and
    whether it came encrypted. certificate: what it offers STARTTLS with; implicit: it speaks nothing but TLS."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, certificate: Certificate | None = None, implicit: bool = False):
        super().__init__(("127.0.0.1", 0), Handler)
        self.mails = []
        self.refuse = 0
        self.logins = []
        self.recipients_reply = None  # to every recipient, where it is not to be taken
        self.implicit = implicit
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate.path, certificate.key)

    @property
    def url(self) -> str:
        """Return the address for the settings."""
        return self.at("127.0.0.1")

    def at(self, host: str, login: str = "") -> str:
        """Return the address under another name of this machine; login: user:password@"""
        return f"smtp{'s' if self.implicit else ''}://{login}{host}:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """A visitor who turns away from a certificate is no error here."""


class Handler(socketserver.StreamRequestHandler):
    """Speaks as much SMTP as the app needs."""

    def handle(self):
        encrypted = self.server.implicit
        if encrypted:
            self._encrypt()
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.strip().upper()
            if word.startswith(b"EHLO"):
                offers = [b"here", b"AUTH PLAIN"]
                if self.server.tls and not encrypted:
                    offers.append(b"STARTTLS")
                self.wfile.writelines(b"250-%s\r\n" % offer for offer in offers)
            elif word == b"STARTTLS":
                self.wfile.write(b"220 go on\r\n")
                self._encrypt()
                encrypted = True
                continue
            elif word.startswith(b"AUTH"):
                self.server.logins.append((line.split()[2].decode(), encrypted))
                self.wfile.write(b"235 welcome\r\n")
                continue
            elif word.startswith(b"RCPT") and self.server.recipients_reply:
                self.wfile.write(self.server.recipients_reply + b"\r\n")
                continue
            elif word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = list(iter(self.rfile.readline, b".\r\n"))
                if self.server.refuse:
                    self.server.refuse -= 1
                    self.wfile.write(b"451 come back later\r\n")
                    continue
                self.server.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 fine\r\n")

    def finish(self):
        with suppress(OSError):
            super().finish()
        self.request.close()  # the encrypted one; the server closes only the one that it accepted

    def _encrypt(self):
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.setup()


@contextmanager
def mail_server(certificate: Certificate | None = None, implicit: bool = False) -> Iterator[MailServer]:
    """Run a mail server for the duration of the block."""
    with MailServer(certificate, implicit) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
