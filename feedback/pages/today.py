"""The four questions of a manager's day: who to call, what to train, who got better, what was promised and not kept."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import Session, col

from feedback.core.access import sees_all_teams
from feedback.core.alerts.reasons import Kind, Severity
from feedback.core.calendar.weeks import Week, week_on
from feedback.core.dimensions import NO_MEANS
from feedback.core.scoring.differences import moved
from feedback.core.scoring.ranking import VOICES_TO_RANK
from feedback.core.scoring.reps import DECIMALS, field_of_sums
from feedback.core.scoring.sums import RepSums, add_sides, side_means, side_of_at_least
from feedback.core.today import Stake, Training, stake, training, what_matters
from feedback.db.tenancy import references
from feedback.models import (
    Account,
    Activity,
    Contact,
    Feedback,
    FrozenWeek,
    Invitation,
    Meeting,
    Promise,
    Relationship,
    Side,
    Standing,
    Verdict,
)
from feedback.pages.accounts import accounts_among
from feedback.pages.alerts import OpenAlert, gravest_open_alerts
from feedback.pages.promises import PromiseView, promises_by_id
from feedback.pages.relationship_map import of_accounts
from feedback.store.handed_over import of_clients_looked_after
from feedback.store.invitations import InvitationView, invitations_by_ids
from feedback.store.people import Rep, Viewer, reps
from feedback.store.relationships import fresh_relationships, stored_relationships, was_answered
from feedback.store.rep_sums import field_now, sums_by_rep

SHOWN = 7  # lines of a list
MOST_VALUABLE = 40  # accounts that are looked at, beside all with an open alert
BETTER_OVER = 4  # weeks
PROMISED_WITHIN = timedelta(weeks=13)


@dataclass(frozen=True, slots=True)
class Call:
    """An account to be called today."""

    account_id: UUID
    account: str
    value: float | None  # a year; None where it is not known
    counted: float  # the value it is put in order by
    stake: Stake
    alert_id: UUID | None  # the gravest open alert
    alert_kind: Kind | None
    alert_severity: Severity | None
    loyalty: float | None  # of the account; None where it is not known, or may not be shown
    voices: float  # that loyalty rests on
    days: int | None  # since the last meeting
    contact: str | None  # whom to call: of the alert, else the least loyal one
    rep: str | None  # who met them last; None where it may not be shown
    last_words: InvitationView | None  # the latest answer of this contact with words

    @property
    def at_stake(self) -> float:
        """The part of the value that is at stake."""
        return self.stake.of(self.counted)


@dataclass(frozen=True, slots=True)
class Better:
    """A rep whose clients' loyalty rose beyond chance. It is not the score, which moves with everybody's."""

    rep: Rep
    before: float  # 0..100
    loyalty: float
    voices: float
    answers: int  # in these weeks


@dataclass(frozen=True, slots=True)
class Today:
    """A manager's day."""

    calls: list[Call]  # the most at stake first
    looked_at: int  # accounts that the calls were chosen from
    training: Training[UUID] | None
    teacher: Rep | None
    better: list[Better]  # who rose most first
    compared: int  # reps who could have
    weeks: tuple[Week, Week] | None  # from the end of which to the end of which; None before there are enough
    promises: list[PromiseView]  # not kept, then overdue ones, the latest first
    broken: int  # how many there are in all


def today_page(session: Session, viewer: Viewer, today: date, now: datetime) -> Today:
    """Return a manager's day, of the clients whom the own teams look after. Under a works agreement nobody is named or
    compared, and what is trained comes from at least five reps."""
    calls, looked_at = _calls(session, viewer, now)
    here = reps(session, viewer)
    found = _training(session, viewer, here, now)
    names = {rep.id: rep for rep in here}
    better, compared, weeks = _better(session, viewer, names)
    promises, broken = _promises(session, viewer, today, now)
    return Today(
        calls=calls,
        looked_at=looked_at,
        training=found,
        teacher=names.get(found.teacher) if found and found.teacher else None,
        better=better,
        compared=compared,
        weeks=weeks,
        promises=promises,
        broken=broken,
    )


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """What is known of an account."""

    id: UUID
    name: str
    value: float | None
    loyalty: float | None
    voices: float
    last_meeting_at: datetime | None
    review_days: int

    def days(self, viewer: Viewer, now: datetime) -> int | None:
        if self.last_meeting_at is None:
            return None
        zone = ZoneInfo(viewer.timezone)
        return (now.astimezone(zone).date() - self.last_meeting_at.astimezone(zone).date()).days


@dataclass(frozen=True, slots=True)
class _Person:
    """Whom to call."""

    relationship_id: UUID
    contact: str
    rep: str


