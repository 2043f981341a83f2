"""A week's leaderboard: as it was frozen, or worked out of each rep's sums while the week runs."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import fsum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select, true
from sqlmodel import Session, col

from feedback.core.access import Forbidden, Role, figure_access
from feedback.core.calendar.weeks import Week, week_of, week_on
from feedback.core.records import record
from feedback.core.scoring.leaderboard import (
    AskedAnswered,
    RepStanding,
    contender_of,
    rank_numbers,
    rank_standings,
    rep_standings,
    team_loyalty,
    unranked_standings,
    with_rank_ranges,
)
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.ranking import VOICES_TO_RANK, close_runs
from feedback.core.scoring.reps import Field, field_of_sums, vote_weighted
from feedback.core.scoring.sums import RepSums
from feedback.core.shares import Share
from feedback.db.tenancy import references
from feedback.models import FrozenWeek as WeekRow
from feedback.models import Invitation, Meeting, Organisation, User
from feedback.models import Standing as StandingRow
from feedback.store.activity import WINDOW_WEEKS, activity_until
from feedback.store.answered import can_still_guess
from feedback.store.frozen_weeks import (
    STANDING_COLUMNS,
    frozen_certainty,
    frozen_standings,
    frozen_within,
    standing_of,
)
from feedback.store.people import ALL_REPS, Rep, RepScope, Viewer, all_reps, board_scope, reps_within
from feedback.store.rep_sums import field_now, sums_by_rep, sums_visible_to_reps


@record
class LeaderboardRow:
    """A standing, and whose it is."""

    standing: RepStanding
    rep: Rep
    # scores of up to 13 weeks, 0..100, oldest first; None where not known
    line: tuple[float | None, ...] = ()
    early: bool = False  # too early to rank
    seldom: bool = (
        False  # asks too seldom to be ranked; without a rank and neither of both, the rank is not told
    )


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """A week's standings of the reps whom somebody may see."""

    week: Week
    frozen: bool
    field: Field  # the distribution of loyalty in the whole organisation
    rows: list[LeaderboardRow]
    loyalty: float | None  # of all of these reps this week, 0..100; None without an answer
    before: float | None  # the same of the week before
    least_asked: int  # percent of the meetings held in which a rep has to ask to be ranked, as set now
    told_ranks: bool  # whether ranks are told in this organisation at all
    sums: Mapping[UUID, RepSums]  # what the standings are worked out of, by rep; empty for a frozen week

    @property
    def ranked(self) -> list[LeaderboardRow]:
        """Return the rows with a rank, whether or not it is told."""
        return [row for row in self.rows if not (row.early or row.seldom)]

    @property
    def early(self) -> list[LeaderboardRow]:
        """Return the rows it is too early to rank."""
        return [row for row in self.rows if row.early]

    @property
    def seldom(self) -> list[LeaderboardRow]:
        """Return the rows of those who would have a rank if they did not ask so seldom."""
        return [row for row in self.rows if row.seldom]

    @property
    def runs(self) -> list[tuple[int, int]]:
        """Return the stretches of neighbouring ranks that are too close to call, as
        core.scoring.ranking.close_runs gives them."""
        ranked = [row.standing for row in self.ranked]
        return close_runs([contender_of(standing) for standing in ranked])

    @property
    def gaps(self) -> Share:
        """Return the real gaps of all these reps together."""
        return sum((row.standing.gaps for row in self.rows), Share())

    @property
    def voices(self) -> float:
        """Return the voices of all these reps together."""
        return fsum(row.standing.score.voices for row in self.rows)

    @property
    def answered(self) -> Share:
        """Return the share of invitations that were answered, over all these reps."""
        return sum((row.standing.activity.answered for row in self.rows), Share())


@dataclass(frozen=True, slots=True)
class ScoringCalendar:
    """How an organisation's scores are calculated, whom it ranks, and the first week not yet frozen."""

    scoring: Scoring
    next_freeze: Week
    least_asked: int  # percent of the meetings held in which a rep has to ask to be ranked
    ranked: bool = True  # whether anybody is told a rank

    @property
    def zone(self) -> ZoneInfo:
        """Return the organisation's time zone."""
        return self.scoring.zone


UNKNOWN = (None,) * (WINDOW_WEEKS - 1)  # the scores of the weeks before of somebody who had none

# Reps by id, their standings, the field of the whole organisation, and the sums of a week that runs.
_Measured = tuple[Mapping[UUID, Rep], list[RepStanding], Field, Mapping[UUID, RepSums]]


