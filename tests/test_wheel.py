"""A wheel built from the tree carries everything and runs by itself."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
VISIT = """
from pathlib import Path
from feedback import migrations  # noqa: E402
from feedback.app import RESOURCES, create_app
from feedback.db.engine import Database
from feedback.config import read_settings
assert Path.cwd() in Path(RESOURCES).parents, RESOURCES
db = Database(read_settings().database_url)
migrations.migrate(db)
browser = create_app().test_client()
page = browser.get("/set-up")
style = browser.get(page.text.split('rel="stylesheet" href="')[1].split('"')[0])
german = browser.get("/privacy?lang=de")
print(page.status_code, style.status_code, 'lang="de"' in german.text)
db.dispose()
"""


def test_wheel_runs_with_all_its_files(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    visit = subprocess.run(
        [sys.executable, "-c", VISIT],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(tmp_path / "installed"),
            "FEEDBACK_INSTANCE": str(tmp_path / "instance"),
        },
        capture_output=True,
        text=True,
    )
    assert visit.stdout.strip() == "200 200 True", visit.stderr
