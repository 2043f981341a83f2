"""Reps who are honest, late or cheat: they meet, show codes, guess, and leave."""

from datetime import timedelta

from sqlalchemy import select, update

from feedback.actions import meetings, mirrors, promises
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.actions.mirrors import AlreadySealed
from feedback.actions.practices import choose_practice
from feedback.actions.promises import NewPromise
from feedback.actions.trust import Fingerprint
from feedback.calendar.entries import replace_entries, start_from_entry
from feedback.calendar.event import PlannedMeeting
from feedback.core.access import Reader
from feedback.core.answer_key import Browser
from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Change
from feedback.models import Relationship, User
from feedback.pages.calendar import entry_for, stored_entries
from feedback.pages.meetings import meeting_by_form_key
from feedback.store.invitations import invitations_of_meeting
from feedback.store.people import viewer_of
from simulation.clients import reply
from simulation.organisation import SimulatedOrganisation, SimulatedRep, join
from simulation.phones import REFUSALS, ExpectedAnswer
from simulation.world import HOUR, Broken


def meet(o: SimulatedOrganisation, rep: SimulatedRep | None = None, contact: int | None = None) -> None:
    """Start a meeting, from a form that may be sent twice."""
    world, dice = o.world, o.world.dice
    rep = rep or dice.choice([rep for rep in o.reps if not rep.gone])
    contact = dice.randrange(o.size.clients) if contact is None else contact
    form_key = f"form {world.step}"
    new = NewMeeting(new_contact=_contact(o, contact, typed=dice.random() < 0.3), form_key=form_key)
    where = Fingerprint(network="rep's", browser=rep.name, whose=Browser.REPS)
    for _ in range(2 if dice.random() < 0.05 else 1):
        o.doing(lambda c: meetings.start_meeting(c, rep.id, new, where))
    _expect(o, rep, form_key)


def meet_many(o: SimulatedOrganisation) -> None:
    """Many codes of one client in one day, as somebody does who wants a better score."""
    rep = o.reps[-1] if not o.reps[-1].gone else o.reps[0]
    contact = o.world.dice.randrange(o.size.clients)
    for number in range(4):
        o.world.after(number * 900, f"{o.name}: one more code", lambda: meet(o, rep, contact))


def _contact(o: SimulatedOrganisation, number: int, *, typed: bool) -> NewContact:
    own = number == 5  # its address is one of our own people's
    email = f"rep0@{o.host}" if own else f"client{number}@clients-of-{o.host}"
    return NewContact(f"Client {number}", f"Account {number // 3}", email if typed else None)


def _expect(o: SimulatedOrganisation, rep: SimulatedRep, form_key: str) -> None:
    """Expect an answer for each invitation of a meeting that was really made, once: the same client within the hour has the
    same code."""
    world = o.world
    with world.db.reading() as session:
        meeting_id = meeting_by_form_key(session, o.id, rep.id, form_key)
        if meeting_id is None:
            return
        made = invitations_of_meeting(session, o.id, meeting_id, Reader.RULES, world.now())
    known = {answer.invitation_id for answer in o.answers}
    for each in (each for each in made if each.id not in known):
        answer = ExpectedAnswer(o, each.id, rep.id, each.contact_id, each.held_at, each.closes_at)
        o.answers.append(answer)
        reply(o, rep, answer, each.contact)
        guess(o, rep, answer)
        if world.dice.random() < 0.4:
            side, words = world.dice.choice(("rep", "client")), "Send the plan"
            due = world.now().date() + timedelta(days=world.dice.randrange(9))
            promise = NewPromise(side=side, words=words, due_on=due)
            o.doing(lambda c, i=each.contact_id, p=promise: promises.note_promise(c, meeting_id, i, p))


