"""A server of calendars: a real HTTP server in a thread, whose answers a test chooses."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from support.local_server import CERTIFICATE, HOST, LocalServer


class CalendarServer(LocalServer):
    """Answers GET as `pages[path](handler)` does, or with the text there; asked: what came, as (path, headers)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.pages: dict[str, str | Callable[[BaseHTTPRequestHandler], None]] = {}
        self.scheme, self.host = "http", "127.0.0.1"

    @property
    def url(self) -> str:
        """Return the address, without a path."""
        return f"{self.scheme}://{self.host}:{self.server_address[1]}"

    def with_certificate(self, folder: Path, certificate: str = CERTIFICATE) -> Path:
        """Speak TLS from now on, as HOST; return the file with the certificate to trust."""
        self.scheme, self.host = "https", HOST
        return super().with_certificate(folder, certificate)


class Handler(BaseHTTPRequestHandler):
    """Answers as the test says."""

    server: CalendarServer

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        page = self.server.pages.get(self.path, "")
        if callable(page):
            page(self)
        else:
            reply(self, 200 if page else 404, page.encode())

    def log_message(self, *_: object) -> None:
        """Keep the requests out of the tests' output."""


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    """Send an answer; of a header's name underscores are hyphens."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