def _calls(session: Session, viewer: Viewer, now: datetime) -> tuple[list[Call], int]:
    """Return whom to call, and of how many accounts they were chosen."""
    whose = of_clients_looked_after(session, viewer)
    alerts = gravest_open_alerts(session, viewer, MOST_VALUABLE, now)
    ids = {*_most_valuable(session, viewer, whose), *alerts}
    known = _known(session, viewer, ids, whose, now)
    values = [each.value for each in known if each.value is not None]
    usual, by_person = sum(values) / len(values) if values else 1.0, viewer.figures.by_person
    found = []
    for each in known:
        alert, days = alerts.get(each.id), each.days(viewer, now)
        silent = by_person and days is not None and days > each.review_days
        loyalty = each.loyalty if by_person else None
        why = stake(loyalty, alert.severity if alert else None, silent=silent)
        if why:
            found.append((each, why, loyalty, usual if each.value is None else each.value))
    found.sort(key=lambda one: (-one[1].of(one[3]), -one[1].percent, one[0].name, one[0].id))
    shown = found[:SHOWN]
    people = _people(session, {each.id: alerts.get(each.id) for each, *_ in shown}, viewer, whose)
    words = _last_words(session, viewer, [who.relationship_id for who in people.values()], now)
    return [
        _call(each, why, loyalty, counted, alerts.get(each.id), people.get(each.id), words, viewer, now)
        for each, why, loyalty, counted in shown
    ], len(known)


def _call(
    each: KnownAccount,
    why: Stake,
    loyalty: float | None,
    counted: float,
    alert: OpenAlert | None,
    who: _Person | None,
    words: Mapping[UUID, InvitationView],
    viewer: Viewer,
    now: datetime,
) -> Call:
    return Call(
        account_id=each.id,
        account=each.name,
        value=each.value,
        counted=counted,
        stake=why,
        alert_id=alert.id if alert else None,
        alert_kind=alert.kind if alert else None,
        alert_severity=alert.severity if alert else None,
        loyalty=loyalty,
        voices=each.voices,
        days=each.days(viewer, now) if viewer.figures.by_person else None,
        contact=who.contact if who else None,
        rep=who.rep if who and viewer.figures.by_person else None,
        last_words=words.get(who.relationship_id) if who else None,
    )


def _most_valuable(session: Session, viewer: Viewer, whose: ColumnElement[bool]) -> list[UUID]:
    """Return the accounts of the highest value where somebody is looked after."""
    statement = select(col(Account.id)).where(
        col(Account.organisation_id) == viewer.organisation_id,
        col(Account.archived_at).is_(None),
        col(Account.merged_at).is_(None),
    )
    if not sees_all_teams(viewer.role):
        theirs = (
            select(col(Contact.account_id))
            .select_from(Relationship)
            .join(Contact, references(Relationship, Relationship.contact_id, Contact))
            .where(col(Relationship.organisation_id) == viewer.organisation_id, whose)
        )
        statement = statement.where(col(Account.id).in_(theirs))
    order = func.coalesce(col(Account.value), 0.0).desc(), col(Account.id)
    return list(session.scalars(statement.order_by(*order).limit(MOST_VALUABLE)))


def _known(
    session: Session, viewer: Viewer, ids: Collection[UUID], whose: ColumnElement[bool], now: datetime
) -> list[KnownAccount]:
    """Return what is known of these accounts, of the relationships in `whose`. Those whose stored numbers are behind are
    read as they are."""
    loyalty, vote = col(Relationship.loyalty), col(Relationship.vote)
    votes = func.sum(case((loyalty.is_not(None), vote), else_=0.0))
    rows = session.execute(
        select(
            col(Account.id),
            col(Account.name),
            col(Account.value),
            col(Account.review_days),
            func.sum(vote * loyalty).label("total"),
            votes.label("votes"),
            func.max(col(Relationship.last_meeting_at)).label("last_meeting_at"),
        )
        .select_from(Account)
        .join(Contact, references(Contact, Contact.account_id, Account))
        .join(Relationship, references(Relationship, Relationship.contact_id, Contact))
        .where(
            col(Account.organisation_id) == viewer.organisation_id,
            col(Account.id).in_(ids),
            col(Account.archived_at).is_(None),
            col(Account.merged_at).is_(None),
            whose,
        )
        .group_by(col(Account.id), col(Account.name), col(Account.value), col(Account.review_days))
    ).all()
    stored = {
        row.id: KnownAccount(
            row.id,
            row.name,
            row.value,
            row.total / row.votes if row.votes else None,
            round(row.votes / viewer.scoring.weight(now), DECIMALS),
            row.last_meeting_at,
            row.review_days or viewer.review_days,
        )
        for row in rows
    }
    if not viewer.figures.by_person:
        return list(stored.values())  # what may be behind is not shown
    behind = {each.account_id for each in fresh_relationships(session, viewer, whose, now)}
    for each in accounts_among(session, viewer, [*(behind & stored.keys())], whose, now):
        sound = each.soundness
        stored[each.id] = KnownAccount(
            each.id,
            each.name,
            each.value,
            sound.loyalty,
            sound.voices,
            each.last_meeting_at,
            each.review_days,
        )
    return list(stored.values())


