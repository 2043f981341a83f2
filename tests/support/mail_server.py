"""A minimal mail server that accepts mails."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server. mails: those that it accepted. refuse: how many to refuse first."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.mails = []
        self.refuse = 0

    @property
    def url(self) -> str:
        """Return the address for the settings."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class Handler(socketserver.StreamRequestHandler):
    """Speaks as much SMTP as the app needs."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.strip().upper()
            if word == b"DATA":
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


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server for the duration of the block."""
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
