"""A small WSGI application behind the real server, with a short deadline for bodies; and raw connections to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.request import urlopen

from feedback.serving import bridge as bridges
from feedback.serving.bridge import Beforehand, Bridge
from feedback.serving.processes import Serving, granian_server
from feedback.web.headers import text_headers
from feedback.web.limits import network_of_head
from feedback.web.request_log import HEADER

BODY_SECONDS = 1.0
LARGEST = 100_000
LARGEST_UPLOAD = 1_000_000


def application(environ, start_response):
    """Answer with what arrived; /slow takes a while, /lines never ends by itself."""
    path, body = environ["PATH_INFO"], environ["wsgi.input"].read()
    if path == "/slow":
        time.sleep(1)
    if path == "/breaks":
        raise RuntimeError("as it shall")
    if path == "/lines":
        start_response("200 OK", [("Content-Type", "text/csv")])
        return (b"%d\n" % number for number in range(100_000))
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    words = json.dumps({**told, "body": body.decode("latin-1")}).encode()
    start_response(
        "200 OK", [("Content-Length", str(len(words))), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    )
    return [words]


def largest(method: str, path: str, _headers: object) -> int:
    """Return how large a body may be."""
    if method != "POST":
        return 0
    return LARGEST_UPLOAD if path == "/upload" else LARGEST


def bridge(threads: int, body_seconds: float, most_arriving: int, limits: dict[str, int]) -> Bridge:
    """Return what a web process serves, behind one proxy. limits: constants of feedback.serving.bridge, lowered."""
    for name, value in limits.items():
        setattr(bridges, name, value)
    beforehand = Beforehand(
        largest, network_of_head(1), lambda _environ: {**text_headers("max-age=9"), HEADER: "one"}
    )
    return Bridge(application, beforehand, threads, body_seconds, most_arriving)


@contextmanager
def served(
    workers: int = 1,
    threads: int = 1,
    body_seconds: float = BODY_SECONDS,
    most_arriving: int = bridges.MOST_ARRIVING,
    **limits: int,
) -> Iterator["Served"]:
    """Serve the application in processes of its own, with the bridge's own limits lowered."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "support.served",
            json.dumps([port, workers, threads, body_seconds, most_arriving, limits]),
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield Served(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


class Served:
    """The running server."""

    def __init__(self, process: subprocess.Popen, port: int) -> None:
        self.process, self.port = process, port
        deadline = time.monotonic() + 20
        while True:
            try:
                return self.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") and None
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def connect(self, sent: bytes = b"") -> socket.socket:
        """Open a connection, and send these bytes."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        line.sendall(sent)
        return line

    def ask(self, sent: bytes) -> bytes:
        """Send a request on a connection of its own, and return the whole answer."""
        with self.connect(sent) as line:
            return answer(line)


def answer(line: socket.socket) -> bytes:
    """Return the next answer on a connection, head and content."""
    got = b""
    while b"\r\n\r\n" not in got:
        if not (more := line.recv(65536)):
            return got
        got += more
    head, _, content = got.partition(b"\r\n\r\n")
    lengths = [each.split(b":")[1] for each in head.lower().split(b"\r\n") if b"content-length:" in each]
    while len(content) < int(lengths[0] if lengths else 0) and (more := line.recv(65536)):
        content += more
    return head + b"\r\n\r\n" + content


def told(reply: bytes) -> dict[str, str]:
    """Return what the application was told."""
    return json.loads(reply.partition(b"\r\n\r\n")[2])


def wait_until_ready(address: str) -> None:
    """Wait until the server at this address is ready; half a minute, for a busy machine."""
    for _ in range(300):
        try:
            with urlopen(f"{address}/readyz") as reply:
                assert reply.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


if __name__ == "__main__":
    port, workers, threads, *given = json.loads(sys.argv[1])
    granian_server(Serving("127.0.0.1", port, workers, threads)).serve(
        target_loader=partial(bridge, threads, *given), wrap_loader=False
    )
