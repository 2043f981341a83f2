"""What has to hold in every life, looked at after each step, now and then, and at the end."""

import hashlib
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import SQLModel

from feedback.actions.scoring.recompute import recompute
from feedback.actions.scoring.rep_sums import write_sums
from feedback.core.access import Reader
from feedback.core.calendar.weeks import week_of, week_on
from feedback.core.dimensions import DIMENSIONS
from feedback.core.scoring.leaderboard import rep_standings
from feedback.db.change import Change
from feedback.db.tenancy import references
from feedback.models import (
    Alert,
    AlertEvent,
    AlertReason,
    Feedback,
    FrozenWeek,
    Invitation,
    Mail,
    Meeting,
    Organisation,
    Outbox,
    Promise,
    Relationship,
    Side,
    Standing,
    Webhook,
    WebhookDelivery,
)
from feedback.models.encrypted import EncryptedText
from feedback.pages.leaderboard import _live, scoring_calendar
from feedback.store.invitations import invitations_by_ids
from feedback.store.people import all_reps
from feedback.store.relationships import can_still_guess
from feedback.store.replay import differences, orphaned_rows
from simulation.outside import host_of
from simulation.people import SimulatedOrganisation
from simulation.phones import ExpectedAnswer
from simulation.world import Broken, World

WORDS = ("comment", "nps", "worth_it", "stage", "language", "device_hash", "network_hash", "browser_hash")
STRONG = {"reps_browser", "one_device", "rep_began_again"}
FROM_ANSWER = {"low", "broken_promise", "drop", "blind_spot", "fine", "ahead"}
DOUBTS = {"disputed", "doubtful", "unusual"}
TABLES = [table for table in SQLModel.metadata.sorted_tables if "organisation_id" in table.columns]


def holds(condition: object, words: str) -> None:
    """Raise Broken with these words unless the condition holds."""
    if not condition:
        raise Broken(words)


def _in_plain(row: Any) -> list[Any]:
    """Return the values of a row; what is encrypted as it reads, for it is never encrypted twice in one way."""
    return [value.text if isinstance(value, EncryptedText) else value for value in row]


