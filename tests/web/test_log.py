"""The log: a line for each request, errors with their places, and nothing that somebody typed."""

import json
import logging
import re
import smtplib
import sqlite3
from uuid import UUID

import pytest
from sqlalchemy import insert

from feedback import logs
from feedback.models import Organisation
from feedback.sending.smtp import reason_in_log
from web.test_get_never_writes import everything  # noqa: F401 (a fixture)

# What is planted wherever somebody can type, and must not be found again.
PLANTED = ("Quagmire", "Xylophone", "Whitfield", "Alice", "alice@example.com", "a short sentence")
FORM = {
    "comment": "Xylophone Quagmire", "integrity": "4", "done": "1", "email": "alice@example.com", "password": "Quagmire",
    "name": "Quagmire", "contact_name": "Quagmire", "account_name": "Xylophone Ltd", "reason": "Quagmire", "note": "Quagmire",
    "words": "Quagmire", "url": "https://8.8.8.8/Quagmire",
}  # fmt: skip
WRONG_PLACE = "a place where it goes wrong"


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_line_of_a_request_is_whole(stranger, invitation, page, lines):
    reply = stranger.get(f"{page}?lang=de", headers={"X-Request-ID": "from-the-proxy-1"})
    (line,) = lines()
    assert line.pop("time")[10] == "T"
    assert 0 < line.pop("ms") < 60_000
    assert line == {
        "level": "info", "logger": "feedback.request", "request": "from-the-proxy-1", "method": "GET", "route": "/f/<token>",
        "status": 200, "bytes": int(reply.headers["Content-Length"]), "organisation": str(invitation.organisation_id),
    }  # fmt: skip
    assert reply.headers["X-Request-ID"] == "from-the-proxy-1"


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_number_is_made_anew_unless_plain(stranger, lines):
    for sent in ("", "short", "x" * 65, "with spaces in", 'quo"te-quote', "ümläute-ümläut"):
        number = stranger.get("/healthz", headers={"X-Request-ID": sent}).headers["X-Request-ID"]
        assert number != sent
        assert len(number) == 16
        assert [line["request"] for line in lines()] == [number]


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_number_of_a_visitor_is_not_taken(stranger):
    reply = stranger.get("/healthz", headers={"X-Request-ID": "chosen-by-visitor"})
    assert "chosen-by-visitor" not in reply.headers["X-Request-ID"]
    assert len(reply.headers["X-Request-ID"]) == 16


def secrets_of(everything) -> list[str]:  # noqa: F811 (the fixture)
    """The tokens and keys in the addresses."""
    parts = [
        part for paths in everything[None].values() for path in paths for part in re.split("[/?=&]", path)
    ]
    return [part for part in parts if len(part) > 20]


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_nothing_planted_is_in_the_log(served, cast, sign_in, stranger, everything, lines, monkeypatch):  # noqa: F811
    """Every address, read and written by everybody, and once more while something goes wrong in each."""
    browsers = {name: sign_in(name) if name else stranger for name in everything}
    addresses = [
        (browsers[name], path)
        for name, rules in everything.items()
        for paths in rules.values()
        for path in paths
    ]
    for browser, path in addresses:
        browser.get(path)
        browser.post(path, FORM)
    for view in list(served.view_functions):
        monkeypatch.setitem(served.view_functions, view, fail)
    codes = {browser.get(f"{path}?q=Quagmire").status_code for browser, path in addresses[::3]}
    assert 500 in codes
    written = lines()
    text = json.dumps(written, ensure_ascii=False)
    assert len([line for line in written if WRONG_PLACE in line.get("traceback", "")]) > 15
    assert len(written) > 2 * len(addresses)
    found = [word for word in (*PLANTED, *secrets_of(everything)) if word.casefold() in text.casefold()]
    assert found == []


