"""Commands that serve: the web processes, and the worker process beside them."""

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime

import click

from feedback import migrations
from feedback.cli.common import open_database, settings_or_fail
from feedback.config import set_up_code
from feedback.store.people import any_organisation


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="0.0.0.0 for phones in the same network."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """Serve the product; makes or migrates the database first."""
    settings = settings_or_fail()
    with open_database(settings) as db:
        migrations.migrate(db)
        with db.reading() as session:
            empty = not any_organisation(session)
    _require_free_port(host, port)
    if workers > 1 and not settings.redis_url:
        click.echo(
            "Limits of requests are counted in each process; FEEDBACK_REDIS_URL shares them.", err=True
        )
    address = settings.base_url or f"http://{_printed_host(host)}:{port}"
    click.echo(f"Beyond Doughnuts on {address}")
    if empty and settings.sign_up != "open":
        click.echo(f"Set up your organisation: {address}/set-up asks for the code {set_up_code(settings)}")
    _serve_until_stopped(
        host, port, workers, threads=1 if workers > 1 and settings.database_url.startswith("sqlite") else 2
    )


@click.command()
def worker() -> None:
    """Send mails and keep the calendar. `feedback serve` brings one along."""
    from feedback.app import create_app
    from feedback.sending.worker import run_worker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_worker(create_app(settings_or_fail()), stop)


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="0.0.0.0 for phones in the same network."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def demo(host: str, port: int) -> None:
    """Fill an example organisation, afresh on each start, and serve it."""
    from feedback.demo.fill import fill_example
    from feedback.web.auth import demo_tickets

    _require_free_port(host, port)
    os.environ["FEEDBACK_INSTANCE"] = str(settings_or_fail().instance / "demo")
    os.environ["FEEDBACK_BASE_URL"] = f"http://{_printed_host(host)}:{port}"
    os.environ.pop("FEEDBACK_DATABASE_URL", None)
    settings = settings_or_fail()
    for old in settings.instance.glob("feedback.sqlite3*"):
        old.unlink()
    with open_database(settings) as db:
        migrations.migrate(db)
        with click.progressbar(length=100, label="Half a year of meetings", file=sys.stderr) as bar:
            example = fill_example(db, datetime.now(UTC), lambda part: bar.update(int(part * 100) - bar.pos))
    tickets = demo_tickets(settings)
    click.echo("\nSign in as (each address signs in at once):")
    for role, user_id in (
        ("owner", example.owner_id),
        ("manager", example.manager_id),
        ("rep", example.rep_id),
    ):
        ticket = tickets.dumps([str(example.organisation_id), str(user_id)])
        click.echo(f"  {role:8} {settings.base_url}/demo/{ticket}")
    address = f"{settings.base_url}/f/{example.token}"
    click.echo(f"\nAnd be a client, on this address or with a phone's camera:\n  {address}\n")
    click.echo(_terminal_qr(address))
    _serve_until_stopped(host, port, workers=1, threads=2)


def _require_free_port(host: str, port: int) -> None:
    """End the command with one line when the address is in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"cannot listen on {host}:{port}: {error.strerror}; try --port"
            ) from None


def _printed_host(host: str) -> str:
    """Return the host to print: for 0.0.0.0 the one that phones in the same network reach."""
    if host != "0.0.0.0":  # noqa: S104 (compared, not bound)
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; it selects the interface a packet would leave by
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def _terminal_qr(address: str) -> str:
    """Draw a QR code for a terminal: two rows of modules per line, dark on light whatever the terminal's
    colours."""
    import io

    import qrcode

    code = qrcode.QRCode(border=2)
    code.add_data(address.upper())
    drawn = io.StringIO()
    code.print_ascii(out=drawn, invert=True)
    return drawn.getvalue()


def _serve_until_stopped(host: str, port: int, workers: int, threads: int) -> None:
    """Serve until the process is told to end, with one worker process beside the web processes."""
    from granian.constants import Interfaces
    from granian.server import Server

    stopped = threading.Event()
    helper = threading.Thread(target=_keep_worker_running, args=(stopped,))
    helper.start()
    try:
        Server(
            "feedback.app:create_app",
            factory=True,
            interface=Interfaces.WSGI,
            address=host,
            port=port,
            workers=workers,
            blocking_threads=threads,
            respawn_failed_workers=True,
            workers_kill_timeout=5,
            log_access=False,
        ).serve()
    finally:
        stopped.set()
        helper.join()


def _keep_worker_running(stopped: threading.Event) -> None:
    """Keep one worker process running until `stopped` is set; start it again when it ends by itself."""
    while not stopped.is_set():
        with subprocess.Popen([sys.executable, "-m", "feedback", "worker"]) as process:
            while process.poll() is None and not stopped.wait(1):
                pass
            process.terminate()
        stopped.wait(5)
