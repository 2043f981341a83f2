"""The worker's backup of the day."""

import os
import sqlite3
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from threading import Event, Thread

import pytest

from feedback.config import Settings
from feedback.core.backups import backup_name
from feedback.db.backup import back_up
from feedback.instance import BACKUP, BACKUP_FAILED, done_at, mark_done, reason_of
from feedback.jobs.backups import LOCK, back_up_daily, newest_backup

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
TODAY = "feedback-2026-11-18.sqlite3"


@pytest.fixture
def settings(db, tmp_path):
    """Of a server that backs up into a folder of its own."""
    (tmp_path / "instance").mkdir()
    (tmp_path / "backups").mkdir()
    url = db.engine.url.render_as_string(hide_password=False)
    return Settings(tmp_path / "instance", url, "k" * 40, backup_dir=tmp_path / "backups")


def names(settings):
    return {path.name for path in settings.backup_dir.iterdir()} - {LOCK}


def test_backup_is_made_once_a_day(cast, clock, settings):
    made = [back_up_daily(cast.db, settings, clock()) for _ in range(2)]
    assert made == [True, False]
    assert names(settings) == {TODAY}
    assert stat.S_IMODE((settings.backup_dir / TODAY).stat().st_mode) == 0o600
    with closing(sqlite3.connect(settings.backup_dir / TODAY)) as copy:
        assert copy.execute("SELECT count(*) FROM users").fetchone() == (len(cast.people),)
    assert done_at(settings.instance, BACKUP) == clock()
    assert back_up_daily(cast.db, settings, clock.forward(days=1))
    assert len(names(settings)) == 2


def test_no_folder_no_backup(cast, clock, settings):
    assert not back_up_daily(cast.db, replace(settings, backup_dir=None), clock())
    assert done_at(settings.instance, BACKUP) is None


def test_several_workers_make_one(cast, clock, settings, tmp_path):
    """Of one machine, and of several that share the folder."""
    workers = []
    for n in range(6):
        (tmp_path / f"instance-{n}").mkdir()
        workers.append(replace(settings, instance=tmp_path / f"instance-{n}"))
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda each: back_up_daily(cast.db, each, clock()), workers))
    assert sum(made) == 1
    assert names(settings) == {TODAY}
    assert not any(done_at(each.instance, BACKUP_FAILED) for each in workers)
    assert all(newest_backup(each) for each in workers)  # whoever made it


def test_newest_backup_is_whichever_was_made_last(clock, settings):
    """By hand into the folder, or by the worker, who marks it."""
    by_hand, marked = clock() - timedelta(days=2), clock()
    file = settings.backup_dir / backup_name(by_hand.date(), sqlite=True)
    file.write_text("a backup")
    os.utime(file, (by_hand.timestamp(), by_hand.timestamp()))
    assert newest_backup(settings) == by_hand
    mark_done(settings.instance, BACKUP, marked)
    assert newest_backup(settings) == marked
    later = marked + timedelta(hours=1)
    os.utime(file, (later.timestamp(), later.timestamp()))
    assert newest_backup(settings) == later


def test_old_backups_go_and_nothing_else(cast, clock, settings):
    folder = settings.backup_dir
    ours = [backup_name(date(2026, 11, 17) - timedelta(days=n), sqlite=True) for n in range(60)]
    foreign = {"feedback-2020-01-01.sqlite3.bz2", "my-feedback-2020-01-01.sqlite3", "notes.txt"}
    for name in (*ours, *foreign, "feedback-2026-11-01.sqlite3.part"):
        (folder / name).write_text("a backup")
    (folder / "feedback-2020-01-02.sqlite3").mkdir()
    (folder / "feedback-2020-01-03.sqlite3").symlink_to(folder / "notes.txt")
    back_up_daily(cast.db, settings, clock())
    left = names(settings)
    assert foreign | {"feedback-2020-01-02.sqlite3", "feedback-2020-01-03.sqlite3"} <= left
    assert left & set(ours) == {
        *ours[:6],
        *(f"feedback-2026-{day}.sqlite3" for day in ("11-09", "11-02", "10-26", "10-19")),
    }
    assert "feedback-2026-11-01.sqlite3.part" not in left


def test_failure_is_told_and_tried_again(cast, clock, settings, caplog):
    kept = settings.backup_dir.rename(settings.backup_dir.with_name("unmounted"))
    assert not back_up_daily(cast.db, settings, clock())
    assert "is not there" in reason_of(settings.instance, BACKUP_FAILED)
    assert "no backup" in caplog.text
    kept.rename(settings.backup_dir)
    assert not back_up_daily(cast.db, settings, clock.forward(minutes=59))
    assert back_up_daily(cast.db, settings, clock.forward(minutes=1))
    assert done_at(settings.instance, BACKUP_FAILED) is None


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_folder_without_rights_is_told(cast, clock, settings):
    settings.backup_dir.chmod(0o500)
    assert not back_up_daily(cast.db, settings, clock())
    assert "Permission denied" in reason_of(settings.instance, BACKUP_FAILED)


def test_backup_ends_while_others_write(clock, settings, tmp_path):
    """In pieces it would begin anew with each commit."""
    file, ended = tmp_path / "busy.sqlite3", Event()
    with closing(sqlite3.connect(file, isolation_level=None)) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("CREATE TABLE filled (bytes BLOB)")
        opened.execute("INSERT INTO filled VALUES (zeroblob(60000000))")
    copying = Thread(
        target=lambda: (back_up(None, f"sqlite:///{file}", tmp_path / "copy"), ended.set()), daemon=True
    )
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("PRAGMA synchronous=OFF")
        copying.start()
        deadline = time.monotonic() + 10
        while not ended.is_set() and time.monotonic() < deadline:
            writer.execute("INSERT INTO filled VALUES (1)")
    assert ended.is_set()


def test_failed_backup_deletes_none(cast, clock, settings):
    old = {backup_name(date(2026, 11, 17) - timedelta(days=n), sqlite=True) for n in range(30)}
    for name in old:
        (settings.backup_dir / name).write_text("a backup")
    broken = replace(settings, database_url=f"sqlite:///{settings.instance}/no/where.sqlite3")
    assert not back_up_daily(cast.db, broken, clock())
    assert reason_of(settings.instance, BACKUP_FAILED)
    assert names(settings) == old