def scoring_calendar(session: Session, organisation_id: UUID) -> ScoringCalendar:
    """Return how an organisation's scores are calculated and which weeks are frozen."""
    row = session.connection().execute(_CALENDAR, {"organisation": organisation_id}).one()
    return ScoringCalendar(
        scoring=Scoring(row.half_life_days, ZoneInfo(row.timezone)),
        next_freeze=week_on(row.next_freeze),
        least_asked=row.least_asked,
        ranked=figure_access(Role.REP, works_agreement=row.works_agreement).ranked,
    )


def board_for(
    session: Session,
    viewer: Viewer,
    week: Week,
    now: datetime,
    *,
    team_id: UUID | None = None,
    lines: int | None = None,
) -> tuple[Leaderboard | None, RepScope]:
    """Return the leaderboard that somebody may see, as `leaderboard` does, and whose rows it has. team_id: a team that this
    person is responsible for. Raises Forbidden for a rep where it is the managers' alone."""
    if viewer.is_rep and not viewer.reps_see_own:
        raise Forbidden("the leaderboard is the managers'")
    scope = board_scope(viewer, team_id)
    found = leaderboard(
        session, viewer.organisation_id, scope, week, now, for_reps=viewer.is_rep, lines=lines
    )
    return found, scope


def leaderboard(
    session: Session,
    organisation_id: UUID,
    scope: RepScope,
    week: Week,
    now: datetime,
    *,
    for_reps: bool = False,
    lines: int | None = None,
) -> Leaderboard | None:
    """Return the leaderboard of `week` among the reps of `scope`; None for a week that has not begun or was not
    recorded. A frozen week has the reps and teams that were frozen, and is of a team's board whoever was in it then;
    people are called as they are now.

    for_reps: leave out whatever would be a trace of an answer whose mirror can still be sealed. It is not
    counted in the running week, and frozen weeks that counted it are withheld until then. A rank is then told of a
    frozen week only, as it is among all reps, or none. lines: so many rows, the first ones, get their scores of 13
    weeks; None for all.
    """
    clock = scoring_calendar(session, organisation_id)
    withheld = _withheld_from(session, organisation_id, scope, clock, now) if for_reps else None
    if withheld and withheld <= week < clock.next_freeze:
        return None
    measured = _measured(session, organisation_id, scope, clock, week, now, for_reps)
    if measured is None:
        return None
    mine, found, field, sums = measured
    earlier = week.plus(-1)
    hidden = withheld and withheld <= earlier < clock.next_freeze
    ranks, before = (
        ({}, None) if hidden else _earlier(session, organisation_id, scope, clock, earlier, now, for_reps)
    )
    rows = rank_standings(found, field.sigma, ranks)
    if clock.ranked and not for_reps and not _ranges_frozen(scope, found):
        rows = with_rank_ranges(rows, field, frozen_certainty(session, organisation_id, week))
    unranked = [_why_unranked(row, clock) for row in rows]
    if for_reps:
        rows = _with_ranks_among_all(session, organisation_id, rows, clock, week, now)
    drawn = [row.rep_id for row in rows[:lines]]
    known = _lines(session, organisation_id, drawn, week, withheld) if drawn else {}
    return Leaderboard(
        week=week,
        frozen=week < clock.next_freeze,
        field=field,
        rows=[
            LeaderboardRow(
                row, mine[row.rep_id], (*(known.get(row.rep_id) or UNKNOWN), row.score.score), *why
            )
            for row, why in zip(rows, unranked, strict=True)
        ],
        loyalty=team_loyalty(rows),
        before=before,
        least_asked=clock.least_asked,
        told_ranks=clock.ranked,
        sums=sums,
    )


def _why_unranked(row: RepStanding, clock: ScoringCalendar) -> tuple[bool, bool]:
    """Tell whether it is too early to rank somebody, and whether somebody asks too seldom; neither where ranks are not
    told."""
    if not clock.ranked or row.rank is not None:
        return False, False
    early = row.score.voices < VOICES_TO_RANK
    return early, not early


def _ranges_frozen(scope: RepScope, rows: list[RepStanding]) -> bool:
    """Tell whether standings have the ranges of ranks that were frozen. Those are among all reps; a team's are worked out
    of its frozen scores."""
    return scope == ALL_REPS and any(row.rank_low is not None for row in rows)


