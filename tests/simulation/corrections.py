"""What reps do with a code once it is made, beside showing it: asking otherwise, and correcting a mistake."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from feedback.actions import asking, corrections
from feedback.actions.asking import NotMailed
from feedback.actions.taken_back import AlreadyBegun, take_back
from feedback.core.asking import StopReason
from feedback.db.change import Change, Invalid
from simulation.organisation import SimulatedOrganisation, SimulatedRep
from simulation.phones import ExpectedAnswer
from simulation.world import HERE, HOUR


def ask_otherwise(o: SimulatedOrganisation, answer: ExpectedAnswer) -> None:
    """Let the rep have the client asked by mail, or send a link."""
    luck = o.world.dice.random()
    if luck < 0.2:
        _later(o, answer, (5, HOUR, 50 * HOUR), "a client is asked by mail", _ask_by_mail)
    elif luck < 0.3:
        _later(o, answer, (5, HOUR), "a link is sent", _ask_by_link)


def correct(o: SimulatedOrganisation, rep: SimulatedRep, answer: ExpectedAnswer) -> None:
    """Let the rep correct something about the meeting: it was a mistake, it was held earlier, the client declined."""
    luck = o.world.dice.random()
    if luck < 0.04:
        _later(o, answer, (10, 30, HOUR), "a code is taken back", lambda o, a: _take_back(o, rep, a))
    elif luck < 0.08:
        _later(o, answer, (10, HOUR, 60 * HOUR), "a meeting is moved", lambda o, a: _move(o, rep, a))
    elif luck < 0.12:
        _later(o, answer, (30, 30 * HOUR), "a client declines", lambda o, a: _decline(o, rep, a))


def _later(
    o: SimulatedOrganisation, answer: ExpectedAnswer, when: Any, what: str,
    do: Callable[[SimulatedOrganisation, ExpectedAnswer], None],
) -> None:  # fmt: skip
    def unless_gone() -> None:
        if not answer.taken_back:
            o.world.touched.append(answer)
            do(o, answer)

    o.world.after(o.world.dice.choice(when), f"{o.name}: {what}", unless_gone)


def _ask_by_mail(o: SimulatedOrganisation, answer: ExpectedAnswer) -> None:
    def ask(c: Change) -> None:
        asking.ask_by_mail(c, answer.meeting_id, answer.invitation_id, HERE)
        o.world.db.when_committed(lambda: setattr(answer, "asked", True))

    o.doing(ask, NotMailed)
    address = answer.address
    if answer.asked and address and o.world.dice.random() < 0.15:

        def stop(c: Change) -> None:
            asking.stop_mail(c, address, StopReason.CLIENT)
            o.world.db.when_committed(lambda: o.world.office.stopped.add((o.id, address)))

        o.world.after(60 * HOUR, f"{o.name}: a client wants no mail", lambda: o.doing(stop))


def _ask_by_link(o: SimulatedOrganisation, answer: ExpectedAnswer) -> None:
    o.doing(lambda c: asking.ask_by_link(c, answer.invitation_id))


def _take_back(o: SimulatedOrganisation, rep: SimulatedRep, answer: ExpectedAnswer) -> None:
    def back(c: Change) -> None:
        if answer.taken_back:
            return  # nobody heard of it, and the page of the meeting is gone
        take_back(c, rep.id, answer.invitation_id)
        o.world.db.when_committed(gone)

    def gone() -> None:
        answer.taken_back = answer.page_gone = True
        o.world.touched.remove(answer)
        o.answers.remove(answer)

    if any(answer.ratings) and o.world.dice.random() < 0.5:
        return  # most reps know better
    o.doing(back, AlreadyBegun)


def _move(o: SimulatedOrganisation, rep: SimulatedRep, answer: ExpectedAnswer) -> None:
    held_at = answer.held_at - timedelta(hours=o.world.dice.choice((2, 30, 100)))

    def move(c: Change) -> None:
        corrections.move_meeting(c, rep.id, answer.meeting_id, held_at)
        o.world.db.when_committed(moved)

    def moved() -> None:
        for each in o.answers:
            if each.meeting_id == answer.meeting_id:
                each.held_at = held_at

    o.doing(move, Invalid)


def _decline(o: SimulatedOrganisation, rep: SimulatedRep, answer: ExpectedAnswer) -> None:
    declined = o.world.dice.random() < 0.8
    o.doing(lambda c: corrections.note_declined(c, rep.id, answer.invitation_id, declined=declined), Invalid)
