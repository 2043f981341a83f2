"""The command line: set-up, people, check and rescore, without a prompt."""

import subprocess
import sys

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from feedback.actions.change import change
from feedback.actions.meetings import NewMeeting
from feedback.cli import main
from feedback.config import read_settings
from feedback.db.engine import Database

SET_UP = ["set-up", "--organisation", "Acme", "--name", "Olive", "--email", "olive@example.com",
          "--password-file", "-", "--timezone", "Europe/Berlin"]  # fmt: skip
ADD = ["user", "add", "--name", "Sam", "--email", "sam@example.com", "--role", "rep", "--team", "North",
       "--password-file", "-"]  # fmt: skip


@pytest.fixture
def run(tmp_path, monkeypatch):
    """run("check") is `feedback check` on a database of its own; typed is what comes from standard input."""
    monkeypatch.setenv("FEEDBACK_INSTANCE", str(tmp_path))
    monkeypatch.delenv("FEEDBACK_DATABASE_URL", raising=False)
    runner = CliRunner()
    return lambda *words, typed="a short sentence\n": runner.invoke(main, words, input=typed)


def test_set_up_and_new_rep_pass_check(run):
    assert run(*SET_UP).exit_code == 0
    assert run(*ADD).exit_code == 0
    done = run("check")
    assert done.exit_code == 0
    assert "equals a replay" in done.output


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        ([*ADD], "a short sentence", "feedback set-up"),
        ([*SET_UP[:-1], "Berlin"], "a short sentence", "time zone"),
        (SET_UP, "short", "at least 12 characters"),
        (
            [*SET_UP[:5], "--email", "olive", "--password-file", "-", "--name", "Olive"],
            "a short sentence",
            "e-mail",
        ),
    ],
)
def test_invalid_command_says_why(run, words, typed, said):
    run("migrate")
    refused = run(*words, typed=typed)
    assert refused.exit_code == 1
    assert said in refused.output


def test_repeated_address_is_refused(run):
    run(*SET_UP)
    run(*ADD)
    assert "already somebody here" in run(*ADD).output


def test_ambiguous_organisation_must_be_named(run):
    run(*SET_UP)
    run(*SET_UP[:1], "--organisation", "Beta", *SET_UP[3:])
    assert "--organisation: Acme, Beta" in run(*ADD).output
    assert run(*ADD, "--organisation", "Beta").exit_code == 0


def test_rescore_repairs_what_check_finds(run, tmp_path):
    from datetime import UTC, datetime

    from feedback.actions import answers, meetings
    from feedback.actions.meetings import NewContact
    from feedback.core.access import Reader
    from feedback.store.credentials import credentials
    from feedback.store.invitations import invitations_of_meeting

    run(*SET_UP)
    run(*ADD)
    db = Database(read_settings().database_url, read_settings().keys)
    now = datetime.now(UTC)
    with db.reading() as session:
        sam = credentials(session, "sam@example.com")[0]
    with change(db, sam.organisation_id, now) as c:
        meeting = meetings.start_meeting(
            c, sam.user_id, NewMeeting(new_contact=NewContact("Dana", "Northwind"))
        )
    with db.reading() as session:
        invitation = invitations_of_meeting(session, sam.organisation_id, meeting, Reader.RULES, now)[0]
    with change(db, sam.organisation_id, now) as c:
        answers.save_answer(c, invitation.id, answers.Submission(ratings={"savvy": 4}, done=True))
    with db.writing() as session:
        session.execute(text("UPDATE relationships SET loyalty = 99"))
    db.dispose()
    found = run("check")
    assert (
        found.exit_code,
        "Sam with Dana: loyalty differ; loyalty 99.0, replayed 75.0" in found.output,
    ) == (1, True)
    assert run("rescore").exit_code == 0
    assert run("check").exit_code == 0


def test_help_loads_nothing_large():
    """It answers at once, however much a command needs to do its work."""
    ask = "import sys; from feedback.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True, text=True).stdout
    assert "Commands" in said
    assert not {"flask", "sqlalchemy", "sqlmodel", "alembic", "granian", "feedback.app"} & set(said.split())


def test_lost_second_factor_is_removed(run):
    run(*SET_UP)
    assert run("user", "second-factor", "--email", "nobody@example.com").exit_code == 1
    told = run("user", "second-factor", "--email", "Olive@example.com")
    assert (told.exit_code, "had no second factor" in told.output) == (0, True)
