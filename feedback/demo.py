"""The example organisation: half a year of meetings, told through the real actions in the order of time.

What happens is drawn account by account, with dice of its own, backwards from now: so the story is the same
whenever the demo is started, and only the weekdays move.
"""

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import count
from math import sin
from random import Random
from typing import Any
from unicodedata import combining, normalize
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import event, select
from sqlmodel import col

from feedback import demo_people as cast
from feedback.actions import answers, meetings, mirrors, people
from feedback.actions.change import change
from feedback.core.access import Role
from feedback.core.dimensions import DIMENSIONS, GOOD, HIGHEST, LOWEST
from feedback.core.stages import STAGES
from feedback.core.weeks import week_of
from feedback.demo_people import Account, Person, Scene, Seller
from feedback.models import Account as AccountRow
from feedback.models import Alert, Contact, Promise, Relationship, Side, User, Verdict
from feedback.store.database import Database
from feedback.store.invitations import of_meeting, of_rep
from feedback.store.joins import points_at

WEEKS = 26
ZONE = ZoneInfo(cast.TIMEZONE)
REP, CLIENT, MANAGER = "Sam Ortega", "Dana Whitfield", "Carol Brandt"  # whose addresses are printed
PATIENCE = {"urgent": timedelta(days=5), "watch": timedelta(days=9)}  # how long an alert lies on a desk,
DESK = {"urgent": 6, "watch": 8}  # and how many do
OUTCOMES = ("recovered", "recovered", "recovered", "accepted", "accepted", "mistaken")


@dataclass(frozen=True, slots=True)
class Example:
    """What was filled. token: of an open invitation that no client has answered yet."""

    organisation_id: UUID
    owner_id: UUID
    manager_id: UUID
    rep_id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What becomes of one invitation. client, mirror: by dimension, empty when there is no answer or no
    seal, each so long after the meeting. verdict: on promises that are due by then."""

    contact: str
    opened: bool = False
    client: dict[str, int] = field(default_factory=dict)
    client_after: timedelta = timedelta(minutes=4)
    extras: dict[str, Any] = field(default_factory=dict)
    language: str | None = None
    verdict: str | None = None
    mirror: dict[str, int] = field(default_factory=dict)
    mirror_after: timedelta = timedelta(minutes=9)
    stage: str | None = None
    seen: bool = True


@dataclass(frozen=True, slots=True)
class Visit:
    """A meeting. promise: who promises what, in how many days."""

    rep: str
    at: datetime
    replies: list[Reply]
    topic: str | None = None
    promise: tuple[Side, str, int] | None = None


def fill(db: Database, now: datetime, progress: Callable[[float], None] = lambda part: None) -> Example:
    """Fills a fresh, migrated database with the 26 weeks before `now` (aware), and the running one.
    progress hears how much of it is done, 0..1."""
    with _hurried(db) as quick:
        story = _Story(quick, now)
        accounts = cast.accounts_by_rep()
        for seller in cast.SELLERS:
            hired = story.began + timedelta(weeks=WEEKS - seller.weeks)
            story.at(hired, partial(story.hire, seller.name, Role.REP, [seller.team]))
            for account in accounts[seller.name]:
                story.know(account)
                for visit in _visits(seller, account, now):
                    if visit.at > hired:
                        story.at(visit.at, partial(story.meet, visit))
        story.run(progress)
        return story.example()


@contextmanager
def _hurried(db: Database) -> Iterator[Database]:
    """The same database, through connections of its own that do not wait for the disk after each of two
    thousand small transactions: a demo that was cut off is filled afresh anyway."""
    quick = Database(db.engine.url.render_as_string(hide_password=False))
    if quick.is_sqlite:
        event.listen(quick.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    try:
        yield quick
    finally:
        quick.dispose()


def _visits(seller: Seller, account: Account, now: datetime) -> Iterator[Visit]:
    """An account's meetings, the latest first. Contacts with scenes have those and no others."""
    dice = Random(account.name)
    free = []
    for person in account.contacts:
        free += [] if person.name in cast.SCENES else [(person, [dice.gauss(0, 0.3) for _ in DIMENSIONS])]
        for scene in cast.SCENES.get(person.name, ()):
            yield _staged(seller, person, scene, now)
    days, every = dice.uniform(0, 24), dice.uniform(20, 32)
    while free and days <= (WEEKS + 1) * 7:
        at = _working(now, days, time(dice.randint(8, 17), dice.choice((0, 15, 30, 45))))
        asked = dice.random() < seller.asks
        there = [each for each in free if dice.random() < 0.75] or [dice.choice(free)]
        replies = [_reply(dice, seller, person, likes, days, asked) for person, likes in there]
        yield Visit(seller.name, at, replies, dice.choice(cast.TOPICS), _promise(dice))
        days += every * dice.uniform(0.6, 1.4)


