"""`feedback doctor`: what is wrong is said, each with its remedy; what is right is not called wrong."""

import socket
import sqlite3
import ssl
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text, update
from support.certificates import self_signed
from support.chat_services import chat_channel
from support.keys import KEYS
from support.mail_server import mail_server
from werkzeug.serving import make_server

from feedback import __version__
from feedback.chat.channels import pause_channel, post_test, resume_channel
from feedback.cli import main
from feedback.config import Settings
from feedback.core.chat import PauseCause
from feedback.core.health import HealthAnswer
from feedback.db.engine import connect
from feedback.db.health import _ASKED, PostgresHealth, postgres_health
from feedback.findings import FindingState, read_report
from feedback.instance import BACKUP, BACKUP_FAILED, LOOK_WANTED, WORKER, mark_done, mark_failed
from feedback.models import CalendarAddress, Mail, Organisation, Outbox
from feedback.models.columns import new_id
from feedback.sending import upkeep
from feedback.sending.doctor import address, database, examine, machine, mail, work

OK, LOOK, WRONG = FindingState
on_sqlite = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
HERE = "https://feedback.example"


@pytest.fixture
def settings(tmp_path):
    return Settings(
        tmp_path, f"sqlite:///{tmp_path}/feedback.sqlite3", "k" * 40, mail_from="us@feedback.example"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def states(found):
    return {each.name: each.state for each in found}


def assert_told(finding, state, *words):
    """With a remedy, where something is to be done."""
    assert (finding.state, bool(finding.remedy)) == (state, state is not OK)
    for each in words:
        assert each in f"{finding.words} {finding.remedy}"


# --- mail


def test_mail_server_that_takes_mails_is_ok(settings):
    with mail_server() as office:
        trying = replace(settings, smtp_url=office.url)
        assert_told(mail.check_mail(trying), OK)
        assert office.mails == []
        assert_told(mail.check_mail(trying, "olive@example.com"), OK, "olive@example.com")
        assert [each["To"] for each in office.mails] == ["olive@example.com"]
        assert "There is nothing to do" in office.mails[0].get_content()


def test_mail_over_tls_is_verified(settings, tmp_path, monkeypatch):
    certificate = self_signed(tmp_path, "mail.example")
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _host, *more, **named: resolve("127.0.0.1", *more, **named)
    )
    with mail_server(certificate) as office:
        trying = replace(settings, smtp_url=office.at("mail.example", "us:secret@"))
        assert_told(mail.check_mail(trying), WRONG, "cannot be trusted", "SSL_CERT_FILE")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
        assert_told(mail.check_mail(trying), OK)
        assert [encrypted for _, encrypted in office.logins] == [True]
    with mail_server() as plain:
        trying = replace(settings, smtp_url=plain.at("mail.example", "us:secret@"))
        assert_told(mail.check_mail(trying), WRONG, "STARTTLS", "smtps://")
        assert plain.logins == []
        assert_told(mail.check_mail(replace(settings, smtp_url=plain.at("mail.example"))), LOOK, "TLS")


def test_wrong_mail_settings_are_told(settings):
    assert_told(mail.check_mail(settings), LOOK, "FEEDBACK_SMTP_URL")
    assert_told(mail.check_mail(settings, "olive@example.com"), WRONG, "FEEDBACK_SMTP_URL")
    for url, words in (
        (f"smtp://127.0.0.1:{free_port()}", "firewall"),
        ("smtp://mail.invalid", "nobody knows its name"),
    ):
        assert_told(mail.check_mail(replace(settings, smtp_url=url)), WRONG, words)
    with mail_server() as office:  # speaks no TLS at once
        trying = replace(settings, smtp_url=office.url.replace("smtp:", "smtps:"))
        assert_told(mail.check_mail(trying), WRONG, "587")
        office.refuse = 1
        refused = mail.check_mail(replace(settings, smtp_url=office.url), "olive@example.com")
        assert_told(refused, WRONG, "451")


# --- the public address


@pytest.fixture
def served(app, settings):
    """served(**changes) serves the app on a real port; gives the settings of a doctor beside it."""

    @contextmanager
    def serve(**changes):
        server = make_server("127.0.0.1", 0, app, threaded=True)
        base = f"http://127.0.0.1:{server.server_port}"
        context = app.extensions["feedback"]
        app.extensions["feedback"] = replace(context, settings=replace(settings, base_url=base, **changes))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield replace(settings, base_url=base)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    return serve


@on_sqlite
def test_own_address_is_found(served):
    with served() as ours:
        found = address.check_address(ours, datetime.now(UTC))
    assert states(found) == {"Address": OK, "Proxies": OK, "Clock": OK}


