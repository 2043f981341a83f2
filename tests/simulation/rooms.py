"""Rooms: one code for several clients, and whoever else comes in; one guess for all."""

from uuid import UUID

from feedback.actions import meetings, mirrors, rooms
from feedback.actions.meetings import NewMeeting
from feedback.actions.mirrors import AlreadySealed
from feedback.actions.rooms import Guest, RoomClosed, TooManyGuests
from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Change
from simulation.organisation import SimulatedOrganisation, SimulatedRep
from simulation.phones import REFUSALS, ExpectedAnswer
from simulation.reps import contact_called, expect, sealed
from simulation.world import HOUR


def meet_in_a_room(o: SimulatedOrganisation) -> None:
    """Start a meeting with a few clients and one code; sometimes somebody else comes in, and mostly the rep guesses once
    for all."""
    world, dice = o.world, o.world.dice
    rep = dice.choice([rep for rep in o.reps if not rep.gone])
    numbers = dice.sample(range(o.size.clients), min(3, o.size.clients))
    form_key, made = f"room {world.step}", list[UUID]()

    def start(c: Change) -> None:
        ids = [meetings.find_or_add_contact(c, contact_called(o, each, typed=False)) for each in numbers]
        meeting_id = meetings.start_meeting(c, rep.id, NewMeeting(ids, form_key=form_key))
        rooms.open_room(c, meeting_id)
        world.db.when_committed(lambda: made.append(meeting_id))

    o.doing(start)
    expect(o, rep, form_key, room=True)
    if not made:
        return
    if dice.random() < 0.5:
        wait = dice.choice((60, HOUR, 400 * HOUR))
        world.after(wait, f"{o.name}: somebody else comes in", lambda: _enter(o, rep, made[0], form_key))
    if dice.random() < rep.seals:
        wait = dice.choice((100, 20 * HOUR, 400 * HOUR))
        world.after(wait, f"{o.name}: {rep.name} guesses for a room", lambda: _seal(o, made[0]))


def _enter(o: SimulatedOrganisation, rep: SimulatedRep, meeting_id: UUID, form_key: str) -> None:
    """Come in under a name of one's own, from a form that may be sent twice."""
    guest = Guest(f"Guest {o.world.step}", once=form_key)
    for _ in range(o.world.dice.choice((1, 1, 2))):
        o.doing(lambda c: rooms.enter_room(c, meeting_id, guest), RoomClosed, TooManyGuests)
    expect(o, rep, form_key, room=True)


def _seal(o: SimulatedOrganisation, meeting_id: UUID) -> None:
    world, six = o.world, {name: o.world.dice.choice((3, 4, 5)) for name in DIMENSIONS}
    here = [answer for answer in o.answers if answer.meeting_id == meeting_id]
    first = next((answer for answer in here if answer.mirror is None), None)
    if first is None:
        return
    world.touched += here

    def seal(c: Change) -> None:
        if mirrors.seal_for_room(c, first.invitation_id, six):
            guessed = [each for each in here if each.mirror is None and c.now < each.closes_at]
            world.db.when_committed(lambda: all_sealed(guessed))

    def all_sealed(guessed: list[ExpectedAnswer]) -> None:
        for each in guessed:
            sealed(each, six)

    o.doing(seal, AlreadySealed, *REFUSALS)
