"""A receiver for webhooks: a real HTTP server in a thread, and a certificate for receiver.example."""

import json
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

# Made for these tests, valid for a hundred years, trusted by nobody else.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+5Z/vRTAPCwQNrwp
QJJauy7pQjn0yhGV3BSlxaCh392hRANCAATZ60e2129ToWl8ZlABzHMn/b5gau8X
iVq0pvTwMsD0QkqkeF0fnYoWgTHZmuB00lovy8T41XMmNsGzIY2FUowC
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBhTCCASygAwIBAgIBATAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBByZWNlaXZl
ci5leGFtcGxlMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAbMRkw
FwYDVQQDDBByZWNlaXZlci5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAE2etHttdvU6FpfGZQAcxzJ/2+YGrvF4latKb08DLA9EJKpHhdH52KFoEx2Zrg
dNJaL8vE+NVzJjbBsyGNhVKMAqNfMF0wGwYDVR0RBBQwEoIQcmVjZWl2ZXIuZXhh
bXBsZTAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIChDAdBgNVHQ4EFgQU
B+Y4tQ2QJGxfv3xS8b0tiGfNaYMwCgYIKoZIzj0EAwIDRwAwRAIgE9Mrx8sfXskd
jbF6txXR8tRTdsOmGnBQeII36iv/VjgCIGNqVTBuxxmqX3n6dPsI0ApKoWQeRW+/
fLDYZqNt09Jn
-----END CERTIFICATE-----
"""


@dataclass
class Received:
    """A request that arrived."""

    path: str
    headers: dict[str, str]
    body: str  # "GET" for a GET request

    @property
    def id(self) -> str:
        """Return the message id."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """Return the message as a receiver reads it: the library itself checks the signature."""
        return Webhook(secret).verify(self.body, self.headers)

    @property
    def message(self) -> dict[str, Any]:
        """Return the message without checking its signature."""
        return json.loads(self.body)


class Receiver(ThreadingHTTPServer):
    """A server that answers with `status`, `words` and `extra` headers, or as the function `answer` does."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[Received] = []
        self.status, self.words, self.extra = 204, "", {}
        self.answer: Any = None

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return self.server_address[1]

    @property
    def url(self) -> str:
        """Return the address that messages are sent to."""
        return f"http://127.0.0.1:{self.port}/feedback?key=1"

    def with_certificate(self, folder: Path) -> Path:
        """Speak TLS from now on; return the file with the certificate to trust."""
        path = folder / "receiver.pem"
        path.write_text(CERTIFICATE)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        return path

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors: a sender that hangs up is expected."""

    def __enter__(self) -> "Receiver":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Stores each request, and answers it."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.received.append(Received(self.path, dict(self.headers), body))
        if self.server.answer:
            self.server.answer(self)
            return
        self.send_response(self.server.status)
        for name, value in self.server.extra.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.server.words.encode())))
        self.end_headers()
        self.wfile.write(self.server.words.encode())

    def do_GET(self) -> None:
        self.server.received.append(Received(self.path, dict(self.headers), "GET"))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the requests out of the tests' output."""
