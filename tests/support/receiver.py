"""A receiver for webhooks: a real HTTP server in a thread, and a certificate made out to receiver.example."""

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
    path: str
    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """The message, as a receiver reads it: with the library's own check of the signature."""
        return Webhook(secret).verify(self.body, self.headers)

    @property
    def message(self) -> dict[str, Any]:
        return json.loads(self.body)


class Receiver(ThreadingHTTPServer):
    """Answers with `status`, `words` and `extra` headers, or as `answer` does by itself."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[Received] = []
        self.status, self.words, self.extra = 204, "", {}
        self.answer: Any = None

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/feedback?key=1"

    def with_certificate(self, folder: Path) -> Path:
        """Speaks TLS from now on; answers with the file of whom to trust."""
        path = folder / "receiver.pem"
        path.write_text(CERTIFICATE)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        return path

    def handle_error(self, request: object, client_address: object) -> None:
        """Who hangs up is expected."""

    def __enter__(self) -> "Receiver":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
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
        """Not into the tests' output."""
