"""Where a rep's calendar comes from, how reading it goes, and who is asked by mail by itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from feedback.core.asking import ASK_AFTER, WhyNoMail
from feedback.core.calendar.faults import CalendarFault, SourceKind, masked
from feedback.core.finding import holds_words
from feedback.models import RepCalendar
from feedback.models.encrypted import UnreadableSecret
from feedback.pages.calendar import EntryView, all_entries, asked_by_itself
from feedback.pages.not_mailed import why_not_mailed
from feedback.store.calendars import (
    asks_itself_since,
    calendar_of,
    calendars_of_reps,
    reps_with_a_choice,
)
from feedback.store.people import Rep, Viewer, all_reps

MOST_STRANGERS = 8


@dataclass(frozen=True, slots=True)
class CalendarSource:
    """What a rep sees of where the own calendar comes from."""

    kind: SourceKind | None = None  # None: there is no address
    shown: str = ""  # the address, without what is as good as a password
    user_name: str = ""
    read_at: datetime | None = None
    tried_at: datetime | None = None
    fault: CalendarFault | None = None
    fault_words: str | None = None
    failing_since: datetime | None = None
    stopped_at: datetime | None = None
    unread: int = 0
    named: tuple[str, ...] = ()  # titles of events that could not be read; "" for a private one
    own_emails: tuple[str, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether it has not been read yet, nor been tried."""
        return self.kind is not None and self.tried_at is None


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
    kind: SourceKind | None
    read_at: datetime | None  # None: no calendar
    fault: CalendarFault | None


def calendar_source(session: Session, viewer: Viewer) -> CalendarSource:
    """Return where a rep's own calendar comes from."""
    return _source(calendar_of(session, viewer.organisation_id, viewer.id))


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
    calendars = calendars_of_reps(session, organisation_id, [rep.id for rep in reps])
    return [
        RepAsks(
            rep,
            known.asks_itself if known else None,
            known.kind if known else None,
            known.read_at if known else None,
            known.fault if known else None,
        )
        for rep in reps
        for known in [calendars.get(rep.id)]
    ]


def _source(row: RepCalendar | None) -> CalendarSource:
    if row is None:
        return CalendarSource()
    try:
        shown = masked(row.address.text) if row.address else ""
        user_name = row.user_name.text if row.user_name else ""
    except UnreadableSecret:
        shown = user_name = ""
    return CalendarSource(
        kind=row.kind,
        shown=shown,
        user_name=user_name,
        read_at=row.read_at,
        tried_at=row.tried_at,
        fault=row.fault,
        fault_words=row.fault_words,
        failing_since=row.failing_since,
        stopped_at=row.stopped_at,
        unread=row.unread,
        named=tuple(row.named.split("\n")) if row.named is not None else (),
        own_emails=row.own_emails,
    )
