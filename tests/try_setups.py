"""Tries the set-ups of docs/operating.md on this machine, and prints what it saw: `make test-setups`.

Needs caddy, pgbouncer, redis-server, openssl and curl (Debian's packages of these names). Everything lives in a folder
that is deleted at the end, on ports that were free.
"""

import configparser
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from support.certificates import Certificate, self_signed
from support.postgres import NOBODY, server

ROOT = Path(__file__).parent.parent
FEEDBACK = [sys.executable, "-m", "feedback"]
HOST, PASSWORD = "feedback.test", "a long enough sentence"
NEEDED = ("caddy", "pgbouncer", "redis-server", "openssl", "curl")


def said(what: str, seen: object, right: bool = True) -> None:
    """Print one line; end everything when it is not as it should be."""
    print(f"  {what}: {seen}{'' if right else '   <- WRONG'}", flush=True)
    if not right:
        sys.exit(1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def hardened() -> None:
    """What deploy/feedback.service asks of the kernel and can be had without systemd: no new privileges, and no memory
    that is both written and executed."""
    libc = ctypes.CDLL(None)
    for option in (38, 65):
        if libc.prctl(option, 1, 0, 0, 0):
            print(f"  (prctl {option} is not known to this kernel)")


@contextmanager
def running(
    command: list[str], env: dict[str, str], log: Path, **options: object
) -> Iterator[subprocess.Popen]:
    """Run a program, in a group of its own, until the end of the block."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, env={**os.environ, **env}, stdout=out, stderr=out, start_new_session=True, **options
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def until(true, what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            sys.exit(f"waited in vain for {what}")
        time.sleep(0.1)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Visitor:
    """Somebody with a browser that trusts Caddy's own authority, and keeps its cookies in a file."""

    def __init__(self, folder: Path, port: int, authority: Path) -> None:
        self.base, self.jar = f"https://{HOST}:{port}", folder / "cookies"
        self._curl = ["curl", "-s", "--max-time", "20", "--cacert", str(authority), "--resolve", f"{HOST}:{port}:127.0.0.1",
                      "-b", str(self.jar), "-c", str(self.jar), "-D", "-", "-e", f"{self.base}/"]  # fmt: skip

    def ask(self, path: str, *options: str) -> tuple[int, dict[str, str], str]:
        """Return status, headers and content."""
        reply = subprocess.run([*self._curl, *options, self.base + path], capture_output=True)
        head, _, content = reply.stdout.decode().partition("\r\n\r\n")
        lines = head.splitlines()
        headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines[1:])}
        return int(lines[0].split()[1]) if lines else 0, headers, content

    def sign_in(self) -> int:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("/sign-in")[2])
        form = {"csrf_token": token[1] if token else "", "email": "olive@example.com", "password": PASSWORD}
        fields = [part for name, value in form.items() for part in ("--data-urlencode", f"{name}={value}")]
        return self.ask("/sign-in", *fields)[0]


@contextmanager
def caddy(folder: Path, servers: list[int]) -> Iterator[Visitor]:
    """Run deploy/Caddyfile with an authority of its own in front of these ports."""
    https = free_port()
    env = {
        "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "FEEDBACK_HOST": HOST, "FEEDBACK_TLS": "tls internal",
        "FEEDBACK_SERVERS": " ".join(f"127.0.0.1:{port}" for port in servers),
        "FEEDBACK_HTTP_PORT": str(free_port()), "FEEDBACK_HTTPS_PORT": str(https),
    }  # fmt: skip
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "Caddyfile")]
    authority = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    with running(command, env, folder / "caddy.log"):
        until(lambda: authority.exists() and listens(https), "Caddy")
        visitor = Visitor(folder, https, authority)
        redirect = subprocess.run(
            ["curl", "-s", "-o", os.devnull, "-w", "%{http_code} %{redirect_url}", "-H", f"Host: {HOST}",
             f"http://127.0.0.1:{env['FEEDBACK_HTTP_PORT']}/sign-in"], capture_output=True, text=True,
        ).stdout  # fmt: skip
        said("plain http", redirect, redirect.startswith(f"308 https://{HOST}"))
        yield visitor


def settings(folder: Path, **more: str) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    return {"FEEDBACK_INSTANCE": str(folder), "FEEDBACK_TRUSTED_PROXIES": "1", "FEEDBACK_LOG": "json", **more}


