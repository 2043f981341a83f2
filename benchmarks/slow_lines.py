"""Do slow lines slow anybody else down? Ratios within one run, on the product with the example organisation.

    .venv/bin/python benchmarks/slow_lines.py [--lines 500] [--seconds 4]

One client asks for the page of a code, again and again, on a connection of its own: alone first, then beside so
many lines of each kind, then alone again. A kind may cost at most twice the time of alone; the program exits 1
if one does. The last row is the most requests a second on eight connections.

The lines: bodies and headers that are half sent, readers that take a byte a second, connections that say nothing
after their first request.
"""

import argparse
import itertools
import re
import resource
import selectors
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from example import example
from figures import note

TWICE = 2.0
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
        for kind in (half_bodies, half_headers, slow_readers, idle):
            with kind(port, path, given.lines):
                found.append((kind.__name__.replace("_", " "), measured(port, path, given.seconds)))
            alone.append(measured(port, path, given.seconds))
        base = statistics.median(alone)
        print(f"{'':28}{'median':>9}{'of alone':>10}")
        print(f"{'alone, five times':28}{base:6.2f} ms   {min(alone) / base:.2f} to {max(alone) / base:.2f}")
        for name, median in found:
            note(f"beside {given.lines} {name}", median, "ms", floor=base, most=TWICE, ratio=True)
            print(f"{f'{given.lines} {name}':28}{median:6.2f} ms{median / base:10.2f}")
        print(f"{rate(port, path, given.seconds):.0f} requests/s on eight connections")
    if max(median for _, median in found) > TWICE * base:
        sys.exit("a kind of slow line slows others down")


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
    port: int, count: int, sent: bytes, each_second: Callable[[socket.socket], object] | None = None
) -> Iterator[None]:
    """Hold so many lines that have sent these bytes."""
    lines = []
    for _ in range(count):
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)  # the system shall not read for us
        line.connect(("127.0.0.1", port))
        line.sendall(sent)
        lines.append(line)
    time.sleep(2)
    stop = threading.Event()
    drip = threading.Thread(target=_drip, args=(lines, each_second, stop))
    drip.start()
    try:
        yield
    finally:
        stop.set()
        drip.join()
        for line in lines:
            line.close()


def _drip(lines: list[socket.socket], each_second: Callable | None, stop: threading.Event) -> None:
    while each_second and not stop.wait(1):
        for line in lines:
            each_second(line)


def measured(port: int, path: str, seconds: float) -> float:
    """Return the median time of a request in ms, one after the other."""
    times = list(asked(port, path, seconds, connections=1))
    return statistics.median(times) * 1000


def rate(port: int, path: str, seconds: float) -> float:
    """Return how many requests a second are answered on eight connections."""
    return len(list(asked(port, path, seconds, connections=8))) / seconds


def asked(port: int, path: str, seconds: float, connections: int) -> Iterator[float]:
    """Ask for the page again and again on each connection; yields the seconds that each answer took."""
    requests = (
        head("GET", path, port) + b"Accept-Encoding: br\r\nX-Forwarded-For: 10.0.%d.%d\r\n\r\n" % (high, low)
        for high, low in itertools.cycle(itertools.product(range(256), repeat=2))
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
                if not got[line].startswith(b"HTTP/1.1 200"):
                    sys.exit(f"refused: {got[line][:200]!r}")
                got[line], began[line] = b"", time.perf_counter()
                line.sendall(next(requests))
    for line in got:
        line.close()


def whole(reply: bytes) -> bool:
    """Tell whether an answer has arrived as a whole."""
    top, found, content = reply.partition(b"\r\n\r\n")
    return bool(found) and len(content) >= int(re.search(rb"content-length: (\d+)", top.lower())[1])


if __name__ == "__main__":
    main()