def _staged(seller: Seller, person: Person, scene: Scene, now: datetime) -> Visit:
    extras = {"comment": scene.comment, "stage": scene.stages[0]}
    reply = Reply(
        person.name,
        opened=bool(scene.client),
        client=_digits(scene.client),
        extras={name: value for name, value in extras.items() if value},
        language=person.language,
        verdict=Verdict.KEPT,
        mirror=_digits(scene.mirror),
        stage=scene.stages[1],
        seen=scene.seen,
    )
    promise = (Side.REP, scene.promise, scene.days) if scene.promise else None
    return Visit(seller.name, _working(now, scene.days, time(16, 20)), [reply], promise=promise)


def _reply(
    dice: Random, seller: Seller, person: Person, likes: list[float], days: float, asked: bool
) -> Reply:
    part = 1 - days / (7 * WEEKS)  # of the half-year, 0..1
    mood = seller.drift * (part - 0.5) + 0.15 * sin(days / 10 + len(seller.name))
    feels = [base + like + mood for base, like in zip(seller.clients, likes, strict=True)]
    leans = [lean * (1 - part) if seller.learns else lean for lean in seller.leans]
    client = {d: _rating(x + dice.gauss(0, 0.4)) for d, x in zip(DIMENSIONS, feels, strict=True)}
    guesses = {
        d: _rating(x + lean + dice.gauss(0, seller.noise))
        for d, x, lean in zip(DIMENSIONS, feels, leans, strict=True)
    }
    answered, sealed = dice.random() < seller.answers, dice.random() < 0.93
    stage = min(int(len(person.name) % 3 + 3 * part), len(STAGES) - 1)
    return Reply(
        person.name,
        opened=asked,
        client=client if asked and answered else {},
        client_after=_soon(dice),
        extras=_extras(dice, person, client, STAGES[stage]),
        language=person.language,
        verdict=dice.choices(tuple(Verdict), (seller.clients[0], 0.7, 0.5))[0],
        mirror=guesses if sealed else {},
        mirror_after=_soon(dice),
        stage=STAGES[min(stage + dice.choice((0, 0, 1)), len(STAGES) - 1)],
    )