def _with_ranks_among_all(
    session: Session,
    organisation_id: UUID,
    rows: list[RepStanding],
    clock: ScoringCalendar,
    week: Week,
    now: datetime,
) -> list[RepStanding]:
    """Return standings with the ranks and the movement that the owner's board has, so that a rep never sees another
    rank than the one that is spoken of; without any in a week that runs, or that counted an answer still to be
    guessed by anybody."""
    told: dict[UUID, RepStanding] = {}
    frozen = week < clock.next_freeze and clock.ranked
    withheld = _withheld_from(session, organisation_id, ALL_REPS, clock, now) if frozen else None
    if frozen and not (withheld and withheld <= week):
        board = leaderboard(session, organisation_id, ALL_REPS, week, now, lines=0)
        told = {row.rep.id: row.standing for row in board.rows} if board else {}
    nothing = {
        "rank": None, "rank_low": None, "rank_high": None, "movement": None, "close": False, "close_to_next": False,
    }  # fmt: skip
    return [
        replace(
            row,
            **(
                {name: getattr(told[row.rep_id], name) for name in nothing} if row.rep_id in told else nothing
            ),
        )
        for row in rows
    ]


def own_frozen_row(
    session: Session, organisation_id: UUID, rep: Rep, week: Week, now: datetime
) -> RepStanding | None:
    """Return one rep's own row of a frozen week; None where it was not recorded, or would be a trace of an
    answer that the rep may still be guessing."""
    clock = scoring_calendar(session, organisation_id)
    withheld = _withheld_from(session, organisation_id, RepScope(rep_id=rep.id), clock, now)
    if withheld and withheld <= week:
        return None
    row = session.execute(
        select(*STANDING_COLUMNS).where(
            col(StandingRow.organisation_id) == organisation_id,
            col(StandingRow.monday) == week.monday,
            col(StandingRow.rep_id) == rep.id,
        )
    ).first()
    standing = standing_of(row, rep.name) if row else None
    if standing is None or clock.ranked:
        return standing
    return replace(standing, rank=None, rank_low=None, rank_high=None)


def live_standings(
    session: Session, organisation_id: UUID, clock: ScoringCalendar, week: Week, now: datetime
) -> tuple[list[RepStanding], Field]:
    """Return every rep's standing, ranked, in a week that is not frozen, and the field, as of the week's end or
    of `now`, whichever is first; without ranges of ranks."""
    names = {rep.id: rep.name for rep in all_reps(session, organisation_id)}
    return rep_standings(
        *_live(session, organisation_id, names, clock, week, now, False), least_asked=clock.least_asked
    )


def first_week(session: Session, organisation_id: UUID) -> Week:
    """Return the first week that was recorded, or will be."""
    monday = session.connection().scalar(_FIRST, {"organisation": organisation_id})
    return week_on(monday) if monday else scoring_calendar(session, organisation_id).next_freeze


def _measured(
    session: Session,
    organisation_id: UUID,
    scope: RepScope,
    clock: ScoringCalendar,
    week: Week,
    now: datetime,
    for_reps: bool,
) -> _Measured | None:
    """Return the reps of `scope` in a week, as they were in one that is frozen, their standings, the field, and the
    sums of a week that runs; None where there is none of it."""
    if week < clock.next_freeze:
        found = frozen_standings(session, organisation_id, scope, week.monday)
        if found is None:
            return None
        reps, rows, field = found
        if for_reps:
            rows = [row for row in rows if row.score.voices >= VOICES_TO_RANK]
        return reps, rows, field, {}
    if week > week_of(now, clock.zone):
        return None
    reps = {rep.id: rep for rep in reps_within(session, organisation_id, scope)}
    names = {rep.id: rep.name for rep in reps.values()}
    mine = None if scope == ALL_REPS else list(reps)
    _, sums, activity, weight = _live(session, organisation_id, names, clock, week, now, for_reps, mine)
    field = (
        field_of_sums(each.voices for each in sums.values())
        if mine is None
        else field_now(
            session, organisation_id, clock.scoring, min(now, week.ends(clock.zone)), for_reps=for_reps
        )
    )
    return reps, unranked_standings(names, sums, activity, field, weight, clock.least_asked), field, sums


