"""Import of past feedback. The file is read twice: once to find everything that is wrong with it, and once to
write it, so that the check does not block the database and memory use does not grow with the file."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from feedback.actions.change import change
from feedback.core.access import Role
from feedback.core.dimensions import count_rated
from feedback.core.text import quoted
from feedback.db.bulk import enlarge_sqlite_cache, refresh_statistics
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.imports.cells import Moments
from feedback.imports.csv_rows import CsvRow
from feedback.imports.directory import Directory
from feedback.imports.disk_dict import DiskDict, digest
from feedback.imports.history.recompute import Touched, recompute_touched
from feedback.imports.history.row import COLUMNS, NEEDED, past_meeting
from feedback.imports.history.writer import MatchedMeeting, write_meetings
from feedback.imports.ledger import Noted, whole
from feedback.imports.report import (
    Ending,
    Instructions,
    LostLetters,
    Problem,
    Problems,
    Progress,
    Report,
    Source,
    count_phrase,
    problem_of,
    relaxed_gc,
)
from feedback.models import Account, Contact, Feedback, Invitation, Meeting
from feedback.store.imports import roles_by_email, stored_answers
from feedback.store.organisations import locked_organisation, organisation

BATCH = 2000
CHECKED = 0.2  # progress after the check, 0..1
WRITTEN = 0.7  # of the rest, when all is written; then the numbers are calculated


def import_history(
    db: Database,
    organisation_id: UUID,
    source: Source,
    *,
    dry_run: bool,
    now: datetime,
    progress: Progress,
    how: Instructions,
    at_end: Ending,
) -> Report:
    """Import all rows or none. Raises BadFile with every row that is wrong. at_end: called at the end of the
    transaction that writes."""
    with relaxed_gc():
        share = 1.0 if dry_run else CHECKED
        found = _check(db, organisation_id, source, now, lambda part: progress(part * share), how)
        if dry_run or not found.added:
            progress(1.0)
            return found
        with change(db, organisation_id, now):
            pass  # weeks that are due are frozen by themselves: others need not wait for what follows
        with change(db, organisation_id, now) as c, enlarge_sqlite_cache(c.session):
            report = _write_all(c, source, lambda part: progress(CHECKED + part * (1 - CHECKED)), how)
            at_end(c, report)
            return report


def _check(
    db: Database,
    organisation_id: UUID,
    source: Source,
    now: datetime,
    progress: Progress,
    how: Instructions,
) -> Report:
    with db.reading() as session, closing(Reading(session, organisation_id, source, now, how)) as reading:
        for _ in reading.new_rows(progress):
            reading.clients.forget()
        return reading.report()


def _write_all(c: Change, source: Source, progress: Progress, how: Instructions) -> Report:
    """Check every row once more and write it: the file, or what is stored, may have changed since the first
    check."""
    locked_organisation(
        c.session, c.organisation_id, key_share=True
    )  # two imports into one organisation queue
    how.book.forget()
    with closing(Touched()) as touched:
        with closing(Reading(c.session, c.organisation_id, source, c.now, how)) as reading:
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
    """One reading of the file: finds each row's rep and contact, and leaves out what is stored already."""

    def __init__(
        self, session: Session, organisation_id: UUID, source: Source, now: datetime, how: Instructions
    ) -> None:
        self._ledger = how.book
        self._session, self._organisation_id, self._source = session, organisation_id, source
        zone = ZoneInfo(organisation(session, organisation_id).timezone)
        self._moments = Moments(now, zone)
        self._people = roles_by_email(session, organisation_id)
        self._seen = DiskDict()
        self._problems = Problems(how.book)
        self.clients = Directory(session, organisation_id, now, how.choices)
        self._lost = LostLetters()
        self.meetings = self.answers = self.mirrors = self.already = 0

    def new_rows(self, progress: Progress) -> Iterator[list[MatchedMeeting]]:
        """Return the rows to add, in batches. Raises BadFile at the end when any row was wrong."""
        for batch in self._source.batches(COLUMNS, BATCH, progress, NEEDED):
            found = [self._match(row) for row in batch]
            matched = [row for row in found if isinstance(row, MatchedMeeting)]
            wrong = [row for row in found if isinstance(row, Problem)]
            new = list(self._without_known(self._once(matched, wrong), wrong))
            self._problems.add(wrong)
            self._count(new)
            yield new
        self._problems.refuse()

    def report(self) -> Report:
        """Return what was read so far."""
        return Report(
            added=(
                *count_phrase(self.clients.accounts_added, "account", "accounts"),
                *count_phrase(self.clients.contacts_added, "contact", "contacts"),
                *count_phrase(self.meetings, "meeting", "meetings"),
                *count_phrase(self.answers, "client's answer", "clients' answers"),
                *count_phrase(self.mirrors, "mirror", "mirrors"),
            ),
            already=self.already,
            notes=tuple(self._notes()),
        )

    def _notes(self) -> Iterator[str]:
        if assumed := self._moments.assumed:
            yield f"Times without a zone were read as {self._moments.zone}'s: {assumed} of them."
        if shared := self.clients.shared:
            yield (
                f"{quoted(self.clients.sharer)} {'shares' if shared == 1 else f'and {shared - 1} more share'} an e-mail "
                "address with somebody else of the same account: the names were taken as different people."
            )
        yield from self._lost.notes()

    def close(self) -> None:
        """Close the temporary files."""
        self._seen.close()
        self.clients.close()

    def _match(self, row: CsvRow) -> MatchedMeeting | Problem:
        if row.problem:
            return Problem(row.number, row.problem)
        meeting = past_meeting(row.cells, self._moments)
        if isinstance(meeting, list):
            return Problem(row.number, "; ".join(meeting))
        self._lost.look(row.number, meeting.said.comment)
        rep_id, role = self._people.get(meeting.rep_email, (None, None))
        if rep_id is None:
            return Problem(row.number, f"rep_email: nobody here has the address {meeting.rep_email}")
        if role != Role.REP:
            return Problem(row.number, f"rep_email: {meeting.rep_email} is here as {role}, not as a rep")
        self.clients.answers.row = row.number
        try:
            found = self.clients.contact(meeting.account, meeting.contact, meeting.contact_email)
        except ValueError as error:
            return problem_of(row.number, error)
        return MatchedMeeting(row.number, meeting, rep_id, found, *self.clients.done_for_row())

    def _once(self, matched: list[MatchedMeeting], wrong: list[Problem]) -> list[MatchedMeeting]:
        """Return the rows that were not in the file before. Others are added to `wrong`."""
        before = self._seen.rows_before(
            [
                (digest(rep.bytes, contact.bytes, held_at.isoformat().encode()), row.number)
                for row in matched
                for rep, contact, held_at in (row.key,)
            ]
        )
        if not before:
            return matched
        same = "the same rep, contact and held_at as row"
        wrong += [Problem(number, f"{same} {first}") for number, first in before.items()]
        return [row for row in matched if row.number not in before]

    def _without_known(self, matched: list[MatchedMeeting], wrong: list[Problem]) -> Iterator[MatchedMeeting]:
        """Return the rows that are not stored yet. One that is stored with other content is added to
        `wrong`."""
        could_be = (row.key for row in matched if not row.new_contact)
        known = stored_answers(self._session, self._organisation_id, could_be)
        for row in matched:
            stored = known.get(row.key)
            if stored is None:
                self._note(row, new=True)
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
                self._note(row, new=False)

    def _count(self, new: list[MatchedMeeting]) -> None:
        self.meetings += len(new)
        self.answers += sum(row.meeting.said.client_answered for row in new)
        self.mirrors += sum(count_rated(row.meeting.said.rep) > 0 for row in new)

    def _note(self, row: MatchedMeeting, new: bool) -> None:
        """Note what comes of a row: a meeting that is new, or here already; and whom it belongs to."""
        if not self._ledger.kept:
            return
        meeting, found = row.meeting, row.contact
        noted = Noted(
            row.number, whole((meeting.contact, meeting.account, meeting.held_at.isoformat()[:16] + "Z"))
        )
        noted.made, noted.left_out = new, not new
        noted.asks = row.number in self.clients.answers.answered
        noted.changed = any(before is not None for _, _, before, _ in row.deeds) and not found.new
        noted.says = list(row.says)
        if not found.new:
            noted.joined = True
            noted.says.append(f"Joined by {found.by} to {self.clients.called(found.id)}")
        if new:
            sides = (
                "answer" if meeting.said.client_answered else "",
                "guess" if count_rated(meeting.said.rep) else "",
            )
            noted.says.append(f"New meeting of {meeting.rep_email}, with {whole(sides) or 'nothing said'}")
            noted.meeting_id = str(row.meeting_id)
        else:
            noted.says.append("This meeting is here already")
        noted.deeds = row.deeds
        self._ledger.note(noted)
