"""Past feedback from another tool. The file is read twice: once to find everything that is wrong with it, and
once to write it, so that nobody waits for the database meanwhile and memory does not grow with the file."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from feedback.actions.change import change
from feedback.core.access import Role
from feedback.core.dimensions import count_rated
from feedback.db.bulk import enlarge_sqlite_cache, refresh_statistics
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.imports.csv_rows import CsvRow
from feedback.imports.directory import Directory
from feedback.imports.disk_dict import DiskDict, digest
from feedback.imports.history.recompute import Touched, recompute_touched
from feedback.imports.history.row import COLUMNS, past_meeting
from feedback.imports.history.writer import MatchedMeeting, write_meetings
from feedback.imports.report import Problem, Problems, Progress, Report, Source, count_phrase, relaxed_gc
from feedback.models import Account, Contact, Feedback, Invitation, Meeting
from feedback.store.imports import roles_by_email, stored_answers
from feedback.store.organisations import locked_organisation

BATCH = 2000
CHECKED = 0.2  # how far the bar is then
WRITTEN = 0.7  # how far it is on the rest of its way; then the numbers are worked out


def import_history(
    db: Database, organisation_id: UUID, source: Source, dry_run: bool, now: datetime, progress: Progress
) -> Report:
    """All rows or none. Raises BadFile with every row that is wrong."""
    with relaxed_gc():
        share = 1.0 if dry_run else CHECKED
        found = _check(db, organisation_id, source, now, lambda part: progress(part * share))
        if dry_run or not found.added:
            progress(1.0)
            return found
        with change(db, organisation_id, now):
            pass  # weeks that are due are frozen by themselves: others need not wait for what follows
        with change(db, organisation_id, now) as c, enlarge_sqlite_cache(c.session):
            return _write_all(c, source, lambda part: progress(CHECKED + part * (1 - CHECKED)))


def _check(db: Database, organisation_id: UUID, source: Source, now: datetime, progress: Progress) -> Report:
    with db.reading() as session, closing(Reading(session, organisation_id, source, now)) as reading:
        for _ in reading.new_rows(progress):
            reading.clients.forget()
        return reading.report()


def _write_all(c: Change, source: Source, progress: Progress) -> Report:
    """Looks at every row once more: the file, or what is here, may have changed since the check."""
    locked_organisation(c.session, c.organisation_id)  # two imports into one organisation queue
    with closing(Touched()) as touched:
        with closing(Reading(c.session, c.organisation_id, source, c.now)) as reading:
            batches = reading.new_rows(lambda part: progress(part * WRITTEN))
            for number, batch in enumerate(batches, start=1):
                reading.clients.write()
                write_meetings(c, batch)
                touched.add(batch, c.zone)
                if number.bit_count() == 1:  # 1, 2, 4, 8…: as the tables double
                    refresh_statistics(c.session, Account, Contact, Meeting, Invitation, Feedback)
        recompute_touched(c, touched, lambda part: progress(WRITTEN + part * (1 - WRITTEN)))
    return reading.report()


class Reading:
    """One reading of the file: finds each row's rep and contact, and leaves out what is here already."""

    def __init__(self, session: Session, organisation_id: UUID, source: Source, now: datetime) -> None:
        self._session, self._organisation_id, self._source, self._now = session, organisation_id, source, now
        self._people = roles_by_email(session, organisation_id)
        self._seen = DiskDict()
        self._problems = Problems()
        self.clients = Directory(session, organisation_id, now)
        self.meetings = self.answers = self.mirrors = self.already = 0

    def new_rows(self, progress: Progress) -> Iterator[list[MatchedMeeting]]:
        """The rows to add, in batches. Raises BadFile at the end when any row was wrong."""
        for batch in self._source.batches(COLUMNS, BATCH, progress):
            found = [self._place(row) for row in batch]
            placed = [row for row in found if isinstance(row, MatchedMeeting)]
            wrong = [row for row in found if isinstance(row, Problem)]
            fresh = list(self._without_known(placed, wrong))
            self._problems.add(wrong)
            self._count(fresh)
            yield fresh
        self._problems.refuse()

    def report(self) -> Report:
        return Report(
            added=(
                *count_phrase(self.clients.accounts_added, "account", "accounts"),
                *count_phrase(self.clients.contacts_added, "contact", "contacts"),
                *count_phrase(self.meetings, "meeting", "meetings"),
                *count_phrase(self.answers, "client's answer", "clients' answers"),
                *count_phrase(self.mirrors, "mirror", "mirrors"),
            ),
            already=self.already,
        )

    def close(self) -> None:
        self._seen.close()
        self.clients.close()

    def _place(self, row: CsvRow) -> MatchedMeeting | Problem:
        if row.problem:
            return Problem(row.number, row.problem)
        meeting = past_meeting(row.cells, self._now)
        if isinstance(meeting, list):
            return Problem(row.number, "; ".join(meeting))
        rep_id, role = self._people.get(meeting.rep_email, (None, None))
        if rep_id is None:
            return Problem(row.number, f"rep_email: nobody here has the address {meeting.rep_email}")
        if role != Role.REP:
            return Problem(row.number, f"rep_email: {meeting.rep_email} is here as {role}, not as a rep")
        contact_id, new = self.clients.contact(meeting.account, meeting.contact, meeting.contact_email)
        key = digest(rep_id.bytes, contact_id.bytes, meeting.held_at.isoformat().encode())
        before = self._seen.row_before(key, row.number)
        if before is not None:
            return Problem(row.number, f"the same rep, contact and held_at as row {before}")
        return MatchedMeeting(row.number, meeting, rep_id, contact_id, new)

    def _without_known(self, placed: list[MatchedMeeting], wrong: list[Problem]) -> Iterator[MatchedMeeting]:
        """The rows that are not stored yet. One that is stored with other content is wrong."""
        could_be = (row.key for row in placed if not row.new_contact)
        known = stored_answers(self._session, self._organisation_id, could_be)
        for row in placed:
            stored = known.get(row.key)
            if stored is None:
                yield row
                continue
            differences = [[] if said is None else row.meeting.said.differs_from(said) for said in stored]
            if all(differences):
                columns = ", ".join(differences[0])
                wrong.append(
                    Problem(row.number, f"this meeting is here already, with something else in {columns}")
                )
            else:
                self.already += 1

    def _count(self, fresh: list[MatchedMeeting]) -> None:
        self.meetings += len(fresh)
        self.answers += sum(row.meeting.said.client_answered for row in fresh)
        self.mirrors += sum(count_rated(row.meeting.said.rep) > 0 for row in fresh)