def fail(*_args: object, **_values: object) -> None:
    try:
        raise ValueError(FORM["comment"])
    except ValueError as error:
        raise RuntimeError(FORM["email"]) from error  # a place where it goes wrong


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_number_of_a_failure_is_told(served, sign_in, page, stranger, lines, monkeypatch):
    browser = sign_in("alice")
    for view in ("meetings.index", "client.ask"):
        monkeypatch.setitem(served.view_functions, view, fail)
    lines()
    for asks, path in ((browser, "/meetings"), (stranger, page)):
        reply = asks.get(path)
        number = reply.headers["X-Request-ID"]
        assert (reply.status_code, f">{number}</code>" in reply.text) == (500, True)
        failure, line = lines()
        assert (failure["request"], line["request"]) == (number, number)
        assert failure["level"] == "error"
        assert failure["traceback"].endswith("RuntimeError")
        assert "which directly caused" in failure["traceback"]
    assert "tell us this number" not in stranger.get("/nothing/here").text


def test_database_error_names_no_value(db, cast, lines):
    with db.reading() as session:
        ours = session.get(Organisation, cast.olive.organisation_id)
    again = insert(Organisation).values(
        id=UUID(int=7), code=ours.code, name="Quagmire", created_at=cast.clock(), next_freeze=ours.next_freeze,
        timezone="Xylophone", language="en", half_life_days=90, review_days=90, invitation_days=14, alert_due_days=2,
        workdays="1", holidays="", days_off=(), reps_see_all=False, reps_weekly_mail=False, demo=False,
    )  # fmt: skip
    try:
        with db.writing() as session:
            session.execute(again)
    except Exception as error:
        logging.getLogger("feedback.worker").exception("it failed with %s", error)
    (line,) = lines()
    assert "IntegrityError" in line["message"]
    text = json.dumps(line)
    assert [word for word in (*PLANTED, ours.code) if word in text] == []
    assert "organisations" in text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("Xylophone"), "ValueError"),
        (KeyError("Xylophone"), "KeyError"),
        (FileNotFoundError(2, "No such file or directory", "/Xylophone"), "FileNotFoundError: No such file or directory"),
        (smtplib.SMTPRecipientsRefused({"Xylophone": (550, b"Xylophone")}), "SMTPRecipientsRefused"),
        (smtplib.SMTPDataError(554, b"<Xylophone>"), "SMTPDataError"),
        (sqlite3.OperationalError("database is locked"), "OperationalError: database is locked"),
        (AttributeError("'NoneType' object has no attribute 'name'"),
         "AttributeError: 'NoneType' object has no attribute 'name'"),
    ],
)  # fmt: skip
def test_words_of_an_error_hold_no_value(error, said):
    assert logs.words_of(error) == said


def test_mail_servers_words_stay_out_of_the_log():
    assert (
        reason_in_log(smtplib.SMTPRecipientsRefused({"a@b": (550, b"a@b")})) == "SMTPRecipientsRefused: 550"
    )
    assert reason_in_log(smtplib.SMTPDataError(554, b"<a@b>")) == "SMTPDataError: 554"


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_log_as_text_is_for_reading(app, made, stranger, page, capfd):
    app.wsgi_app = made(log="text").wsgi_app
    number = stranger.get(page).headers["X-Request-ID"]
    line = capfd.readouterr().err
    assert f"{number} GET /f/<token> 200 " in line
    assert page not in line


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_log_that_nobody_reads_fails_no_request(app, made, stranger, monkeypatch):
    def full(*_: object) -> int:
        raise BrokenPipeError

    app.wsgi_app = made(log="json").wsgi_app
    monkeypatch.setattr(logs.os, "write", full)
    assert stranger.get("/healthz").status_code == 200


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_line_names_the_route_as_it_is_known(cast, sign_in, stranger, invitation, page, lines):
    """A code of capitals is the same page; nothing else is."""
    alice = sign_in("alice")
    lines()
    stranger.get(page)
    stranger.get(page.upper())
    stranger.get("/healthz")
    alice.get(f"/meetings/{invitation.meeting_id}")
    found = [line["route"] for line in lines() if line["logger"] == "feedback.request"]
    assert found == ["/f/<token>", "/f/<token>", "/healthz", "/meetings/<uuid:meeting_id>"]