class Invariants:
    """Everything that is looked at, and what it was like when it was last seen."""

    def __init__(self, world: World, organisations: list[SimulatedOrganisation]) -> None:
        self.world, self.organisations = world, organisations
        self.frozen: dict[UUID, tuple[Any, ...]] = {}
        self.sealed: dict[UUID, tuple[Any, ...]] = {}

    def cheap(self) -> None:
        """Look at what the last step was about."""
        holds(
            not self.world.surprises.found, "an error was logged:\n" + "\n".join(self.world.surprises.found)
        )
        seen, self.world.touched = self.world.touched, []
        if not seen:
            return
        with self.world.db.reading() as session:
            for answer in {id(each): each for each in seen}.values():
                self._answer(session, answer, _sides(session, answer))
                _alerts_of_pair(session, answer)

    def dear(self) -> None:
        """Look at everything."""
        for o in self.organisations:
            with self.world.db.reading() as session:
                holds(not (found := list(differences(session, o.id))), f"a replay differs: {found}")
                self._answers(session, o)
                self._frozen(session, o)
                _loyalties(session, o)
                _alerts(session, o)
                _erased(session, o)
                _mails(session, o, self.world)
                _webhooks(session, o, self.world)
                _reps_views(session, o, self.world)
            _twin(o, self.world)
        with self.world.db.reading() as session:
            holds(not (found := list(orphaned_rows(session))), f"rows point at nothing: {found}")

    def at_the_end(self) -> None:
        """Look at everything once more, when all queues have been worked off."""
        self.dear()
        with self.world.db.reading() as session:
            for queue in (Outbox, WebhookDelivery):
                waiting = session.execute(
                    select(queue.id, queue.error)
                    .where(queue.sent_at.is_(None), queue.given_up_at.is_(None))
                    .execution_options(across_organisations=True)
                ).all()
                holds(not waiting, f"left in the queue: {waiting}")
            unsettled = session.execute(
                select(Feedback.id)
                .where(Feedback.settled_at.is_(None), Feedback.settles_at <= self.world.now())
                .execution_options(across_organisations=True)
            ).all()
            holds(not unsettled, f"answers were never settled: {unsettled}")

    def digest(self, o: SimulatedOrganisation) -> str:
        """Return a hash of all rows of an organisation."""
        made = hashlib.sha256()
        with self.world.db.reading() as session:
            for table in TABLES:
                rows = session.execute(table.select().where(table.c.organisation_id == o.id)).all()
                made.update(repr(sorted(repr(_in_plain(row)) for row in rows)).encode())
        return made.hexdigest()

    def _answers(self, session: Any, o: SimulatedOrganisation) -> None:
        stored: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
        for row in session.execute(_SIDES.where(Feedback.organisation_id == o.id)):
            stored[row.invitation_id][row.side] = row
        for answer in o.answers:
            self._answer(session, answer, stored.get(answer.invitation_id, {}))

    def _answer(self, session: Any, answer: ExpectedAnswer, sides: dict[str, Any]) -> None:
        """Compare both sides of an invitation with what they have to be."""
        client, mirror = sides.get(Side.CLIENT), sides.get(Side.REP)
        expected = answer.ratings
        if client is None:
            holds(not any(expected), f"an answer is gone: {expected}")
        else:
            got = tuple(getattr(client, name) for name in DIMENSIONS)
            holds(got == expected, f"stored are {got}, acknowledged were {expected}, {answer.invitation_id}")
            holds(client.comment == answer.said.get("comment"), "the comment is another")
            holds((client.erased_at is not None) == answer.erased, "erased, or not")
            doubted = STRONG & set(client.signals)
            apart = (
                client.counts != "counted"
                or client.decided_at
                or client.erased_at
                or client.settled_at is None
            )
            # said with the token alone it counts as it did, and a decision before is to be made again
            holds(not doubted or apart or client.disputed_at, f"it counts in spite of {doubted}")
            if client.settled_at is not None:
                answer.settled = True
            if answer.erased:
                holds(
                    not any(getattr(client, name) is not None for name in WORDS),
                    "words or marks of an erased answer",
                )
        if mirror is not None and mirror.sealed_at is not None:
            got = (*(getattr(mirror, name) for name in DIMENSIONS), mirror.stage, mirror.sealed_at)
            holds(self.sealed.setdefault(answer.invitation_id, got) == got, "a sealed mirror has changed")
            holds(answer.mirror is not None, "sealed, though nobody sealed it")
            holds(got[:6] == tuple(answer.mirror[name] for name in DIMENSIONS), "the mirror is another")
        else:
            holds(answer.mirror is None, "the seal is gone")

    def _frozen(self, session: Any, o: SimulatedOrganisation) -> None:
        """Frozen weeks are there, one after the other, up to the last change, and never change."""
        days = []
        for table in (FrozenWeek, Standing):
            for row in session.execute(table.__table__.select().where(table.organisation_id == o.id)):
                holds(
                    self.frozen.setdefault(row.id, tuple(row)) == tuple(row),
                    f"a frozen week has changed: {row}",
                )
                if table is FrozenWeek:
                    days.append(row.monday)
        kept = {each for each in self.frozen if self.frozen[each][0] == o.id}
        there = set(session.scalars(select(Standing.id).where(Standing.organisation_id == o.id)))
        there |= set(session.scalars(select(FrozenWeek.id).where(FrozenWeek.organisation_id == o.id)))
        holds(kept <= there, "a frozen week is gone")
        days.sort()
        holds(
            all(b - a == timedelta(days=7) for a, b in pairwise(days)),
            "a week was left out",
        )
        latest = session.scalar(
            select(Meeting.created_at)
            .where(Meeting.organisation_id == o.id)
            .order_by(Meeting.created_at.desc())
        )
        if latest is not None and week_of(latest, o.zone).monday > (
            days[-1] + timedelta(days=7) if days else _first(session, o)
        ):
            raise Broken(
                f"the week before {latest} was not frozen when something was written; frozen are {days[-2:]}"
            )
        for monday in days[-1:]:
            frozen = session.scalars(
                select(FrozenWeek).where(FrozenWeek.organisation_id == o.id, FrozenWeek.monday == monday)
            ).one()
            holds(frozen.frozen_at >= week_on(monday).ends(o.zone), "a week was frozen before it ended")


def _first(session: Any, o: SimulatedOrganisation) -> Any:
    return week_of(
        session.scalar(select(Organisation.created_at).where(Organisation.id == o.id)), o.zone
    ).monday


