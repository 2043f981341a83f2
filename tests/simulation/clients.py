"""Clients, and whoever answers in a client's name: what a phone does with a code."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select

from feedback.core.answer_key import Browser
from feedback.core.dimensions import DIMENSIONS
from feedback.models import Feedback, Side
from feedback.pages.client import promises_due
from simulation.organisation import SimulatedOrganisation, SimulatedRep
from simulation.phones import ExpectedAnswer, Phone, new_key
from simulation.world import HOUR, World

_EXTRA = select(Feedback.extra).where(
    Feedback.organisation_id == bindparam("organisation"),
    Feedback.invitation_id == bindparam("invitation"),
    Feedback.side == Side.CLIENT,
)


def reply(o: SimulatedOrganisation, rep: SimulatedRep, answer: ExpectedAnswer, contact: str) -> None:
    """Let the client answer, or somebody in the client's name."""
    world, dice = o.world, o.world.dice
    soon = dice.choice((20, 60, 300, 2 * HOUR, 30 * HOUR, 300 * HOUR))
    wrong = timedelta(hours=dice.choice((0, 0, 0, 0, -3, 5, 24 * 400, -24 * 900)))
    phone = Phone(world, answer, f"phone of {contact}", new_key(world), slow=wrong)
    luck = dice.random()
    if luck < rep.cheats:
        phone.mark, phone.network = f"phone of {rep.name}", "rep's"
        phone.whose = dice.choice((Browser.REPS, Browser.CLIENTS))
        soon = dice.choice((10, 40, HOUR))
    elif luck < rep.cheats + 0.08:
        phone.mark, phone.whose, phone.network = f"phone of {rep.name}", Browser.HANDED_OVER, "rep's"
        soon = 15
    elif luck < rep.cheats + 0.12:
        phone.scripted = False
    elif luck < rep.cheats + 0.18:
        phone.mark = "a phone for all"
    elif luck > 0.95:
        return
    world.after(soon, f"{o.name}: {phone.name} opens the code", lambda: tap_through(phone))
    if dice.random() < 0.12:
        other = Phone(world, answer, f"other phone of {contact}", new_key(world))
        if dice.random() < 0.3:
            other.mark, other.whose = f"phone of {rep.name}", dice.choice((Browser.REPS, Browser.CLIENTS))
        later = soon + dice.choice((1, 5, 60, 400, 1000))
        world.after(later, f"{o.name}: {other.name} begins again", lambda: take_over(other))
    if dice.random() < 0.04:
        world.after(soon + dice.choice((HOUR, 99 * HOUR)), f"{o.name}: {rep.name} disputes",
                    lambda: phone.dispute(with_key=False))  # fmt: skip
    if dice.random() < 0.1:
        world.after(soon + 50 * HOUR, f"{o.name}: a receipt is used", lambda: use_receipt(o, answer))


def take_over(phone: Phone) -> None:
    """Begin an answer again on another phone, and tap there, soon or much later."""
    phone.begin_again()
    wait = phone.world.dice.choice((3, 200, 700, 5000))
    phone.after(wait, f"{phone.name} taps anew", lambda: tap_through(phone))


def use_receipt(o: SimulatedOrganisation, answer: ExpectedAnswer) -> None:
    """Open the address of a receipt, and erase or dispute."""
    key = o.world.office.keys.get(answer.invitation_id)
    if key is None or answer.erased or answer.page_gone:
        return
    answer.keys.add(key)
    phone = Phone(o.world, answer, "a phone with a receipt", key)
    if o.world.dice.random() < 0.5:
        phone.erase()
    else:
        phone.dispute(with_key=True)


def tap_through(phone: Phone) -> None:
    """Open the page, tap in one to three goes, and mostly tap Done."""
    world, dice = phone.world, phone.world.dice
    if phone.scripted and phone.whose is not Browser.REPS and dice.random() < 0.9:
        phone.open()
    mood = dice.choice((1.5, 2.6, 3.2, 4.0, 4.5, 4.8))
    six = {name: min(5, max(1, round(dice.gauss(mood, 0.7)))) for name in DIMENSIONS}
    goes = dice.choice(([6], [6], [2, 6], [3, 5, 6], [1]))
    seconds = 0.0
    for many in goes:
        said: dict[str, Any] = dict(list(six.items())[:many])
        if dice.random() < 0.25:
            said["integrity"] = dice.randint(1, 5)  # a change of mind
        if dice.random() < 0.1:
            said["visibility"] = dice.choice(("rep", "manager"))
        seconds += dice.expovariate(0.4)
        phone.after(seconds, f"{phone.name} taps", lambda said=said: phone.change(said))
    if dice.random() < 0.8:
        phone.then = lambda: _go_on(phone)
        phone.after(seconds + 2, f"{phone.name} taps Done", lambda: phone.change({}, done=True))
    else:
        look_at(world, seconds + 620)


def _go_on(phone: Phone) -> None:
    """Answer the second page; later change, erase or dispute."""
    world, dice = phone.world, phone.world.dice
    phone.then = None
    look_at(world, 30)
    look_at(world, 700)
    if dice.random() < 0.6:
        phone.after(9, f"{phone.name} sends the extras", lambda: _send_extras(phone))
    luck = dice.random()
    later = dice.choice((20, HOUR, 60 * HOUR))
    if luck < 0.1:
        said = {dice.choice(DIMENSIONS): dice.randint(1, 5)}
        phone.after(later, f"{phone.name} changes the answer", lambda: phone.change(said))
    elif luck < 0.2:
        phone.after(later, f"{phone.name} erases", phone.erase)
    elif luck < 0.24:
        phone.after(later, f"{phone.name} disputes with the key", lambda: phone.dispute(with_key=True))


def _send_extras(phone: Phone) -> None:
    world, dice, answer = phone.world, phone.world.dice, phone.answer
    if answer.page_gone:
        return
    with world.db.reading() as session:
        extra = session.scalar(
            _EXTRA, {"organisation": answer.organisation.id, "invitation": answer.invitation_id}
        )
        due = promises_due(session, answer.organisation.id, answer.invitation_id, world.now())
    said: dict[str, Any] = {"comment": dice.choice((None, "fine", "Late again", "Thank you"))}
    said |= {
        "recommend": {"nps": dice.randint(0, 10)},
        "stage": {"stage": dice.choice(("curious", "adopting"))},
        "worth_it": {"worth_it": dice.choice(("yes", "no"))},
    }.get(str(extra), {})
    verdicts = (
        {p.id: dice.choice(("kept", "not_kept", "not_yet")) for p in due} if str(extra) == "promises" else {}
    )
    phone.change(said, done=True, extras=True, verdicts=verdicts)


def look_at(world: World, seconds: float) -> None:
    """Let the worker look about then; those who want it within the same ten minutes want it once."""
    when = world.time + timedelta(seconds=seconds)
    slot = when.replace(minute=when.minute // 10 * 10, second=0, microsecond=0) + timedelta(minutes=10)
    if slot not in world.rounds:
        world.rounds.add(slot)
        world.at(slot, "the worker looks", world.look)
