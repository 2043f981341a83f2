"""Rounds of a server that is killed, and what must hold of them."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from random import Random

from sqlalchemy import text
from sqlmodel import col, select, update
from support.cast import Cast
from support.keys import KEY, KEYS
from support.mail_server import MailServer, mail_server
from support.patroni import Pair
from support.postgres import Server
from support.receiver import Receiver

from crash.phones import Answer, Phone
from crash.served import FEEDBACK, Served, free_port
from feedback import migrations
from feedback.core.dimensions import DIMENSIONS
from feedback.db.engine import Database
from feedback.models import Feedback, Mail, Outbox, Side, WebhookDelivery
from feedback.models.webhook import Event
from feedback.webhooks import subscriptions

PHONES = 5
MEETINGS = 24  # of a round
LOOKS = 10  # for what was acknowledged, while the phones answer
PEOPLE = 40  # contacts, who are met again and again
PATIENCE = 60  # seconds without any progress of what is still to be sent


@dataclass
class Told:
    """What a run brought. lost: one line for each thing that does not hold."""

    rounds: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    acknowledged: int = 0  # requests that were acknowledged
    unanswered: int = 0  # requests that were not, and were sent again
    mails: int = 0
    messages: int = 0
    twice: int = 0  # mails and messages that arrived more than once
    lost: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kills = ", ".join(f"{count} of {what}" for what, count in sorted(self.kills.items()))
        return (
            f"{self.rounds} rounds; killed: {kills}. {self.answers} answers, {self.acknowledged} requests "
            f"acknowledged, {self.unanswered} sent again; {self.mails} mails and {self.messages} messages "
            f"arrived, {self.twice} of them more than once. Lost: {len(self.lost)}"
        )


class Crashes:
    """One run. postgres: None for SQLite in the folder."""

    def __init__(self, folder: Path, seed: int, postgres: Server | Pair | None = None) -> None:
        self.dice, self.postgres, self.told = Random(seed), postgres, Told()
        self.url = postgres.url if postgres else f"sqlite:///{folder / 'feedback.sqlite3'}"
        self.db = Database(self.url, KEYS)
        migrations.migrate(self.db)
        self.cast = Cast(self.db, lambda: datetime.now(UTC))
        self.cast.add_organisation("Doughnut Partners", "olive")
        self.cast.add("carol", "manager", "North")
        self.cast.add("alice", "rep", "North")
        self.cast.add("bob", "rep", "North")
        self.port = free_port()
        self.environment = {
            "FEEDBACK_INSTANCE": str(folder), "FEEDBACK_DATABASE_URL": self.url, "FEEDBACK_TRUSTED_PROXIES": "1",
            "FEEDBACK_BASE_URL": f"http://127.0.0.1:{self.port}", "FEEDBACK_MAIL_FROM": "us@example.com",
            "FEEDBACK_PRIVATE_WEBHOOKS": "allowed", "FEEDBACK_SECRET_KEY": KEY,
        }  # fmt: skip
        self.served = Served(self.port, self.environment, folder / "log")
        self.waiting: Queue[Answer] = Queue()
        self.phones = [Phone(self.port, self.waiting, seed * 100 + number) for number in range(PHONES)]
        self.met = 0

    def run(self, rounds: int) -> Told:
        """Kill the server `rounds` times, and return what was found."""
        with mail_server() as mails, self._receiver() as receiver, self.served:
            self.environment["FEEDBACK_SMTP_URL"] = mails.url
            for phone in self.phones:
                phone.start()
            for _ in range(rounds):
                self._round()
            self._come_to_rest()
            self.told.lost += [*self._missing(), *self._undelivered(mails, receiver), *self._differences()]
        self.db.dispose()
        return self.told

    @contextmanager
    def _receiver(self) -> Iterator[Receiver]:
        with Receiver() as receiver:
            with self.cast.changing() as c:
                events = (Event.FEEDBACK_RECEIVED, Event.ALERT_OPENED)
                subscriptions.add_webhook(c, self.cast.olive.id, receiver.url, events)
            yield receiver

    def _round(self) -> None:
        self.served.start()
        if self.dice.random() < 0.15:  # before it has begun
            time.sleep(self.dice.uniform(0, 1.5))
            return self._kill("the server, as it starts")
        self.served.wait()
        self.told.lost += self._missing()
        self._meet()
        for _ in range(LOOKS):
            time.sleep(self.dice.uniform(0.05, 1.2) / LOOKS)
            self.told.lost += self._missing()
        if isinstance(self.postgres, Server) and self.dice.random() < 0.4:
            self._kill_database(self.postgres)
            time.sleep(self.dice.uniform(0.2, 0.8))
        return self._kill("the server")

    def _kill(self, what: str) -> None:
        self.served.kill()
        self.told.rounds += 1
        self.told.kills[what] += 1

    def _kill_database(self, postgres: Server) -> None:
        if self.dice.random() < 0.5:
            postgres.kill()
            self.told.kills["PostgreSQL's first process"] += 1
        else:
            postgres.stop()
            self.told.kills["PostgreSQL as a whole"] += 1
        time.sleep(self.dice.uniform(0, 0.3))
        postgres.start()
        self.db.dispose()

    def _meet(self) -> None:
        for _ in range(MEETINGS):
            self.met += 1
            who = self.met % PEOPLE
            email = f"client{who}@example.org" if who % 3 == 0 else None
            invitation = self.cast.meeting(
                ("alice", "bob")[who % 2], f"Client {who}", f"Account {who % 9}", email
            )
            if self.met % 2:
                self.cast.seal(invitation, self.dice.randint(1, 5))
            self.waiting.put(Answer(invitation.id, invitation.token, email is not None))

    def _come_to_rest(self) -> None:
        """Let the phones end what they have begun, and the worker send what is left as if five minutes had passed, after
        which it sends anew what a killed one had claimed."""
        self.served.start()
        self.served.wait()
        for phone in self.phones:
            phone.stopped.set()
        for phone in self.phones:
            phone.join(60)
        self.told.lost += [line for phone in self.phones for line in phone.refused]
        self.told.lost += [
            f"a phone waits on {phone.begun[-1].token}" for phone in self.phones if phone.is_alive()
        ]
        left, deadline = len(self._unsent()), time.monotonic() + PATIENCE
        while left and time.monotonic() < deadline:
            with self.db.writing() as session:
                for table in (Outbox, WebhookDelivery):
                    waits = (col(table.sent_at).is_(None), col(table.given_up_at).is_(None))
                    session.execute(update(table).where(*waits).values(due_at=datetime.now(UTC)))
            time.sleep(4)
            before, left = left, len(self._unsent())
            if left < before:  # after a hundred rounds a queue is long, and a machine may be slow
                deadline = time.monotonic() + PATIENCE
        self.served.stop()

    def _unsent(self) -> list[str]:
        with self.db.reading() as session:
            return [
                f"{table.__tablename__} {row.id} was not sent: {row.error}"
                for table in (Outbox, WebhookDelivery)
                for row in session.exec(select(table).where(col(table.sent_at).is_(None)))
            ]

    def _missing(self) -> list[str]:
        """Return what was acknowledged and is not stored, or is stored otherwise than it was ever sent."""
        promised = [
            (each, each.acknowledged, each.done, each.whole) for phone in self.phones for each in phone.begun
        ]
        with self.db.reading() as session:
            rows: dict[object, list[Feedback]] = {}
            for row in session.exec(select(Feedback).where(col(Feedback.side) == Side.CLIENT)):
                rows.setdefault(row.invitation_id, []).append(row)
        return [
            f"{answer.token}: {wrong}"
            for answer, acknowledged, done, whole in promised
            if acknowledged
            for wrong in wrong_with(answer, rows.get(answer.invitation_id, []), acknowledged, done, whole)
        ]

    def _undelivered(self, mails: MailServer, receiver: Receiver) -> list[str]:
        """Return mails and messages that were not sent, or not queued for an answer, or more than once queued."""
        answers = [each for phone in self.phones for each in phone.begun]
        arrived = Counter(mail["Message-ID"].partition("@")[0].strip("<") for mail in mails.mails)
        messages = Counter(each.id for each in receiver.received)
        with self.db.reading() as session:
            receipts = session.exec(select(Outbox).where(col(Outbox.kind) == Mail.RECEIPT)).all()
            told = session.exec(
                select(WebhookDelivery).where(col(WebhookDelivery.event) == Event.FEEDBACK_RECEIVED)
            ).all()
        queued = Counter(row.invitation_id for row in receipts)
        announced = Counter(row.about_id for row in told)
        self.told.answers = sum(each.done for each in answers)
        self.told.acknowledged = sum(phone.requests - phone.failures for phone in self.phones)
        self.told.unanswered = sum(phone.failures for phone in self.phones)
        self.told.mails, self.told.messages = len(mails.mails), len(receiver.received)
        self.told.twice = sum(count > 1 for count in (*arrived.values(), *messages.values()))
        return [
            *self._unsent(),
            *(f"{each.token}: {queued[each.invitation_id]} receipts" for each in answers
              if each.done and each.mailed and queued[each.invitation_id] != 1),
            *(f"{each.token}: told {announced[each.invitation_id]} times" for each in answers
              if each.whole and announced[each.invitation_id] != 1),
            *(f"receipt {row.id} did not arrive" for row in receipts if not arrived[str(row.id)]),
            *(f"message {row.id} did not arrive" for row in told if not messages[f"msg_{row.id.hex}"]),
        ]  # fmt: skip

    def _differences(self) -> list[str]:
        """Return what `feedback check` says, and the database itself of its file."""
        checked = subprocess.run(
            [*FEEDBACK, "check"], env={**os.environ, **self.environment}, capture_output=True, text=True
        )
        found = [] if checked.returncode == 0 else [*checked.stdout.splitlines(), checked.stderr]
        if self.db.is_sqlite:
            with self.db.reading() as session:
                found += [line for line in session.scalars(text("PRAGMA integrity_check")) if line != "ok"]
        return found


def wrong_with(
    answer: Answer, rows: list[Feedback], acknowledged: int, done: bool, whole: bool
) -> Iterator[str]:
    """Yield what is wrong with the stored rows of an answer."""
    if len(rows) != 1:
        yield f"{len(rows)} rows"
        return
    row = rows[0]
    sent = answer.states.get(row.sequence)
    if row.sequence < acknowledged or sent is None:
        yield f"state {row.sequence} is stored, {acknowledged} was acknowledged"
        return
    stored = {name: str(value) for name in DIMENSIONS if (value := getattr(row, name)) is not None}
    if stored != {name: sent[name] for name in DIMENSIONS if name in sent}:
        yield f"{stored} is stored, {sent} was sent"
    if done and row.done_at is None:
        yield "Done was acknowledged, and is not stored"
    if whole and row.comment != f"of {answer.token}":
        yield f"the words are {row.comment!r}"
