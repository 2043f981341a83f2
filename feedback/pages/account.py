"""One account: its people, what they said over time, and its open alerts."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.access import answer_access, sees_all_teams
from feedback.core.accounts import loyalty_line
from feedback.core.alerts.reasons import meeting_loyalty
from feedback.core.calendar.weeks import week_of
from feedback.core.scoring.relationships import Moment
from feedback.db.tenancy import references
from feedback.models import Alert, Contact, Invitation, Meeting, Relationship
from feedback.pages.accounts import AccountView
from feedback.pages.relationship_map import of_accounts
from feedback.store.answered import answer_exists
from feedback.store.given import contacts_given
from feedback.store.handed_over import of_clients_looked_after
from feedback.store.history import PastInvitation, history
from feedback.store.people import Viewer
from feedback.store.relationships import RelationshipView

WEEKS = 26


@dataclass(frozen=True, slots=True)
class ContactAt:
    """Somebody at an account."""

    id: UUID
    name: str
    role: str | None
    email: str | None
    erased: bool
    archived: bool
    relationships: list[RelationshipView]  # with this contact, those the viewer may see


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """One client answer."""

    invitation_id: UUID
    held_at: datetime
    contact: str
    rep: str
    loyalty: float  # of this answer alone, 0..100
    counts: bool  # False while quarantined, and when set aside


@dataclass(frozen=True, slots=True)
class AccountHistory:
    """What was said at an account over time."""

    answers: list[PastAnswer]  # the latest first
    # (moment, loyalty of the account then): the ends of 26 weeks and now, oldest first; loyalty 0..100, None
    # before the first answer
    line: list[tuple[datetime, float | None]]


def contacts_at(session: Session, viewer: Viewer, account: AccountView) -> list[ContactAt]:
    """Return the people of an account by name: those whom reps the viewer may see met or are to meet; for an owner also
    those whom nobody met."""
    met: defaultdict[UUID, list[RelationshipView]] = defaultdict(list)
    for each in account.relationships:
        met[each.contact_id].append(each)
    rows = session.execute(
        select(
            col(Contact.id),
            col(Contact.name),
            col(Contact.role),
            col(Contact.email),
            col(Contact.erased_at),
            col(Contact.archived_at),
        )
        .where(
            col(Contact.organisation_id) == viewer.organisation_id,
            col(Contact.account_id) == account.id,
            col(Contact.merged_at).is_(None),
        )
        .order_by(col(Contact.name), col(Contact.id))
    )
    sees_all = sees_all_teams(viewer.role)
    given = set() if sees_all else contacts_given(session, viewer, account.id)
    return [
        ContactAt(
            row.id,
            row.name,
            row.role,
            row.email,
            row.erased_at is not None,
            row.archived_at is not None,
            met[row.id],
        )
        for row in rows
        if row.id in met or ((sees_all or row.id in given) and row.erased_at is None)
    ]


def count_account_alerts(session: Session, viewer: Viewer, account_id: UUID) -> int:
    """Count the open alerts of the account's relationships that the viewer may see."""
    found = session.scalar(
        select(func.count())
        .select_from(Alert)
        .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
        .where(
            col(Alert.organisation_id) == viewer.organisation_id,
            col(Alert.closed_at).is_(None),
            of_clients_looked_after(session, viewer),
            of_accounts(viewer, [account_id]),
        )
    )
    return found or 0


def account_history(session: Session, viewer: Viewer, account: AccountView, now: datetime) -> AccountHistory:
    """Return what the account's people said to reps whom the viewer may see, and the account's loyalty over
    half a year."""
    between = {(r.rep_id, r.contact_id): r for r in account.relationships}
    past = history(
        session,
        viewer.organisation_id,
        col(Meeting.rep_id).in_({rep_id for rep_id, _ in between})
        & col(Invitation.contact_id).in_({contact_id for _, contact_id in between})
        & answer_exists(),
        now,
    )
    moments: defaultdict[tuple[UUID, UUID], list[Moment]] = defaultdict(list)
    for each in past:
        moments[each.rep_id, each.contact_id].append(each.moment())
    ends = [*_week_ends(now, ZoneInfo(viewer.timezone)), now]
    line = loyalty_line(moments.values(), ends, viewer.scoring)
    settled = [each for each in past if answer_access(viewer.reader, each.answer).whole]
    answers = [_answer(each, between[each.rep_id, each.contact_id]) for each in settled]
    return AccountHistory(
        sorted(answers, key=lambda a: (a.held_at, a.invitation_id), reverse=True),
        list(zip(ends, line, strict=True)),
    )


def _answer(past: PastInvitation, between: RelationshipView) -> PastAnswer:
    return PastAnswer(
        past.invitation_id,
        past.held_at,
        between.contact,
        between.rep,
        meeting_loyalty(past.client) or 0.0,
        past.counts,
    )


def _week_ends(now: datetime, zone: ZoneInfo) -> list[datetime]:
    running = week_of(now, zone)
    return [running.plus(-back).starts(zone) for back in range(WEEKS - 1, -1, -1)]