@on_sqlite
def test_another_server_is_told_apart(served):
    with served(secret_key="o" * 40) as ours:
        (found,) = address.check_address(ours, datetime.now(UTC))
    assert_told(found, WRONG, "another server", "FEEDBACK_SECRET_KEY")


@on_sqlite
def test_wrong_clock_is_told(served):
    with served() as ours:
        found = address.check_address(ours, datetime.now(UTC) + timedelta(minutes=5))
    assert states(found)["Clock"] is WRONG


def test_address_that_does_not_answer_is_told(settings):
    (found,) = address.check_address(settings, datetime.now(UTC))
    assert_told(found, LOOK, "FEEDBACK_BASE_URL")
    nobody = replace(settings, base_url=f"http://127.0.0.1:{free_port()}")
    (found,) = address.check_address(nobody, datetime.now(UTC))
    assert_told(found, WRONG, "does not answer from here")


def test_certificate_nobody_trusts_is_told(settings, tmp_path):
    made = self_signed(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.path, made.key)
    server = make_server("127.0.0.1", 0, lambda *_: [], ssl_context=context)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    base = f"https://127.0.0.1:{server.server_port}"
    (found,) = address.check_address(replace(settings, base_url=base), datetime.now(UTC))
    thread.join()
    server.server_close()
    assert_told(found, WRONG, "do not trust", "certificate")


@pytest.mark.parametrize(
    ("seen", "name", "state", "words"),
    [
        ({}, "Proxies", OK, "1 in front"),
        ({"base_url": None}, "Address", WRONG, "the browser’s address"),
        ({"base_url": "https://old.example"}, "Address", WRONG, "https://old.example"),
        ({"version": "0.0.9"}, "Address", LOOK, "0.0.9"),
        ({"trusted_proxies": 0}, "Proxies", WRONG, "FEEDBACK_TRUSTED_PROXIES=1"),
        ({"proxies": 0}, "Proxies", WRONG, "forge"),
        ({"host": "10.0.0.7:8000"}, "Proxies", WRONG, "pass Host on"),
        ({"scheme": "http"}, "Proxies", LOOK, "X-Forwarded-Proto"),
    ],
)
def test_proxies_are_judged(settings, seen, name, state, words):
    as_it_should_be = {
        "nonce": "n", "version": __version__, "base_url": HERE, "scheme": "https", "host": "feedback.example",
        "proxies": 1, "trusted_proxies": 1,
    }  # fmt: skip
    answer = HealthAnswer(**{**as_it_should_be, **seen})
    found = {each.name: each for each in address.judge_answer(replace(settings, base_url=HERE), answer)}
    assert_told(found[name], state, words)


# --- the database


def test_database_in_order_is_ok(cast, settings, clock):
    found = database.check_database(cast.db, settings, datetime.now(UTC), whole=True)
    assert {each.state for each in found} == {OK}, found
    assert database.is_usable(found)


@on_sqlite
def test_damaged_file_is_told(cast, settings, tmp_path):
    with cast.db.engine.connect() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(tmp_path / "damaged"),))
    content = bytearray((tmp_path / "damaged").read_bytes())
    content[40_960:81_920] = b"\xff" * 40_960
    (tmp_path / "damaged").write_bytes(content)
    db = connect(f"sqlite:///{tmp_path}/damaged", KEYS, pooled=False)
    found = {each.name: each for each in examine(db, settings, datetime.now(UTC))}
    assert found["Database"].state is WRONG
    assert found["Disk"].state is not WRONG  # the others are told all the same


@on_sqlite
def test_missing_and_unknown_migrations_are_told(db, settings):
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert_told(database.check_migrations(db), WRONG, "feedback migrate")
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert_told(database.check_migrations(db), WRONG, "9999", "newer program")


@pytest.mark.parametrize(
    ("seen", "name", "state"),
    [
        ({}, "Database", OK),
        ({"version": 130_012}, "Database", LOOK),
        ({"read_only": True}, "Database", WRONG),
        ({"owns_tables": False}, "Database rights", WRONG),
        ({"may_create": False}, "Database rights", WRONG),
        ({"ahead": 20}, "Clock", LOOK),
        ({"ahead": -90}, "Clock", WRONG),
    ],
)
def test_postgresql_is_judged(clock, seen, name, state):
    ahead = timedelta(seconds=seen.get("ahead", 0))
    health = {"version": 180_001, "read_only": False, "may_create": True, "owns_tables": True}
    health |= {key: value for key, value in seen.items() if key in health}
    found = database.judge_postgresql(PostgresHealth(**health, clock=clock() + ahead), clock())
    assert {each.name: each.state for each in found}[name] is state


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
def test_replica_is_known(db):
    assert not postgres_health(db).read_only
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET default_transaction_read_only = on"))
        assert PostgresHealth(*connection.execute(_ASKED).one()).read_only
        connection.execute(text("SET default_transaction_read_only = off"))


