"""Reps who are honest, late or cheat: they meet, show codes, guess, and leave."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from feedback.actions import meetings, mirrors, promises
from feedback.actions.erasure import erase_person
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.actions.mirrors import AlreadySealed
from feedback.actions.practices import choose_practice
from feedback.actions.promises import NewPromise
from feedback.actions.staff import end_person
from feedback.actions.trust import Fingerprint
from feedback.calendar.entries import replace_entries, start_from_entry
from feedback.calendar.event import PlannedMeeting
from feedback.core.access import Reader
from feedback.core.answer_key import Browser
from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Change, Invalid
from feedback.models import Relationship, Verdict
from feedback.pages.calendar import entry_for, stored_entries
from feedback.pages.meetings import meeting_by_form_key
from feedback.store.invitations import invitations_of_meeting
from feedback.store.people import viewer_of
from simulation.clients import reply
from simulation.corrections import ask_otherwise, correct
from simulation.organisation import SimulatedOrganisation, SimulatedRep, join
from simulation.phones import REFUSALS, ExpectedAnswer
from simulation.world import HOUR, Broken

OURS = "Client 5"  # whose address is one of our own people's


def meet(o: SimulatedOrganisation, rep: SimulatedRep | None = None, contact: int | None = None) -> None:
    """Start a meeting, from a form that may be sent twice."""
    world, dice = o.world, o.world.dice
    rep = rep or dice.choice([rep for rep in o.reps if not rep.gone])
    contact = dice.randrange(o.size.clients) if contact is None else contact
    form_key = f"form {world.step}"
    new = NewMeeting(new_contact=contact_called(o, contact, typed=dice.random() < 0.3), form_key=form_key)
    where = Fingerprint(network="rep's", browser=rep.name, whose=Browser.REPS)
    for _ in range(2 if dice.random() < 0.05 else 1):
        o.doing(lambda c: _start(o, c, rep, new, where))
    expect(o, rep, form_key)


def _start(
    o: SimulatedOrganisation, c: Change, rep: SimulatedRep, new: NewMeeting, where: Fingerprint
) -> None:
    meetings.start_meeting(c, rep.id, new, where)
    _typed(o, new.new_contact)


def _typed(o: SimulatedOrganisation, contact: NewContact | None) -> None:
    """Expect the address of a contact to be known, once this is committed; the first one stays."""
    if contact and contact.email:
        name, email = contact.name, contact.email
        o.world.db.when_committed(lambda: o.addresses.setdefault(name, email))


def meet_many(o: SimulatedOrganisation) -> None:
    """Many codes of one client in one day, as somebody does who wants a better score."""
    rep = o.reps[-1] if not o.reps[-1].gone else o.reps[0]
    contact = o.world.dice.randrange(o.size.clients)
    for number in range(4):
        o.world.after(number * 900, f"{o.name}: one more code", lambda: meet(o, rep, contact))


def contact_called(o: SimulatedOrganisation, number: int, *, typed: bool) -> NewContact:
    """Return the client of this number, as a rep types them. typed: with the address."""
    own = f"Client {number}" == OURS
    email = f"rep0@{o.host}" if own else f"client{number}@clients-of-{o.host}"
    return NewContact(f"Client {number}", f"Account {number // 3}", email if typed else None)


def expect(o: SimulatedOrganisation, rep: SimulatedRep, form_key: str, *, room: bool = False) -> None:
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
        answer = ExpectedAnswer(
            o, each.id, meeting_id, rep.id, each.contact_id, each.contact, each.held_at, each.closes_at, room
        )
        answer.address = o.addresses.get(each.contact)
        o.answers.append(answer)
        reply(o, rep, answer, each.contact)
        guess(o, rep, answer)
        correct(o, rep, answer)
        if not room:
            ask_otherwise(o, answer)
        if world.dice.random() < 0.4:
            _promise(o, meeting_id, each.contact_id)


def _promise(o: SimulatedOrganisation, meeting_id: UUID, contact_id: UUID) -> None:
    """Note what one of the two promised; of what the client promised the rep sometimes says whether it was kept."""
    dice, made = o.world.dice, list[UUID]()
    due = o.world.now().date() + timedelta(days=dice.randrange(9))
    promise = NewPromise(side=dice.choice(("rep", "client")), words="Send the plan", due_on=due)

    def note(c: Change) -> None:
        promise_id = promises.note_promise(c, meeting_id, contact_id, promise)
        o.world.db.when_committed(lambda: made.append(promise_id))

    o.doing(note)
    if made and dice.random() < 0.2:
        verdict = dice.choice(tuple(Verdict))
        o.doing(lambda c: promises.judge_promise(c, made[0], verdict), Invalid)


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
    if answer.taken_back:
        return
    o.world.touched.append(answer)

    def save(c: Change) -> None:
        saved = mirrors.save_mirror(c, answer.invitation_id, ratings=six, stage=stage, seal=seal)
        if saved and seal:
            o.world.db.when_committed(lambda: sealed(answer, six))

    o.doing(save, AlreadySealed, *REFUSALS)
    if answer.mirror and any(answer.ratings) and o.world.dice.random() < 0.3:
        o.doing(lambda c: mirrors.mark_gap_seen(c, answer.invitation_id))
    if answer.mirror and o.world.dice.random() < 0.1:
        _practise(o, answer)


def sealed(answer: ExpectedAnswer, six: dict[str, int]) -> None:
    """Take notice that a mirror was sealed."""
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
        new = NewMeeting(new_contact=None if entry.contacts else contact_called(o, 1, typed=True))
        o.doing(lambda c: (start_from_entry(c, rep.id, entry, new), _typed(o, new.new_contact)))
        expect(o, rep, f"calendar {entry.id}")


def come_and_go(o: SimulatedOrganisation) -> None:
    """Let a rep join; once there are two more than at first, let one leave."""
    there = [rep for rep in o.reps if not rep.gone]
    if len(there) < o.size.reps + 2:
        o.world.tried(lambda: join(o, 0.8, 0.05))
        return
    leaves = o.world.dice.choice(there[1:])
    leaves.gone = True
    o.doing(lambda c: end_person(c, o.owner_id, leaves.id))
    if o.world.dice.random() < 0.5:
        wait = o.world.dice.choice((HOUR, 500 * HOUR))
        o.world.after(wait, f"{o.name}: a rep is erased", lambda: erase_rep(o, leaves))


def erase_rep(o: SimulatedOrganisation, rep: SimulatedRep) -> None:
    """Erase a rep who left; one who is still there, for nobody heard of it, is not erased."""
    o.doing(lambda c: erase_person(c, o.owner_id, rep.id), Invalid)
