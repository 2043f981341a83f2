"""How a client is asked, and when a mail may ask."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from feedback.core.calendar.workdays import WorkingDays

REMIND_AFTER = 2  # working days
ASK_AFTER = timedelta(hours=2)  # the end of a meeting, where clients are asked by mail by itself
ASK_WITHIN = timedelta(hours=24)  # of then: whoever has not been asked by then is not asked by itself
HELD_DAYS = 14  # for so long a meeting that nobody was asked about is kept in mind
MAIL_EVERY = timedelta(days=14)  # at most one mail that asks, for each contact
MOST_IN_A_ROOM = 40  # contacts that a rep chooses for one code
MOST_GUESTS = 10  # of one code for a room: people whom the rep did not choose


class Way(StrEnum):
    """How a client was asked last, before anybody answered."""

    CODE = "code"  # the QR code, in the room
    LINK = "link"  # a line that the rep pastes or shares
    MAIL = "mail"  # we send it
    GROUP = "group"  # one code for a room, where each picks a name


class StopReason(StrEnum):
    """Why an address gets no mail that asks."""

    CLIENT = "client"  # whoever reads it stopped it; nobody else can take that back
    NOTED = "noted"  # somebody of the organisation noted that the client wants none
    REFUSED = "refused"  # the mail server took it for no address


def reminder_due(asked_at: datetime, zone: ZoneInfo, days: WorkingDays) -> datetime:
    """Return when a client is reminded who was asked at `asked_at`: two working days later, at the same time of day."""
    local = asked_at.astimezone(zone)
    day = local.date()
    for _ in range(REMIND_AFTER):
        day = days.after(day)
    return datetime.combine(day, time(local.hour, local.minute), zone)


def address_mark(organisation_id: UUID, email: str) -> str:
    """Return what is kept of an address that gets no mail, 64 letters: it outlives the contact, and names nobody."""
    return sha256(f"{organisation_id} {email.strip().casefold()}".encode()).hexdigest()


class WhyNoMail(StrEnum):
    """Why a contact cannot be asked by mail now."""

    NO_SERVER = "no_server"  # the organisation sends no mail, or has no public address
    EXAMPLE = "example"  # the clients of the example organisation are made up
    CLOSED = "closed"
    BEGUN = "begun"  # somebody has answered, or is answering
    ASKED = "asked"  # about this very meeting
    NO_ADDRESS = "no_address"
    STOPPED = "stopped"
    NOTED = "noted"
    REFUSED = "refused"
    TOO_SOON = "too_soon"  # within MAIL_EVERY of the last
    ARCHIVED = "archived"  # out of use: not asked by itself
    GUESS_FIRST = "guess_first"  # of a room nobody hears who has answered before the guess


_OF_STOPS = {
    StopReason.CLIENT: WhyNoMail.STOPPED,
    StopReason.NOTED: WhyNoMail.NOTED,
    StopReason.REFUSED: WhyNoMail.REFUSED,
}


@dataclass(frozen=True, slots=True)
class AskedByMail:
    """What decides whether a contact may be asked by mail about one invitation."""

    email: str | None
    stop: StopReason | None
    last_at: datetime | None  # of the last mail that asked this address, about whatever meeting
    example: bool  # the organisation is the example
    closed: bool
    begun: bool
    asked: bool  # about this very meeting, by mail
    kept_back: bool = False  # the rep may not know yet whether somebody of a room has answered


def why_no_mail(asked: AskedByMail, now: datetime) -> WhyNoMail | None:
    """Return why a contact is not asked by mail now; None when it may be."""
    reasons = (
        (asked.kept_back, WhyNoMail.GUESS_FIRST),
        (asked.begun, WhyNoMail.BEGUN),
        (asked.closed, WhyNoMail.CLOSED),
        (asked.asked, WhyNoMail.ASKED),
        (asked.example, WhyNoMail.EXAMPLE),
        (not asked.email, WhyNoMail.NO_ADDRESS),
        (asked.stop is not None, _OF_STOPS.get(asked.stop or StopReason.CLIENT, WhyNoMail.STOPPED)),
        (asked.last_at is not None and now < asked.last_at + MAIL_EVERY, WhyNoMail.TOO_SOON),
    )
    return next((why for applies, why in reasons if applies), None)
