"""Health of the instrument: sums over complete answers, added up by the database."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlmodel import Session, col

from feedback.core.access import Role, figure_access
from feedback.core.asking import Way
from feedback.core.dimensions import DIMENSIONS, HIGHEST
from feedback.core.evidence.health import AnswerSums, GroupHealth, RepWays, group_health, room_against_mail
from feedback.core.scoring.groups import groups_of_at_least
from feedback.db.tenancy import references
from feedback.models import Feedback, Invitation, Meeting, Side, User
from feedback.models.feedback import Counts
from feedback.pages.evidence.frame import EvidenceScope

AFAR = (Way.MAIL, Way.LINK)


@dataclass(frozen=True, slots=True)
class SummedAnswers:
    """Sums over the complete answers of one rep in one language by one way of asking."""

    rep_id: UUID
    team_id: UUID | None
    language: str
    afar: bool
    sums: AnswerSums


def health_section(session: Session, scope: EvidenceScope) -> dict[str, Any]:
    """Return how sound all answers are, those of each team and of each language, and of each rep the room against mail; of
    groups of at least five reps, and of no rep, under a works agreement."""
    access = figure_access(Role.OWNER, works_agreement=scope.works_agreement)
    rows = summed_answers(session, scope)
    return {
        "all": [_stored(each) for each in _by(rows, access.least, lambda _: "")],
        "teams": [
            _stored(each)
            for each in _by(rows, access.least, lambda row: str(row.team_id or ""), wording=False)
        ],
        "languages": [_stored(each) for each in _by(rows, access.least, lambda row: row.language)],
        "reps": [asdict(each) for each in room_against_mail(_ways(rows))] if access.by_person else [],
    }


def _stored(found: tuple[list[str], GroupHealth]) -> dict[str, Any]:
    names, health = found
    return {**asdict(health), "names": names}


def _by(
    rows: Iterable[SummedAnswers], least: int, name: Callable[[SummedAnswers], str], *, wording: bool = True
) -> list[tuple[list[str], GroupHealth]]:
    of_group: Mapping[str, list[SummedAnswers]] = defaultdict(list)
    for row in rows:
        of_group[name(row)].append(row)
    found = []
    for names in groups_of_at_least({each: len(_reps_of(some)) for each, some in of_group.items()}, least):
        some = [row for one in names for row in of_group[one]]
        ways = {afar: [row for row in some if row.afar is afar] for afar in (False, True)}
        told = all(len(_reps_of(each)) >= least for each in ways.values())
        room_and_afar = RepWays("", _added(ways[False]), _added(ways[True])) if told else None
        found.append(
            (list(names), group_health(_added(some), len(_reps_of(some)), room_and_afar, wording=wording))
        )
    return sorted(found, key=lambda pair: (-pair[1].answers, pair[0]))


def _reps_of(rows: Iterable[SummedAnswers]) -> set[UUID]:
    return {row.rep_id for row in rows}


def _added(rows: Iterable[SummedAnswers]) -> AnswerSums:
    return reduce(add, (row.sums for row in rows), AnswerSums())


def _ways(rows: Iterable[SummedAnswers]) -> list[RepWays]:
    found: dict[UUID, dict[bool, AnswerSums]] = {}
    for row in rows:
        ways = found.setdefault(row.rep_id, {True: AnswerSums(), False: AnswerSums()})
        ways[row.afar] += row.sums
    return [RepWays(str(rep), ways[False], ways[True]) for rep, ways in sorted(found.items())]


def summed_answers(session: Session, scope: EvidenceScope) -> list[SummedAnswers]:
    """Return the sums over the complete answers that count, a row for each rep, language and way."""
    ratings = [col(getattr(Feedback, name)) for name in DIMENSIONS]
    total = reduce(add, ratings)
    straight = and_(*(each == ratings[0] for each in ratings[1:]))
    afar = case((col(Invitation.way).in_(AFAR), 1), else_=0)
    language = func.coalesce(col(Feedback.language), "")
    rows = session.execute(
        select(
            col(Meeting.rep_id), col(User.team_id), language.label("language"), afar.label("afar"),
            func.count(), *(func.sum(each) for each in ratings), *(func.sum(each * each) for each in ratings),
            func.sum(total), func.sum(total * total), _count_if(straight),
            _count_if(straight & (ratings[0] == HIGHEST)),
        )
        .select_from(Feedback)
        .join(Invitation, references(Feedback, Feedback.invitation_id, Invitation))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(User, references(Meeting, Meeting.rep_id, User))
        .where(
            col(Feedback.organisation_id) == scope.organisation_id, scope.has_rep(Meeting.rep_id),
            counted_for_managers(scope), *(each.is_not(None) for each in ratings),
        )
        .group_by(col(Meeting.rep_id), col(User.team_id), language, afar)
        .order_by(col(Meeting.rep_id), language, afar)
    )  # fmt: skip
    return [
        SummedAnswers(row[0], row[1], row[2], bool(row[3]), _sums([int(each) for each in row[4:]]))
        for row in rows
    ]


def counted_for_managers(scope: EvidenceScope) -> ColumnElement[bool]:
    """Return the condition that a client's row counts and that core.access shows a manager something of it: settled, not
    erased, not set apart. In SQL, so that a hundred thousand answers are added up where they lie; a test holds it against
    core.access, answer by answer."""
    settled = or_(col(Feedback.settled_at).is_not(None), col(Feedback.settles_at) <= scope.now)
    return and_(
        col(Feedback.side) == Side.CLIENT,
        col(Feedback.counts) == Counts.COUNTED,
        col(Feedback.erased_at).is_(None),
        settled,
    )


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _sums(found: list[int]) -> AnswerSums:
    six = len(DIMENSIONS)
    count, items, squares = found[0], found[1 : six + 1], found[six + 1 : 2 * six + 1]
    return AnswerSums(count, tuple(map(float, items)), tuple(map(float, squares)), *found[2 * six + 1 :])
