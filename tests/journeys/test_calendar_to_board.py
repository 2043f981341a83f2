"""A meeting of the calendar ends, a mail leaves, the client answers from it, the rep seals, the board moves; nobody has
shown a code. The calendar comes from a real HTTP server, the mail goes through a real SMTP server."""

import csv
import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from io import StringIO

import pytest
from support.calendar_server import CalendarServer
from support.mail_server import mail_server
from support.pages import six, words

from feedback.sending.calendars import read_calendars
from feedback.sending.worker import ask_about_calendars, deliver_mails, run_due_jobs
from feedback.store.replay import differences

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def test_calendar_ends_and_board_moves(app, cast, db, clock, sign_in, stranger):
    for name in ("dana", "eli", "fay", "gil"):  # a rank needs three voices
        met = cast.meeting(contact=f"{name.title()} Ode", email=f"{name}@client.example")
        cast.answer(met, 3)
        cast.seal(met, 3)
    clock.forward(days=21)
    starts, ends = (clock() + timedelta(hours=n) for n in (1, 2))
    alice, olive = sign_in("alice"), sign_in("olive")

    def board() -> dict[str, str]:
        rows = csv.DictReader(StringIO(olive.get("/leaderboard.csv").text.lstrip("\ufeff")))
        return next(row for row in rows if row["rep"] == "Alice")

    before = board()
    with mail_server() as office, CalendarServer() as server:
        server.pages["/alice.ics"] = (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Delivery dates\r\n"
            f"DTSTART:{starts:%Y%m%dT%H%M%SZ}\r\nDTEND:{ends:%Y%m%dT%H%M%SZ}\r\n"
            "ORGANIZER:mailto:alice@example.com\r\nATTENDEE;CN=Dana:MAILTO:dana@client.example\r\n"
            "END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        known = app.extensions["feedback"]
        settings = replace(
            known.settings,
            smtp_url=office.url,
            mail_from="Us <us@here.example>",
            base_url="http://localhost",
            private_webhooks=True,
        )
        app.extensions["feedback"] = replace(known, settings=settings)

        def worker(**later: float) -> None:
            clock.forward(**later)
            with app.app_context():
                read_calendars(db, settings, clock)
                run_due_jobs(db, clock())
                ask_about_calendars(db, settings, clock())
                deliver_mails(db, settings, clock)

        def to_dana() -> list[EmailMessage]:
            return [mail for mail in office.mails if mail["To"] == "dana@client.example"]

        assert olive.post("/settings/asking", {"asks": "1"}).status_code == 303
        assert (
            alice.post("/meetings/calendar/address", {"address": f"{server.url}/alice.ics"}).status_code
            == 303
        )
        worker()
        assert "Delivery dates Dana Ode: asked on 9 Dec, from 16:00 on" in words(
            alice.get("/meetings/calendar").text
        )
        worker(hours=2)
        assert "asked about 4 of 5" in words(olive.get("/leaderboard").text)
        worker(hours=1, minutes=50)
        assert to_dana() == []
        worker(minutes=15)
        assert len(to_dana()) == 1

        page = re.search(r"http://localhost(/f/[A-Za-z0-9]+)", to_dana()[0].get_body().get_content())[1]
        assert "Keeps promises" in stranger.get(page).text
        answered = stranger.post(page, {**six(5), "visibility": "rep", "done": "1"})
        assert answered.status_code == 303

        home = alice.get("/meetings").text
        guess = re.search(r'"(/meetings/[0-9a-f-]{36})/mirror[^"]*"', home)[1]
        assert "Fantastic" not in words(home)
        assert alice.post(f"{guess}/mirror", {**six(4), "done": "1"}).status_code in (200, 303)
        assert "You and Dana" in words(alice.get(f"{guess}/gap").text)

        after = board()
        assert float(after["score"]) > float(before["score"])
        assert (before["asked"], after["asked"]) == ("100.00", "100.00")
        assert "asked about 5 of 5" in words(olive.get("/leaderboard").text)
        worker(days=1)
        assert len(to_dana()) == 2  # and the receipt
        with db.reading() as session:
            assert list(differences(session, cast.alice.organisation_id)) == []
