"""`feedback serve` in a process group of its own, so that all of it can be killed at once."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

FEEDBACK = [sys.executable, "-m", "feedback"]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """The server, with its worker. environment: its settings. program: the folder with another version of it."""

    def __init__(
        self, port: int, environment: dict[str, str], log: Path, program: Path | None = None
    ) -> None:
        self.program = program
        self.port, self.environment, self.log = port, environment, log
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def start(self) -> None:
        """Start it, and do not wait."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*FEEDBACK, "serve", "--port", str(self.port)],
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self.program,
            )

    def wait(self, seconds: float = 60) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + seconds
        while not self.answers():
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < deadline, "it does not answer"
            time.sleep(0.02)

    def answers(self) -> bool:
        """Tell whether it answers."""
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """Kill all of its processes at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it in good."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
