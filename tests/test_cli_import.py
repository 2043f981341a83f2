"""`feedback import` from end to end: what it prints, and how it exits."""

import pytest
from click.testing import CliRunner

from feedback.cli import main
from feedback.imports.history.row import COLUMNS


@pytest.fixture
def run(db, cast, monkeypatch, tmp_path):
    """run("check") runs the command on the cast's database."""
    url = db.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("FEEDBACK_DATABASE_URL", url)
    monkeypatch.setenv("FEEDBACK_INSTANCE", str(tmp_path))
    return lambda *words, **options: CliRunner().invoke(main, words, **options)


@pytest.fixture
def file(tmp_path):
    """file(text) is the path of a file that holds it."""

    def file(text):
        path = tmp_path / "import.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return file


HERE = ("--organisation", "Doughnut Partners")
PEOPLE = "name,email,role,team\nErik,erik@example.com,rep,West\n"


def history(*cells: str) -> str:
    return ",".join(COLUMNS) + "\n" + "".join(f"{line}\n" for line in cells)


def meeting(day: int, savvy: str = "4") -> str:
    start = f"alice@example.com,Northwind,Dana,,2026-05-{day:02}T10:00Z"
    return f"{start},4,4,4,4,{savvy},4" + "," * 10


def test_import_prints_what_it_added(run, file):
    reply = run("import", "people", file(PEOPLE), *HERE)
    assert reply.exit_code == 0
    assert reply.stdout.startswith("Added: 1 person, 1 team.\nThey have no password yet")
    assert reply.stderr == ""


def test_reimport_prints_that_nothing_changed(run, file):
    run("import", "people", file(PEOPLE), *HERE)
    reply = run("import", "people", file(PEOPLE), *HERE)
    assert reply.stdout == "Added: nothing.\nAlready here and left as it is: 1 row.\n"


def test_dry_run_prints_what_it_would_add(run, file):
    reply = run("import", "people", "--dry-run", file(PEOPLE), *HERE)
    assert "Would add: 1 person, 1 team." in reply.stdout
    assert "nothing was written" in reply.stdout


def test_check_passes_after_history_import(run, file):
    assert run("import", "history", file(history(meeting(1), meeting(8))), *HERE).exit_code == 0
    assert run("check").exit_code == 0


def test_bad_rows_are_listed_with_exit_1(run, file):
    reply = run("import", "history", file(history(meeting(1), meeting(2, "6"), meeting(1))), *HERE)
    assert reply.exit_code == 1
    assert reply.stdout.splitlines() == [
        "row 3: client_savvy: a rating is a whole number from 1 to 5, not '6'",
        "row 4: the same rep, contact and held_at as row 2",
    ]
    assert reply.stderr == "2 rows are wrong; nothing was imported.\n"


def test_file_of_another_kind_is_told(run, file):
    reply = run("import", "people", file(history(meeting(1))), *HERE)
    assert reply.exit_code == 1
    assert reply.stdout.splitlines()[-1] == "It has the columns of another kind of file: history."


def test_bad_rows_after_fifty_are_counted(run, file):
    reply = run("import", "history", file(history(*(meeting(1, "x") for _ in range(60)))), *HERE)
    assert len(reply.stdout.splitlines()) == 50
    assert reply.stderr == "And 10 more. 60 rows are wrong; nothing was imported.\n"


def test_mixed_encodings_are_refused_with_position(run, file):
    good = history(meeting(1).replace("Dana", "Zoë")).encode()
    bad = meeting(2).replace("Dana", "Müller").encode("latin-1")
    reply = run("import", "history", file(good + bad), *HERE)
    assert reply.exit_code == 1
    assert "row 3: its byte 30 (0xFC) is not UTF-8; save the file as UTF-8" in reply.stdout


def test_dry_run_says_what_was_taken_on_trust(run, file):
    text = history(meeting(1).replace("T10:00Z", "").replace("Dana", "Müller").rstrip(","))
    reply = run("import", "history", "--dry-run", file(text.encode("latin-1")), *HERE)
    assert reply.exit_code == 0
    assert "Times without a zone were read as Europe/Berlin's: 1 of them." in reply.stdout
    assert "Row 2 is shorter than the header" in reply.stdout
    assert 'read as Windows-1252, such as "Müller" in row 2' in reply.stdout


def test_standard_input_can_be_imported(run):
    assert "1 person" in run("import", "people", "-", *HERE, input=PEOPLE).stdout


def test_ambiguous_organisation_must_be_named(run, file):
    reply = run("import", "people", file(PEOPLE))
    assert reply.exit_code == 1
    assert "--organisation" in reply.stderr


def test_unknown_import_kind_is_refused(run, file):
    assert run("import", "doughnuts", file(PEOPLE)).exit_code == 2


def test_missing_file_is_refused(run):
    reply = run("import", "people", "nowhere.csv")
    assert reply.exit_code == 2
    assert "nowhere.csv" in reply.stderr
