"""The entry point of every import from a CSV file: all rows or none."""

from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from feedback.actions.change import change
from feedback.db.change import Change, Invalid
from feedback.db.engine import Database
from feedback.imports.accounts import import_accounts
from feedback.imports.history.reading import import_history
from feedback.imports.ledger import Ledger
from feedback.imports.outcomes import import_outcomes
from feedback.imports.people import import_people
from feedback.imports.report import DryRun, Ending, Instructions, Progress, Report, Source, record_import
from feedback.imports.workbook import WrongWorkbook, refuse_other_files


class ImportKind(StrEnum):
    PEOPLE = "people"
    ACCOUNTS = "accounts"
    HISTORY = "history"
    OUTCOMES = "outcomes"


_LISTS = {
    ImportKind.PEOPLE: import_people,
    ImportKind.ACCOUNTS: import_accounts,
    ImportKind.OUTCOMES: import_outcomes,
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
        with closing(Source(file, chosen)) as source:

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