# --- the machine


def test_full_disk_is_told(settings, monkeypatch):
    for free, state in ((2e9, OK), (5e8, LOOK), (1e8, WRONG)):
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path, usage=usage: usage)
        assert_told(machine.check_disk(settings), state, "GB are free")


def test_rights_of_others_are_told(settings, tmp_path):
    tmp_path.chmod(0o700)
    for name in ("secret-key", "feedback.sqlite3", "feedback.sqlite3-wal"):
        (tmp_path / name).touch(mode=0o600)
        assert_told(machine.check_permissions(settings), OK)
        (tmp_path / name).chmod(0o640)
        assert_told(machine.check_permissions(settings), WRONG, name, "chmod")
        (tmp_path / name).chmod(0o600)


@pytest.mark.parametrize(
    ("at", "redis", "found"),
    [
        ("sqlite:////var/lib/feedback/f.sqlite3", None, []),
        ("postgresql+psycopg://u:p@localhost/f", "redis://127.0.0.1/0", []),
        ("postgresql+psycopg://u@/f?host=/run/postgresql", "unix:///run/redis.sock", []),
        ("postgresql+psycopg://u:p@db.example/f", None, ["look"]),
        ("postgresql+psycopg://u:p@db.example/f?sslmode=require", None, ["look"]),
        ("postgresql+psycopg://u:p@/f?host=db.example:5432", "redis://r.example/0", ["look", "look"]),
        ("postgresql+psycopg://u:p@db.example/f?sslmode=verify-full", "rediss://r.example/0", ["ok"]),
    ],
)
def test_open_lines_to_others_are_told(settings, at, redis, found):
    lines = list(machine.check_lines(replace(settings, database_url=at, redis_url=redis)))
    assert [each.state for each in lines] == found
    assert all("example" in each.words and "u:p" not in each.words for each in lines)


@on_sqlite
def test_unknown_time_zone_is_told(cast):
    assert_told(machine.check_time_zones(cast.db), OK, "Europe/Berlin")
    with cast.db.writing() as session:
        session.execute(update(Organisation).values(timezone="Mars/Olympus"))
    assert_told(machine.check_time_zones(cast.db), WRONG, "Mars/Olympus", "tzdata")


# --- what the worker does


def test_worker_is_told_by_its_turns(settings, clock, tmp_path):
    assert_told(work.check_worker(settings, clock()), LOOK, "feedback worker")
    mark_done(tmp_path, WORKER, clock())
    assert_told(work.check_worker(settings, clock.forward(minutes=4)), OK)
    assert_told(work.check_worker(settings, clock.forward(minutes=2)), WRONG, "6 min")


def test_backup_is_told_by_its_age(settings, clock, tmp_path):
    with_folder = replace(settings, backup_dir=tmp_path)
    assert_told(work.check_backup(settings, clock()), LOOK, "FEEDBACK_BACKUP_DIR")
    assert_told(work.check_backup(with_folder, clock()), LOOK, "none")
    mark_done(tmp_path, BACKUP, clock())
    assert_told(work.check_backup(settings, clock.forward(hours=30)), OK, "30 h")
    assert_told(work.check_backup(with_folder, clock.forward(days=1)), WRONG, "2.2 days")
    mark_failed(tmp_path, BACKUP_FAILED, clock(), "No space left on device")
    assert_told(work.check_backup(with_folder, clock()), WRONG, "No space left on device")


@on_sqlite
def test_unread_calendars_are_told(cast, clock):
    def subscribed(person, failing_since):
        with cast.db.writing() as session:
            session.add(
                CalendarAddress(
                    organisation_id=person.organisation_id, rep_id=person.id, created_at=clock(), kind="ics",
                    address="https://calendar.example/", failing_since=failing_since,
                )
            )  # fmt: skip

    subscribed(cast.alice, None)
    assert work.check_calendars(cast.db, clock()).state is OK
    subscribed(cast.bob, clock() - timedelta(hours=2))
    found = work.check_calendars(cast.db, clock())
    assert (found.state, found.words) == (LOOK, "1 of 2 cannot be read, the first for 2 h.")
    with cast.db.writing() as session:
        session.execute(update(CalendarAddress).values(failing_since=clock()))
    assert work.check_calendars(cast.db, clock()).state is WRONG