def _extras(dice: Random, person: Person, client: dict[str, int], stage: str) -> dict[str, Any]:
    """What a client may add: rarely a comment or a wish for discretion, and one of the rotating questions."""
    happy = sum(client.values()) / len(client) >= GOOD
    nps = min(10, sum(client.values()) // 3 + dice.choice((-1, 0, 0, 1)))
    extras: dict[str, Any] = dice.choice(
        ({"stage": stage}, {"worth_it": "yes" if happy else "no"}, {"nps": nps})
    )
    if dice.random() < 0.08:
        extras["visibility"] = "manager"
    if dice.random() < 0.2:
        said = cast.COMMENTS.get(person.language or "en", cast.COMMENTS["en"])
        extras["comment"] = dice.choice(said[0 if happy else 1])
    return extras


def _promise(dice: Random) -> tuple[Side, str, int] | None:
    """Every other meeting ends with one, mostly the rep's."""
    side = dice.choice((Side.REP, Side.REP, Side.REP, Side.CLIENT, None, None, None, None))
    return side and (side, dice.choice(cast.PROMISES), dice.randint(5, 25))


def _rating(felt: float) -> int:
    return max(LOWEST, min(HIGHEST, round(felt)))


def _digits(text: str) -> dict[str, int]:
    return {name: int(digit) for name, digit in zip(DIMENSIONS, text, strict=False) if digit != "-"}


def _soon(dice: Random) -> timedelta:
    """Mostly within minutes, at times the next day."""
    return timedelta(minutes=2 ** dice.triangular(0, 11, 2))


def _working(now: datetime, days: float, clock: time) -> datetime:
    """That time of day, so many days ago or on the last working day before; at least an hour ago."""
    day = (now.astimezone(ZONE) - timedelta(days=days)).date()
    while day.weekday() >= 5 or datetime.combine(day, clock, ZONE) > now - timedelta(hours=1):
        day -= timedelta(days=1)
    return datetime.combine(day, clock, ZONE).astimezone(now.tzinfo)


class _Story:
    """What is yet to happen, by time, and the ids of everybody in it."""

    def __init__(self, db: Database, now: datetime) -> None:
        self.db, self.now = db, now
        self.began = week_of(now, ZONE).plus(-WEEKS).starts(ZONE) + timedelta(hours=7)
        self.org, self.owner = people.set_up(
            db,
            organisation=cast.ORGANISATION,
            name=cast.OWNER,
            email=_address(cast.OWNER),
            password=cast.PASSWORD,
            timezone=cast.TIMEZONE,
            demo=True,
            now=self.began,
        )
        self.users: dict[str, UUID] = {}
        self.contacts: dict[str, UUID] = {}
        self.promises: defaultdict[str, list[tuple[UUID, date]]] = defaultdict(list)
        self.ahead: list[tuple[datetime, int, Callable[[datetime], object]]] = []
        self.turn = count()
        for manager, teams in cast.MANAGERS.items():
            self.hire(manager, Role.MANAGER, teams, self.began)
        for days in range(WEEKS * 7 + 7):
            morning = self.began + timedelta(days=days, hours=1)
            if morning.astimezone(ZONE).weekday() < 5:
                self.at(morning, self.clear_desks)

    def at(self, moment: datetime, do: Callable[[datetime], object]) -> None:
        """What would be after now does not happen: the guess still waits, the client has not answered."""
        if moment <= self.now:
            heapq.heappush(self.ahead, (moment, next(self.turn), do))

    def run(self, progress: Callable[[float], None]) -> None:
        while self.ahead:
            moment, _, do = heapq.heappop(self.ahead)
            do(moment)
            progress((moment - self.began) / (self.now - self.began))
        with change(self.db, self.org, self.now):
            progress(1.0)  # freezes the last week, should nobody have done anything since

    def hire(self, name: str, role: Role, teams: Sequence[str], at: datetime) -> None:
        self.users[name] = people.add_user(
            self.db,
            self.org,
            name=name,
            email=_address(name),
            role=role,
            teams=teams,
            password=cast.PASSWORD,
            now=at,
        )

    def know(self, account: Account) -> None:
        with change(self.db, self.org, self.began) as c:
            for person in account.contacts:
                email = f"{_slug(person.name)}@{_slug(account.name)}.example.com"
                self.contacts[person.name] = meetings.find_or_add_contact(
                    c,
                    meetings.NewContact(
                        person.name,
                        account.name,
                        email if email.isascii() else None,
                        person.role,
                        person.language,
                    ),
                )
            account_id = meetings.find_or_add_account(c.session, self.org, account.name, self.began)
            c.session.get_one(AccountRow, (self.org, account_id)).value = 1000.0 * account.value

    def meet(self, visit: Visit, at: datetime) -> None:
        meeting_id = meetings.start(
            self.db,
            self.org,
            self.users[visit.rep],
            contact_ids=[self.contacts[reply.contact] for reply in visit.replies],
            topic=visit.topic,
            now=at,
        )
        with self.db.reading() as session:
            invitations = {i.contact: i.id for i in of_meeting(session, self.org, meeting_id)}
        for reply in visit.replies:
            self.expect(reply, invitations[reply.contact], at)
        if visit.promise:
            self.promise(meeting_id, visit.replies[0].contact, *visit.promise, at)

    def expect(self, reply: Reply, invitation_id: UUID, at: datetime) -> None:
        here = (self.db, self.org, invitation_id)
        if reply.client:
            self.at(at + reply.client_after, partial(self.answer, reply, invitation_id))
        elif reply.opened:
            self.at(at + reply.client_after, partial(answers.opened, *here))
        if reply.mirror:
            guess = partial(mirrors.save, *here, ratings=reply.mirror, stage=reply.stage, seal=True)
            self.at(at + reply.mirror_after, lambda now: guess(now=now))
        if reply.mirror and reply.client and reply.seen:
            both = max(reply.client_after, reply.mirror_after)
            self.at(at + both + timedelta(minutes=30), partial(mirrors.mark_seen, *here))

    def answer(self, reply: Reply, invitation_id: UUID, at: datetime) -> None:
        self.judge(reply, invitation_id, at)
        state = answers.State(
            reply.client, reply.extras, done=len(reply.client) == len(DIMENSIONS), language=reply.language
        )
        answers.save(self.db, self.org, invitation_id, state, at)

    def promise(
        self, meeting_id: UUID, contact: str, side: Side, words: str, days: int, at: datetime
    ) -> None:
        promise = Promise(
            organisation_id=self.org,
            meeting_id=meeting_id,
            contact_id=self.contacts[contact],
            side=side,
            words=words,
            due_on=at.astimezone(ZONE).date() + timedelta(days=days),
            created_at=at,
        )
        with change(self.db, self.org, at) as c:
            c.session.add(promise)
        self.promises[contact].append((promise.id, promise.due_on))

    def judge(self, reply: Reply, invitation_id: UUID, at: datetime) -> None:
        """Before the answer itself, so that a broken promise is a cause for its alert."""
        today = at.astimezone(ZONE).date()
        due = [promise for promise in self.promises[reply.contact] if promise[1] <= today]
        if not due or reply.verdict is None:
            return
        with change(self.db, self.org, at) as c:
            for promise_id, _ in due:
                row = c.session.get_one(Promise, (self.org, promise_id))
                row.verdict, row.judged_at = reply.verdict, at
                row.judged_in_id = invitation_id if row.side == Side.REP else None
        if reply.verdict != Verdict.NOT_YET:
            self.promises[reply.contact] = [p for p in self.promises[reply.contact] if p not in due]

    def clear_desks(self, at: datetime) -> None:
        """Managers come in, take what is a day old, and close what lay there for long or too many."""
        with change(self.db, self.org, at) as c:
            rows = c.session.execute(
                select(Alert, col(Contact.name), col(User.name))
                .join(Relationship, points_at(Alert, Alert.relationship_id, Relationship))
                .join(Contact, points_at(Relationship, Relationship.contact_id, Contact))
                .join(User, points_at(Relationship, Relationship.rep_id, User))
                .where(col(Alert.organisation_id) == self.org, col(Alert.closed_at).is_(None))
                .order_by(col(Alert.created_at).desc(), col(Contact.name), col(Alert.kind))
            )
            lying: Counter[str] = Counter()
            for alert, contact, rep in rows:
                age = at - alert.created_at
                lying[alert.severity] += 1
                if age > timedelta(days=1):
                    alert.taken_by_id = self.users[cast.MANAGER_OF[rep]]
                if age > PATIENCE[alert.severity] or lying[alert.severity] > DESK[alert.severity]:
                    dice = Random(f"{contact} {alert.kind}")
                    alert.outcome = "lost" if contact in cast.LEFT else dice.choice(OUTCOMES)
                    alert.note = dice.choice(cast.NOTES[alert.outcome])
                    alert.closed_at = at

    def example(self) -> Example:
        with self.db.reading() as session:
            shown = of_rep(session, self.org, self.users[REP], self.now - timedelta(days=7))
        token = next(i.token for i in shown if i.contact == CLIENT)
        return Example(self.org, self.owner, self.users[MANAGER], self.users[REP], token)


def _address(name: str) -> str:
    return f"{_slug(name)}@example.com"


def _slug(name: str) -> str:
    """Ólafur Jónsson, olafur.jonsson; what has no Latin letters is left as it is."""
    plain = "".join(letter for letter in normalize("NFKD", name) if not combining(letter))
    return ".".join(re.sub(r"[^\w\s-]", "", plain).casefold().split())
