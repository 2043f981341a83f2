"""The standings of a week from the sums of each rep: the same functions for the running week and for a freeze."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, fields
from functools import lru_cache
from itertools import starmap
from operator import attrgetter
from uuid import UUID

from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST, VALUE, mean_of
from feedback.core.gaps.analysis import reads_the_room
from feedback.core.gaps.doughnuts import Badge, badge, liking_over_value
from feedback.core.records import record
from feedback.core.scoring.drift import TAKEN_FOR_VOICES, Certainty
from feedback.core.scoring.rank_ranges import rank_ranges
from feedback.core.scoring.ranking import Contender, Place, asks_too_seldom, in_order, rank
from feedback.core.scoring.relationships import Numbers
from feedback.core.scoring.reps import Field, Score, field_of_sums, mean_of_sums, score_of_sums, vote_weighted
from feedback.core.scoring.sums import RepSums, SideSums, side_means
from feedback.core.shares import Share

FURTHEST = float(HIGHEST - LOWEST)  # that a guess can be off


@record
class AskedAnswered:
    """How much a rep asked and clients answered in the last 13 weeks."""

    answered: Share = field(default_factory=Share)  # answered invitations, of invitations made
    asked: Share = field(default_factory=Share)  # meetings with an invitation opened, of meetings


NO_SUMS, NO_ACTIVITY = RepSums(), AskedAnswered()


@record
class RepStanding:
    """The standing of one rep in one week."""

    rep_id: UUID
    name: str
    score: Score
    loyalty: float | None  # vote-weighted mean before shrinking, 0..100; None without answers
    activity: AskedAnswered
    gaps: Share  # relationships with a real gap, of those that could have one
    reads_the_room: float | None  # see gaps.analysis, 0..100; None until both sides rated
    calibration: float | None  # mean rep - client, -4..4
    doughnuts: float | None  # liking - value, -4..4
    value: float | None  # mean of the value dimensions, 1..5
    badge: Badge | None
    seldom: bool = False  # asks too seldom to be ranked (ranking.asks_too_seldom)
    rank: int | None = None  # from 1; None while it is too early to rank, or who asks too seldom
    movement: int | None = None  # places gained since last week; None when not ranked in both
    close: bool = False  # see ranking.Place
    close_to_next: bool = False
    rank_low: int | None = None  # see rank_ranges; None without a rank
    rank_high: int | None = None


# All of a standing but its place, which is the last six fields: dataclasses.replace takes three times as long.
_placed: Callable[..., RepStanding] = RepStanding
_MEASURED = attrgetter(*(each.name for each in fields(RepStanding)[:-6]))


def rep_standings(
    reps: Mapping[UUID, str],
    sums: Mapping[UUID, RepSums],
    activity: Mapping[UUID, AskedAnswered],
    weight_now: float,
    least_asked: int = 0,
) -> tuple[list[RepStanding], Field]:
    """Return the standing of every rep, the best first, then those without a rank; and the
    organisation's mu and sigma. Movement is left None: see rank_standings. The arguments are those of
    unranked_standings, the sums those of everybody who has relationships and still works here."""
    organisation = field_of_sums(each.voices for each in sums.values())
    rows = unranked_standings(reps, sums, activity, organisation, weight_now, least_asked)
    return rank_standings(rows, organisation.sigma), organisation


def unranked_standings(
    reps: Mapping[UUID, str],
    sums: Mapping[UUID, RepSums],
    activity: Mapping[UUID, AskedAnswered],
    organisation: Field,
    weight_now: float,
    least_asked: int = 0,
) -> list[RepStanding]:
    """Return the standing of some reps, without ranks.

    reps: the reps' names by id, with or without relationships. sums: theirs, of whoever of them has any. organisation:
    the whole organisation's mu and sigma. weight_now: g(now). least_asked: percent of the meetings held in which a rep
    has to ask to be ranked; 0 to rank all.
    """
    return [
        _standing(
            rep,
            name,
            sums.get(rep, NO_SUMS),
            activity.get(rep, NO_ACTIVITY),
            organisation,
            weight_now,
            least_asked,
        )
        for rep, name in reps.items()
    ]


def _standing(
    rep: UUID,
    name: str,
    sums: RepSums,
    activity: AskedAnswered,
    organisation: Field,
    weight_now: float,
    least_asked: int,
) -> RepStanding:
    """Return a rep's standing from the sums over the rep's relationships: the one place where it is defined."""
    score = score_of_sums(sums.voices, organisation, weight_now)
    room, calibration, doughnuts, value = _said(sums.client, sums.both_votes, sums.distance, sums.bias)
    return RepStanding(
        rep_id=rep,
        name=name,
        score=score,
        loyalty=sums.voices.mean,
        activity=activity,
        gaps=Share(sums.real_gaps, sums.could_have_gaps),
        reads_the_room=room,
        calibration=calibration,
        doughnuts=doughnuts,
        value=value,
        badge=badge(doughnuts, value, score.voices),
        seldom=asks_too_seldom(activity.asked, least_asked),
    )


@lru_cache(maxsize=4096)
def _said(client: SideSums, both_votes: float, distance: float, bias: float) -> tuple[float | None, ...]:
    """Return reads_the_room, calibration, doughnuts and value of a standing. None of them fades: of a board only those
    reps are worked out again whose clients answered, and that is most of a standing's time."""
    means = side_means(client)
    furthest = mean_of_sums(distance, both_votes, 0.0, FURTHEST)
    return (
        None if furthest is None else reads_the_room(furthest),
        mean_of_sums(bias, both_votes, -FURTHEST, FURTHEST),
        liking_over_value(means),
        mean_of(means, VALUE),
    )


