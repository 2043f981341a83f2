"""The people of an organisation: reps who are honest, late or cheat, managers, an owner, and their clients."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from feedback.actions import decisions, meetings, mirrors, promises, settings
from feedback.actions import people as people_actions
from feedback.actions.alerts import handle
from feedback.actions.change import change
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.actions.mirrors import AlreadySealed
from feedback.actions.people import NewOrganisation, NewUser
from feedback.actions.practices import choose_practice
from feedback.actions.promises import NewPromise
from feedback.actions.trust import Fingerprint
from feedback.calendar.entries import replace_entries, start_from_entry
from feedback.calendar.event import PlannedMeeting
from feedback.core.access import Reader
from feedback.core.alerts.reasons import Outcome
from feedback.core.answer_key import Browser
from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Change, Invalid
from feedback.models import Alert, Feedback, Relationship, Side, User, WebhookDelivery
from feedback.models.feedback import Counts
from feedback.models.webhook import Event
from feedback.pages.calendar import entry_for, stored_entries
from feedback.pages.client import promises_due
from feedback.pages.meetings import meeting_by_form_key
from feedback.store.invitations import invitations_of_meeting
from feedback.store.people import viewer_of
from feedback.store.webhooks import secret_mark
from feedback.webhooks import subscriptions
from feedback.webhooks.events import end_webhook
from simulation.phones import REFUSALS, ExpectedAnswer, Phone, new_key
from simulation.world import Broken, World

MEETINGS = 4  # a week
CLIENTS = 12
HOUR = 3600.0


@dataclass
class SimulatedRep:
    """A rep. seals: how likely a mirror is sealed at all; cheats: how likely an answer is the rep's own."""

    id: UUID
    name: str
    seals: float
    cheats: float
    gone: bool = False


@dataclass
class SimulatedOrganisation:
    """An organisation, its people, and every answer that was asked for."""

    world: World
    name: str
    id: UUID
    owner_id: UUID
    zone: ZoneInfo
    demo: bool
    host: str
    reps: list[SimulatedRep] = field(default_factory=list)
    managers: list[UUID] = field(default_factory=list)
    answers: list[ExpectedAnswer] = field(default_factory=list)
    hooks: list[UUID] = field(default_factory=list)

    def changing(self) -> Any:
        """Open a change on this organisation now."""
        return change(self.world.db, self.id, self.world.now())

    def doing(self, do: Callable[[Change], Any], *expected: type[Exception]) -> None:
        """Do one action in a change of its own, as a view does."""

        def once() -> None:
            with self.changing() as c:
                do(c)

        self.world.persistently(once, *expected)


def found(world: World, name: str, zone: str, *, demo: bool, began: Any) -> SimulatedOrganisation:
    """Set an organisation up, with an owner, a manager, three reps and a webhook; and let it live."""
    host = f"{name.lower()}.example"
    new = NewOrganisation(name, f"Owner of {name}", f"owner@{host}", "password", zone, demo=demo)
    organisation_id, owner_id = people_actions.set_up(world.db, new, began)
    o = SimulatedOrganisation(world, name, organisation_id, owner_id, ZoneInfo(zone), demo, host)
    for seals, cheats in ((0.95, 0.0), (0.7, 0.05), (0.4, 0.25)):
        join(o, seals, cheats)
    with o.changing() as c:
        new_user = NewUser(f"Manager of {name}", f"manager@{host}", "manager", "password", ("North",))
        o.managers = [people_actions.add_user(c, new_user), owner_id]
    add_hook(o)
    return o


def join(o: SimulatedOrganisation, seals: float, cheats: float) -> None:
    """Add a rep."""
    number = len(o.reps)
    new = NewUser(
        f"Rep {number}", f"rep{number}@{o.host}", "rep", "password", ("North", "South")[number % 2 :][:1]
    )
    with o.changing() as c:
        o.reps.append(SimulatedRep(people_actions.add_user(c, new), new.name, seals, cheats))


def add_hook(o: SimulatedOrganisation) -> None:
    """Subscribe a receiver to all events."""
    url = f"https://{o.host}/hook{len(o.hooks)}"
    with o.changing() as c:
        o.hooks.append(subscriptions.add_webhook(c, o.owner_id, url, tuple(Event)))


def plan_week(o: SimulatedOrganisation) -> None:
    """Let what happens in a week happen at some time of it."""
    world, dice = o.world, o.world.dice
    for what, often, do in (
        ("a rep meets somebody", MEETINGS, meet),
        ("a manager looks", 2, manage),
        ("the owner changes something", 0.15, own),
        ("a calendar is uploaded", 0.05, upload_calendar),
        ("a rep meets many in a day", 0.04, meet_many),
        ("somebody joins or leaves", 0.05, come_and_go),
    ):
        times = int(often) + (dice.random() < often % 1)
        for _ in range(times):
            hours = 24 * dice.choice((0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6)) + dice.uniform(0, 11)
            world.after(hours * HOUR, f"{o.name}: {what}", lambda do=do: do(o))
    world.after(7 * 24 * HOUR, f"{o.name}: a week begins", lambda: plan_week(o))


