"""What lies in the instance folder is for the user who runs the server, and for nobody else."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from feedback.config import read_settings
from feedback.db.engine import Database

FEEDBACK = Path(sys.executable).with_name("feedback")


def modes(folder: Path) -> dict[str, str]:
    """The rights to a folder and to the files in it."""
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in (folder, *folder.iterdir())}


@pytest.fixture(autouse=True)
def _wide():
    before = os.umask(0o000)
    yield
    os.umask(before)


def test_new_files_are_private(tmp_path):
    env = {**os.environ, "FEEDBACK_INSTANCE": str(tmp_path / "made" / "instance")}
    env.pop("FEEDBACK_DATABASE_URL", None)
    subprocess.run([FEEDBACK, "migrate"], env=env, check=True, capture_output=True)
    found = modes(tmp_path / "made" / "instance")
    assert found.pop("instance") == "0o700"
    assert {"feedback.sqlite3", "secret-key"} <= set(found)
    assert set(found.values()) == {"0o600"}


def test_running_database_is_private(tmp_path):
    settings = read_settings({"FEEDBACK_INSTANCE": str(tmp_path / "instance")})
    db = Database(settings.database_url)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE x (y)")
        found = modes(settings.instance)
    db.dispose()
    assert {"feedback.sqlite3", "feedback.sqlite3-wal", "feedback.sqlite3-shm"} <= set(found)
    assert {mode for name, mode in found.items() if name != "instance"} == {"0o600"}


def test_wide_files_are_narrowed(tmp_path):
    for name in (
        "feedback.sqlite3",
        "feedback.sqlite3-wal",
        "feedback.sqlite3-shm",
        "secret-key",
        "backup.sqlite3",
    ):
        (tmp_path / name).write_text("k" * 40)
        (tmp_path / name).chmod(0o664)
    tmp_path.chmod(0o755)
    read_settings({"FEEDBACK_INSTANCE": str(tmp_path)})
    found = modes(tmp_path)
    assert found.pop(tmp_path.name) == "0o700"
    assert set(found.values()) == {"0o600"}


def test_database_elsewhere_is_narrowed(tmp_path):
    elsewhere = tmp_path / "db.sqlite3"
    elsewhere.touch(0o666)
    read_settings(
        {"FEEDBACK_INSTANCE": str(tmp_path / "i"), "FEEDBACK_DATABASE_URL": f"sqlite:///{elsewhere}"}
    )
    assert modes(tmp_path)["db.sqlite3"] == "0o600"


def test_narrow_files_stay_as_they_are(tmp_path):
    read_settings({"FEEDBACK_INSTANCE": str(tmp_path)})
    (tmp_path / "secret-key").chmod(0o400)
    read_settings({"FEEDBACK_INSTANCE": str(tmp_path)})
    assert modes(tmp_path)["secret-key"] == "0o400"
