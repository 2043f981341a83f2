"""Lighthouse (mobile) on the client's page as it is really served.

    .venv/bin/python benchmarks/lighthouse.py

Needs Node with npx, and a Chromium; fetches Lighthouse from the npm registry by name. Fills a small
organisation in a temporary folder, serves it with `feedback serve`, and prints the three scores. On a machine
that does other work, the other work is measured, too: begin with `chrt -r 1`, so that it waits meanwhile.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

from feedback import migrations
from feedback.actions import meetings, people
from feedback.actions.change import change
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.actions.people import NewOrganisation, NewUser
from feedback.config import read_settings
from feedback.core.access import Reader
from feedback.db.engine import Database
from feedback.store.invitations import invitations_of_meeting

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
CATEGORIES = ("performance", "accessibility", "best-practices")
MOST_TRIES = 5  # Lighthouse loses the beginning of some traces: NO_NAVSTART


def invite(instance: Path) -> str:
    """A small organisation with one open invitation; returns its token."""
    settings = read_settings({"FEEDBACK_INSTANCE": str(instance)})
    db = Database(settings.database_url, settings.keys)
    migrations.migrate(db)
    now = datetime.now(UTC)
    organisation_id, _ = people.set_up(
        db,
        NewOrganisation(
            organisation="Bench", name="Owner", email="owner@example.com", password="a short sentence"
        ),
        now,
    )
    with change(db, organisation_id, now) as c:
        rep_id = people.add_user(
            c, NewUser(name="Sam Ortega", email="sam@example.com", role="rep", password="a short sentence")
        )
    with change(db, organisation_id, now) as c:
        meeting_id = meetings.start_meeting(
            c, rep_id, NewMeeting(new_contact=NewContact("Dana Whitfield", "Northwind Logistics"))
        )
    with db.reading() as session:
        (invitation,) = invitations_of_meeting(session, organisation_id, meeting_id, Reader.RULES, now)
    db.dispose()
    return invitation.token


def measure(url: str, folder: Path) -> dict[str, int]:
    """Lighthouse's scores of a page, 0..100."""
    report = folder / "report.json"
    chromium = next(path for name in ("chromium", "google-chrome") if (path := shutil.which(name)))
    for _ in range(MOST_TRIES):
        done = subprocess.run(
            ["npx", "--yes", "lighthouse@12", url, "--quiet", "--output=json", f"--output-path={report}",
             f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={FLAGS}"],
            check=False,
            env={**os.environ, "CHROME_PATH": chromium},
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode == 0:
            break
    else:
        sys.exit(f"Lighthouse failed {MOST_TRIES} times.")
    found = json.loads(report.read_text())
    for audit in found["audits"].values():
        if audit.get("score") is not None and audit["score"] < 0.9:
            print(f"  below: {audit['title']} {audit.get('displayValue', '')}")
    return {name: round(found["categories"][name]["score"] * 100) for name in CATEGORIES}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        token = invite(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [Path(sys.executable).with_name("feedback"), "serve", "--port", str(port)],
            env={**os.environ, "FEEDBACK_INSTANCE": str(folder)},
            stdout=subprocess.DEVNULL,
        )
        try:
            for _ in range(600):
                try:
                    urlopen(f"http://127.0.0.1:{port}/healthz").close()
                    break
                except OSError:
                    time.sleep(0.1)
            urlopen(f"http://127.0.0.1:{port}/f/{token}").close()  # the first visitor compiles the templates
            for category, score in measure(f"http://127.0.0.1:{port}/f/{token}", folder).items():
                print(f"{category}: {score}")
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    main()
