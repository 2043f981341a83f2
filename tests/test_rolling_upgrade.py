"""Two versions on one PostgreSQL: the one before the newest migration answers on while this one migrates and starts, and
no request fails as phones are led from the one to the other."""

import os
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue

import pytest
from crash.phones import Answer, Phone
from crash.run import wrong_with
from crash.served import FEEDBACK, Served, free_port
from sqlalchemy import update
from sqlmodel import col, select
from support.cast import Cast
from support.keys import KEY, KEYS
from support.postgres import server

from feedback import migrations
from feedback.db.engine import Database
from feedback.models import Feedback, Invitation, Side
from feedback.store.replay import differences

ROOT = Path(__file__).parent.parent
PHONES, MEETINGS = 3, 30
pytestmark = pytest.mark.postgresql


@pytest.fixture
def version_before(tmp_path: Path) -> Path:
    """The program as it last was without the newest migration, and with none that was numbered anew since."""

    def git(*words: str) -> bytes:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True).stdout

    try:
        now = migrations_in(git, "HEAD")
        commits = git("log", "--format=%H", "--", "feedback/migrations/versions").decode().split()
        before = next((commit for commit in commits if migrations_in(git, commit) < now), None)
        if before is None:
            pytest.skip("needs the history")
        archive = git("archive", before, "feedback", "templates", "static")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs git, and the history")
    folder = tmp_path / "before"
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
    return folder


def migrations_in(git: Callable[..., bytes], commit: str) -> set[str]:
    """Return the migrations that a commit has, with what stands in them: on a branch one may have followed another."""
    return set(git("ls-tree", commit, "feedback/migrations/versions/").decode().splitlines())


def served(folder: Path, url: str, program: Path) -> Served:
    folder.mkdir()
    environment = {
        "FEEDBACK_INSTANCE": str(folder), "FEEDBACK_DATABASE_URL": url, "FEEDBACK_TRUSTED_PROXIES": "1",
        "FEEDBACK_SECRET_KEY": KEY, "PYTHONPATH": str(program),
    }  # fmt: skip
    return Served(free_port(), environment, folder / "log", program)


def test_version_before_answers_while_this_one_starts(version_before, tmp_path):
    with (
        server() as url,
        served(tmp_path / "old", url, version_before) as old,
        served(tmp_path / "new", url, ROOT) as new,
    ):
        subprocess.run(
            [*FEEDBACK, "migrate"], env={**os.environ, **old.environment}, check=True, cwd=old.program
        )
        old.start()
        old.wait()
        db = Database(url, KEYS)
        assert not migrations.at_head(db)
        migrations.migrate(db)
        phones, answers = answering(db, old.port)
        new.start()
        new.wait()
        for phone in phones:
            phone.port = new.port
        time.sleep(1)
        old.stop()
        for command in ("encrypt", "rescore"):  # as docs/operating.md says
            subprocess.run([*FEEDBACK, command], env={**os.environ, **new.environment}, check=True, cwd=ROOT)
        for phone in phones:
            phone.stopped.set()
            phone.join(120)
        new.stop()
        assert [(phone.failures, phone.refused) for phone in phones] == [(0, [])] * PHONES
        with db.reading() as session:
            rows = session.exec(select(Feedback).where(col(Feedback.side) == Side.CLIENT)).all()
            (organisation_id,) = {row.organisation_id for row in rows}
            assert list(differences(session, organisation_id)) == []
        begun = [answer for answer in answers if answer.acknowledged]
        assert len(begun) > PHONES
        for answer in begun:
            mine = [row for row in rows if row.invitation_id == answer.invitation_id]
            assert list(wrong_with(answer, mine, answer.acknowledged, answer.done, answer.whole)) == []
        db.dispose()


def answering(db: Database, port: int) -> tuple[list[Phone], list[Answer]]:
    """Let phones answer invitations at a server; return both."""
    cast, waiting, answers = Cast(db, lambda: datetime.now(UTC)), Queue(), []
    cast.add_organisation("Doughnut Partners", "olive")
    cast.add("alice", "rep", "North")
    for number in range(MEETINGS):
        invitation = cast.meeting(contact=f"Client {number}")
        answers.append(Answer(invitation.id, invitation.token, mailed=False))
        waiting.put(answers[-1])
    with db.writing() as session:  # as the version before wrote them
        for answer in answers:
            plain = {"token": answer.token, "encrypted_token": None}
            session.connection().execute(
                update(Invitation).where(col(Invitation.id) == answer.invitation_id).values(plain),
                execution_options={"across_organisations": True},
            )
    phones = [Phone(port, waiting, number) for number in range(PHONES)]
    for phone in phones:
        phone.start()
    return phones, answers