@on_sqlite
def test_waiting_mails_are_told_by_age(cast, settings, clock):
    sending = replace(settings, smtp_url="smtp://127.0.0.1")
    assert states(work.check_queues(cast.db, sending, clock())) == {
        "Webhooks": OK,
        "Chat": OK,
        "Mails": OK,
        "Weekly mail": OK,
    }
    with cast.db.writing() as session:
        session.add(Outbox(
            id=new_id(), organisation_id=cast.olive.organisation_id, created_at=clock(), due_at=clock(),
            kind=Mail.WEEKLY, recipient="olive@example.com", user_id=cast.olive.id, base_url="",
            monday=clock().date(),
        ))  # fmt: skip
    assert states(work.check_queues(cast.db, sending, clock.forward(minutes=10)))["Mails"] is OK
    assert states(work.check_queues(cast.db, sending, clock.forward(minutes=10)))["Mails"] is LOOK
    assert states(work.check_queues(cast.db, sending, clock.forward(days=1)))["Mails"] is WRONG
    assert "Mails" not in states(work.check_queues(cast.db, settings, clock()))
    assert states(work.check_queues(cast.db, sending, clock.forward(days=20)))["Weekly mail"] is WRONG
    with cast.db.writing() as session:
        session.execute(update(Outbox).values(sent_at=clock()))
    assert {each.state for each in work.check_queues(cast.db, sending, clock())} == {OK}


# --- all together


def test_command_tells_all_and_fails(tmp_path, monkeypatch):
    monkeypatch.setenv("FEEDBACK_INSTANCE", str(tmp_path))
    monkeypatch.delenv("FEEDBACK_DATABASE_URL", raising=False)
    run = CliRunner().invoke
    early = run(main, ["doctor"])
    assert (early.exit_code, "Run feedback migrate" in early.output) == (1, True)
    run(main, ["migrate"])
    fine = run(main, ["doctor"])
    assert (fine.exit_code, "0 wrong" in fine.output) == (0, True), fine.output
    refused = run(main, ["doctor", "--mail", "olive@example.com"])
    assert (refused.exit_code, "1 wrong" in refused.output) == (1, True)
    with mail_server() as office:
        monkeypatch.setenv("FEEDBACK_SMTP_URL", office.url)
        monkeypatch.setenv("FEEDBACK_MAIL_FROM", "us@feedback.example")
        assert run(main, ["doctor", "--mail", "olive@example.com"]).exit_code == 0
        assert len(office.mails) == 1
    monkeypatch.setenv("FEEDBACK_SIGN_UP", "yes")
    assert run(main, ["doctor"]).exit_code == 1


@on_sqlite
def test_check_that_breaks_hides_no_other(cast, settings, monkeypatch):
    def breaks(*_):
        raise RuntimeError

    monkeypatch.setattr(machine, "check_disk", breaks)
    monkeypatch.setattr(work, "check_queues", lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError))
    found = states(examine(cast.db, settings, datetime.now(UTC)))
    assert (found["Disk"], found["Queues"], found["Permissions"]) == (WRONG, WRONG, OK)


@on_sqlite
def test_worker_looks_hourly_and_when_asked(cast, settings, clock, tmp_path, monkeypatch):
    time = [0.0]
    monkeypatch.setattr(upkeep.time, "monotonic", lambda: time[0])
    looking = upkeep.Looking(0.0)

    def looked(after):
        time[0] += after
        return looking.look_if_due(cast.db, settings, clock)

    assert [looked(19), looked(1), looked(3599), looked(1)] == [False, True, False, True]
    mark_done(tmp_path, LOOK_WANTED, clock())
    assert [looked(5), looked(5), looked(60)] == [False, True, False]  # asked once, and not at once again
    assert read_report(tmp_path).at == clock()


@on_sqlite
def test_channel_that_is_refused_is_told(cast, settings, clock):
    with cast.changing() as c:
        which = chat_channel(c, cast.olive.id)
        pause_channel(c, which, PauseCause.OWNER, cast.olive.id)
    assert states(work.check_queues(cast.db, settings, clock()))["Chat"] is OK  # as somebody wanted it
    with cast.changing() as c:
        resume_channel(c, which, cast.olive.id)
        post_test(c, which, cast.olive.id)
    assert states(work.check_queues(cast.db, settings, clock.forward(hours=2)))["Chat"] is LOOK
    with cast.changing() as c:
        pause_channel(c, which, PauseCause.GONE)
    (told,) = [each for each in work.check_queues(cast.db, settings, clock()) if each.name == "Chat"]
    assert_told(told, LOOK, "1 channel is paused")
