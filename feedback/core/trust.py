"""Signals that an answer may not be the client's own. Each is shown in words; none drops an answer silently."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from feedback.core.dimensions import Ratings, count_rated

CONTACTS_PER_DEVICE = 3
HURRIED = timedelta(seconds=4)
# Contacts of one rep with the same six ratings in one day; two delighted clients are no sign of anything.
ALIKE = 3


class Signal(StrEnum):
    """What was noticed about an answer."""

    REPS_BROWSER = "reps_browser"
    ONE_DEVICE = "one_device"
    REP_BEGAN_AGAIN = "rep_began_again"
    SAME_PLACE = "same_place"
    HURRIED = "hurried"
    ALIKE = "alike"
    HANDED_OVER = "handed_over"
    NO_SCRIPT = "no_script"
    TYPED_ADDRESS = "typed_address"
    NEW_ADDRESS = "new_address"
    OWN_ADDRESS = "own_address"
    BEGUN_AGAIN = "begun_again"
    CHANGED_BY_MAIL = "changed_by_mail"
    TAKEN_BACK = "taken_back"


STRONG = frozenset({Signal.REPS_BROWSER, Signal.ONE_DEVICE, Signal.REP_BEGAN_AGAIN})
# Two clients with the same phone model in the same office look alike by network and browser, and every new contact's
# address is typed by somebody: shown, no more.
QUIET = frozenset({Signal.SAME_PLACE, Signal.NEW_ADDRESS})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How an answer came in. opened_at: when the page told that it was opened, None if it did not. complete_at:
    when the sixth rating came in. scripted: by the page's own script. from_outside: over the network at all. contacts_on_device: contacts this device mark
    answered for, this one included, 0 when unknown. reps_device: the mark is of a phone that a rep has used as such.
    alike: contacts of the rep with these six ratings that day, this one included. held_at: when the meeting began.
    address_typed_at: when a rep typed the contact's e-mail address, None when it came otherwise. own_address: it is one
    of our own people's."""

    ratings: Ratings
    opened_at: datetime | None = None
    complete_at: datetime | None = None
    scripted: bool = True
    from_outside: bool = True
    handed_over: bool = False
    same_place: bool = False
    contacts_on_device: int = 0
    reps_device: bool = False
    alike: int = 0
    held_at: datetime | None = None
    address_typed_at: datetime | None = None
    own_address: bool = False


def signals_of(c: Circumstances) -> frozenset[Signal]:
    """What an answer's circumstances tell, beside what was noticed at each tap (a rep's own browser, a new begin).

    Strong: a phone that a rep has used as such, without a hand-over; one device mark for three or more contacts (a
    phone that is handed over is expected to answer for many). Weak: the same network and browser as the rep's; all
    six taps within 4 seconds of opening; the same six ratings from several contacts of one rep in one day; hand-over;
    sent without the page's script or its "opened"; an e-mail address that the rep typed after the meeting began, or
    that is one of our own people's.
    """
    complete = count_rated(c.ratings) == len(c.ratings)
    since_opened = c.complete_at - c.opened_at if c.complete_at and c.opened_at else None
    typed = c.address_typed_at is not None and c.held_at is not None and c.address_typed_at >= c.held_at
    as_it_began = c.address_typed_at == c.held_at
    hurried = complete and since_opened is not None and timedelta() <= since_opened <= HURRIED
    found = {
        Signal.REPS_BROWSER: c.reps_device and not c.handed_over,
        Signal.ONE_DEVICE: c.contacts_on_device >= CONTACTS_PER_DEVICE and not c.handed_over,
        Signal.SAME_PLACE: c.same_place and not c.handed_over,
        Signal.HURRIED: hurried,
        Signal.ALIKE: complete and c.alike >= ALIKE,
        Signal.HANDED_OVER: c.handed_over,
        Signal.NO_SCRIPT: c.from_outside and (not c.scripted or c.opened_at is None),
        Signal.TYPED_ADDRESS: typed and not as_it_began,
        Signal.NEW_ADDRESS: typed and as_it_began,
        Signal.OWN_ADDRESS: c.own_address,
    }
    return frozenset(signal for signal, there in found.items() if there)


def quarantined(signals: Iterable[Signal]) -> bool:
    """An answer with a strong signal is kept and shown, and does not count until a manager has looked."""
    return not STRONG.isdisjoint(signals)


def unusual(signals: Iterable[Signal]) -> bool:
    """Weak signals count, and are listed."""
    return bool(set(signals) - STRONG - QUIET)
