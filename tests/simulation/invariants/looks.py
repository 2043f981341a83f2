"""When what is looked at: after each step, now and then, and at the end."""

import hashlib

from sqlalchemy import bindparam, select, true, type_coerce
from sqlalchemy.types import NullType
from sqlmodel import SQLModel

from feedback.models import (
    Feedback,
    Mail,
    Outbox,
    WebhookDelivery,
)
from feedback.store.replay import differences, orphaned_rows
from simulation.invariants.alerts import alert_of_pair, alerts
from simulation.invariants.answers import Sealed, every_answer, nothing_erased_is_left, one_answer, reps_views
from simulation.invariants.others import others_views
from simulation.invariants.plain import holds, in_plain
from simulation.invariants.promised import all_are_told, promised_mails, promised_messages
from simulation.invariants.scores import loyalties, twin
from simulation.invariants.sending import mails, webhooks
from simulation.invariants.weeks import Frozen, frozen_weeks
from simulation.organisation import SimulatedOrganisation
from simulation.world import World

TABLES = [table for table in SQLModel.metadata.sorted_tables if "organisation_id" in table.columns]
# As the database keeps them: nothing is decrypted or made an object of, only to see whether it has changed.
_AS_KEPT = [
    select(*(type_coerce(column, NullType()) for column in table.columns)).where(
        table.c.organisation_id == bindparam("organisation")
    )
    for table in TABLES
]


class Invariants:
    """Everything that is looked at, and what it was like when it was last seen."""

    def __init__(self, world: World, organisations: list[SimulatedOrganisation]) -> None:
        self.world, self.organisations = world, organisations
        self.frozen: Frozen = {}
        self.sealed: Sealed = {}

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
                one_answer(session, answer, self.sealed)
                alert_of_pair(session, answer)

    def dear(self) -> None:
        """Look at everything."""
        for o in self.organisations:
            with self.world.db.reading() as session:
                holds(not (found := list(differences(session, o.id))), f"a replay differs: {found}")
                every_answer(session, o, self.sealed)
                frozen_weeks(session, o, self.frozen)
                loyalties(session, o)
                alerts(session, o)
                nothing_erased_is_left(session, o)
                mails(session, o, self.world)
                webhooks(session, o, self.world)
                promised_mails(session, o, self.world)
                promised_messages(session, o, self.world)
                reps_views(session, o, self.world)
                others_views(session, o, self.world)
            twin(o, self.world)
        with self.world.db.reading() as session:
            holds(not (found := list(orphaned_rows(session))), f"rows point at nothing: {found}")

    def at_the_end(self) -> None:
        """Look at everything once more, when all queues have been worked off."""
        self.dear()
        with self.world.db.reading() as session:
            for o in self.organisations:
                all_are_told(session, o)
            now = self.world.now()
            due = (Outbox.kind != Mail.REMINDER) | (Outbox.due_at <= now)  # a reminder waits for working days
            for queue, which in ((Outbox, due), (WebhookDelivery, true())):
                waiting = session.execute(
                    select(queue.id, queue.error)
                    .where(queue.sent_at.is_(None), queue.given_up_at.is_(None), which)
                    .execution_options(across_organisations=True)
                ).all()
                holds(not waiting, f"left in the queue: {waiting}")
            unsettled = session.execute(
                select(Feedback.id)
                .where(Feedback.settled_at.is_(None), Feedback.settles_at <= now)
                .execution_options(across_organisations=True)
            ).all()
            holds(not unsettled, f"answers were never settled: {unsettled}")

    def as_kept(self, o: SimulatedOrganisation) -> str:
        """Return a hash of all rows of an organisation as they are kept, to be compared with an earlier one."""
        made = hashlib.sha256()
        with self.world.db.connection() as connection:
            for every in _AS_KEPT:
                rows = connection.execute(every, {"organisation": o.id})
                made.update(repr(sorted(repr(tuple(row)) for row in rows)).encode())
        return made.hexdigest()

    def digest(self, o: SimulatedOrganisation) -> str:
        """Return a hash of all rows of an organisation as they read: the same in the same life."""
        made = hashlib.sha256()
        with self.world.db.reading() as session:
            for table in TABLES:
                rows = session.execute(table.select().where(table.c.organisation_id == o.id)).all()
                made.update(repr(sorted(repr(in_plain(row)) for row in rows)).encode())
        return made.hexdigest()
