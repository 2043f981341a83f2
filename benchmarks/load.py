"""A load generator: so many connections in one process, each sending its next request as soon as the last is answered."""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

FORM = "application/x-www-form-urlencoded"


@dataclass
class Measured:
    """What a run of load brought."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)  # seconds, one for each request
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.waits) / self.seconds

    def quantile(self, share: float) -> float:
        """Seconds that this share of the requests took at most."""
        return sorted(self.waits)[min(int(share * len(self.waits)), len(self.waits) - 1)]


def request(path: str, form: str | None = None, **headers: str) -> bytes:
    """The bytes of a GET, or of a POST with this form."""
    body = (form or "").encode()
    lines = [f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", "Host: bench.example"]
    if form is not None:
        lines += [f"Content-Type: {FORM}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(
    port: int, next_request: Callable[[], bytes | None], seconds: float, connections: int = 8
) -> Measured:
    """Send requests over kept connections until the time is up, or next_request has no more (None)."""
    measured, selector, begun = Measured(), selectors.DefaultSelector(), {}
    for _ in range(connections):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(sock, selectors.EVENT_READ, bytearray())
    began = time.perf_counter()
    for key in list(selector.get_map().values()):
        _send(selector, key.fileobj, next_request, begun)
    while selector.get_map() and time.perf_counter() - began < seconds:
        for key, _ in selector.select(1):
            sock, answer = key.fileobj, key.data
            more = sock.recv(1 << 18)
            answer += more
            if not more or _whole(answer):
                status = int(answer[9:12]) if answer else 0
                measured.statuses[status] = measured.statuses.get(status, 0) + 1
                measured.waits.append(time.perf_counter() - begun[sock])
                answer.clear()
                _send(selector, sock, next_request, begun)
    measured.seconds = time.perf_counter() - began
    for key in list(selector.get_map().values()):
        key.fileobj.close()
    return measured


def _send(selector, sock, next_request, begun) -> None:
    following = next_request()
    if following is None:
        selector.unregister(sock)
        sock.close()
        return
    begun[sock] = time.perf_counter()
    sock.sendall(following)


def _whole(answer: bytearray) -> bool:
    """Whether a response has arrived whole."""
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    low = bytes(answer[:head]).lower()
    at = low.find(b"content-length:")
    if at < 0:
        if b"chunked" in low:
            return answer.endswith(b"0\r\n\r\n")
        return True  # 204 has none
    return len(answer) >= head + 4 + int(low[at + 15 :].split(b"\r\n", 1)[0])
