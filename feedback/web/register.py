"""What is kept, why, and for how long: out of the constants by which it is deleted."""

from dataclasses import dataclass
from datetime import timedelta

from feedback.actions.api_tokens import REPLAYS_FOR
from feedback.actions.audit import NETWORKS_FOR
from feedback.actions.sign_ups import HOLDS_FOR
from feedback.actions.taken_back import KNOWN_FOR
from feedback.actions.trust import MARKS_KEPT
from feedback.core.asking import HELD_DAYS
from feedback.core.links import LINK_HOLDS
from feedback.core.password_links import BY_MAIL_FOR
from feedback.core.reserved import KNOWN_FOR as RESERVED_FOR
from feedback.core.reserved import USABLE_FOR
from feedback.core.sessions import IDLE, LONGEST
from feedback.core.sign_in_links import LINK_FOR
from feedback.db.counters import WINDOW
from feedback.imports.jobs import KEPT_FOR
from feedback.models import Organisation


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of the register."""

    what: str
    why: str
    how_long: str


def register(organisation: Organisation) -> list[Kept]:
    """Return all that is kept about people, with the organisation's own settings."""
    return [
        Kept("Ratings and sealed guesses", "What the scores are made of", "For good; the client may erase an answer"),
        Kept("What clients write, what they are told, and notes about alerts", "For the rep and the managers to act on",
             _months(organisation.keep_comments_months)),
        Kept("What became of clients, with a reason", "To see whether alerts are right",
             "For good; the reason " + _months(organisation.keep_comments_months).casefold()),
        Kept("Names and addresses of client contacts", "To ask them, and to send a receipt",
             _months(organisation.keep_names_months, " after the last meeting")),
        Kept("Second names and addresses of contacts that were joined", "To know them in calendars and files",
             "As long as the contact's own"),
        Kept("Names and addresses of people who sign in", "To sign in, and to be told of alerts",
             _months(organisation.keep_names_months, " after they left")),
        Kept("Past weeks", "So that a ranking can be looked up", "For good, without names of their own"),
        Kept("Marks of a client’s phone, network and browser, scrambled", "To notice one person answering for many",
             _span(MARKS_KEPT)),
        Kept("Network and browser of a rep at a meeting, scrambled", "To compare answers with", _span(MARKS_KEPT)),
        Kept("Sign-ins: browser in words, network scrambled", "To stay signed in, and to end that elsewhere",
             f"{_span(LONGEST)}, or {_span(IDLE)} without use"),
        Kept("Second factors, encrypted; recovery codes, scrambled; passkeys’ names and public keys", "To sign in safely",
             "Until the person removes them"),
        Kept("The number by which the company’s own sign-in knows somebody", "To let the same person in",
             "Until that sign-in is removed"),
        Kept("Attempts to sign in, scrambled", "To slow down guessing", _span(WINDOW)),
        Kept("Links to join", "To choose a password", f"Good for {_span(LINK_HOLDS)}"),
        Kept("Links to sign in, and a mark of the browser that asked", "To sign in without a password", _span(LINK_FOR)),
        Kept("Links for a forgotten password", "To choose a new one", f"Good for {_span(BY_MAIL_FOR)}"),
        Kept("Sign-ups that nobody confirmed", "To make an organisation", _span(HOLDS_FOR)),
        Kept("Calendar entries", "To find the code of a meeting, and those that nobody was asked about", f"{HELD_DAYS} days after their day"),
        Kept("Where a rep’s calendar is read from, encrypted", "To read it automatically", "Until the rep removes it, or is erased"),
        Kept("That a meeting of a calendar was held, without names", "To tell about how many somebody asked", "For good"),
        Kept("That an address is not to be mailed, scrambled", "To ask nobody who stopped the mails", "For good"),
        Kept("Codes that were taken back", "To tell whoever scans one", _span(KNOWN_FOR)),
        Kept("Codes reserved on a rep’s phone, and the names shown there lately", "To begin a meeting without a network",
             f"{_span(USABLE_FOR)}, or until they sign out; the code itself {_span(RESERVED_FOR)}"),
        Kept("Tokens of other programs, scrambled, and when each was used last", "To let them in, and to end that",
             "Until the person is erased"),
        Kept("What the API answered to a request with a key, encrypted", "To do nothing twice", _span(REPLAYS_FOR)),
        Kept("Files to be imported", "To check them first", _span(KEPT_FOR)),
        Kept("What came of each of their rows", "To show it first, and to undo an import", _span(KEPT_FOR)),
        Kept("Audit log", "To show who did what", "For good; names go with whoever is erased"),
        Kept("Networks in the audit log, scrambled", "To tell one attacker from many", _span(NETWORKS_FOR)),
        Kept("Addresses of chat channels, encrypted", "To post alerts and the weekly board there",
             "Until an owner removes the channel"),
        Kept("That something was posted to a chat channel, without its words", "To post nothing twice, and to say what went wrong",
             "Until the channel is removed"),
        Kept("Mails sent, with their addresses", "To send none twice, and to say what went wrong",
             "Until the person is erased"),
    ]  # fmt: skip


def _months(months: int, since: str = "") -> str:
    if not months:
        return "Until erased"
    return f"{months} {'month' if months == 1 else 'months'}{since}"


def _span(time: timedelta) -> str:
    """Return a time in words; in days from two days on."""
    minutes = int(time.total_seconds() / 60)
    for unit, size in (("day", 1440), ("hour", 60)):
        if minutes % size == 0 and (minutes > size or unit == "hour"):
            return f"{minutes // size} {unit}{'' if minutes == size else 's'}"
    return f"{minutes} minutes"
