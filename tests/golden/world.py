"""A small world: an organisation to which things are done by the real actions, at hours that the clock is set to. Every
random value comes from a seed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask
from sqlmodel import col, select
from support.cast import Cast, Clock

from feedback.actions import (
    mirrors,
    promises,
)
from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission
from feedback.actions.meetings import NewContact, NewMeeting, start_meeting
from feedback.actions.promises import NewPromise
from feedback.actions.trust import Fingerprint
from feedback.core.access import Reader
from feedback.core.dimensions import DIMENSIONS
from feedback.db.engine import Database
from feedback.jobs.settling import settle_due
from feedback.models import Account, Alert, Contact, Promise, Relationship, User
from feedback.sending.chat import deliver_chat
from feedback.sending.webhooks import deliver_webhooks
from feedback.sending.worker import deliver_mails, run_due_jobs
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitations_of_meeting
from feedback.store.people import Viewer, viewer_of
from golden.script import Script

BASE = "http://localhost"
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """Return a time of 2026 in a time zone: "11-16 09:30"."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=zone).astimezone(UTC)


class Dice:
    """In place of `secrets` and UUIDv7: random from a seed, ids in the order in which they are made."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.dice, self.clock, self.made = Random("golden"), clock, count(1)

    def uuid7(self) -> UUID:
        """Return an id: milliseconds, a running number, and letters that differ at the end."""
        number, ms = next(self.made), int(self.clock().timestamp() * 1000)
        high, low = divmod(number, 1 << 20)
        mixed = number * 0x9E3779B97F4A7C15 % (1 << 42)
        return UUID(int=ms << 80 | 7 << 76 | high << 64 | 2 << 62 | low << 42 | mixed)

    def randbelow(self, limit: int) -> int:
        """Return a number from 0 up to the limit."""
        return self.dice.randrange(limit)

    def token_bytes(self, size: int = 16) -> bytes:
        """Return random bytes."""
        return self.dice.randbytes(size)

    def token_urlsafe(self, size: int = 16) -> str:
        """Return random letters."""
        return self.dice.randbytes(size).hex()


@dataclass
class World:
    """What was done, and what left the house meanwhile."""

    app: Flask
    cast: Cast
    clock: Clock
    script: Script
    sent: list[tuple[str, Any]] = field(
        default_factory=list
    )  # heading and text of each mail and message, in order
    codes: dict[str, InvitationView] = field(default_factory=dict)  # by what they are called here
    tokens: dict[str, str] = field(default_factory=dict)  # of the API, by name
    extra: dict[str, str] = field(default_factory=dict)  # addresses that only the world knows, by name
    keyed: list[str] = field(default_factory=list)  # pages of clients with their key
    besides: dict[str, str] = field(default_factory=dict)  # codes of no invitation, by what they are called
    rendered: set[str] = field(default_factory=set)  # templates
    fails: dict[str, int] = field(default_factory=dict)  # status that a host answers with

    @property
    def db(self) -> Database:
        return self.cast.db

    def viewer(self, name: str) -> Viewer:
        """Return somebody as the store knows them."""
        who = self.cast.people[name]
        with self.db.reading() as session:
            found = viewer_of(session, who.organisation_id, who.id)
        assert found is not None
        return found

    def until(self, text: str) -> None:
        """Let time pass until then; the worker looks when an hour has passed, and each morning."""
        then = at(text, self.script.zone)
        assert then >= self.clock.now, text
        while (
            morning := self.clock.now.replace(hour=self.script.morning, minute=30)
            + timedelta(days=self.clock.now.hour >= self.script.morning)
        ) < then:
            if morning > self.clock.now:
                self.clock.now = morning
                if morning.weekday() in (0, 3):
                    run_due_jobs(self.db, morning)
                    self.work()
            else:
                self.clock.now += timedelta(hours=1)
        self.clock.now = then

    def work(self) -> None:
        """Let the worker look once."""
        context = self.app.extensions["feedback"]
        settle_due(self.db, self.clock(), BASE)
        with self.app.app_context():
            deliver_mails(self.db, context.settings, self.clock)
        deliver_webhooks(self.db, False, self.clock)
        deliver_chat(self.app)

    def row(self, table: Any, *where: Any) -> Any:
        """Return the newest row of our organisation that is meant."""
        with self.db.reading() as session:
            found = session.exec(
                select(table)
                .where(col(table.organisation_id) == self.cast.olive.organisation_id, *where)
                .order_by(col(table.id).desc())
            ).first()
            assert found is not None, (table, where)
            return found

    def contact(self, name: str) -> UUID:
        return self.row(Contact, col(Contact.name) == name).id

    def account(self, name: str) -> UUID:
        return self.row(Account, col(Account.name) == name).id

    def relationship(self, rep: str, contact: str) -> UUID:
        where = (
            col(Relationship.rep_id) == self.cast.people[rep].id,
            col(Relationship.contact_id) == self.contact(contact),
        )
        return self.row(Relationship, *where).id

    def alert(self, rep: str, contact: str) -> UUID:
        return self.row(Alert, col(Alert.relationship_id) == self.relationship(rep, contact)).id

    def user(self, name: str) -> UUID:
        return self.row(User, col(User.name) == name).id

    def promise(self, words: str) -> UUID:
        return self.row(Promise, col(Promise.words) == words).id

    def note(self, called: str, contact: str, side: str, words: str, due: str) -> None:
        """Note a promise at a meeting. due: as "11-25"."""
        promised = NewPromise(side, words, date.fromisoformat(f"2026-{due}"))
        self.do(promises.note_promise, self.codes[called].meeting_id, self.contact(contact), promised)

    def do(self, action: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """Do one thing in a change of its own, now."""
        with self.cast.changing() as c:
            return action(c, *args, **more)

    def meet(
        self, called: str, rep: str, *contacts: str, account: str = "", topic: str | None = None, **about: Any
    ) -> None:
        """Start a meeting with people who are known, or with one who is new at an account."""
        new = NewContact(contacts[0], account, **about) if account else None
        ids = [] if new else [self.contact(name) for name in contacts]
        who = self.cast.people[rep]
        meeting_id = self.do(start_meeting, who.id, NewMeeting(contact_ids=ids, new_contact=new, topic=topic))
        with self.db.reading() as session:
            made = invitations_of_meeting(
                session, who.organisation_id, meeting_id, Reader.RULES, self.clock()
            )
        for number, each in enumerate(sorted(made, key=lambda i: contacts.index(i.contact))):
            self.codes[f"{called}-{number + 1}" if number else called] = each

    def say(
        self,
        called: str,
        six: str,
        *,
        done: bool = True,
        phone: Fingerprint | None = None,
        verdicts: Any = None,
        more: bool | None = None,
        **extras: Any,
    ) -> None:
        """Answer as a client, now. six: the ratings, a dot for none. more: whether the second page was sent, too; as done is
        where nothing is said."""
        ratings = {name: int(n) for name, n in zip(DIMENSIONS, six, strict=True) if n != "."}
        state = Submission(
            ratings, extras, verdicts or {}, done=done, extras_sent=done if more is None else more
        )
        self.cast.submit(self.codes[called], state, Sender(fingerprint=phone, receipts=BASE))

    def guess(self, called: str, six: str, stage: str | None = None, *, seal: bool = True) -> None:
        """Guess as the rep, now."""
        ratings = {name: int(n) for name, n in zip(DIMENSIONS, six, strict=True) if n != "."}
        self.do(mirrors.save_mirror, self.codes[called].id, ratings=ratings, stage=stage, seal=seal)