def meet(o: SimulatedOrganisation, rep: SimulatedRep | None = None, contact: int | None = None) -> None:
    """Start a meeting, from a form that may be sent twice."""
    world, dice = o.world, o.world.dice
    rep = rep or dice.choice([rep for rep in o.reps if not rep.gone])
    contact = dice.randrange(CLIENTS) if contact is None else contact
    form_key = f"form {world.step}"
    new = NewMeeting(new_contact=_contact(o, contact, typed=dice.random() < 0.3), form_key=form_key)
    where = Fingerprint(network="rep's", browser=rep.name, whose=Browser.REPS)
    for _ in range(2 if dice.random() < 0.05 else 1):
        o.doing(lambda c: meetings.start_meeting(c, rep.id, new, where))
    _expect(o, rep, form_key)


def _contact(o: SimulatedOrganisation, number: int, *, typed: bool) -> NewContact:
    own = number == 5  # its address is one of our own people's
    email = f"rep1@{o.host}" if own else f"client{number}@clients-of-{o.host}"
    return NewContact(f"Client {number}", f"Account {number // 3}", email if typed else None)


def _expect(o: SimulatedOrganisation, rep: SimulatedRep, form_key: str) -> None:
    """Expect an answer for each invitation of a meeting that was really made."""
    world = o.world
    with world.db.reading() as session:
        meeting_id = meeting_by_form_key(session, o.id, rep.id, form_key)
        if meeting_id is None:
            return
        made = invitations_of_meeting(session, o.id, meeting_id, Reader.RULES, world.now())
    for each in made:
        answer = ExpectedAnswer(o, each.id, rep.id, each.contact_id, each.held_at, each.closes_at)
        o.answers.append(answer)
        reply(o, rep, answer, each.contact)
        guess(o, rep, answer)
        if world.dice.random() < 0.4:
            side, words = world.dice.choice(("rep", "client")), "Send the plan"
            due = world.now().date() + timedelta(days=world.dice.randrange(9))
            promise = NewPromise(side=side, words=words, due_on=due)
            o.doing(lambda c, i=each.contact_id, p=promise: promises.note_promise(c, meeting_id, i, p))


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
    phone.world.after(wait, f"{phone.name} taps anew", lambda: tap_through(phone))


def use_receipt(o: SimulatedOrganisation, answer: ExpectedAnswer) -> None:
    """Open the address of a receipt, and erase or dispute."""
    key = o.world.office.keys.get(answer.invitation_id)
    if key is None or answer.erased:
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
        world.after(seconds, f"{phone.name} taps", lambda said=said: phone.change(said))
    if dice.random() < 0.8:
        phone.then = lambda: _go_on(phone)
        world.after(seconds + 2, f"{phone.name} taps Done", lambda: phone.change({}, done=True))
    else:
        look_at(world, seconds + 620)


def _go_on(phone: Phone) -> None:
    """Answer the second page; later change, erase or dispute."""
    world, dice = phone.world, phone.world.dice
    phone.then = None
    look_at(world, 30)
    look_at(world, 700)
    if dice.random() < 0.6:
        world.after(9, f"{phone.name} sends the extras", lambda: _send_extras(phone))
    luck = dice.random()
    later = dice.choice((20, HOUR, 60 * HOUR))
    if luck < 0.1:
        said = {dice.choice(DIMENSIONS): dice.randint(1, 5)}
        world.after(later, f"{phone.name} changes the answer", lambda: phone.change(said))
    elif luck < 0.2:
        world.after(later, f"{phone.name} erases", phone.erase)
    elif luck < 0.24:
        world.after(later, f"{phone.name} disputes with the key", lambda: phone.dispute(with_key=True))


