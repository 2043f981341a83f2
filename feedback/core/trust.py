"""Signals that an answer may not be the client's own. Each is shown in words; none drops an answer silently."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from feedback.core.dimensions import Ratings, rated

CONTACTS_PER_DEVICE = 3
HURRIED = timedelta(seconds=4)
# Contacts of one rep with the same six ratings in one day; two delighted clients are no sign of anything.
ALIKE = 3


class Signal(StrEnum):
    """What was noticed about an answer."""

    REPS_BROWSER = "reps_browser"
    ONE_DEVICE = "one_device"
    SAME_PLACE = "same_place"
    HURRIED = "hurried"
    ALIKE = "alike"
    HANDED_OVER = "handed_over"


STRONG = frozenset({Signal.REPS_BROWSER, Signal.ONE_DEVICE})
# Two clients with the same phone model in the same office look alike by network and browser: shown, no more.
QUIET = frozenset({Signal.SAME_PLACE})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How an answer came in. contacts_on_device: contacts this device mark answered for, this one included,
    0 when unknown. alike: contacts of the rep with these six ratings that day, this one included."""

    ratings: Ratings
    opened_at: datetime | None
    rated_at: datetime
    reps_browser: bool = False
    handed_over: bool = False
    same_place: bool = False
    contacts_on_device: int = 0
    alike: int = 0


def signals_of(c: Circumstances) -> frozenset[Signal]:
    """Strong: answered in a browser where a rep is signed in and no hand-over was chosen; one device mark
    for three or more contacts (a phone that is handed over is expected to answer for many). Weak: the same
    network and browser as the rep's; all six taps within 4 seconds of opening; the same six ratings from
    several contacts of one rep in one day; hand-over."""
    complete = rated(c.ratings) == len(c.ratings)
    hurried = complete and c.opened_at is not None and c.rated_at - c.opened_at <= HURRIED
    found = {
        Signal.REPS_BROWSER: c.reps_browser and not c.handed_over,
        Signal.ONE_DEVICE: c.contacts_on_device >= CONTACTS_PER_DEVICE and not c.handed_over,
        Signal.SAME_PLACE: c.same_place and not c.handed_over,
        Signal.HURRIED: hurried,
        Signal.ALIKE: complete and c.alike >= ALIKE,
        Signal.HANDED_OVER: c.handed_over,
    }
    return frozenset(signal for signal, there in found.items() if there)


def quarantined(signals: Iterable[Signal]) -> bool:
    """An answer with a strong signal is kept and shown, and does not count until a manager has looked."""
    return not STRONG.isdisjoint(signals)


def unusual(signals: Iterable[Signal]) -> bool:
    """Weak signals count, and are listed."""
    return bool(set(signals) - STRONG - QUIET)
