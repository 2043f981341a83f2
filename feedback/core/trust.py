"""Signals that an answer may not be the client's own. Each is shown in words; none removes an answer
silently."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from feedback.core.dimensions import Ratings, count_rated

CONTACTS_PER_DEVICE = 3
HURRIED = timedelta(seconds=4)  # six ratings within so long of opening the page
# Contacts of one rep with the same six ratings in one day; two may be two delighted clients.
ALIKE = 3


class Signal(StrEnum):
    """Something noticed about how an answer came in; labels.SIGNAL_WORDS says it in words."""

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
    GUEST = "guest"


STRONG = frozenset({Signal.REPS_BROWSER, Signal.ONE_DEVICE, Signal.REP_BEGAN_AGAIN, Signal.GUEST})
# Shown, and nothing else: two clients with the same phone model in the same office have the same network and
# browser, and somebody types the address of every new contact.
NOT_LISTED = frozenset({Signal.SAME_PLACE, Signal.NEW_ADDRESS})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How an answer came in."""

    ratings: Ratings
    opened_at: datetime | None = None  # when the page reported that it was opened; None if it did not
    complete_at: datetime | None = None  # when the sixth rating came in
    scripted: bool = True  # sent by the page's own script
    from_outside: bool = True  # came over the network at all
    handed_over: bool = False  # given on the rep's phone, after a hand-over
    same_place: bool = False  # the same network and browser as the rep's
    contacts_on_device: int = 0  # contacts that this device mark answered for, with this one; 0 when unknown
    reps_device: bool = False  # the device mark is of a phone that a rep has used as a rep
    alike: int = 0  # contacts of the rep with these six ratings that day, with this one
    held_at: datetime | None = None  # when the meeting began
    # When a rep typed the contact's e-mail address; None when it came otherwise.
    address_typed_at: datetime | None = None
    own_address: bool = False  # the contact's address is that of a user of the organisation
    guest: bool = False  # somebody in a room who was not among those that the rep chose


def signals_of(c: Circumstances) -> frozenset[Signal]:
    """Return the signals in an answer's circumstances, beside those noticed at each tap (a rep's own browser,
    an answer begun again).

    Strong: a phone that a rep has used as a rep, without a hand-over; one device mark for three or more
    contacts (a phone that is handed over is expected to answer for many); somebody in a room whom the rep did not choose. Weak: the same network and browser
    as the rep's; all six taps within 4 seconds of opening; the same six ratings from three or more contacts
    of one rep in one day; a hand-over; sent without the page's script or its "opened" report; an e-mail
    address that the rep typed when or after the meeting began, or that is a user's of the organisation.
    """
    complete = count_rated(c.ratings) == len(c.ratings)
    since_opened = c.complete_at - c.opened_at if c.complete_at and c.opened_at else None
    typed_by_rep = (
        c.address_typed_at is not None and c.held_at is not None and c.address_typed_at >= c.held_at
    )
    typed_at_start = c.address_typed_at == c.held_at
    hurried = complete and since_opened is not None and timedelta() <= since_opened <= HURRIED
    found = {
        Signal.REPS_BROWSER: c.reps_device and not c.handed_over,
        Signal.ONE_DEVICE: c.contacts_on_device >= CONTACTS_PER_DEVICE and not c.handed_over,
        Signal.SAME_PLACE: c.same_place and not c.handed_over,
        Signal.HURRIED: hurried,
        Signal.ALIKE: complete and c.alike >= ALIKE,
        Signal.HANDED_OVER: c.handed_over,
        Signal.NO_SCRIPT: c.from_outside and (not c.scripted or c.opened_at is None),
        Signal.TYPED_ADDRESS: typed_by_rep and not typed_at_start,
        Signal.NEW_ADDRESS: typed_by_rep and typed_at_start,
        Signal.OWN_ADDRESS: c.own_address,
        Signal.GUEST: c.guest,
    }
    return frozenset(signal for signal, present in found.items() if present)


def quarantined(signals: Iterable[Signal]) -> bool:
    """Tell whether an answer is quarantined: with a strong signal it is kept and shown, and does not count
    until a manager has decided."""
    return not STRONG.isdisjoint(signals)


def unusual(signals: Iterable[Signal]) -> bool:
    """Tell whether there is a weak signal to list; the answer counts all the same. NOT_LISTED signals are not
    listed."""
    return bool(set(signals) - STRONG - NOT_LISTED)
