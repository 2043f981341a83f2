"""Commands that serve: the web processes, and the worker process beside them."""

import gc
import os
import shutil
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from feedback import migrations
from feedback.cli.common import open_database, require_newest, settings_or_fail
from feedback.config import Settings, set_up_code
from feedback.serving import handover

COMMAND = [sys.executable, "-m", "feedback"]


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="0.0.0.0 for phones in the same network."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--no-worker", is_flag=True, help="Send no mails, keep no calendar: another machine does.")
def serve(host: str, port: int, workers: int, no_worker: bool) -> None:
    """Serve the product; makes or migrates the database first."""
    gc.disable()  # until all is loaded, for nothing of that goes away again
    old = handover.old_processes()
    try:
        settings = settings_or_fail()
        _require_newest_database(settings)
        if not old:
            _require_free_port(host, port)
    except BaseException:
        handover.end_processes(old)
        raise
    if workers > 1 and not settings.redis_url:
        click.echo(
            "Limits of requests are counted in each process; FEEDBACK_REDIS_URL shares them.", err=True
        )
    address = settings.base_url or f"http://{_printed_host(host)}:{port}"
    click.echo(f"Beyond Doughnuts on {address}")
    if _is_empty(settings):
        click.echo(f"Set up your organisation: {address}/set-up asks for the code {set_up_code(settings)}")
    _count_together(settings)
    from feedback.serving.processes import Serving, serve_until_stopped

    threads = 1 if workers > 1 and settings.database_url.startswith("sqlite") else 2
    serve_until_stopped(Serving(host, port, workers, threads, with_worker=not no_worker), old)


@click.command()
def worker() -> None:
    """Send mails and keep the calendar. `feedback serve` brings one along."""
    with open_database(settings_or_fail()) as db:
        require_newest(db)
    from feedback.serving.processes import run_worker_until_stopped

    run_worker_until_stopped()


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
    os.environ.pop("FEEDBACK_BACKUP_DIR", None)  # an example must not stand among the backups
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
    sys.stdout.flush()
    # begun anew, since what filling has left in memory would stay for as long as it is served
    os.execv(sys.executable, [*COMMAND, "serve", "--host", host, "--port", str(port)])  # noqa: S606 (ourselves)


def _require_newest_database(settings: Settings) -> None:
    """Make or migrate the database where that is needed; end the command with one line where that cannot be."""
    with open_database(settings) as db:
        if migrations.at_head(db):
            return
        if migrations.unknown_revision(db):
            require_newest(db)
    # by a process of its own, since what migrating has left in memory would stay for as long as it is served
    done = subprocess.run([*COMMAND, "migrate"], stdout=subprocess.DEVNULL)  # noqa: S603 (ourselves)
    if done.returncode:
        raise click.ClickException("the database could not be migrated; nothing is served")


def _count_together(settings: Settings) -> None:
    """Let the processes to come count their requests into one new folder. It has to be named before the application
    is loaded. Folders of servers that have ended are deleted; that from before a HUP is still in use."""
    parent = settings.instance / "metrics"
    parent.mkdir(mode=0o700, exist_ok=True)
    before = sorted(parent.glob(f"{os.getpid()}-*"))
    for folder in parent.iterdir():
        if folder not in before[-1:] and (folder in before or not _runs(folder.name.partition("-")[0])):
            shutil.rmtree(folder, ignore_errors=True)
    mine = parent / f"{os.getpid()}-{time.time_ns()}"
    mine.mkdir(mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(mine)


def _runs(pid: str) -> bool:
    return Path(f"/proc/{pid}").exists()


def _is_empty(settings: Settings) -> bool:
    """Tell whether there is no organisation yet."""
    from feedback.store.people import any_organisation

    with open_database(settings) as db, db.reading() as session:
        return not any_organisation(session)


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
