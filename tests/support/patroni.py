"""Two PostgreSQL of Debian's under Patroni with synchronous replication, etcd, and HAProxy before them, all on this
machine. See docs/operating.md."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.postgres import NOBODY, leads_to

TTL = 20  # seconds without a word from the primary until another takes over; Patroni takes no less
LONGEST = 240  # seconds that anything is waited for
CLUSTER = {
    "ttl": TTL,
    "loop_wait": 1,
    "retry_timeout": 3,
    "synchronous_mode": True,
    "primary_start_timeout": 0,
    "postgresql": {
        "use_pg_rewind": True,
        "parameters": {"synchronous_commit": "on", "fsync": "on", "wal_log_hints": "on"},
    },
}
HAPROXY = """\
defaults
  mode tcp
  timeout connect 2s
  timeout client 10m
  timeout server 10m
listen pair
  bind 127.0.0.1:{port}
  option httpchk OPTIONS /primary
  http-check expect status 200
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
"""


class Node:
    """One PostgreSQL with the Patroni that looks after it."""

    def __init__(self, name: str, home: Path, etcd: int) -> None:
        self.name, self.data = name, home / name
        self.port, self.api = _free_port(), _free_port()
        self.process: subprocess.Popen[bytes] | None = None
        here = f"127.0.0.1:{self.api}"
        said = {
            "scope": "doughnuts",
            "name": name,
            "restapi": {"listen": here, "connect_address": here},
            "etcd3": {"host": f"127.0.0.1:{etcd}"},
            "bootstrap": {"dcs": CLUSTER, "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}]},
            "postgresql": {
                "listen": f"127.0.0.1:{self.port}",
                "connect_address": f"127.0.0.1:{self.port}",
                "data_dir": str(self.data),
                "bin_dir": str(max(Path("/usr/lib/postgresql").glob("*/bin"))),
                "pgpass": str(home / f"{name}.pgpass"),
                "pg_hba": ["host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"],
                "authentication": {"superuser": {"username": "tests"}, "replication": {"username": "copies"}},
                "parameters": {"unix_socket_directories": str(home)},
            },
        }
        self.settings, self.log = home / f"{name}.yml", home / f"{name}.log"
        self.settings.write_text(json.dumps(said))  # which is YAML, too

    def start(self) -> None:
        """Start it, and do not wait."""
        self.process = _run(["patroni", self.settings], self.log)

    def kill(self) -> None:
        """Kill Patroni, and at once every process of its PostgreSQL."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for link in Path("/proc").glob("[0-9]*/cwd"):
            if leads_to(link, self.data):
                os.kill(int(link.parent.name), signal.SIGKILL)

    def cluster(self) -> dict[str, str]:
        """Return the role of each member that runs, as this one knows it; nothing when it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.api}/cluster", timeout=5) as reply:
                members = json.load(reply)["members"]
        except (OSError, ValueError):
            return {}
        return {each["name"]: each["role"] for each in members if each["state"] in ("running", "streaming")}


class Pair:
    """The two, and the address that leads to whichever is the primary."""

    def __init__(self, home: Path) -> None:
        self.home, self.etcd, self.port = home, _free_port(), _free_port()
        self.nodes = [Node(name, home, self.etcd) for name in ("one", "two")]
        self.others: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        """Return its SQLAlchemy address."""
        return f"postgresql+psycopg://tests@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start everything, and wait until each commit waits for both."""
        client, peer = f"http://127.0.0.1:{self.etcd}", f"http://127.0.0.1:{_free_port()}"
        self.others.append(_run(
            ["etcd", "--data-dir", self.home / "etcd", "--listen-client-urls", client, "--advertise-client-urls", client,
             "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"],
            self.home / "etcd.log",
        ))  # fmt: skip
        for node in self.nodes:
            node.start()
        lines = [f"  server {n.name} 127.0.0.1:{n.port} check port {n.api}\n" for n in self.nodes]
        (self.home / "haproxy.cfg").write_text(HAPROXY.format(port=self.port) + "".join(lines))
        self.others.append(
            _run(["haproxy", "-db", "-f", self.home / "haproxy.cfg"], self.home / "haproxy.log")
        )
        self.wait_until_whole()

    def primary(self) -> Node:
        """Return the one that is the primary."""
        names = {name for node in self.nodes for name, role in node.cluster().items() if role == "leader"}
        return next(node for node in self.nodes if node.name in names)

    def wait_until_whole(self) -> None:
        """Wait until there is a primary, and the other holds whatever it commits."""
        self._wait(
            lambda: any(sorted(n.cluster().values()) == ["leader", "sync_standby"] for n in self.nodes),
            "the pair does not come together",
        )

    def wait_for_another(self, than: Node) -> None:
        """Wait until another one is the primary."""
        (other,) = (node for node in self.nodes if node is not than)
        self._wait(lambda: other.cluster().get(other.name) == "leader", "the other does not take over")

    def stop(self) -> None:
        """End everything at once."""
        for node in self.nodes:
            if node.process is not None and node.process.poll() is None:
                node.kill()
        for process in self.others:
            process.kill()
            process.wait()

    def _wait(self, until: Any, words: str) -> None:
        deadline = time.monotonic() + LONGEST
        while not until():
            assert time.monotonic() < deadline, f"{words}\n{self._logs()}"
            time.sleep(0.2)

    def _logs(self) -> str:
        return "\n".join(f"{log.name}:\n{log.read_text()[-2000:]}" for log in self.home.glob("*.log"))


def _run(command: list[str | Path], log: Path) -> subprocess.Popen[bytes]:
    identity: dict[str, Any] = {"user": NOBODY, "group": NOBODY} if os.getuid() == 0 else {}
    with log.open("ab") as written:
        return subprocess.Popen(
            command, stdout=written, stderr=written, stdin=subprocess.DEVNULL, cwd=log.parent,
            env={"PATH": f"{os.environ['PATH']}:/usr/sbin", "HOME": str(log.parent)}, **identity,
        )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_pair() -> Iterator[Pair]:
    """Make and start a pair for the duration of the block."""
    home = Path(tempfile.mkdtemp(prefix="pair-"))
    if os.getuid() == 0:  # none of them but HAProxy and etcd runs as root
        os.chown(home, NOBODY, NOBODY)
    home.chmod(0o755)
    pair = Pair(home)
    try:
        pair.start()
        yield pair
    finally:
        pair.stop()
        shutil.rmtree(home, ignore_errors=True)
