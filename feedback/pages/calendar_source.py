"""Where a rep's calendar comes from, how reading it goes, and who is asked by mail by itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlmodel import Session

from feedback.core.asking import ASK_AFTER, WhyNoMail
from feedback.core.calendar.faults import CalendarFault, SourceKind, masked
from feedback.core.finding import holds_words
from feedback.models import CalendarAddress, RepCalendar
from feedback.models.encrypted import UnreadableSecret
from feedback.pages.calendar import EntryView, all_entries, asked_by_itself
from feedback.pages.not_mailed import why_not_mailed
from feedback.store.calendars import (
    addresses_of_rep,
    addresses_of_reps,
    asks_itself_since,
    calendar_of,
    calendars_of_reps,
    reps_with_a_choice,
)
from feedback.store.people import Rep, Viewer, all_reps

MOST_STRANGERS = 8


@dataclass(frozen=True, slots=True)
class CalendarSource:
    """What a rep sees of an address that the own calendar is read from."""

    id: UUID
    name: str  # as the rep calls it, else the server's
    typed_name: str
    kind: SourceKind
    shown: str  # the address, without what is as good as a password
    user_name: str
    read_at: datetime | None
    tried_at: datetime | None
    fault: CalendarFault | None
    fault_words: str | None
    failing_since: datetime | None
    stopped_at: datetime | None
    paused_at: datetime | None
    unread: int
    named: tuple[str, ...]  # titles of events that could not be read; "" for a private one

    @property
    def waits(self) -> bool:
        """Whether it has not been read yet, nor been tried."""
        return self.tried_at is None


@dataclass(frozen=True, slots=True)
class CalendarSources:
    """What a rep sees of where the own calendar comes from."""

    addresses: tuple[CalendarSource, ...] = ()  # none: it is uploaded, if there is any
    unread: int = 0  # events of the upload that could not be read
    named: tuple[str, ...] = ()
    own_emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItselfView:
    """A meeting about which clients are asked by mail by itself, or were."""

    entry: EntryView
    due_at: datetime
    mailed: tuple[str, ...]  # the names of those who would be mailed as of now
    why: tuple[tuple[str, WhyNoMail], ...]  # names, and why not


@dataclass(frozen=True, slots=True)
class RepAsks:
    """What an owner sees of one rep's calendar, and whether that rep's clients are asked by mail by itself."""

    rep: Rep
    asks_itself: bool | None  # None: as the organisation has it
    addresses: int  # that the calendar is read from
    read_at: datetime | None  # None: no calendar
    fault: CalendarFault | None  # of one of them


def calendar_sources(session: Session, viewer: Viewer) -> CalendarSources:
    """Return where a rep's own calendar comes from."""
    whole = calendar_of(session, viewer.organisation_id, viewer.id)
    rows = addresses_of_rep(session, viewer.organisation_id, viewer.id)
    return CalendarSources(
        tuple(_source(row) for row in rows),
        whole.unread if whole and not rows else 0,
        _titles(whole.named) if whole and not rows else (),
        whole.own_emails if whole else (),
    )


def calendar_read_at(whole: RepCalendar | None, addresses: Sequence[CalendarAddress]) -> datetime | None:
    """Return since when nothing new is known of one of a rep's calendars; None where there is none. One that has not been
    read yet tells nothing."""
    known = [each.read_at for each in addresses if each.read_at]
    return min(known, default=None) if addresses else whole.read_at if whole else None


def strangers_met(session: Session, viewer: Viewer) -> list[str]:
    """Return the addresses that come most often to a rep's meetings and belong to nobody known: the rep's own, maybe.
    Raises Forbidden for anybody but a rep."""
    times = Counter(email for entry in all_entries(session, viewer) for email in entry.unmatched)
    return [
        email for email, _ in sorted(times.items(), key=lambda each: (-each[1], each[0]))[:MOST_STRANGERS]
    ]


def itself_of(session: Session, viewer: Viewer, now: datetime) -> list[ItselfView] | None:
    """Return about which of a rep's meetings clients are asked by mail by itself, or were, in order of time; None where
    that is off. Raises Forbidden for anybody but a rep."""
    since = asks_itself_since(session, viewer.organisation_id, viewer.id)
    if since is None:
        return None
    found = []
    for entry in asked_by_itself(session, viewer, since, now):
        why = why_not_mailed(session, viewer.organisation_id, entry.contacts, now)
        found.append(
            ItselfView(
                entry,
                entry.ends_at + ASK_AFTER,
                tuple(each.name for each in entry.contacts if each.id not in why),
                tuple((each.name, why[each.id]) for each in entry.contacts if each.id in why),
            )
        )
    return found


def reps_who_ask(session: Session, organisation_id: UUID, words: str, chosen: bool) -> list[Rep]:
    """Return the reps with these words in name or address, by name. chosen: only those who have a choice of their own."""
    own = reps_with_a_choice(session, organisation_id) if chosen else None
    found = [
        rep
        for rep in all_reps(session, organisation_id)
        if (own is None or rep.id in own) and holds_words(f"{rep.name} {rep.email}", words)
    ]
    return sorted(found, key=lambda rep: (rep.name.casefold(), rep.id))


def who_asks(session: Session, organisation_id: UUID, reps: Sequence[Rep]) -> list[RepAsks]:
    """Return of these reps whether clients are asked by mail by itself, and whether there is a calendar."""
    ids = [rep.id for rep in reps]
    calendars = calendars_of_reps(session, organisation_id, ids)
    addresses = addresses_of_reps(session, organisation_id, ids)
    return [
        RepAsks(
            rep,
            known.asks_itself if known else None,
            len(mine),
            calendar_read_at(known, mine),
            next((each.fault for each in mine if each.fault), None),
        )
        for rep in reps
        for known, mine in [(calendars.get(rep.id), addresses.get(rep.id, []))]
    ]


def _source(row: CalendarAddress) -> CalendarSource:
    try:
        shown = masked(row.address.text)
        user_name = row.user_name.text if row.user_name else ""
    except UnreadableSecret:
        shown = user_name = ""
    return CalendarSource(
        id=row.id,
        name=row.name or urlsplit(shown).hostname or "…",
        typed_name=row.name,
        kind=row.kind,
        shown=shown,
        user_name=user_name,
        read_at=row.read_at,
        tried_at=row.tried_at,
        fault=row.fault,
        fault_words=row.fault_words,
        failing_since=row.failing_since,
        stopped_at=row.stopped_at,
        paused_at=row.paused_at,
        unread=row.unread,
        named=_titles(row.named),
    )


def _titles(named: str | None) -> tuple[str, ...]:
    return tuple(named.split("\n")) if named is not None else ()
