"""The example organisation, filled and served for a benchmark; and waiting for a server."""

import gc
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from feedback.serving.processes import collect_seldom

LONGEST_START = 180.0  # seconds
FEEDBACK = [sys.executable, "-m", "feedback"]
TOLD = re.compile(r"owner +\S+?(/demo/\S+).*?rep +\S+?(/demo/\S+).*?(/f/\w+)", re.DOTALL)


class Example(NamedTuple):
    """A server with the example organisation."""

    port: int
    server: subprocess.Popen[str]
    instance: Path  # of the example, to be served anew
    owner: str  # the path that signs the owner in
    rep: str  # likewise, of a rep
    code: str  # the path of a client's page


@contextmanager
def example() -> Iterator[Example]:
    """Fill and serve the example organisation behind one proxy, so that a request may say from where it comes."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [*FEEDBACK, "demo", "--port", str(port)],
            env={**os.environ, "FEEDBACK_INSTANCE": folder, "FEEDBACK_TRUSTED_PROXIES": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            told = ""
            while not (found := TOLD.search(told)):
                line = server.stdout.readline() if server.stdout else ""
                if not line:
                    sys.exit("it does not start")
                told += line
            threading.Thread(target=server.stdout.read, daemon=True).start()  # or it would wait for us
            wait_for(port)
            yield Example(port, server, Path(folder) / "demo", *found.groups())
        finally:
            end(server)


def as_served() -> None:
    """Let the collector do as in the server: to go through what was loaded takes a tenth of a second, now in one request
    and now in another."""
    gc.collect()
    collect_seldom()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until the server answers, on a busy machine, too."""
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").read()
            return
        except OSError:
            time.sleep(0.01)
    sys.exit("it does not start")


def end(server: subprocess.Popen[str]) -> None:
    """Stop a server, and all that it started."""
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
