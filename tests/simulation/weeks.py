"""What happens in a week of an organisation."""

from simulation.managers import manage, own
from simulation.organisation import SimulatedOrganisation
from simulation.owners import see_to_clients
from simulation.reps import come_and_go, meet, meet_many, upload_calendar
from simulation.rooms import meet_in_a_room
from simulation.world import HOUR


def plan_week(o: SimulatedOrganisation) -> None:
    """Let what happens in a week happen at some time of it."""
    world, dice = o.world, o.world.dice
    for what, often, do in (
        ("a rep meets somebody", o.size.meetings, meet),
        ("a manager looks", o.size.visits, manage),
        ("the owner changes something", 0.15, own),
        ("the owner sees to clients", 0.1 + o.size.visits / 10, see_to_clients),
        ("a rep meets a few in a room", o.size.meetings / 60, meet_in_a_room),
        ("a calendar is uploaded", 0.05, upload_calendar),
        ("a rep meets many in a day", o.size.meetings / 100, meet_many),
        ("somebody joins or leaves", 0.05, come_and_go),
    ):
        times = int(often) + (dice.random() < often % 1)
        for _ in range(times):
            hours = 24 * dice.choice((0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6)) + dice.uniform(0, 11)
            world.after(hours * HOUR, f"{o.name}: {what}", lambda do=do: do(o))
    world.after(7 * 24 * HOUR, f"{o.name}: a week begins", lambda: plan_week(o))
