"""Filling the example organisation: half a year of meetings, made by the real actions in chronological
order."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import count
from random import Random
from uuid import UUID

from sqlalchemy import event

from feedback.actions import answers, meetings, mirrors, people, promises
from feedback.actions.alerts.handle import Closing, close, log_event
from feedback.actions.asking import ask_by_link
from feedback.actions.change import change
from feedback.actions.meetings import NewMeeting
from feedback.actions.people import NewOrganisation, NewUser
from feedback.actions.practices import choose_practice
from feedback.actions.promises import NewPromise
from feedback.actions.rooms import open_room
from feedback.actions.scoring.recompute import locked_relationship
from feedback.core.access import Reader, Role
from feedback.core.alerts.reasons import AlertAction, Outcome
from feedback.core.calendar.weeks import week_of
from feedback.core.dimensions import DIMENSIONS
from feedback.core.extras import Extra, extra_of
from feedback.core.gaps.analysis import to_practise
from feedback.core.settling import IDLE
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.demo import people as cast
from feedback.demo.outcomes import note_outcomes
from feedback.demo.people import FRIDAY, WEEKS, ZONE, ExampleAccount, PlannedVisit, Reply, moment
from feedback.jobs.settling import settle_due
from feedback.jobs.silence import evaluate_silence
from feedback.models import Account as AccountRow
from feedback.models import Alert, PracticeChoice, Relationship, Side, Verdict
from feedback.models import Organisation as OrganisationRow
from feedback.store.alert_rows import open_alerts_with_people
from feedback.store.invitations import invitations_of_meeting, invitations_of_rep
from feedback.store.people import viewer_of

REP, CLIENT, MANAGER = "Sam Ortega", "Dana Whitfield", "Carol Brandt"  # whose addresses are printed
# By severity: how long managers leave an alert open, and how many they leave open at a time.
LONGEST_OPEN = {
    "urgent": timedelta(days=3, hours=12),
    "watch": timedelta(days=5),
}
MOST_OPEN = {"urgent": 7, "watch": 8}
# The form field that answers each question.
ANSWER_TO = {Extra.STAGE: "stage", Extra.RECOMMEND: "nps", Extra.WORTH_IT: "worth_it"}


@dataclass(frozen=True, slots=True)
class ExampleOrganisation:
    """The ids of what was filled in, to print addresses for them."""

    organisation_id: UUID
    owner_id: UUID
    manager_id: UUID
    rep_id: UUID
    token: str  # of an open invitation that no client has answered yet


def fill_example(
    db: Database, now: datetime, progress: Callable[[float], None] = lambda part: None
) -> ExampleOrganisation:
    """Fill a new, migrated database with the 26 weeks before `now` (aware), and the current one. progress:
    called with the part that is done, 0..1."""
    accounts = cast.accounts_by_rep()
    with _without_disk_sync(db) as fast_db:
        timeline = _Timeline(fast_db, now)
        for seller in cast.SELLERS:
            hired = timeline.began + timedelta(weeks=WEEKS - seller.weeks)
            timeline.schedule(hired, partial(timeline.add_user, seller.name, Role.REP, [seller.team]))
            for account in accounts[seller.name]:
                timeline.add_account(account)
                for visit in cast.visits(seller, account, now):
                    if visit.at > hired:
                        timeline.schedule(visit.at, partial(timeline.start_meeting, seller.name, visit))
        timeline.run(progress)
        with fast_db.reading() as session:
            owner = viewer_of(session, timeline.org, timeline.owner)
        assert owner is not None  # noqa: S101 (made above)
        note_outcomes(fast_db, owner, now)
        return timeline.example()


@contextmanager
def _without_disk_sync(db: Database) -> Iterator[Database]:
    """Open the same database by separate connections that do not wait for the disk after each of thousands of
    small transactions; a demo that is interrupted is filled anew anyway."""
    fast_db = Database(db.engine.url.render_as_string(hide_password=False), db.keys)
    if fast_db.is_sqlite:
        event.listen(fast_db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    try:
        yield fast_db
    finally:
        fast_db.dispose()


class _Timeline:
    """The events that are still to come, by time, and the ids of the people in them."""

    def __init__(self, db: Database, now: datetime) -> None:
        monday = week_of(now, ZONE).plus(-WEEKS).monday
        self.db, self.now, self.began = db, now, moment(monday, time(7))
        self.org, self.owner = people.set_up(
            db,
            NewOrganisation(
                organisation=cast.ORGANISATION,
                name=cast.OWNER,
                email=_email(cast.OWNER),
                password=cast.PASSWORD,
                timezone=str(ZONE),
                demo=True,
            ),
            self.began,
        )
        with change(db, self.org, self.began) as c:
            c.session.get_one(OrganisationRow, self.org).currency = cast.CURRENCY
        self.users: dict[str, UUID] = {}
        self.contacts: dict[str, UUID] = {}
        # By contact: the promises made to them, as (due on, id).
        self.promised: defaultdict[str, list[tuple[date, UUID]]] = defaultdict(list)
        self.asked: dict[tuple[str, Extra], datetime] = {}  # when a contact last answered a question
        self.events: list[tuple[datetime, int, Callable[[datetime], object]]] = []
        self.sequence = count()  # orders the events of the same moment
        for manager, teams in cast.MANAGERS.items():
            self.add_user(manager, Role.MANAGER, teams, self.began)
        for day in (monday + timedelta(days=days) for days in range(7 * (WEEKS + 1))):
            if day.weekday() <= FRIDAY:
                self.schedule(moment(day, time(18, 15)), self.handle_alerts)

    def schedule(self, when: datetime, do: Callable[[datetime], object]) -> None:
        """Schedule an event. An event after `now` is dropped: that guess is still missing, that client has
        not answered yet."""
        if when <= self.now:
            heapq.heappush(self.events, (when, next(self.sequence), do))

    def schedule_action(self, when: datetime, action: Callable[[Change], object]) -> None:
        """Schedule an action, which runs in a change of its own."""

        def act(now: datetime) -> None:
            with change(self.db, self.org, now) as c:
                action(c)

        self.schedule(when, act)

    def run(self, progress: Callable[[float], None]) -> None:
        """Run the events in chronological order."""
        while self.events:
            when, _, do = heapq.heappop(self.events)
            do(when)
            progress((when - self.began) / (self.now - self.began))
        with change(self.db, self.org, self.now):
            progress(1.0)  # opening a change freezes the last week, even when no event came after it

    def add_user(self, name: str, role: Role, teams: Sequence[str], now: datetime) -> None:
        """Add a user."""
        who = {"name": name, "email": _email(name), "password": cast.PASSWORD}
        with change(self.db, self.org, now) as c:
            self.users[name] = people.add_user(c, NewUser(role=role, teams=teams, **who))

    def add_account(self, account: ExampleAccount) -> None:
        """Add an account and its contacts."""
        with change(self.db, self.org, self.began) as c:
            for person in account.contacts:
                about = (person.name, account.name, account.email(person), person.role, person.language)
                new = meetings.NewContact(*about)
                self.contacts[person.name] = meetings.find_or_add_contact(c, new)
            account_id = meetings.find_or_add_account(c, account.name)
            c.session.get_one(AccountRow, (self.org, account_id)).value = 1000.0 * account.value

    def start_meeting(self, rep: str, visit: PlannedVisit, now: datetime) -> None:
        """Start a meeting, and schedule what follows from it."""
        there = {self.contacts[reply.person.name]: reply for reply in visit.replies}
        with change(self.db, self.org, now) as c:
            meeting_id = meetings.start_meeting(
                c, self.users[rep], NewMeeting(contact_ids=list(there), topic=visit.topic)
            )
            if len(there) > 1 and self.now - now > timedelta(days=1):
                open_room(c, meeting_id)
        with self.db.reading() as session:
            made = invitations_of_meeting(session, self.org, meeting_id, Reader.RULES, now)
        for contact_id, invitation_id in ((each.contact_id, each.id) for each in made):
            if len(there) == 1 and len(there[contact_id].person.name) % 3 == 1:  # they met in a call
                self.schedule_action(now, partial(ask_by_link, invitation_id=invitation_id))
            self.schedule_reply(there[contact_id], invitation_id, now)
            reply = there[contact_id]
            if reply.client and reply.mirror and reply.seen and len(reply.person.name) % 3 == 0:
                tried = now + max(reply.client_after, reply.mirror_after) + timedelta(minutes=35)
                self.schedule(tried, partial(self.choose_practice, rep, contact_id))
        if visit.promise:
            self.note_promise(meeting_id, visit.replies[0], *visit.promise, now)

    def schedule_reply(self, reply: Reply, invitation_id: UUID, now: datetime) -> None:
        """Schedule the answer, the guess, and the reading of the gap card for one invitation."""
        if reply.client:
            self.schedule(now + reply.client_after, partial(self.save_answer, reply, invitation_id))
        elif reply.opened:
            self.schedule_action(
                now + reply.client_after, partial(answers.mark_opened, invitation_id=invitation_id)
            )
        if reply.mirror:
            guess = partial(mirrors.save_mirror, ratings=reply.mirror, stage=reply.stage, seal=True)
            self.schedule_action(now + reply.mirror_after, partial(guess, invitation_id=invitation_id))
        if reply.client and reply.mirror and reply.seen:
            both_in = now + max(reply.client_after, reply.mirror_after)
            self.schedule_action(
                both_in + timedelta(minutes=30), partial(mirrors.mark_gap_seen, invitation_id=invitation_id)
            )

    def save_answer(self, reply: Reply, invitation_id: UUID, now: datetime) -> None:
        """Save a client's answer: the six ratings, and the question that the page asks after them."""
        name = reply.person.name
        due = [promise for promise in self.promised[name] if promise[0] <= now.astimezone(ZONE).date()]
        question = extra_of(
            promises_due=len(due),
            stage_known=self.asked.get((name, Extra.STAGE)),
            recommend_asked=self.asked.get((name, Extra.RECOMMEND)),
            now=now,
        )
        field = ANSWER_TO.get(question, "")
        more = {field: reply.if_asked[field]} if field in reply.if_asked else {}
        if more or question == Extra.RECOMMEND:
            self.asked[name, question] = now
        state = answers.Submission(
            reply.client,
            reply.said | more,
            verdicts={promise_id: reply.verdict for _, promise_id in due},
            done=len(reply.client) == len(DIMENSIONS),
            language=reply.person.language,
        )
        with change(self.db, self.org, now) as c:
            answers.save_answer(c, invitation_id, state)
        self.schedule(
            now + IDLE, partial(settle_due, self.db, receipts=None)
        )  # half done, or the extras are not sent
        if reply.verdict != Verdict.NOT_YET:
            self.promised[name] = [promise for promise in self.promised[name] if promise not in due]

    def choose_practice(self, rep: str, contact_id: UUID, now: datetime) -> None:
        """Choose a practice for the next meeting, as some reps do after the gap card."""
        with change(self.db, self.org, now) as c:
            _choose_practice(c, locked_relationship(c, self.users[rep], contact_id), None)

    def note_promise(
        self, meeting_id: UUID, reply: Reply, side: Side, words: str, days: int, now: datetime
    ) -> None:
        """Note a promise, and remember it for the next answer (a rep's) or schedule the verdict (a client's)."""
        contact_id, due_on = self.contacts[reply.person.name], now.astimezone(ZONE).date() + timedelta(days)
        with change(self.db, self.org, now) as c:
            promise_id = promises.note_promise(
                c, meeting_id, contact_id, NewPromise(side=side, words=words, due_on=due_on)
            )
        if side == Side.REP:
            self.promised[reply.person.name].append((due_on, promise_id))
        else:
            judged = partial(promises.judge_promise, promise_id=promise_id, verdict=reply.verdict)
            self.schedule_action(now + timedelta(days=days), judged)

    def handle_alerts(self, now: datetime) -> None:
        """Let managers, at the end of a working day, take the alerts that are a day old, and close those that
        are open for longer than LONGEST_OPEN or beyond the number in MOST_OPEN."""
        evaluate_silence(self.db, self.org, now)
        with change(self.db, self.org, now) as c:
            rows = open_alerts_with_people(c.session, self.org)
            open_by_severity: Counter[str] = Counter()
            for alert, relationship, contact, rep in rows:
                open_by_severity[alert.severity] += 1
                age = now - alert.created_at
                done = (
                    age > LONGEST_OPEN[alert.severity]
                    or open_by_severity[alert.severity] > MOST_OPEN[alert.severity]
                )
                manager = self.users[cast.MANAGER_OF[rep]]
                if alert.taken_by_id is None and (done or age > timedelta(days=1)):
                    alert.taken_by_id = manager
                    log_event(c, alert, AlertAction.TAKEN, manager)
                    if alert.severity == "urgent" and alert.kind in ("blind_spot", "low"):
                        chosen = _choose_practice(c, relationship, manager)
                        log_event(c, alert, AlertAction.ASSIGNED, manager, practice_id=chosen.id)
                if done:
                    _close(c, alert, contact, manager)

    def example(self) -> ExampleOrganisation:
        """Return the ids to print addresses for."""
        with self.db.reading() as session:
            shown = invitations_of_rep(
                session, self.org, self.users[REP], self.now - timedelta(days=7), Reader.REP, self.now
            )
        token = next(i.token for i in shown if i.contact == CLIENT)
        return ExampleOrganisation(self.org, self.owner, self.users[MANAGER], self.users[REP], token)


def _choose_practice(c: Change, relationship: Relationship, manager: UUID | None) -> PracticeChoice:
    """Choose the first practice of the dimension that this relationship should work on."""
    client, mirror = (
        tuple(getattr(relationship, f"{side}_{name}") for name in DIMENSIONS) for side in ("client", "mirror")
    )
    return choose_practice(c, relationship.id, to_practise(client, mirror), 1, manager)


def _close(c: Change, alert: Alert, contact: str, manager: UUID) -> None:
    dice = Random(f"{contact} {alert.kind}")
    outcome = Outcome.LOST if contact in cast.LEFT else Outcome(dice.choice(cast.OUTCOMES))
    close(c, alert, Closing(outcome, dice.choice(cast.NOTES[outcome]), manager))


def _email(name: str) -> str:
    return f"{cast.slug(name)}@example.com"