def _people(
    session: Session,
    alerts: Mapping[UUID, OpenAlert | None],
    viewer: Viewer,
    whose: ColumnElement[bool],
) -> dict[UUID, _Person]:
    """Return by account whom to call: who the alert is about, else the least loyal one who was heard, else whom somebody
    met last."""
    found = stored_relationships(
        session, viewer.organisation_id, whose & of_accounts(viewer, alerts) & _worst_of_account(viewer, alerts)
    ) if alerts else []  # fmt: skip
    people: dict[UUID, _Person] = {}
    for each in found:
        alert = alerts[each.account_id]
        if alert is None or alert.relationship_id == each.id or each.account_id not in people:
            people[each.account_id] = _Person(each.id, each.contact, each.now_with or each.rep)
    return people


def _worst_of_account(viewer: Viewer, alerts: Mapping[UUID, OpenAlert | None]) -> ColumnElement[bool]:
    """Return the condition on a relationship that an alert of its account is about it, or that it comes first there."""
    about = [alert.relationship_id for alert in alerts.values() if alert]
    without = [account_id for account_id, alert in alerts.items() if not alert]
    loyalty = col(Relationship.loyalty)
    place = func.row_number().over(
        partition_by=col(Contact.account_id),
        order_by=(
            case((loyalty.is_(None), 1), else_=0),
            loyalty,
            col(Relationship.last_meeting_at).desc(),
            col(Relationship.id),
        ),
    )
    ranked = (
        select(col(Relationship.id), place.label("place"))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .where(
            col(Relationship.organisation_id) == viewer.organisation_id, col(Contact.account_id).in_(without)
        )
        .subquery()
    )
    return col(Relationship.id).in_(about) | col(Relationship.id).in_(
        select(ranked.c.id).where(ranked.c.place == 1)
    )


def _last_words(
    session: Session, viewer: Viewer, relationship_ids: Collection[UUID], now: datetime
) -> dict[UUID, InvitationView]:
    """Return by relationship the latest answer with words that this person may be shown."""
    rows = session.execute(
        select(col(Relationship.id), col(Invitation.id).label("invitation_id"))
        .select_from(Relationship)
        .join(
            Invitation,
            (col(Invitation.organisation_id) == col(Relationship.organisation_id))
            & (col(Invitation.contact_id) == col(Relationship.contact_id)),
        )
        .join(
            Meeting,
            references(Invitation, Invitation.meeting_id, Meeting)
            & (col(Meeting.rep_id) == col(Relationship.rep_id)),
        )
        .join(Feedback, references(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Relationship.organisation_id) == viewer.organisation_id,
            col(Relationship.id).in_(relationship_ids),
            col(Feedback.side) == Side.CLIENT,
            col(Feedback.comment).is_not(None),
            was_answered(now),
        )
        .order_by(col(Meeting.held_at), col(Invitation.id))
    )
    latest = {row.id: row.invitation_id for row in rows}
    found = invitations_by_ids(session, viewer.organisation_id, list(latest.values()), viewer.reader, now)
    return {
        relationship_id: found[each]
        for relationship_id, each in latest.items()
        if each in found and found[each].client.comment
    }


def _training(session: Session, viewer: Viewer, here: list[Rep], now: datetime) -> Training[UUID] | None:
    scoring, all_teams = viewer.scoring, sees_all_teams(viewer.role)
    mine = {rep.id for rep in here}
    sums = sums_by_rep(session, viewer.organisation_id, scoring, now, None if all_teams else mine)
    field = (
        field_of_sums(each.voices for each in sums.values())
        if all_teams
        else field_now(session, viewer.organisation_id, scoring, now)
    )
    theirs: dict[UUID, RepSums] = {rep_id: each for rep_id, each in sums.items() if rep_id in mine}
    everybody = side_of_at_least((each.client for each in theirs.values()), viewer.figures.least)
    guessed = NO_MEANS
    if viewer.figures.by_person:
        guessed = side_means(add_sides(each.mirror for each in theirs.values()))
    return training(
        {rep_id: each.client for rep_id, each in theirs.items()} if viewer.figures.by_person else {},
        everybody,
        what_matters(side_means(everybody), guessed),
        guessed,
        field.sigma,
        scoring.weight(now),
    )


