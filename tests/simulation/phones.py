"""Phones on bad lines, with wrong clocks; and beside each answer what it has to be, in plain Python."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from feedback.actions import answer_keys, answers
from feedback.actions.answer_keys import (
    AlreadySettled,
    AnsweredElsewhere,
    AnswerErased,
    InvitationClosed,
    Sender,
)
from feedback.actions.answers import Submission
from feedback.actions.change import change, tap
from feedback.actions.trust import Fingerprint
from feedback.core.answer_key import Browser
from feedback.core.dimensions import DIMENSIONS
from feedback.core.tokens import ALPHABET
from feedback.db.change import Invalid
from feedback.models import Feedback, Side
from simulation.world import HERE, Broken, World


class PageGone(Exception):
    """Raised where the address of a page is known no more: 404."""


REFUSALS = (PageGone, InvitationClosed, AnswerErased, AnsweredElsewhere, AlreadySettled, Invalid)
IDLE = timedelta(minutes=10)


@dataclass
class ExpectedAnswer:
    """One invitation, and what its two sides have to be: changed when something was committed, by rules of our
    own."""

    organisation: Any
    invitation_id: UUID
    meeting_id: UUID
    rep_id: UUID
    contact_id: UUID
    contact: str
    held_at: datetime
    closes_at: datetime
    room: bool  # one code for all who were there
    said: dict[str, Any] = field(default_factory=dict)  # the ratings, the comment and the visibility
    keys: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    newest: dict[str, int] = field(default_factory=dict)  # by key, the number of the state that holds
    put_away: bool = False
    erased: bool = False
    settled: bool = False  # seen as settled in the database
    heard: bool = False  # likewise, before it was erased
    address: str | None = None  # the client's, if it was known when the code was made
    asked: bool = False  # by mail
    taken_back: bool = False
    page_gone: bool = False  # it was taken back, or its client was erased
    mirror: dict[str, int] | None = None  # once sealed

    @property
    def ratings(self) -> tuple[int | None, ...]:
        """Return the six ratings that have to be stored."""
        return tuple(self.said.get(name) for name in DIMENSIONS)

    def take(self, phone: "Phone", state: "State", *, settled: bool, now: datetime) -> None:
        """Take notice that a state was saved. settled: the answer had settled before."""
        if self.erased or now >= self.closes_at:
            raise Broken("an answer was changed that is erased or closed")
        if phone.key not in self.keys:
            if settled:
                raise Broken("another phone changed an answer that had settled")
            if phone.key in self.ended or (any(self.ratings) and not self.put_away):
                raise Broken("a phone changed an answer that was begun on another")
            self.said, self.put_away, self.newest = {}, False, {}
            self.ended |= self.keys
            self.keys = {phone.key}
        said = dict(state.said)
        if settled and phone.whose is not Browser.CLIENTS:
            said = {name: value for name, value in said.items() if name not in (*DIMENSIONS, "visibility")}
        newest = state.number >= self.newest.get(phone.key, 0)
        for name, value in said.items():
            if newest or (self.said.get(name) is None and name != "visibility"):
                self.said[name] = value
        self.newest[phone.key] = max(state.number, self.newest.get(phone.key, 0))


@dataclass(frozen=True)
class State:
    """What a phone sends: the whole state of its page."""

    number: int  # counts what was tapped on this phone, whatever its clock says
    sequence: int | None
    said: dict[str, Any]
    done: bool = False
    extras: bool = False
    verdicts: dict[UUID, str] = field(default_factory=dict)

    def submission(self) -> Submission:
        """Return it as the view makes it of the form."""
        ratings = {name: value for name, value in self.said.items() if name in DIMENSIONS}
        extras = {name: value for name, value in self.said.items() if name not in DIMENSIONS}
        return Submission(ratings, extras, self.verdicts, self.sequence, self.done, self.extras, "en")


@dataclass
class Phone:
    """A phone that answers one code. It sends one state at a time, and the newest again until it hears of it."""

    world: World
    answer: ExpectedAnswer
    mark: str
    key: str
    whose: Browser = Browser.CLIENTS
    network: str = "client's"
    slow: timedelta = timedelta()  # how wrong its clock is
    scripted: bool = True
    said: dict[str, Any] = field(default_factory=dict)
    last: int = 0
    number: int = 0
    waiting: State | None = None
    busy: bool = False
    stopped: bool = False
    tries: int = 0
    then: Callable[[], None] | None = None  # once the last state is acknowledged

    def fingerprint(self) -> Fingerprint:
        """Return what the view would make of a request of this phone."""
        return Fingerprint(
            self.mark if self.scripted else None, self.network, "browser", self.whose, self.scripted
        )

    def after(self, seconds: float, what: str, do: Callable[[], None]) -> None:
        """Let something happen so many seconds from now, in the organisation that this phone answers."""
        self.world.after(seconds, f"{self.answer.organisation.name}: {what}", do)

    def change(
        self,
        said: dict[str, Any],
        *,
        done: bool = False,
        extras: bool = False,
        verdicts: dict[UUID, str] | None = None,
    ) -> None:
        """Tap something; the page sends all that it knows."""
        if self.stopped:
            return
        clock = int((self.world.time + self.slow).timestamp() * 1000)
        self.last = max(clock, self.last + 1)
        self.number += 1
        if not extras:
            self.said |= said
        shown = said if extras else dict(self.said)
        done = done or (self.waiting is not None and self.waiting.done)
        self.waiting = State(
            self.number, self.last if self.scripted else None, shown, done, extras, verdicts or {}
        )
        self.send()

    def send(self) -> None:
        """Send the newest state, if none is on its way; the line decides what becomes of it."""
        if self.busy or self.waiting is None or self.stopped or self.tries > 30:
            return
        self.busy, self.tries = True, self.tries + 1
        state, dice = self.waiting, self.world.dice
        luck, delay = dice.random(), dice.expovariate(2.0)
        if luck < 0.06:  # lost
            self.after(delay + 2, "a request is lost", self.give_up)
        elif luck < 0.10 and self.scripted:  # the phone gives up, and it arrives much later
            self.after(delay + 2, "a request is slow", self.give_up)
            late = dice.choice((5, 60, 900, 7200, 100000))
            self.after(delay + late, "a late request arrives", lambda: self.arrive(state) and None)
        else:
            self.after(delay, f"a tap arrives from {self.name}", lambda: self.exchange(state))
            if luck > 0.97 and self.scripted:  # twice
                self.after(
                    delay + dice.choice((0.2, 30, 4000)),
                    "it arrives again",
                    lambda: self.arrive(state) and None,
                )

    @property
    def name(self) -> str:
        """Return whose phone this is, for the list of events."""
        return f"{self.mark} ({self.whose})"

    def exchange(self, state: State) -> None:
        """Let a state arrive, and its reply come back, if the line lets it."""
        heard = self.arrive(state)
        if heard is None or self.world.dice.random() < 0.06:
            self.give_up()
        elif not heard:
            self.stopped = True
        else:
            self.acknowledged(state)

    def give_up(self) -> None:
        """Hear nothing, and try again."""
        self.busy = False
        self.after(min(2**self.tries, 600), f"{self.name} tries again", self.send)

    def acknowledged(self, state: State) -> None:
        """Hear that a state was saved."""
        self.busy, self.tries = False, 0
        if self.waiting is state:
            self.waiting = None
        if self.waiting is not None:
            self.send()
        elif self.then:
            self.then()

    def arrive(self, state: State) -> bool | None:
        """Save a state as the view does. Return whether it was saved; None when the server fell over."""
        world, failed = self.world, self.world.db.failed
        saved = world.tried(lambda: self.save(state), *REFUSALS)
        return None if world.db.failed > failed else saved

    def save(self, state: State) -> None:
        """Do what web.client_saving._store does."""
        world, answer = self.world, self.answer
        if answer.page_gone:
            raise PageGone
        world.touched.append(answer)
        now = world.now()
        sender = Sender(self.key, self.fingerprint(), HERE)
        where = (world.db, answer.organisation.id, now)
        submission = state.submission()

        def notice(session: Any) -> None:
            settled = was_settled(session, answer, now) if self.needs_a_look() else answer.settled
            world.db.when_committed(lambda: answer.take(self, state, settled=settled, now=now))

        if not state.done:
            with tap(*where) as c:
                notice(c.session)
                if answers.save_tap(c, answer.invitation_id, submission, sender):
                    return
                world.db.when_committed_nothing()
        with change(*where) as c:
            notice(c.session)
            answers.save_answer(c, answer.invitation_id, submission, sender)

    def needs_a_look(self) -> bool:
        """Tell whether it matters that the answer may have settled by the clock."""
        return self.whose is not Browser.CLIENTS or self.key not in self.answer.keys

    def open(self) -> None:
        """Tell that the page is open."""
        world, answer = self.world, self.answer

        def tell() -> None:
            if answer.page_gone:
                raise PageGone
            with change(world.db, answer.organisation.id, world.now()) as c:
                answers.mark_opened(c, answer.invitation_id, self.fingerprint())

        world.tried(tell, InvitationClosed, PageGone)

    def begin_again(self) -> None:
        """Press "start again here"."""
        world, answer = self.world, self.answer
        if answer.page_gone or answer.room:
            return

        world.touched.append(answer)

        def again() -> None:
            with change(world.db, answer.organisation.id, world.now()) as c:
                answer_keys.begin_again(c, answer.invitation_id, self.fingerprint())
                world.db.when_committed(self._put_away)

        world.persistently(again, *REFUSALS)

    def _put_away(self) -> None:
        answer = self.answer
        if any(answer.ratings) and not answer.put_away:
            answer.put_away = True
            answer.ended |= answer.keys
            answer.keys = set()

    def erase(self) -> None:
        """Erase the answer, with the key."""
        world, answer = self.world, self.answer
        if self.key not in answer.keys or self.whose is not Browser.CLIENTS or answer.page_gone:
            return

        world.touched.append(answer)

        def away() -> None:
            with change(world.db, answer.organisation.id, world.now()) as c:
                answers.erase_answer(c, answer.invitation_id, self.key)
                world.db.when_committed(self._erased)

        world.persistently(away)

    def _erased(self) -> None:
        visibility = self.answer.said.get("visibility")
        self.answer.said, self.answer.erased = {"visibility": visibility}, True

    def dispute(self, *, with_key: bool) -> None:
        """Say "this wasn't me"."""
        world, answer = self.world, self.answer
        if with_key and (self.key not in answer.keys or self.whose is not Browser.CLIENTS):
            return
        if answer.page_gone or (answer.room and not with_key):
            return
        if not any(answer.ratings) and not answer.erased:
            return

        world.touched.append(answer)

        def say() -> None:
            with change(world.db, answer.organisation.id, world.now()) as c:
                answers.dispute_answer(c, answer.invitation_id, with_key=with_key)

        world.persistently(say)


_SETTLES = select(Feedback.settles_at, Feedback.settled_at)


def was_settled(session: Any, answer: ExpectedAnswer, now: datetime) -> bool:
    """Look in the database whether an answer has settled."""
    row = session.execute(
        _SETTLES.where(
            Feedback.organisation_id == answer.organisation.id,
            Feedback.invitation_id == answer.invitation_id,
            Feedback.side == Side.CLIENT,
        )
    ).first()
    return row is not None and (
        row.settled_at is not None or (row.settles_at is not None and row.settles_at <= now)
    )


def new_key(world: World) -> str:
    """Return a key as a phone makes it."""
    return "".join(world.dice.choice(ALPHABET) for _ in range(22))