def _earlier(
    session: Session,
    organisation_id: UUID,
    scope: RepScope,
    clock: ScoringCalendar,
    week: Week,
    now: datetime,
    for_reps: bool,
) -> tuple[dict[UUID, int], float | None]:
    """Return of the week before what movement is told by: the ranks on the board of that week, and its loyalty; as
    `_measured` has it."""
    if week >= clock.next_freeze:
        measured = _measured(session, organisation_id, scope, clock, week, now, for_reps)
        assert measured is not None  # noqa: S101 (the week after it has begun)
        _, standings, field, _ = measured
        ranked = rank_standings(standings, field.sigma)
        return {row.rep_id: row.rank for row in ranked if row.rank}, team_loyalty(ranked)
    before = _BEFORE if scope == ALL_REPS else _BEFORE.where(frozen_within(scope))
    found = session.connection().execute(before, {"organisation": organisation_id, "monday": week.monday})
    rows = [row for row in found.all() if not (for_reps and row.voices < VOICES_TO_RANK)]
    ranks = rank_numbers((rep, name, score, voices, not rank) for rep, score, voices, _, rank, name in rows)
    return ranks, vote_weighted((voices, loyalty) for _, _, voices, loyalty, _, _ in rows)


def _live(
    session: Session,
    organisation_id: UUID,
    names: Mapping[UUID, str],
    clock: ScoringCalendar,
    week: Week,
    now: datetime,
    for_reps: bool,
    rep_ids: Collection[UUID] | None = None,
) -> tuple[Mapping[UUID, str], Mapping[UUID, RepSums], Mapping[UUID, AskedAnswered], float]:
    """Return what standings in a week that is not frozen are worked out of; of these reps, where they are given."""
    at = min(now, week.ends(clock.zone))
    read = sums_visible_to_reps if for_reps else sums_by_rep
    sums = read(session, organisation_id, clock.scoring, at, rep_ids, guessed=False)
    activity = activity_until(session, organisation_id, week, clock.zone, at, rep_ids)
    return names, sums, activity, clock.scoring.weight(at)


def _withheld_from(
    session: Session, organisation_id: UUID, scope: RepScope, clock: ScoringCalendar, now: datetime
) -> Week | None:
    """Return the first week that counted an answer which the rep of `scope` may still be guessing, or any rep: also one
    who left, and could be brought back before the page closes. None without one."""
    first = session.scalar(
        select(func.min(col(Meeting.held_at)))
        .select_from(Invitation)
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Meeting.rep_id) == scope.rep_id if scope.rep_id else true(),
            can_still_guess(now),
        )
    )
    return week_of(first, clock.zone) if first else None


def _lines(
    session: Session, organisation_id: UUID, rep_ids: Sequence[UUID], week: Week, withheld: Week | None
) -> dict[UUID, tuple[float | None, ...]]:
    """Return each of these reps' scores of the 12 frozen weeks before `week`, oldest first; None where there is none,
    or from the week on that is withheld."""
    mondays = [week.plus(-back).monday for back in range(WINDOW_WEEKS - 1, 0, -1)]
    shown = [monday for monday in mondays if withheld is None or week_on(monday) < withheld]
    asked = {"organisation": organisation_id, "mondays": shown, "reps": rep_ids}
    rows = session.connection().execute(_SCORES, asked).all()
    found: defaultdict[UUID, dict[date, float]] = defaultdict(dict)
    for rep_id, monday, score in rows:
        found[rep_id][monday] = score
    return {rep: tuple(scores.get(monday) for monday in mondays) for rep, scores in found.items()}


# Built once: to build a small one takes as long as to execute it.
_CALENDAR = select(
    col(Organisation.timezone), col(Organisation.half_life_days), col(Organisation.next_freeze),
    col(Organisation.least_asked), col(Organisation.works_agreement),
).where(col(Organisation.id) == bindparam("organisation"))  # fmt: skip
_FIRST = select(func.min(col(WeekRow.monday))).where(
    col(WeekRow.organisation_id) == bindparam("organisation")
)
_BEFORE = (
    select(
        col(StandingRow.rep_id), col(StandingRow.score), col(StandingRow.voices), col(StandingRow.loyalty),
        col(StandingRow.rank), col(User.name),
    )
    .join(User, references(StandingRow, StandingRow.rep_id, User))
    .where(
        col(StandingRow.organisation_id) == bindparam("organisation"),
        col(StandingRow.monday) == bindparam("monday"),
    )
)  # fmt: skip
_SCORES = select(col(StandingRow.rep_id), col(StandingRow.monday), col(StandingRow.score)).where(
    col(StandingRow.organisation_id) == bindparam("organisation"),
    col(StandingRow.monday).in_(bindparam("mondays", expanding=True)),
    col(StandingRow.rep_id).in_(bindparam("reps", expanding=True)),
)
