"""A receiver for webhooks: a real HTTP server in a thread."""

import json
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from standardwebhooks import Webhook

from support.local_server import LocalServer


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


class Receiver(LocalServer):
    """A server that answers with `status`, `words` and `extra` headers, or as the function `answer` does."""

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
