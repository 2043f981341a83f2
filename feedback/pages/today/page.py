"""The four questions of a manager's day: who to call, what to train, who got better, what was promised and not kept."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from feedback.core.calendar.weeks import Week
from feedback.core.today import Training
from feedback.pages.promises import PromiseView
from feedback.pages.today.better import Better, who_got_better
from feedback.pages.today.calls import Call, whom_to_call
from feedback.pages.today.promised import promised_and_not_kept
from feedback.pages.today.training import what_to_train
from feedback.store.people import Rep, Viewer, reps


@dataclass(frozen=True, slots=True)
class Today:
    """A manager's day."""

    calls: list[Call]  # the most at stake first
    looked_at: int  # accounts that the calls were chosen from
    training: Training[UUID] | None
    teacher: Rep | None
    better: list[Better]  # who rose most first
    compared: int  # reps who could have
    weeks: tuple[Week, Week] | None  # from the end of which to the end of which; None before there are enough
    promises: list[PromiseView]  # not kept, then overdue ones, the latest first
    broken: int  # how many there are in all


def today_page(session: Session, viewer: Viewer, today: date, now: datetime) -> Today:
    """Return a manager's day, of the clients whom the own teams look after. Under a works agreement nobody is named or
    compared, and what is trained comes from at least five reps."""
    calls, looked_at = whom_to_call(session, viewer, now)
    here = reps(session, viewer)
    found = what_to_train(session, viewer, here, now)
    names = {rep.id: rep for rep in here}
    better, compared, weeks = who_got_better(session, viewer, names)
    promises, broken = promised_and_not_kept(session, viewer, today, now)
    return Today(
        calls=calls,
        looked_at=looked_at,
        training=found,
        teacher=names.get(found.teacher) if found and found.teacher else None,
        better=better,
        compared=compared,
        weeks=weeks,
        promises=promises,
        broken=broken,
    )