_SIDES = select(
    *(
        getattr(Feedback, name)
        for name in (
            "invitation_id", "side", *DIMENSIONS, *WORDS, "erased_at", "signals", "decided_at", "counts",
            "settled_at", "sealed_at", "disputed_at",
        )
    )
)  # fmt: skip


def _sides(session: Any, answer: ExpectedAnswer) -> dict[str, Any]:
    rows = session.execute(
        _SIDES.where(
            Feedback.organisation_id == answer.organisation.id, Feedback.invitation_id == answer.invitation_id
        )
    )
    return {row.side: row for row in rows}


def _alerts_of_pair(session: Any, answer: ExpectedAnswer) -> None:
    """Check the open alert of one relationship."""
    rows = session.execute(
        select(Alert.id, Alert.severity, AlertReason.severity.label("reason"))
        .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
        .join(AlertReason, references(AlertReason, AlertReason.alert_id, Alert))
        .where(
            Alert.organisation_id == answer.organisation.id, Alert.closed_at.is_(None), AlertReason.struck_at.is_(None),
            Relationship.rep_id == answer.rep_id, Relationship.contact_id == answer.contact_id,
        )
    ).all()  # fmt: skip
    holds(len({row.id for row in rows}) < 2, "two open alerts for one relationship")
    if rows:
        highest = "urgent" if any(row.reason == "urgent" for row in rows) else "watch"
        holds(rows[0].severity == highest, f"the alert is {rows[0].severity}, its reasons are {highest}")


def _alerts(session: Any, o: SimulatedOrganisation) -> None:
    """Check every alert with its reasons and its history."""
    alerts = session.scalars(select(Alert).where(Alert.organisation_id == o.id)).all()
    reasons: defaultdict[UUID, list[AlertReason]] = defaultdict(list)
    for reason in session.scalars(select(AlertReason).where(AlertReason.organisation_id == o.id)):
        reasons[reason.alert_id].append(reason)
    events: defaultdict[UUID, list[AlertEvent]] = defaultdict(list)
    for event in session.scalars(
        select(AlertEvent).where(AlertEvent.organisation_id == o.id).order_by(AlertEvent.id)
    ):
        events[event.alert_id].append(event)
    clients = {
        row.invitation_id: row
        for row in session.scalars(
            select(Feedback).where(Feedback.organisation_id == o.id, Feedback.side == Side.CLIENT)
        )
    }
    open_of: set[UUID] = set()
    for alert in alerts:
        standing = [reason for reason in reasons[alert.id] if reason.struck_at is None]
        touched = any(event.user_id for event in events[alert.id])
        holds(reasons[alert.id], "an alert without any reason")
        for event in events[alert.id]:
            if event.what == "closed" and event.user_id is None:
                before = [e for e in events[alert.id] if e.id < event.id and e.user_id]
                holds(not before, "an alert closed by itself that somebody had acted on")
        if alert.closed_at is not None:
            holds(any(event.what == "closed" for event in events[alert.id]), "closed, and nobody closed it")
            continue
        holds(alert.relationship_id not in open_of, "two open alerts for one relationship")
        open_of.add(alert.relationship_id)
        holds(standing or touched, "an open alert without a reason, that nobody acted on")
        if standing:
            highest = "urgent" if any(r.severity == "urgent" for r in standing) else "watch"
            holds(alert.severity == highest, f"the alert is {alert.severity}, its reasons are {highest}")
        if any(event.what == "reopened" for event in events[alert.id]):
            continue  # what fell away while it was closed stands: known, see decision 0018
        for reason in standing:
            _reason_holds(reason, clients)
    given = {(reason.invitation_id, reason.kind) for each in reasons.values() for reason in each}
    for row in clients.values():
        low = any(getattr(row, name) == 1 for name in DIMENSIONS)
        if low and row.settled_at and row.counts == "counted" and not row.erased_at:
            holds((row.invitation_id, "low") in given, "a 1 gave no reason for an alert")


def _reason_holds(reason: AlertReason, clients: dict[UUID, Feedback]) -> None:
    if reason.invitation_id is None:
        return
    row = clients[reason.invitation_id]
    if reason.kind in FROM_ANSWER:
        holds(row.erased_at is None, f"an erased answer gives a reason: {reason.kind}")
        holds(row.counts == "counted", f"an answer that does not count gives a reason: {reason.kind}")
    if reason.kind == "low":
        holds(any((getattr(row, name) or 5) <= 2 for name in DIMENSIONS), "low, and nothing is low")
    if reason.kind in DOUBTS:
        holds(row.decided_at is None, "a doubt stands that was decided")
    if reason.kind == "disputed":
        holds(row.disputed_at is not None, "disputed by nobody")


