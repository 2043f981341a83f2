"""The standings of a week from its relationships: the same functions for the running week and for a
freeze."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from feedback.core.dimensions import DIMENSIONS, VALUE, Means, mean_of
from feedback.core.gaps.analysis import MEETINGS_FOR_A_REAL_GAP, bias, distance, has_real_gap, reads_the_room
from feedback.core.gaps.doughnuts import Badge, badge, liking_over_value
from feedback.core.scoring.ranking import Contender, Place, rank
from feedback.core.scoring.relationships import Numbers
from feedback.core.scoring.reps import Field, Score, Voice, field_of, score_of, vote_weighted
from feedback.core.shares import Share


@dataclass(frozen=True, slots=True)
class AskedAnswered:
    """How much a rep asked and clients answered in the last 13 weeks."""

    answered: Share = field(default_factory=Share)  # answered invitations, of invitations made
    asked: Share = field(default_factory=Share)  # meetings with an invitation opened, of meetings


@dataclass(frozen=True, slots=True)
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
    rank: int | None = None  # from 1; None while it is too early to rank
    movement: int | None = None  # places gained since last week; None when not ranked in both
    close: bool = False  # see ranking.Place
    close_to_next: bool = False


def rep_standings(
    reps: Mapping[UUID, str],
    relationships: Mapping[UUID, Sequence[Numbers]],
    activity: Mapping[UUID, AskedAnswered],
    weight_now: float,
) -> tuple[list[RepStanding], Field]:
    """Return the standing of every rep, the best first, then those it is too early to rank; and the
    organisation's mu and sigma.

    reps: every rep's name by id, with or without relationships. relationships: by rep id. weight_now: g(now).
    Rank and movement are left None: see rank_standings.
    """
    voices = {
        rep: [Voice(n.vote, n.loyalty) for n in rows if n.loyalty is not None]
        for rep, rows in relationships.items()
    }
    organisation = field_of(voices)
    rows = []
    for rep, name in reps.items():
        numbers = relationships.get(rep, ())
        score = score_of(voices.get(rep, ()), organisation, weight_now)
        means = dimension_means(numbers)
        mean_distance = vote_weighted((n.vote, distance(n.client, n.mirror)) for n in numbers)
        gap_candidates = [n for n in numbers if n.both >= MEETINGS_FOR_A_REAL_GAP]
        rows.append(
            RepStanding(
                rep_id=rep,
                name=name,
                score=score,
                loyalty=vote_weighted((n.vote, n.loyalty) for n in numbers),
                activity=activity.get(rep, AskedAnswered()),
                gaps=Share(
                    sum(has_real_gap(n.client, n.mirror, n.both) for n in gap_candidates), len(gap_candidates)
                ),
                reads_the_room=None if mean_distance is None else reads_the_room(mean_distance),
                calibration=vote_weighted((n.vote, bias(n.client, n.mirror)) for n in numbers),
                doughnuts=liking_over_value(means),
                value=mean_of(means, VALUE),
                badge=badge(means, score.voices),
            )
        )
    return rank_standings(rows, organisation.sigma), organisation


def rank_standings(
    rows: Iterable[RepStanding], sigma: float, ranks_before: Mapping[UUID, int | None] | None = None
) -> list[RepStanding]:
    """Rank a selection of standings (a team, the whole organisation) among themselves, with the movement of
    each since `ranks_before` (rank by rep id)."""
    by_rep = {row.rep_id: row for row in rows}
    before = ranks_before or {}
    places = rank(
        (Contender(row.rep_id, row.name, row.score.score, row.score.voices) for row in by_rep.values()),
        sigma,
    )
    return [
        replace(
            by_rep[place.key],
            rank=place.rank,
            movement=movement(place.rank, before.get(place.key)),
            close=place.close,
            close_to_next=place.close_to_next,
        )
        for place in places
    ]


def contender_of(row: RepStanding) -> Place[UUID]:
    """Return the ranking part of a standing as a core.scoring.ranking.Place."""
    return Place(row.rep_id, row.rank, row.close, row.close_to_next)


def dimension_means(numbers: Iterable[Numbers], side: Literal["client", "mirror"] = "client") -> Means:
    """Return a rep's six means of what clients said, or of what the rep guessed, 1..5, vote-weighted over
    relationships."""
    rows = list(numbers)
    return tuple(vote_weighted((n.vote, getattr(n, side)[d]) for n in rows) for d in range(len(DIMENSIONS)))


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
