"""An organisation, its people, and every answer that was asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from feedback.actions import people as people_actions
from feedback.actions import settings
from feedback.actions.change import change
from feedback.actions.people import NewOrganisation, NewUser
from feedback.db.change import Change
from feedback.models.webhook import Event
from feedback.webhooks import subscriptions
from simulation.phones import ExpectedAnswer
from simulation.world import BEGAN, World

MANAGED = "North"  # the team of a manager, where there is one


@dataclass(frozen=True)
class Size:
    """How much happens in an organisation. meetings, visits (of a manager): a week. managed: whether there is a manager
    beside the owner. hooked: whether systems of its own are told."""

    meetings: float
    visits: float
    clients: int
    reps: int
    managed: bool
    hooked: bool


BUSY = Size(meetings=4, visits=2, clients=12, reps=3, managed=True, hooked=True)
SMALL = Size(meetings=1, visits=0.7, clients=6, reps=2, managed=True, hooked=True)
QUIET = Size(meetings=0.4, visits=0.4, clients=3, reps=1, managed=False, hooked=False)
SIZES = (BUSY, SMALL, SMALL, SMALL, QUIET, QUIET, QUIET, QUIET)
FEW = (SMALL, QUIET, QUIET, QUIET)  # for `make test`: a busy year takes as long as eight quiet ones


@dataclass
class SimulatedRep:
    """A rep. seals: how likely a mirror is sealed at all; cheats: how likely an answer is the rep's own."""

    id: UUID
    name: str
    seals: float
    cheats: float
    team: str
    joined: datetime
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
    size: Size
    host: str
    reps: list[SimulatedRep] = field(default_factory=list)
    managers: list[UUID] = field(default_factory=list)
    answers: list[ExpectedAnswer] = field(default_factory=list)
    hooks: list[UUID] = field(default_factory=list)
    receipts: bool = True  # clients get receipts
    reps_weekly: bool = False  # reps get a weekly mail
    addresses: dict[str, str] = field(default_factory=dict)  # of contacts, by name, once they were typed
    handed_over: set[tuple[UUID, UUID]] = field(
        default_factory=set
    )  # (rep, contact) whom another rep looks after, or did
    joined: set[UUID] = field(default_factory=set)  # contacts that are one with another, or were
    weekly: set[tuple[UUID, date]] = field(default_factory=set)  # the weekly mails that are promised

    def changing(self) -> Any:
        """Open a change on this organisation now."""
        return change(self.world.db, self.id, self.world.now())

    def doing(self, do: Callable[[Change], Any], *expected: type[Exception]) -> None:
        """Do one action in a change of its own, as a view does."""

        def once() -> None:
            with self.changing() as c:
                do(c)

        self.world.persistently(once, *expected)

    def told_of(self, rep_id: UUID) -> UUID:
        """Return who is promised a mail about a rep's urgent alerts: the team's manager, or the owner where it has none."""
        team = next(rep.team for rep in self.reps if rep.id == rep_id)
        return self.managers[-1] if team == MANAGED else self.owner_id

    def promise_weekly(self, now: datetime) -> None:
        """Take notice that the jobs of the day ran: from Monday 07:00 on everybody who was there then is promised a mail about
        the week before. Nobody of the example organisation is."""
        local = now.astimezone(self.zone)
        monday = local.date() - timedelta(days=local.weekday())
        due = datetime.combine(monday, time(7), self.zone)
        if self.demo or local < due or monday <= BEGAN.date():
            return
        there = [rep.id for rep in self.reps if self.reps_weekly and not rep.gone and rep.joined < due]
        self.weekly |= {(who, monday - timedelta(days=7)) for who in {*self.managers, *there}}


def found(world: World, name: str, zone: str, size: Size, *, demo: bool, began: Any) -> SimulatedOrganisation:
    """Set an organisation up, with an owner, a manager, three reps and perhaps a webhook."""
    host = f"{name.lower()}.example"
    new = NewOrganisation(name, f"Owner of {name}", f"owner@{host}", "password", zone, demo=demo)
    organisation_id, owner_id = people_actions.set_up(world.db, new, began)
    o = SimulatedOrganisation(world, name, organisation_id, owner_id, ZoneInfo(zone), demo, size, host)
    for seals, cheats in ((0.4, 0.25), (0.7, 0.05), (0.95, 0.0))[: size.reps]:
        join(o, seals, cheats)
    o.managers = [owner_id]
    if size.managed:
        _add_manager(o)
    if size.hooked:
        add_hook(o)
    if world.dice.random() < 0.1:
        _send_no_receipts(o)
    return o


def _send_no_receipts(o: SimulatedOrganisation) -> None:
    with o.changing() as c:
        settings.change_settings(c, o.owner_id, {"receipts": False})
    o.receipts = False


def _add_manager(o: SimulatedOrganisation) -> None:
    new = NewUser(f"Manager of {o.name}", f"manager@{o.host}", "manager", "password", (MANAGED,))
    with o.changing() as c:
        o.managers.append(people_actions.add_user(c, new))


def join(o: SimulatedOrganisation, seals: float, cheats: float) -> None:
    """Add a rep."""
    number = len(o.reps)
    team = (MANAGED, "South")[number % 2]
    new = NewUser(f"Rep {number}", f"rep{number}@{o.host}", "rep", "password", (team,))
    with o.changing() as c:
        rep = SimulatedRep(people_actions.add_user(c, new), new.name, seals, cheats, team, c.now)
        o.world.db.when_committed(lambda: o.reps.append(rep))


def add_hook(o: SimulatedOrganisation) -> None:
    """Subscribe a receiver to all events."""
    url = f"https://{o.host}/hook{len(o.hooks)}"
    with o.changing() as c:
        hook_id = subscriptions.add_webhook(c, o.owner_id, url, tuple(Event))
        o.world.db.when_committed(lambda: o.hooks.append(hook_id))
