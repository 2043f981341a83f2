"""Reps' calendars, read from their addresses: fetched in a thread of the worker, parsed in the process for calendars."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from zoneinfo import ZoneInfo

from flask import Flask

from feedback.actions.change import change
from feedback.calendar.address import Validators, claim, note_fault, note_reading, note_same
from feedback.calendar.planned import CalendarReading, window
from feedback.calendar.reader import READER
from feedback.config import Settings
from feedback.context import app_context
from feedback.core.calendar.faults import CalendarFault, SourceKind
from feedback.db.change import Invalid
from feedback.db.engine import Database
from feedback.models import CalendarAddress
from feedback.models.encrypted import UnreadableSecret
from feedback.pages.calendar import own_addresses
from feedback.sending.caldav import caldav_events
from feedback.sending.fetching import SECONDS, Budget, Unfetched, fetch
from feedback.store.calendars import DueCalendar, addresses_of_rep, due_calendars
from feedback.store.people import Viewer, viewer_of

log = logging.getLogger("feedback.calendars")
LOOK_EVERY = 2.0  # seconds
PARALLEL = 4  # calendars that are fetched in parallel
_AROUND = timedelta(days=2)  # the days that are kept: by other clocks it can be the day before, or after

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Come:
    """What came of fetching one calendar."""

    data: bytes | None = None  # None: nothing has changed
    validators: Validators = field(default_factory=Validators)
    fault: CalendarFault | None = None


def start_calendar_thread(app: Flask, stop: Event) -> Thread:
    """Start a thread that reads calendars until `stop` is set; a server that is slow delays no mail. One that is cut off
    is read when its claim has expired."""
    with app.app_context():
        context = app_context()

    def run() -> None:
        while not stop.is_set():
            try:
                read_calendars(context.db, context.settings, context.clock)
            except Exception:
                log.exception("this round of calendars failed; the next one tries again")
            stop.wait(LOOK_EVERY)

    thread = Thread(target=run, name="calendars", daemon=True)
    thread.start()
    return thread


def join_calendar_thread(thread: Thread) -> None:
    """Wait for what is being fetched."""
    thread.join(SECONDS + LOOK_EVERY)


def read_calendars(db: Database, settings: Settings, clock: Clock) -> int:
    """Read the calendars that are due (one round), and return how many were read well."""
    with db.reading() as session:
        waiting = due_calendars(session, clock())
    if not waiting:
        return 0
    with ThreadPoolExecutor(min(PARALLEL, len(waiting))) as pool:
        return sum(pool.map(lambda due: _read(db, settings.private_webhooks, clock, due), waiting))


def _read(db: Database, private: bool, clock: Clock, due: DueCalendar) -> bool:
    """Claim, fetch, parse and store one calendar; tell whether this worker read it well. Whatever goes wrong belongs to
    that calendar alone."""
    now = clock()
    with change(db, due.organisation_id, now) as c:
        if not claim(c, due.id, due.due_at):
            return False
    with db.reading() as session:
        every = addresses_of_rep(session, due.organisation_id, due.rep_id)
        known = next((each for each in every if each.id == due.id), None)
        viewer = viewer_of(session, due.organisation_id, due.rep_id)
        own = own_addresses(session, viewer) if viewer and viewer.is_rep else ()
    if known is None or viewer is None or not own:
        return False
    try:
        come = _fetched(known, viewer, now, private)
    except Exception:
        log.exception("a calendar could not be fetched")
        come = _Come(fault=CalendarFault.SERVER)
    reading: CalendarReading | None = None
    why: str | None = None
    if come.fault is None and come.data is not None:
        try:
            reading = READER.read(
                come.data,
                own_email=viewer.email,
                zone=ZoneInfo(viewer.timezone),
                now=now,
                aliases=own[1:],
                may_be_empty=True,
            )
        except Invalid as error:
            come, why = _Come(fault=CalendarFault.CALENDAR), error.reasons["calendar"]
    with change(db, due.organisation_id, clock()) as c:
        if come.fault:
            log.warning("a calendar was not read: %s", come.fault)
            note_fault(c, due.id, known.address.stored, come.fault, why)
        elif reading is None:
            note_same(c, due.id, known.address.stored)
        else:
            note_reading(c, due.id, known.address.stored, reading, come.validators)
    return come.fault is None


def _fetched(known: CalendarAddress, viewer: Viewer, now: datetime, private: bool) -> _Come:
    zone = ZoneInfo(viewer.timezone)
    try:
        address = known.address.text
        user_name = known.user_name.text if known.user_name else ""
        password = known.password.text if known.password else ""
    except UnreadableSecret:
        return _Come(fault=CalendarFault.KEY)
    try:
        if known.kind is SourceKind.CALDAV:
            first, last = window(now, zone)
            between = (first - _AROUND, last + _AROUND)
            return _Come(caldav_events(address, user_name, password, between, Budget(private)))
        return _file(known, address, zone, now, private)
    except Unfetched as error:
        return _Come(fault=error.fault)


def _file(known: CalendarAddress, address: str, zone: ZoneInfo, now: datetime, private: bool) -> _Come:
    """Fetch a file. Each day it is read as a whole once, though nothing has changed: the days that are kept have moved
    on, and meetings that repeat fall on new ones."""
    headers: dict[str, str] = {}
    read = known.read_whole_at
    if read and read.astimezone(zone).date() == now.astimezone(zone).date():
        headers |= {"If-None-Match": known.etag} if known.etag else {}
        headers |= {"If-Modified-Since": known.last_modified} if known.last_modified else {}
    found = fetch(address, headers, Budget(private))
    if found.status == 304:
        return _Come()
    return _Come(found.body, Validators(found.headers.get("etag"), found.headers.get("last-modified")))