def guess(o: SimulatedOrganisation, rep: SimulatedRep, answer: ExpectedAnswer) -> None:
    """Let the rep guess: at once, late, too late, or never."""
    dice = o.world.dice
    if dice.random() >= rep.seals:
        return
    six = {name: dice.choice((3, 4, 4, 5, 5)) for name in DIMENSIONS}
    stage = dice.choice((None, "curious", "growing"))
    wait = dice.choice((30, 200, HOUR, 20 * HOUR, 200 * HOUR, 400 * HOUR))
    if dice.random() < 0.3:
        half = dict(list(six.items())[:3])
        o.world.after(
            wait / 2,
            f"{o.name}: {rep.name} begins a guess",
            lambda: _mirror(o, answer, half, None, seal=False),
        )
    o.world.after(wait, f"{o.name}: {rep.name} seals", lambda: _mirror(o, answer, six, stage, seal=True))
    if dice.random() < 0.1:
        other = six | {"savvy": 1}
        o.world.after(
            wait + HOUR,
            f"{o.name}: {rep.name} seals anew",
            lambda: _mirror(o, answer, other, stage, seal=True),
        )


def _mirror(
    o: SimulatedOrganisation, answer: ExpectedAnswer, six: dict[str, int], stage: str | None, *, seal: bool
) -> None:
    o.world.touched.append(answer)

    def save(c: Change) -> None:
        sealed = mirrors.save_mirror(c, answer.invitation_id, ratings=six, stage=stage, seal=seal)
        if sealed and seal:
            o.world.db.when_committed(lambda: _sealed(answer, six))

    o.doing(save, AlreadySealed, *REFUSALS)
    if answer.mirror and any(answer.ratings) and o.world.dice.random() < 0.3:
        o.doing(lambda c: mirrors.mark_gap_seen(c, answer.invitation_id))
    if answer.mirror and o.world.dice.random() < 0.1:
        _practise(o, answer)


def _sealed(answer: ExpectedAnswer, six: dict[str, int]) -> None:
    if answer.mirror not in (None, six):
        raise Broken("a sealed mirror was changed")
    answer.mirror = six


def _practise(o: SimulatedOrganisation, answer: ExpectedAnswer) -> None:
    with o.world.db.reading() as session:
        relationship_id = session.scalar(
            select(Relationship.id).where(
                Relationship.organisation_id == o.id,
                Relationship.rep_id == answer.rep_id,
                Relationship.contact_id == answer.contact_id,
            )
        )
    dimension = o.world.dice.choice(DIMENSIONS)
    o.doing(lambda c: choose_practice(c, relationship_id, dimension, 1))


def upload_calendar(o: SimulatedOrganisation) -> None:
    """Upload what is planned, and start a meeting from it."""
    world, rep = o.world, o.reps[0]
    first = world.now() + timedelta(hours=1)
    emails = (f"client{world.dice.randrange(o.size.clients)}@clients-of-{o.host}",)
    planned = [PlannedMeeting(first + timedelta(days=n), f"Visit {n}", emails) for n in range(5)]
    o.doing(lambda c: replace_entries(c, rep.id, planned))
    with world.db.reading() as session:
        entries = stored_entries(session, o.id, rep.id)
        viewer = viewer_of(session, o.id, rep.id)
        entry = entry_for(session, viewer, entries[0].id) if entries and viewer else None
    if entry is not None:
        new = NewMeeting(new_contact=None if entry.contacts else _contact(o, 1, typed=True))
        o.doing(lambda c: start_from_entry(c, rep.id, entry, new))
        _expect(o, rep, f"calendar {entry.id}")


def come_and_go(o: SimulatedOrganisation) -> None:
    """Let a rep join; once there are two more than at first, let one leave."""
    there = [rep for rep in o.reps if not rep.gone]
    if len(there) < o.size.reps + 2:
        o.world.tried(lambda: join(o, 0.8, 0.05))
        return
    leaves = o.world.dice.choice(there[1:])
    leaves.gone = True
    o.doing(lambda c: c.session.execute(
        update(User).where(User.organisation_id == o.id, User.id == leaves.id).values(ended_at=c.now)))  # fmt: skip