def _better(
    session: Session, viewer: Viewer, names: Mapping[UUID, Rep]
) -> tuple[list[Better], int, tuple[Week, Week] | None]:
    """Return whose clients' loyalty rose beyond chance from one frozen week to another, how many reps could have, and the weeks."""
    if not viewer.figures.by_person:
        return [], 0, None
    last = session.execute(
        select(col(FrozenWeek.monday), col(FrozenWeek.sigma))
        .where(col(FrozenWeek.organisation_id) == viewer.organisation_id)
        .order_by(col(FrozenWeek.monday).desc())
        .limit(1)
    ).first()
    if last is None:
        return [], 0, None
    until = week_on(last.monday)
    since = until.plus(-BETTER_OVER)
    before, after = (_loyalties(session, viewer, week, names) for week in (since, until))
    both = [rep_id for rep_id in after if rep_id in before and after[rep_id][1] >= VOICES_TO_RANK]
    if not both:
        return [], 0, None
    answers = _answers(session, viewer, since, until)
    found = [
        Better(names[each], before[each][0], *after[each], answers.get(each, 0))
        for each in both
        if after[each][0] > before[each][0]
        and moved(
            after[each][0] - before[each][0],
            answers.get(each, 0),
            after[each][1],
            last.sigma,
            among=len(both),
            prior=0.0,
        )
    ]
    found.sort(key=lambda one: (one.before - one.loyalty, one.rep.name, one.rep.id))
    return found[:SHOWN], len(both), (since, until)


def _loyalties(
    session: Session, viewer: Viewer, week: Week, names: Collection[UUID]
) -> dict[UUID, tuple[float, float]]:
    """Return (loyalty, voices) by rep of a frozen week."""
    rows = session.execute(
        select(col(Standing.rep_id), col(Standing.loyalty), col(Standing.voices)).where(
            col(Standing.organisation_id) == viewer.organisation_id, col(Standing.monday) == week.monday
        )
    )
    return {
        row.rep_id: (row.loyalty, row.voices)
        for row in rows
        if row.rep_id in names and row.loyalty is not None
    }


def _answers(session: Session, viewer: Viewer, since: Week, until: Week) -> dict[UUID, int]:
    rows = session.execute(
        select(col(Activity.rep_id), func.sum(col(Activity.answered)).label("answers"))
        .where(
            col(Activity.organisation_id) == viewer.organisation_id,
            col(Activity.monday) > since.monday,
            col(Activity.monday) <= until.monday,
        )
        .group_by(col(Activity.rep_id))
    )
    return {row.rep_id: row.answers for row in rows}


def _promises(session: Session, viewer: Viewer, today: date, now: datetime) -> tuple[list[PromiseView], int]:
    """Return what reps promised and what was not kept, by the client or by the calendar, in PROMISED_WITHIN; and how many
    there are."""
    told = col(Promise.judged_in_id).is_(None) | was_answered(now)
    since = today - PROMISED_WITHIN
    not_kept = (col(Promise.verdict) == Verdict.NOT_KEPT) & told
    still_open = col(Promise.verdict).is_(None) | (col(Promise.verdict) == Verdict.NOT_YET) | ~told
    overdue = still_open & (col(Promise.due_on) < today) & (col(Promise.due_on) >= since)
    lately = not_kept & (col(Promise.judged_at) >= now - PROMISED_WITHIN)
    chosen = (
        select(col(Promise.id), func.count().over().label("all"))
        .select_from(Promise)
        .join(Meeting, references(Promise, Promise.meeting_id, Meeting))
        .join(
            Relationship,
            (col(Relationship.organisation_id) == col(Meeting.organisation_id))
            & (col(Relationship.rep_id) == col(Meeting.rep_id))
            & (col(Relationship.contact_id) == col(Promise.contact_id)),
        )
        .outerjoin(Invitation, references(Promise, Promise.judged_in_id, Invitation))
        .where(
            col(Promise.organisation_id) == viewer.organisation_id,
            col(Promise.side) == Side.REP,
            overdue | lately,
            of_clients_looked_after(session, viewer),
        )
    )
    order = case((not_kept, 0), else_=1), col(Promise.due_on).desc(), col(Promise.id)
    rows = session.execute(chosen.order_by(*order).limit(SHOWN)).all()
    found = {each.id: each for each in promises_by_id(session, viewer, [row.id for row in rows], now)}
    return [found[row.id] for row in rows if row.id in found], rows[0].all if rows else 0
