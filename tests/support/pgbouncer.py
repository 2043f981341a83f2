"""A real PgBouncer in transaction mode before a PostgreSQL of the tests."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from support.postgres import NOBODY

# After each transaction a connection forgets whatever a session may hold: what relies on it fails at once.
SETTINGS = """\
[databases]
postgres = host={socket} port=5432 user=tests
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
max_client_conn = 100
server_reset_query = DISCARD ALL
server_reset_query_always = 1
logfile = {folder}/log
pidfile = {folder}/pid
"""


@contextmanager
def pgbouncer(url: str) -> Iterator[str]:
    """Run it before the server at `url`, with three connections for all; yield the address through it."""
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "ini").write_text(SETTINGS.format(socket=make_url(url).query["host"], port=port, folder=folder))
    identity = {}
    if os.getuid() == 0:  # it refuses root
        for made in (
            folder,
            folder / "ini",
        ):  # which are for their own user alone, once a test has run a command
            os.chown(made, NOBODY, NOBODY)
        folder.chmod(0o755)
        identity = {"user": NOBODY, "group": NOBODY}
    process = subprocess.Popen(["pgbouncer", "-q", folder / "ini"], stderr=subprocess.DEVNULL, **identity)
    try:
        _wait_for(port)
        yield f"postgresql+psycopg://tests@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