def _send_extras(phone: Phone) -> None:
    world, dice, answer = phone.world, phone.world.dice, phone.answer
    with world.db.reading() as session:
        extra = session.scalar(
            select(Feedback.extra).where(
                Feedback.organisation_id == answer.organisation.id,
                Feedback.invitation_id == answer.invitation_id,
                Feedback.side == Side.CLIENT,
            )
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


def meet_many(o: SimulatedOrganisation) -> None:
    """Many codes of one client in one day, as somebody does who wants a better score."""
    rep = o.reps[-1] if not o.reps[-1].gone else o.reps[0]
    contact = o.world.dice.randrange(CLIENTS)
    for number in range(4):
        o.world.after(number * 900, f"{o.name}: one more code", lambda: meet(o, rep, contact))


def manage(o: SimulatedOrganisation) -> None:
    """Look at the alerts and at the answers in doubt, and do something about some."""
    world, dice = o.world, o.world.dice
    manager = dice.choice(o.managers)
    with world.db.reading() as session:
        alerts = session.execute(
            select(Alert.id, Alert.closed_at)
            .where(Alert.organisation_id == o.id)
            .order_by(Alert.id.desc())
            .limit(12)
        ).all()
        doubted = session.execute(
            select(Feedback.invitation_id)
            .where(
                Feedback.organisation_id == o.id,
                (Feedback.counts == Counts.QUARANTINED) | Feedback.disputed_at.is_not(None),
                Feedback.settled_at.is_not(None),
            )
            .order_by(Feedback.id.desc())
            .limit(4)
        ).all()
    for row in dice.sample(alerts, min(3, len(alerts))):
        _handle(o, manager, row.id, closed=row.closed_at is not None)
    for row in doubted[:2]:
        if dice.random() < 0.5:
            accept = dice.random() < 0.5
            o.doing(lambda c, i=row.invitation_id, a=accept: decisions.decide_answer(
                c, i, manager, accept=a, reason="I called"), Invalid)  # fmt: skip
            world.touched += [answer for answer in o.answers if answer.invitation_id == row.invitation_id]


def _handle(o: SimulatedOrganisation, manager: UUID, alert_id: UUID, *, closed: bool) -> None:
    dice = o.world.dice
    outcome = dice.choice(tuple(Outcome))
    dimension = dice.choice(DIMENSIONS)
    do = dice.choice((
        lambda c: handle.take_alert(c, alert_id, manager),
        lambda c: handle.note_on_alert(c, alert_id, manager, "I shall call"),
        lambda c: handle.assign_practice(c, alert_id, manager, dimension=dimension, number=2),
        lambda c: handle.close_alert(c, alert_id, manager, outcome=outcome, words="Called"),
        lambda c: handle.close_alert(c, alert_id, manager, outcome=outcome, words="Called"),
    ))  # fmt: skip
    if closed:
        do = lambda c: handle.reopen_alert(c, alert_id, manager)  # noqa: E731
        if dice.random() < 0.6:
            return
    o.doing(do, Invalid)


def own(o: SimulatedOrganisation) -> None:
    """Change the settings, or the webhooks."""
    dice = o.world.dice
    what = dice.randrange(5)
    if what < 2:
        given = {
            "review_days": dice.choice((30, 60, 90)), "invitation_days": dice.choice((3, 14, 30)),
            "alert_due_days": dice.randrange(5), "workdays": "12345", "holidays": dice.choice(("", "DE")), "days_off": "",
            "reps_see_all": dice.random() < 0.5, "reps_weekly_mail": dice.random() < 0.3,
        }  # fmt: skip
        o.doing(lambda c: settings.change_settings(c, o.owner_id, given))
    elif what == 2 and len(o.hooks) < 4:
        ended = o.hooks[-1]
        o.doing(lambda c: end_webhook(c, ended, o.owner_id, "enough"))
        add_hook_later(o)
    elif what == 3:
        _resend(o)
    else:
        hook = o.hooks[-1]
        o.doing(
            lambda c: subscriptions.rotate_secret(c, hook, o.owner_id, mark=secret_mark(_secret(c, hook))),
            Invalid,
        )


def _secret(c: Change, hook: UUID) -> str:
    return subscriptions.locked_webhook(c.session, c.organisation_id, hook).secrets[0]


def add_hook_later(o: SimulatedOrganisation) -> None:
    """Subscribe anew; tried until it is done."""
    if not o.world.tried(lambda: add_hook(o), Invalid):
        o.world.after(HOUR, f"{o.name}: subscribes again", lambda: add_hook_later(o))


def _resend(o: SimulatedOrganisation) -> None:
    hook = o.hooks[-1]
    with o.world.db.reading() as session:
        delivery = session.scalar(
            select(WebhookDelivery.id)
            .where(WebhookDelivery.organisation_id == o.id, WebhookDelivery.webhook_id == hook)
            .order_by(WebhookDelivery.id.desc())
        )
    if delivery:
        o.doing(lambda c: subscriptions.resend_delivery(c, hook, delivery, o.owner_id), Invalid)


def upload_calendar(o: SimulatedOrganisation) -> None:
    """Upload what is planned, and start a meeting from it."""
    world, rep = o.world, o.reps[0]
    first = world.now() + timedelta(hours=1)
    emails = (f"client{world.dice.randrange(CLIENTS)}@clients-of-{o.host}",)
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
    """Let a rep join; once there are five, let one leave."""
    there = [rep for rep in o.reps if not rep.gone]
    if len(there) < 5:
        count = len(o.reps)
        if not o.world.tried(lambda: join(o, 0.8, 0.05)) and len(o.reps) == count:
            with o.world.db.reading() as session:  # it may have been added all the same
                known = session.scalar(
                    select(User.id).where(User.organisation_id == o.id, User.email == f"rep{count}@{o.host}")
                )
            if known:
                o.reps.append(SimulatedRep(known, f"Rep {count}", 0.8, 0.05))
        return
    leaves = o.world.dice.choice(there[1:])
    leaves.gone = True
    o.doing(lambda c: c.session.execute(
        update(User).where(User.organisation_id == o.id, User.id == leaves.id).values(ended_at=c.now)))  # fmt: skip


def look_at(world: World, seconds: float) -> None:
    """Let the worker look about then; those who want it within the same ten minutes want it once."""
    when = world.time + timedelta(seconds=seconds)
    slot = when.replace(minute=when.minute // 10 * 10, second=0, microsecond=0) + timedelta(minutes=10)
    if slot not in world.rounds:
        world.rounds.add(slot)
        world.at(slot, "the worker looks", world.look)
