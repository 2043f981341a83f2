"""Commands about organisations and the people who sign in."""

from datetime import UTC, datetime
from typing import TextIO

import click

from feedback import migrations
from feedback.actions import passwords, people
from feedback.actions.change import change
from feedback.actions.people import NewOrganisation, NewUser
from feedback.actions.providers import allow_other_ways
from feedback.actions.second_factor import end_second_factor
from feedback.actions.sessions import end_sessions
from feedback.cli.common import open_database, organisation_named, plain_errors, settings_or_fail
from feedback.config import Settings
from feedback.core.access import Role
from feedback.core.emails import small_letters
from feedback.db.change import Invalid
from feedback.db.engine import Database
from feedback.store.credentials import Credentials, credentials


@click.command("set-up")
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
    with open_database(settings_or_fail()) as db, plain_errors():
        migrations.migrate(db)
        people.set_up(
            db,
            NewOrganisation(
                organisation=organisation,
                name=name,
                email=email,
                password=_password(password_file),
                timezone=timezone,
                language=language,
            ),
            datetime.now(UTC),
        )
    click.echo(f"{organisation} is ready; {email} signs in as its owner.")


@click.group()
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
    new = NewUser(name=name, email=email, role=role, teams=teams, password=_password(password_file))
    with (
        open_database(settings_or_fail()) as db,
        plain_errors(),
        change(db, organisation_named(db, organisation), datetime.now(UTC)) as c,
    ):
        people.add_user(c, new)
    click.echo(f"{name} can sign in with {email}.")


@user.command("password")
@click.option("--email", prompt="E-mail")
@click.option("--password-file", type=click.File("r"), help="A file with the password; - for standard input.")
@click.option("--organisation", help="Its name, where the server holds several.")
def user_password(email: str, password_file: TextIO | None, organisation: str | None) -> None:
    """Set a new password for somebody who forgot it; it signs them out everywhere."""
    password, settings = _password(password_file), settings_or_fail()
    with open_database(settings) as db, plain_errors():
        found = _person(db, email, organisation)
        with change(db, found.organisation_id, datetime.now(UTC)) as c:
            passwords.change_password(c, found.user_id, password, base_url=_mails_from(settings))
    click.echo(f"{found.name} signs in with the new password from now on.")


@user.command("second-factor")
@click.option("--email", prompt="E-mail")
@click.option("--organisation", help="Its name, where the server holds several.")
def user_second_factor(email: str, organisation: str | None) -> None:
    """Remove the second factor of somebody who lost it; it signs them out everywhere, and is in the audit log."""
    settings = settings_or_fail()
    with open_database(settings) as db, plain_errors():
        found = _person(db, email, organisation)
        with change(db, found.organisation_id, datetime.now(UTC)) as c:
            removed = end_second_factor(c, None, found.user_id, _mails_from(settings), passkeys=True)
            end_sessions(c, found.user_id)
    if removed:
        click.echo(
            f"{found.name} signs in without a second factor from now on, and is asked to set one up if it is needed."
        )
    else:
        click.echo(f"{found.name} had no second factor.")


@user.command("other-ways")
@click.option("--organisation", help="Its name, where the server holds several.")
def user_other_ways(organisation: str | None) -> None:
    """Let people sign in by password again where only the organisation's provider could; in the audit log."""
    with open_database(settings_or_fail()) as db, plain_errors():
        organisation_id = organisation_named(db, organisation)
        with change(db, organisation_id, datetime.now(UTC)) as c:
            done = allow_other_ways(c)
    click.echo(
        "Passwords, links and passkeys sign in again." if done else "They do sign in: nothing was changed."
    )


def _person(db: Database, email: str, organisation: str | None) -> Credentials:
    """Return who signs in with an address. Raises Invalid for nobody."""
    organisation_id = organisation_named(db, organisation)
    with db.reading() as session:
        everywhere = credentials(session, small_letters(email))
    found = next((each for each in everywhere if each.organisation_id == organisation_id), None)
    if found is None:
        raise Invalid(email=f"nobody here signs in with {email}")
    return found


def _mails_from(settings: Settings) -> str | None:
    return settings.base_url if settings.smtp_url else None


def _password(file: TextIO | None) -> str:
    """Return the password from the file, or prompt for it."""
    if file is None:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return str(file.read()).rstrip("\r\n")