def _loyalties(session: Any, o: SimulatedOrganisation) -> None:
    """Work loyalty out anew from what the clients said, by a formula of our own."""
    half_life = session.scalar(select(Organisation.half_life_days).where(Organisation.id == o.id))
    counts = {
        row.invitation_id: row
        for row in session.execute(
            _SIDES.where(Feedback.organisation_id == o.id, Feedback.side == Side.CLIENT)
        )
    }
    said: defaultdict[tuple[UUID, UUID], list[ExpectedAnswer]] = defaultdict(list)
    for answer in o.answers:
        row = counts.get(answer.invitation_id)
        if row and row.settled_at and row.counts == "counted" and any(answer.ratings):
            said[answer.rep_id, answer.contact_id].append(answer)
    stored = session.execute(
        select(
            Relationship.rep_id, Relationship.contact_id, Relationship.loyalty, Relationship.answers
        ).where(Relationship.organisation_id == o.id)
    )
    for row in stored:
        heard = said[row.rep_id, row.contact_id]
        holds(row.answers == len(heard), f"{row.answers} answers count, {len(heard)} should")
        expected = loyalty(heard, o.zone, half_life)
        same = row.loyalty == expected or abs((row.loyalty or -1) - (expected or -1)) < 1e-6
        holds(same, f"loyalty is {row.loyalty}, and should be {expected}")


def loyalty(heard: list[ExpectedAnswer], zone: Any, half_life: int) -> float | None:
    """Return the loyalty that these answers make, as design has it."""
    days: defaultdict[Any, list[ExpectedAnswer]] = defaultdict(list)
    for answer in heard:
        days[answer.held_at.astimezone(zone).date()].append(answer)
    points = []
    for name in DIMENSIONS:
        above = below = 0.0
        for each in days.values():
            ratings = [answer.said[name] for answer in each if answer.said.get(name)]
            if ratings:
                latest = max(answer.held_at for answer in each)
                weight = 2 ** ((latest - datetime(2026, 1, 1, tzinfo=UTC)) / timedelta(days=half_life))
                above, below = above + weight * sum(ratings) / len(ratings), below + weight
        if below:
            points.append(25 * (above / below - 1))
    return sum(points) / len(points) if points else None


def _erased(session: Any, o: SimulatedOrganisation) -> None:
    """Nothing that was erased is left in any table."""
    judged = session.execute(
        select(Promise.id)
        .join(
            Feedback,
            (Feedback.organisation_id == Promise.organisation_id)
            & (Feedback.invitation_id == Promise.judged_in_id),
        )
        .where(Promise.organisation_id == o.id, Feedback.side == Side.CLIENT, Feedback.erased_at.is_not(None))
    ).all()
    holds(not judged, "an erased answer keeps its verdict on a promise")


def _mails(session: Any, o: SimulatedOrganisation, world: World) -> None:
    """What is marked as sent was accepted, under one Message-ID; one receipt an answer; nobody of the example."""
    office = world.office
    rows = session.execute(
        select(
            Outbox.id, Outbox.kind, Outbox.invitation_id, Outbox.user_id, Outbox.monday, Outbox.sent_at
        ).where(Outbox.organisation_id == o.id)
    ).all()
    holds(not (rows and o.demo), f"a mail to the example organisation: {rows[:1]}")
    receipts: set[Any] = set()
    weekly: set[Any] = set()
    for row in rows:
        ids = office.accepted.get(row.id, [])
        holds(len(set(ids)) < 2, f"a {row.kind} mail has two Message-IDs: {ids}")
        holds(
            row.sent_at is None or row.id in office.finally_accepted,
            f"a {row.kind} mail is marked as sent, and was not",
        )
        if row.kind == Mail.RECEIPT:
            holds(row.invitation_id not in receipts, "two receipts of one answer")
            receipts.add(row.invitation_id)
        if row.monday:
            holds((row.user_id, row.monday) not in weekly, "two weekly mails for one week")
            weekly.add((row.user_id, row.monday))


