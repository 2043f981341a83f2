"""Do slow lines slow anybody else down? Ratios within one run, on the product with the example organisation.

    .venv/bin/python benchmarks/slow_lines.py [--lines 500] [--seconds 4]

One client asks for the page of a code and posts a form as large as a tap, in turns, again and again, on a connection of
its own: alone first, then beside so many lines of each kind, then alone again. A kind may cost either at most twice the
time of alone; the program exits 1 if one costs more, or if anything is refused. The last row is the most requests a second
on eight connections.

The lines: bodies and headers that are half sent, bodies of a form's size but for a byte, readers that take a byte a second,
connections that say nothing after their first request. A line that was let go is opened anew within a second. Forms are
posted to codes that there are not, since one code takes but so many a minute.
"""

import argparse
import itertools
import re
import resource
import select
import selectors
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from example import example
from figures import note

from feedback.core.answer_key import new_key
from feedback.core.tokens import new_code, new_token
from feedback.web.bodies import LARGEST_FORM

TWICE = 2.0
TAP = b"integrity=5&sequence=1&mark=" + b"x" * 4000
HEAD = "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"


def main() -> None:
    """Print a row for each kind of line."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--lines", type=int, default=500)
    arguments.add_argument("--seconds", type=float, default=4.0)
    given = arguments.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with example() as served:
        port, path = served.port, served.code
        measured(port, path, 1.0)  # everything is compiled and cached by now
        alone = [measured(port, path, given.seconds)]
        found = []
        for kind in (half_bodies, half_headers, nearly_whole_bodies, slow_readers, idle):
            with kind(port, path, given.lines):
                found.append((kind.__name__.replace("_", " "), measured(port, path, given.seconds)))
            alone.append(measured(port, path, given.seconds))
        worst = 0.0
        print(f"{'':28}{'page':>9}{'of alone':>10}{'post':>12}{'of alone':>10}")
        base = Times(*map(statistics.median, zip(*alone, strict=True)))
        spreads = [
            f"{min(each) / mid:.2f} to {max(each) / mid:.2f}" for *each, mid in zip(*alone, base, strict=True)
        ]
        print(f"{'alone, six times':28}{base.page:6.2f} ms   {spreads[0]}{base.post:9.2f} ms   {spreads[1]}")
        for name, times in found:
            row = f"{f'{given.lines} {name}':28}"
            for what, median, floor in zip(Times._fields, times, base, strict=True):
                note(f"{what} beside {given.lines} {name}", median, "ms", floor=floor, most=TWICE, ratio=True)
                row += f"{median:6.2f} ms{median / floor:10.2f}   "
                worst = max(worst, median / floor)
            print(row.rstrip())
        print(f"{rate(port, path, given.seconds):.0f} requests/s on eight connections")
    if worst > TWICE:
        sys.exit("a kind of slow line slows others down")


class Times(NamedTuple):
    """The median of each kind of request, in ms."""

    page: float
    post: float


@contextmanager
def half_bodies(port: int, path: str, count: int) -> Iterator[None]:
    """Hold lines that send three bytes of nine."""
    with held(port, count, head("POST", path, port) + b"Content-Length: 9\r\n\r\nabc"):
        yield


@contextmanager
def half_headers(port: int, path: str, count: int) -> Iterator[None]:
    """Hold lines that send half a head."""
    with held(port, count, head("GET", path, port) + b"X-Half: "):
        yield


@contextmanager
def nearly_whole_bodies(port: int, path: str, count: int) -> Iterator[None]:
    """Hold lines that send the largest form but for its last byte, without an account."""
    request = (
        head("POST", path, port) + b"Content-Length: %d\r\n\r\n" % LARGEST_FORM + b"x" * (LARGEST_FORM - 1)
    )
    with held(port, count, request, renewed=True):
        yield


@contextmanager
def slow_readers(port: int, path: str, count: int) -> Iterator[None]:
    """Hold lines that ask for the page, and take a byte of it a second."""
    with held(port, count, head("GET", path, port) + b"\r\n", each_second=lambda line: line.recv(1)):
        yield


@contextmanager
def idle(port: int, path: str, count: int) -> Iterator[None]:
    """Hold lines that asked for the page once, and say nothing since."""
    request = head("GET", "/healthz", port) + b"\r\n"
    with held(port, count, request):
        yield


def head(method: str, path: str, port: int) -> bytes:
    """Return the first lines of a request."""
    return HEAD.format(method=method, path=path, port=port).encode()


@contextmanager
def held(
    port: int,
    count: int,
    sent: bytes,
    each_second: Callable[[socket.socket], object] | None = None,
    renewed: bool = False,
) -> Iterator[None]:
    """Hold so many lines that have sent these bytes. renewed: one that was answered is opened anew."""
    lines = [_line(port, sent) for _ in range(count)]
    time.sleep(2)
    stop = threading.Event()
    drip = threading.Thread(target=_drip, args=(lines, each_second, stop))
    renew = threading.Thread(target=_renew, args=(lines if renewed else [], port, sent, stop))
    drip.start()
    renew.start()
    try:
        yield
    finally:
        stop.set()
        drip.join()
        renew.join()
        for line in lines:
            line.close()


def _line(port: int, sent: bytes) -> socket.socket:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)  # the system shall not read for us
    line.connect(("127.0.0.1", port))
    with suppress(OSError):  # it was let go midway
        line.sendall(sent)
    return line


def _drip(lines: list[socket.socket], each_second: Callable | None, stop: threading.Event) -> None:
    while each_second and not stop.wait(1):
        for line in lines:
            each_second(line)


def _renew(lines: list[socket.socket], port: int, sent: bytes, stop: threading.Event) -> None:
    while lines and not stop.wait(1):
        poll, numbers = select.poll(), {line.fileno(): number for number, line in enumerate(lines)}
        for file in numbers:
            poll.register(file, select.POLLIN)
        for file, _ in poll.poll(0):
            if stop.is_set():
                return
            lines[numbers[file]].close()
            lines[numbers[file]] = _line(port, sent)


def measured(port: int, path: str, seconds: float) -> Times:
    """Return the median times of requests, one after the other: pages and posts in turns."""
    times = list(asked(port, path, seconds, connections=1, posting=True))
    return Times(statistics.median(times[::2]) * 1000, statistics.median(times[1::2]) * 1000)


def rate(port: int, path: str, seconds: float) -> float:
    """Return how many requests a second are answered on eight connections."""
    return len(list(asked(port, path, seconds, connections=8))) / seconds


def asked(port: int, path: str, seconds: float, connections: int, posting: bool = False) -> Iterator[float]:
    """Ask for the page again and again on each connection; yields the seconds that each answer took. posting: after each
    page, post a form."""
    requests = (
        each
        + b"Accept-Encoding: br\r\nX-Forwarded-For: 10.0.%d.%d\r\n\r\n" % (high, low)
        + TAP * (each[:1] == b"P")
        for high, low in itertools.cycle(itertools.product(range(256), repeat=2))
        for each in (head("GET", path, port), *([_posted(port)] if posting else []))
    )  # each from a network of its own, since one network may ask for only so many
    ready = selectors.DefaultSelector()
    began: dict[socket.socket, float] = {}
    got: dict[socket.socket, bytes] = {}
    for _ in range(connections):
        line = socket.create_connection(("127.0.0.1", port), timeout=60)
        ready.register(line, selectors.EVENT_READ)
        got[line], began[line] = b"", time.perf_counter()
        line.sendall(next(requests))
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for key, _ in ready.select(60):
            line = key.fileobj
            got[line] += line.recv(1 << 17)
            if whole(got[line]):
                yield time.perf_counter() - began[line]
                if got[line][:12] not in (b"HTTP/1.1 200", b"HTTP/1.1 404"):  # of a code that there is not
                    sys.exit(f"refused: {got[line][:200]!r}")
                got[line], began[line] = b"", time.perf_counter()
                line.sendall(next(requests))
    for line in got:
        line.close()


def _posted(port: int) -> bytes:
    headers = b"Content-Type: application/x-www-form-urlencoded\r\nHX-Request: true\r\nContent-Length: %d\r\n"
    return head("POST", f"/f/{new_token(new_code())}/{new_key()}", port) + headers % len(TAP)


def whole(reply: bytes) -> bool:
    """Tell whether an answer has arrived as a whole."""
    top, found, content = reply.partition(b"\r\n\r\n")
    return bool(found) and len(content) >= int(re.search(rb"content-length: (\d+)", top.lower())[1])


if __name__ == "__main__":
    main()
