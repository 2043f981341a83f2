"""Sending one HTTP request to exactly the IP addresses that were checked before."""

import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from time import monotonic
from typing import Any

from feedback.webhooks.targets import Target

TIMEOUT_SECONDS = 15.0  # seconds for the whole exchange, from the first packet to the last byte read
LONGEST_ANSWER = 4096  # bytes; the rest is not read
LONGEST_STORED = 200  # characters of the reply that are stored when it is a refusal


@dataclass(frozen=True, slots=True)
class HttpReply:
    """The reply of a receiver."""

    status: int
    words: str  # reason and beginning of the body, on one line, to investigate a refusal
    body: str = ""  # its beginning, as it came
    retry_after: str | None = None  # the header by which a receiver asks for a pause


class CheckedConnection(HTTPConnection):
    """A connection to one of the given addresses of a target.

    It does not resolve the host name again, which could lead to another address than the checked one; a
    certificate must still be for the host name. It ends after so many seconds, however slowly the receiver
    sends.
    """

    def __init__(self, target: Target, addresses: Sequence[Any], seconds: float | None = None) -> None:
        super().__init__(target.host, target.port)
        self.default_port = 443 if target.secure else 80  # left out of the Host header
        self._target, self._addresses = target, addresses
        self._deadline = monotonic() + (TIMEOUT_SECONDS if seconds is None else seconds)
        self._timer: Timer | None = None

    @property
    def timed_out(self) -> bool:
        """Whether the time is over."""
        return monotonic() >= self._deadline

    def connect(self) -> None:
        """Connect, and start the timer that ends the exchange. Called by http.client."""
        self.sock = self._connected_socket()
        if self._target.secure:
            self.sock = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self._target.host, do_handshake_on_connect=False
            )
        self._timer = Timer(self._seconds_left(), _shut_down, (self.sock,))
        self._timer.daemon = True
        self._timer.start()
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.do_handshake()

    def finish(self) -> None:
        """Close the connection. To be called when everything is read. (http.client calls close as soon as it
        has read the head of a reply.)"""
        if self._timer:
            self._timer.cancel()
            self._timer.join()
        self.close()

    def _connected_socket(self) -> socket.socket:
        """Connect to the first address that accepts; no proxies, no second look-up. Raises the last
        OSError."""
        refused: OSError = OSError(f"{self._target.host} has no address")
        for family, kind, protocol, _, address in self._addresses:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self._seconds_left())
                sock.connect(address)
            except OSError as error:
                sock.close()
                refused = error
            else:
                return sock
        raise refused

    def _seconds_left(self) -> float:
        """Return the seconds that are left, above 0. Raises TimeoutError when there are none."""
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def post_once(target: Target, addresses: Sequence[Any], body: bytes, headers: dict[str, str]) -> HttpReply:
    """Send one POST request, and return the reply. Follows no redirect.

    addresses: of socket.getaddrinfo, checked. Raises OSError (TimeoutError when there is no status after 15
    seconds) or http.client.HTTPException.
    """
    connection = CheckedConnection(target, addresses)
    try:
        connection.request("POST", target.path, body, headers)
        with connection.getresponse() as response:
            said, asked = _body_text(response), response.getheader("Retry-After")
            return HttpReply(response.status, _one_line(f"{response.reason} {said}"), said, asked)
    except Exception as error:
        if connection.timed_out:
            raise TimeoutError(f"no answer within {TIMEOUT_SECONDS:.0f} seconds") from error
        raise
    finally:
        connection.finish()


def _body_text(response: HTTPResponse) -> str:
    """Return the beginning of the reply's body; "" when it cannot be read, for only the status matters."""
    with suppress(OSError, HTTPException):
        return response.read(LONGEST_ANSWER).decode("utf-8", "replace")
    return ""


def _shut_down(sock: socket.socket) -> None:
    """Shut a socket down, so that a thread that reads from it reads the end. Not by the method of a TLS
    socket, which drops its state while the reader still uses it."""
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _one_line(text: str) -> str:
    """Return the printable characters of a text on one line, at most LONGEST_STORED."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:LONGEST_STORED]