def _webhooks(session: Any, o: SimulatedOrganisation, world: World) -> None:
    """Received once, then changed or erased; what is marked as sent was taken; nobody hears of the others."""
    hosts = {
        host_of(url) for url in session.scalars(select(Webhook.url).where(Webhook.organisation_id == o.id))
    }
    holds(hosts <= {o.host}, f"webhooks of others: {hosts}")
    ours = set(session.scalars(select(Invitation.id).where(Invitation.organisation_id == o.id)))
    rows = session.execute(
        select(WebhookDelivery).where(WebhookDelivery.organisation_id == o.id).order_by(WebhookDelivery.id)
    ).scalars()
    received: set[tuple[UUID, UUID]] = set()
    for row in rows:
        holds(
            row.sent_at is None or f"msg_{row.id.hex}" in world.receivers.ids, "marked as told, and was not"
        )
        if row.event.startswith("feedback"):
            holds(row.about_id in ours, "a message about another organisation's answer")
        if row.event == "feedback.received":
            holds((row.webhook_id, row.about_id) not in received, "an answer was told as received twice")
            received.add((row.webhook_id, row.about_id))
        elif row.event.startswith("feedback") and row.webhook_id == o.hooks[0]:  # there from the beginning
            holds((row.webhook_id, row.about_id) in received, f"{row.event} before it was received")
    for _, message in world.receivers.heard[o.host][-50:]:
        about = message["data"].get("invitation_id")
        holds(about is None or UUID(about) in ours, "a receiver heard of another organisation's answer")


def _reps_views(session: Any, o: SimulatedOrganisation, world: World) -> None:
    """A rep is shown no answer whose mirror is not sealed, and none that is for managers only."""
    now = world.now()
    shown = invitations_by_ids(
        session, o.id, [answer.invitation_id for answer in o.answers[-40:]], Reader.REP, now
    )
    for answer in o.answers[-40:]:
        view = shown[answer.invitation_id]
        said = any(view.client.ratings) or view.client.comment or view.client.nps is not None
        holds(not said or answer.mirror, f"a rep sees an answer before sealing: {answer.invitation_id}")
        holds(
            not said or answer.said.get("visibility") != "manager",
            "a rep sees an answer that is for managers only",
        )
        if (
            answer.mirror
            and answer.settled
            and answer.said.get("visibility") != "manager"
            and any(answer.ratings)
        ):
            holds(said, "a rep does not see an answer after sealing")


class _BackAgain(Exception):
    """Raised to leave a transaction without a trace."""


def _twin(o: SimulatedOrganisation, world: World) -> None:
    """What reps see of scores is the same in a world where answers that can still be guessed do not exist."""
    now, part = world.now(), world.db.part
    world.db.part = 0.0
    try:
        with world.db.writing() as session:
            here = _scores(session, o, now)
            open_ones = session.execute(
                select(Invitation.id, Meeting.rep_id, Invitation.contact_id)
                .join(
                    Meeting,
                    (Meeting.organisation_id == Invitation.organisation_id)
                    & (Meeting.id == Invitation.meeting_id),
                )
                .where(Invitation.organisation_id == o.id, can_still_guess(now))
            ).all()
            c = Change(session, o.id, now)
            session.execute(
                update(Feedback)
                .where(
                    Feedback.organisation_id == o.id,
                    Feedback.side == Side.CLIENT,
                    Feedback.invitation_id.in_([row.id for row in open_ones]),
                )
                .values(dict.fromkeys((*DIMENSIONS, "settles_at", "settled_at")))
            )
            for rep_id, contact_id in {(row.rep_id, row.contact_id) for row in open_ones}:
                recompute(c, session.scalars(select(Relationship).where(
                    Relationship.organisation_id == o.id, Relationship.rep_id == rep_id,
                    Relationship.contact_id == contact_id)).one())  # fmt: skip
            write_sums(c, c.rescored)
            there = _scores(session, o, now)
            raise _BackAgain
    except _BackAgain:
        pass
    finally:
        world.db.part = part
    holds(here == there, f"a score that reps see moves by an unsealed answer: {here} and {there}")


def _scores(session: Any, o: SimulatedOrganisation, now: datetime) -> dict[Any, Any]:
    calendar = scoring_calendar(session, o.id)
    names = {rep.id: rep.name for rep in all_reps(session, o.id)}
    live = _live(session, o.id, names, calendar, week_of(now, o.zone), now, True)
    rows, field = rep_standings(*live, least_asked=calendar.least_asked)
    return {row.rep_id: (row.score, row.loyalty, row.doughnuts, row.value) for row in rows} | {"field": field}
