"""The audit log, for an organisation's owners."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select, true
from sqlmodel import Session, col

from feedback.core.access import Forbidden
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Audit, User
from feedback.store.people import Viewer

LONGEST_VALUE = 80  # characters of a value that are shown


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is looked for; None for everything."""

    person: UUID | None = None  # who did it, or whom it was done to
    kind: str | None = None
    first: date | None = None  # days in the organisation's time zone
    last: date | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry as an owner sees it."""

    id: UUID
    at: datetime
    who: str | None  # None for the program, or somebody outside
    what: str  # an AuditKind
    about_id: UUID | None
    about_name: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    network: str | None

    @property
    def changes(self) -> list[tuple[str, str | None, str | None]]:
        """Return (name, before, after) of each value; None where one is not there."""
        before, after = self.before or {}, self.after or {}
        return [
            (name, _shown(before, name), _shown(after, name)) for name in dict.fromkeys((*before, *after))
        ]


def audit_lines(
    session: Session, viewer: Viewer, wanted: AuditFilter, after: UUID | None, take: int
) -> list[AuditLine]:
    """Return `take` entries of the viewer's own organisation, the newest first. after: the id of the entry that they
    follow. Raises Forbidden for anybody but an owner."""
    if not viewer.is_owner:
        raise Forbidden("the audit log is for owners")
    statement = (
        select(
            col(Audit.id),
            col(Audit.created_at).label("at"),
            col(User.name).label("who"),
            col(Audit.what),
            col(Audit.about_id),
            col(Audit.about_name),
            col(Audit.before),
            col(Audit.after),
            col(Audit.network),
        )
        .outerjoin(User, references(Audit, Audit.user_id, User))
        .where(col(Audit.organisation_id) == viewer.organisation_id, *_conditions(viewer, wanted))
        .order_by(col(Audit.id).desc())
        .limit(take)
    )
    if after is not None:
        statement = statement.where(col(Audit.id) < after)
    return views(AuditLine, session.execute(statement))


def every_audit_line(
    session: Session, viewer: Viewer, wanted: AuditFilter, at_once: int = 1000
) -> Iterator[AuditLine]:
    """Return all entries, read so many at a time."""
    after: UUID | None = None
    while found := audit_lines(session, viewer, wanted, after, at_once):
        yield from found
        after = found[-1].id


def _conditions(viewer: Viewer, wanted: AuditFilter) -> list[ColumnElement[bool]]:
    zone = ZoneInfo(viewer.timezone)
    return [
        or_(col(Audit.user_id) == wanted.person, col(Audit.about_id) == wanted.person)
        if wanted.person
        else true(),
        col(Audit.what) == wanted.kind if wanted.kind else true(),
        col(Audit.created_at) >= datetime.combine(wanted.first, time.min, zone) if wanted.first else true(),
        col(Audit.created_at) < datetime.combine(wanted.last + timedelta(days=1), time.min, zone)
        if wanted.last
        else true(),
    ]


def _shown(values: dict[str, Any], name: str) -> str | None:
    if name not in values:
        return None
    value = values[name]
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