def rank_standings(
    rows: Iterable[RepStanding], sigma: float, ranks_before: Mapping[UUID, int] | None = None
) -> list[RepStanding]:
    """Rank a selection of standings (a team, the whole organisation) among themselves, with the movement of
    each since `ranks_before` (rank by rep id)."""
    every = list(rows)
    before = ranks_before or {}
    places = rank(
        (Contender(i, r.name, r.score.score, r.score.voices, r.seldom) for i, r in enumerate(every)), sigma
    )
    return [
        _placed(
            *_MEASURED(row),
            rank=place.rank,
            movement=movement(place.rank, before.get(row.rep_id)),
            close=place.close,
            close_to_next=place.close_to_next,
            rank_low=row.rank_low,
            rank_high=row.rank_high,
        )
        for place in places
        for row in (every[place.key],)
    ]


def with_rank_ranges(
    rows: Iterable[RepStanding], field: Field, certainty: Certainty = TAKEN_FOR_VOICES
) -> list[RepStanding]:
    """Return ranked standings, the best first, with the ranks that each could have among them (rank_ranges)."""
    every = list(rows)
    scores = ((i, row.score.score, row.score.voices) for i, row in enumerate(every) if row.rank is not None)
    found = rank_ranges(scores, field, certainty)
    return [
        _placed(
            *_MEASURED(row),
            rank=row.rank,
            movement=row.movement,
            close=row.close,
            close_to_next=row.close_to_next,
            rank_low=found[i][0],
            rank_high=found[i][1],
        )
        if i in found
        else row
        for i, row in enumerate(every)
    ]


def rank_numbers(rows: Iterable[tuple[UUID, str, float, float, bool]]) -> dict[UUID, int]:
    """Rank a selection of (rep id, name, score, voices, asks too seldom) among themselves; return the rank of whoever has
    one."""
    ranked, _ = in_order(starmap(Contender, rows))
    return {each.key: number for number, each in enumerate(ranked, start=1)}


def contender_of(row: RepStanding) -> Place[UUID]:
    """Return the ranking part of a standing as a core.scoring.ranking.Place."""
    return Place(row.rep_id, row.rank, row.close, row.close_to_next)


def calibration_by_dimension(numbers: Iterable[Numbers]) -> list[tuple[float | None, int]]:
    """Return for each dimension the vote-weighted mean of rep - client over the relationships where both
    rated it, -4..4 (above 0 the rep guesses too high; None where no relationship has both), and how many
    those are."""
    rows = list(numbers)
    found: list[tuple[float | None, int]] = []
    for d in range(len(DIMENSIONS)):
        both = [
            (n.vote, mirror - client)
            for n in rows
            if (client := n.client[d]) is not None and (mirror := n.mirror[d]) is not None
        ]
        found.append((vote_weighted(both), len(both)))
    return found


def movement(rank_now: int | None, rank_before: int | None) -> int | None:
    """Return the places gained since last week: 2 from rank 5 to rank 3. None unless ranked in both."""
    return None if rank_now is None or rank_before is None else rank_before - rank_now


def team_loyalty(rows: Iterable[RepStanding]) -> float | None:
    """Return the voice-weighted mean loyalty of several reps, 0..100; None without answers."""
    return vote_weighted((row.score.voices, row.loyalty) for row in rows)
