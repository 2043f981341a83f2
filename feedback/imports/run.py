"""The entry point of every import from a CSV file: all rows or none."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from feedback.actions.change import change
from feedback.db.change import Change, Invalid
from feedback.db.engine import Database
from feedback.imports import accounts, outcomes, people
from feedback.imports.history import row as history
from feedback.imports.history.reading import import_history
from feedback.imports.ledger import Ledger
from feedback.imports.report import (
    BadFile,
    DryRun,
    Ending,
    Instructions,
    Progress,
    Report,
    Source,
    record_import,
)
from feedback.imports.workbook import WrongWorkbook, refuse_other_files


class ImportKind(StrEnum):
    PEOPLE = "people"
    ACCOUNTS = "accounts"
    HISTORY = "history"
    OUTCOMES = "outcomes"


# The columns that a file of a kind may have, and those it must have; the kinds that need most of them first.
HEADERS: dict[ImportKind, tuple[Sequence[str], Sequence[str]]] = {
    ImportKind.HISTORY: (history.COLUMNS, history.NEEDED),
    ImportKind.OUTCOMES: (outcomes.COLUMNS, outcomes.NEEDED),
    ImportKind.PEOPLE: (people.COLUMNS, people.NEEDED),
    ImportKind.ACCOUNTS: (accounts.COLUMNS, accounts.NEEDED),
}
_LISTS = {
    ImportKind.PEOPLE: people.import_people,
    ImportKind.ACCOUNTS: accounts.import_accounts,
    ImportKind.OUTCOMES: outcomes.import_outcomes,
}


def import_file(
    db: Database,
    organisation_id: UUID,
    kind: ImportKind,
    file: BinaryIO,
    *,
    chosen: Mapping[str, str] | None = None,
    how: Instructions | None = None,
    dry_run: bool = False,
    now: datetime,
    progress: Progress = lambda part: None,
    at_end: Ending | None = None,
) -> Report:
    """Import a file, or in a dry run report what it would do. The same file twice changes nothing.

    chosen: what the file calls our columns, where somebody chose. at_end: called at the end of the transaction that
    writes; without it the audit log is told. Raises BadFile with the rows that are wrong, and Invalid for a file that
    cannot be read, or when somebody else wrote the same at the same time; nothing was imported then.
    """
    if how is None or how.ledger is None:
        with closing(Ledger(kept=False)) as ledger:
            how = replace(how or Instructions(), ledger=ledger)
            return import_file(
                db, organisation_id, kind, file, chosen=chosen, how=how, dry_run=dry_run, now=now, progress=progress,
                at_end=at_end,
            )  # fmt: skip

    def told(c: Change, report: Report) -> None:
        record_import(c, kind, report, how)

    ending = at_end or told
    try:
        refuse_other_files(file)
        with closing(Source(file, chosen)) as source, _told_of(source, kind):

            def end(c: Change, report: Report) -> None:
                ending(c, replace(report, notes=(*report.notes, *source.notes)))

            if kind is ImportKind.HISTORY:
                report = import_history(
                    db,
                    organisation_id,
                    source,
                    dry_run=dry_run,
                    now=now,
                    progress=progress,
                    how=how,
                    at_end=end,
                )
            else:
                with suppress(DryRun), change(db, organisation_id, now) as c:
                    report = _LISTS[kind](c, source, progress, how)
                    if dry_run:
                        raise DryRun
                    end(c, report)
            return replace(report, notes=(*report.notes, *source.notes))
    except WrongWorkbook as error:
        raise Invalid(file=str(error)) from error
    except IntegrityError as error:
        raise Invalid(
            file="Somebody added the same at the same time. Nothing was imported; run it again."
        ) from error


@contextmanager
def _told_of(source: Source, kind: ImportKind) -> Iterator[None]:
    """Let a file that is refused say what was assumed, and whether it is one of another kind."""
    try:
        yield
    except BadFile as error:
        error.notes = tuple(source.notes)
        others = (other for other in HEADERS if other is not kind)
        if error.for_header:
            error.meant = next((other for other in others if source.has_columns(*HEADERS[other])), None)
        raise