def set_up(env: dict[str, str]) -> None:
    command = [*FEEDBACK, "set-up", "--organisation", "Doughnut Partners", "--name", "Olive", "--email", "olive@example.com",
               "--password-file", "-"]  # fmt: skip
    subprocess.run([*FEEDBACK, "migrate"], env={**os.environ, **env}, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(
        command, env={**os.environ, **env}, check=True, input=PASSWORD, text=True, stdout=subprocess.DEVNULL
    )


def requests_in(log: Path) -> list[dict]:
    lines = [line for line in log.read_text().splitlines() if line.startswith("{")]
    return [line for line in map(json.loads, lines) if line["logger"] == "feedback.request"]


def one_machine(folder: Path) -> None:
    """(a) Caddy, one server with its worker, SQLite."""
    print("(a) one machine: Caddy, feedback serve, SQLite")
    port, log = free_port(), folder / "serve.log"
    env = settings(folder / "instance")
    set_up(env)
    with caddy(folder, [port]) as visitor:
        env["FEEDBACK_BASE_URL"] = visitor.base
        with running([*FEEDBACK, "serve", "--port", str(port)], env, log, preexec_fn=hardened):
            until(lambda: visitor.ask("/healthz")[0] == 200, "the server")
            status, headers, _ = visitor.ask("/sign-in", "-H", "X-Request-ID: chosen-by-visitor")
            kept = {
                n: headers.get(n)
                for n in ("server", "strict-transport-security", "x-content-type-options", "via")
            }
            said("GET /sign-in", f"{status} {kept}", status == 200 and kept["server"] == "web")
            number = headers["x-request-id"]
            same = [line for line in requests_in(log) if line["request"] == number]
            said(
                "number of a request, by Caddy, in the log",
                same[0] if same else None,
                len(same) == 1 and len(number) == 36,
            )
            cookie = headers.get("set-cookie", "")
            said(
                "cookie",
                re.sub("=[^;]+", "=…", cookie, count=1),
                cookie.startswith("__Host-") and "Secure" in cookie,
            )
            status = visitor.sign_in()
            said("signing in", status, status == 303)
            said("GET /people, signed in", visitor.ask("/people")[0], visitor.ask("/people")[0] == 200)
            outside = {path: visitor.ask(path)[0] for path in ("/metrics", "/readyz", "/healthz")}
            said("through Caddy", outside, outside == {"/metrics": 404, "/readyz": 404, "/healthz": 200})
            inside = subprocess.run(
                ["curl", "-s", f"http://127.0.0.1:{port}/metrics"], capture_output=True, text=True
            ).stdout
            said(
                "this machine reads /metrics",
                f"{len(inside.splitlines())} lines",
                "feedback_requests_total{" in inside,
            )
            failed = [line for line in requests_in(log) if line["status"] >= 500]
            said("requests that failed", len(failed), not failed)


@contextmanager
def postgresql_with_tls(folder: Path, certificate: Certificate) -> Iterator[int | None]:
    """Run Debian's PostgreSQL, which takes connections over TLS alone; yield its port, None where there is none. (The one
    of the tests was built without TLS.)"""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        print("  not tried: there is no PostgreSQL of Debian's")
        yield None
        return
    as_root = os.getuid() == 0
    unprivileged = {"user": NOBODY, "group": NOBODY} if as_root else {}
    data, port = folder / "data", free_port()
    data.mkdir()
    if as_root:
        os.chown(data, NOBODY, NOBODY)
    initdb = [
        found[-1].with_name("initdb"),
        "-D",
        data,
        "-U",
        "tests",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **unprivileged)
    for path, name in ((certificate.path, "server.crt"), (certificate.key, "server.key")):
        copy = Path(shutil.copy(path, data / name))
        copy.chmod(0o600)
        if as_root:
            os.chown(copy, NOBODY, NOBODY)
    (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 trust\n")
    command = [
        str(found[-1]),
        "-D",
        str(data),
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-k",
        "",
        "-c",
        "ssl=on",
        "-c",
        "fsync=off",
    ]
    with running(command, {}, folder / "postgresql.log", **unprivileged):
        until(lambda: listens(port), "PostgreSQL")
        print(f"  {subprocess.run([found[-1], '--version'], capture_output=True, text=True).stdout.strip()}")
        yield port


def database_apart(folder: Path) -> None:
    """(b) PostgreSQL by network, over TLS alone."""
    print("(b) PostgreSQL apart, with TLS")
    made, stranger = self_signed(folder, "localhost"), self_signed(folder, "elsewhere")
    with postgresql_with_tls(folder, made) as port:
        if port is None:
            return
        for how, root, works in (
            ("verify-full", made.path, True), ("verify-full", stranger.path, False), ("disable", made.path, False),
        ):  # fmt: skip
            url = f"postgresql://tests@localhost:{port}/postgres?sslmode={how}&sslrootcert={root}"
            env = {**os.environ, **settings(folder / "instance", FEEDBACK_DATABASE_URL=url)}
            done = subprocess.run([*FEEDBACK, "migrate"], env=env, capture_output=True, text=True)
            words = (done.stdout + done.stderr).strip().splitlines()
            said(f"migrate, sslmode={how}, {root.name}", f"exit {done.returncode} {words[-1] if words else ''}",
                 (done.returncode == 0) is works)  # fmt: skip
            if works:
                checked = subprocess.run([*FEEDBACK, "check"], env=env, capture_output=True, text=True)
                said("check", f"exit {checked.returncode} {checked.stdout.strip()}", checked.returncode == 0)


@contextmanager
def pgbouncer(folder: Path, url: str) -> Iterator[str]:
    """Run deploy/pgbouncer.ini, on a port of its own and without passwords; yield the address of the database."""
    port = free_port()
    ini = configparser.ConfigParser()
    ini.read(ROOT / "deploy" / "pgbouncer.ini")
    ini["databases"]["feedback"] = f"host={url.partition('host=')[2]} dbname=postgres user=tests"
    ini["pgbouncer"].update(
        {"listen_port": str(port), "auth_type": "any", "auth_file": "", "unix_socket_dir": ""}
    )
    file = folder / "pgbouncer.ini"
    with file.open("w") as out:
        ini.write(out)
    file.chmod(0o644)
    unprivileged = {"user": NOBODY, "group": NOBODY} if os.getuid() == 0 else {}
    with running(
        [shutil.which("pgbouncer") or "pgbouncer", str(file)], {}, folder / "pgbouncer.log", **unprivileged
    ):
        until(lambda: listens(port), "PgBouncer")
        yield f"postgresql://tests@127.0.0.1:{port}/feedback"


def several(folder: Path) -> None:
    """(c) Two servers without a worker, one worker, PgBouncer, Redis, Caddy."""
    print("(c) two servers and a worker: Caddy, PgBouncer in transaction mode, PostgreSQL, Redis")
    redis, ports = free_port(), [free_port(), free_port()]
    with ExitStack() as stack:
        url = stack.enter_context(pgbouncer(folder, stack.enter_context(server())))
        command = ["redis-server", "--port", str(redis), "--save", "", "--bind", "127.0.0.1"]
        stack.enter_context(running(command, {}, folder / "redis.log", cwd=folder))
        shared = {
            "FEEDBACK_DATABASE_URL": url, "FEEDBACK_REDIS_URL": f"redis://127.0.0.1:{redis}", "FEEDBACK_SECRET_KEY": "s" * 40,
        }  # fmt: skip
        set_up(settings(folder / "one", **shared))
        visitor = stack.enter_context(caddy(folder, ports))
        shared["FEEDBACK_BASE_URL"] = visitor.base
        logs = [folder / "one.log", folder / "two.log"]
        servers = [
            stack.enter_context(
                running(
                    [*FEEDBACK, "serve", "--no-worker", "--port", str(port)],
                    settings(folder / log.stem, **shared),
                    log,
                )
            )
            for port, log in zip(ports, logs, strict=True)
        ]
        stack.enter_context(
            running([*FEEDBACK, "worker"], settings(folder / "worker", **shared), folder / "worker.log")
        )
        for port in ports:
            until(lambda port=port: listens(port), "a server")
        until(lambda: (folder / "worker" / "worker-turn").exists(), "the worker")
        until(lambda: visitor.ask("/healthz")[0] == 200, "Caddy to find them")
        time.sleep(5)  # both are healthy to Caddy
        status = visitor.sign_in()
        said("signing in", status, status == 303)
        codes = Counter(visitor.ask("/people")[0] for _ in range(30))
        spread = [len([line for line in requests_in(log) if line["route"] == "/people"]) for log in logs]
        said(
            "30 pages of the same session",
            f"{dict(codes)}, by server {spread}",
            codes == {200: 30} and min(spread) > 5,
        )
        limited = Counter(visitor.ask("/f/" + "B" * 26 + "/opened", "-X", "POST")[0] for _ in range(70))
        said("70 posts to one code, allowed 60 a minute by both together", dict(limited), limited[429] == 10)
        os.killpg(servers[0].pid, signal.SIGKILL)
        codes = Counter(visitor.ask("/people")[0] for _ in range(40))
        said("40 pages right after one server was killed", dict(codes), codes == {200: 40})
        until(lambda: worker_goes_on(folder), "the worker to go on", 10)
        said("the worker goes on", "its last turn was less than 10 seconds ago")
        failed = [line for log in logs for line in requests_in(log) if line["status"] >= 500]
        said("requests that failed", len(failed), not failed)
        errors = [line for line in (folder / "worker.log").read_text().splitlines() if "traceback" in line]
        said("errors of the worker", len(errors), not errors)


def worker_goes_on(folder: Path) -> bool:
    return time.time() - (folder / "worker" / "worker-turn").stat().st_mtime < 10


if __name__ == "__main__":
    if missing := [name for name in NEEDED if not shutil.which(name)]:
        sys.exit(f"needs {', '.join(missing)}: install Debian's packages of these names")
    wanted = sys.argv[1:] or ("one_machine", "database_apart", "several")
    for tried in (each for each in (one_machine, database_apart, several) if each.__name__ in wanted):
        with tempfile.TemporaryDirectory(prefix="setup-") as made:
            folder = Path(made)
            folder.chmod(0o755)  # PgBouncer runs as nobody
            tried(folder)
