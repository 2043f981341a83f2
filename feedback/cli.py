"""The `feedback` command. Every command works without a prompt when it is given its options."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import BinaryIO, TextIO
from uuid import UUID

import click
from sqlalchemy.exc import OperationalError

from feedback import __version__, migrations
from feedback.actions import people
from feedback.actions.change import Invalid
from feedback.actions.import_files import BadFile, Report
from feedback.actions.imports import ImportKind, import_file
from feedback.actions.rescore import rescore as rescore_all
from feedback.config import ConfigError, Settings, read_settings
from feedback.core.access import Role
from feedback.store.database import Database, connect
from feedback.store.replay import differences, how_many, organisations, orphans


@click.group()
@click.version_option(__version__, prog_name="feedback")
def main() -> None:
    """Beyond Doughnuts: six taps from the client, a sealed guess from the rep, and the gap between."""


@main.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="0.0.0.0 for phones in the same network."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """Serve the product; makes or migrates the database first."""
    settings = _settings()
    with _database(settings) as db:
        migrations.migrate(db)
    _free_or_fail(host, port)
    if workers > 1 and not settings.redis_url:
        click.echo("Rate limits are counted in each process; FEEDBACK_REDIS_URL shares them.", err=True)
    click.echo(f"Beyond Doughnuts on {settings.base_url or f'http://{_shown(host)}:{port}'}")
    _run(host, port, workers, threads=1 if workers > 1 and settings.database_url.startswith("sqlite") else 2)


@main.command()
def worker() -> None:
    """Send mails and keep the calendar. `feedback serve` brings one along."""
    from feedback.app import create_app
    from feedback.delivery.worker import work

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(create_app(_settings()), stop)


@main.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="0.0.0.0 for phones in the same network."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def demo(host: str, port: int) -> None:
    """Fill an example organisation, afresh on each start, and serve it."""
    from feedback.demo import fill
    from feedback.web.auth import demo_tickets

    _free_or_fail(host, port)
    os.environ["FEEDBACK_INSTANCE"] = str(_settings().instance / "demo")
    os.environ["FEEDBACK_BASE_URL"] = f"http://{_shown(host)}:{port}"
    os.environ.pop("FEEDBACK_DATABASE_URL", None)
    settings = _settings()
    for old in settings.instance.glob("feedback.sqlite3*"):
        old.unlink()
    with _database(settings) as db:
        migrations.migrate(db)
        with click.progressbar(length=100, label="Half a year of meetings", file=sys.stderr) as bar:
            example = fill(db, datetime.now(UTC), lambda part: bar.update(int(part * 100) - bar.pos))
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
    _run(host, port, workers=1, threads=2)


@main.command()
def migrate() -> None:
    """Bring the database to the newest version."""
    with _database(_settings()) as db:
        migrations.migrate(db)
    click.echo("The database is at the newest version.")


@main.command("set-up")
@click.option("--organisation", prompt="Your organisation")
@click.option("--name", prompt="Your name")
@click.option("--email", prompt="Your e-mail")
@click.option("--password-file", type=click.File("r"), help="A file with the password; - for standard input.")
@click.option("--timezone", default="UTC", show_default=True, help="Like Europe/Berlin.")
@click.option("--language", default="en", show_default=True, help="Of your clients, like de.")
def set_up(
    organisation: str,
    name: str,
    email: str,
    password_file: TextIO | None,
    timezone: str,
    language: str,
) -> None:
    """Make an organisation and its owner."""
    with _database(_settings()) as db, _plain_errors():
        migrations.migrate(db)
        people.set_up(
            db,
            organisation=organisation,
            name=name,
            email=email,
            password=_password(password_file),
            timezone=timezone,
            language=language,
            now=datetime.now(UTC),
        )
    click.echo(f"{organisation} is ready; {email} signs in as its owner.")


@main.group()
def user() -> None:
    """The people who sign in."""


@user.command("add")
@click.option("--name", prompt=True)
@click.option("--email", prompt="E-mail")
@click.option("--role", prompt=True, type=click.Choice([role.value for role in Role]))
@click.option("--team", "teams", multiple=True, help="Made if it is new; a manager may be given several.")
@click.option("--password-file", type=click.File("r"), help="A file with the password; - for standard input.")
@click.option("--organisation", help="Its name, where the server holds several.")
def user_add(
    name: str,
    email: str,
    role: str,
    teams: tuple[str, ...],
    password_file: TextIO | None,
    organisation: str | None,
) -> None:
    """Add a rep, a manager or an owner."""
    with _database(_settings()) as db, _plain_errors():
        people.add_user(
            db,
            _organisation(db, organisation),
            name=name,
            email=email,
            role=role,
            teams=teams,
            password=_password(password_file),
            now=datetime.now(UTC),
        )
    click.echo(f"{name} can sign in with {email}.")


@main.command()
@click.option("--organisation", help="Only this one, by name.")
def check(organisation: str | None) -> None:
    """Do the stored numbers equal a replay of the history? Exit 1, and a list, if not."""
    found = 0
    with _database(_settings()) as db:
        if not migrations.at_head(db):
            raise click.ClickException("migrations are missing: run `feedback migrate`")
        with db.reading() as session:
            for line in orphans(session):
                found += 1
                click.echo(line)
            for organisation_id, name in _chosen(db, organisation):
                for line in differences(session, organisation_id):
                    found += 1
                    click.echo(f"{name}: {line}")
    if found:
        click.echo(
            f"{found} differences. `feedback rescore` rebuilds the numbers from the history.", err=True
        )
        sys.exit(1)
    click.echo("Every stored number equals a replay of the history; no orphans; migrations at head.")


@main.command()
@click.option("--organisation", help="Only this one, by name.")
def rescore(organisation: str | None) -> None:
    """Rebuild the stored numbers from the history. Frozen weeks stay as they are."""
    with _database(_settings()) as db:
        chosen = _chosen(db, organisation)
        with db.reading() as session:
            count = sum(how_many(session, organisation_id) for organisation_id, _ in chosen)
        hidden = not sys.stderr.isatty()
        with click.progressbar(length=count, label="Rescoring", file=sys.stderr, hidden=hidden) as bar:
            written = sum(
                rescore_all(db, organisation_id, datetime.now(UTC), lambda: bar.update(1))
                for organisation_id, _ in chosen
            )
    click.echo(f"{written} relationships rebuilt.")


@main.command("import")
@click.argument("kind", type=click.Choice([kind.value for kind in ImportKind]))
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Check the file and say what would be done; write nothing.")
@click.option("--organisation", help="Its name, where the server holds several.")
def import_(kind: str, file: BinaryIO, dry_run: bool, organisation: str | None) -> None:
    """Import people, accounts or past feedback (history) from a CSV file: all rows or none.

    Rows are numbered as a spreadsheet numbers them: the header is row 1. The same file twice changes nothing.
    While a long history is written, SQLite lets nobody else write: do it when no client answers.
    """
    with _database(_settings()) as db, _plain_errors():
        if not migrations.at_head(db):
            raise click.ClickException("migrations are missing: run `feedback migrate`")
        organisation_id = _organisation(db, organisation)
        hidden = not sys.stderr.isatty()
        try:
            with click.progressbar(length=100, label=kind, file=sys.stderr, hidden=hidden) as bar:
                report = import_file(
                    db,
                    organisation_id,
                    ImportKind(kind),
                    file,
                    dry_run=dry_run,
                    now=datetime.now(UTC),
                    progress=lambda part: bar.update(int(part * 100) - bar.pos),
                )
        except BadFile as error:
            for problem in error.problems:
                click.echo(f"row {problem.row}: {problem.reason}")
            more = error.count - len(error.problems)
            rows = "1 row is" if error.count == 1 else f"{error.count} rows are"
            click.echo(f"{f'And {more} more. ' if more else ''}{rows} wrong; nothing was imported.", err=True)
            sys.exit(1)
    _tell(report, dry_run)


def _tell(report: Report, dry_run: bool) -> None:
    """What an import did, or would do."""
    click.echo(f"{'Would add' if dry_run else 'Added'}: {', '.join(report.added) or 'nothing'}.")
    if report.updated:
        click.echo(f"{'Would update' if dry_run else 'Updated'}: {', '.join(report.updated)}.")
    if report.already:
        rows = "1 row" if report.already == 1 else f"{report.already} rows"
        click.echo(f"Already here and left as it is: {rows}.")
    for note in report.notes:
        click.echo(note)
    if dry_run:
        click.echo("This was a dry run: nothing was written.")


def _settings() -> Settings:
    try:
        return read_settings()
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    """The database for one command; one line when it cannot be reached."""
    db = connect(settings.database_url, pooled=False)
    try:
        yield db
    except OperationalError as error:
        raise click.ClickException(f"FEEDBACK_DATABASE_URL: {str(error.orig).splitlines()[0]}") from None
    finally:
        db.dispose()


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except Invalid as error:
        reasons = "; ".join(f"{field}: {why}" for field, why in error.reasons.items())
        raise click.ClickException(reasons) from None


def _chosen(db: Database, name: str | None) -> list[tuple[UUID, str]]:
    """The organisations meant: the named one, else all."""
    with db.reading() as session:
        every = organisations(session)
    if name is None:
        return every
    found = [each for each in every if each[1] == name]
    if len(found) != 1:
        names = ", ".join(each[1] for each in every) or "none yet"
        raise click.ClickException(f"no organisation is called {name!r}; there are: {names}")
    return found


def _organisation(db: Database, name: str | None) -> UUID:
    """The one organisation meant; says so when there is none, or more than one."""
    found = _chosen(db, name)
    if not found:
        raise click.ClickException("there is no organisation yet: run `feedback set-up`")
    if len(found) > 1:
        raise click.ClickException(f"say which with --organisation: {', '.join(each[1] for each in found)}")
    return found[0][0]


def _password(file: TextIO | None) -> str:
    if file is None:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return str(file.read()).rstrip("\r\n")


def _free_or_fail(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"cannot listen on {host}:{port}: {error.strerror}; try --port"
            ) from None


def _shown(host: str) -> str:
    """The address to print: for 0.0.0.0 the one that phones in the same network reach."""
    if host != "0.0.0.0":  # noqa: S104 (compared, not bound)
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks which way a packet would go
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def _terminal_qr(address: str) -> str:
    """Two rows of modules a line, dark on light whatever the terminal's colours."""
    import io

    import qrcode

    code = qrcode.QRCode(border=2)
    code.add_data(address.upper())
    drawn = io.StringIO()
    code.print_ascii(out=drawn, invert=True)
    return drawn.getvalue()


def _run(host: str, port: int, workers: int, threads: int) -> None:
    from granian.constants import Interfaces
    from granian.server import Server

    over = threading.Event()
    helper = threading.Thread(target=_keep_a_worker, args=(over,))
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
        over.set()
        helper.join()


def _keep_a_worker(over: threading.Event) -> None:
    """One worker beside the web processes; begun anew when it ends, and ended with them."""
    while not over.is_set():
        with subprocess.Popen([sys.executable, "-m", "feedback", "worker"]) as process:
            while process.poll() is None and not over.wait(1):
                pass
            process.terminate()
        over.wait(5)
