"""The sums of each rep: as stored, and as of a moment or for a reader, where some relationships count otherwise than
is stored."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from math import inf
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
)
from sqlmodel import Session, col

from feedback.core.access import VOICES_TO_COUNT_MANAGER_ONLY
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment, Numbers, relationship_numbers
from feedback.core.scoring.reps import (
    Field,
    Voice,
    VoiceSums,
    add_voices,
    field_of_sums,
    rounded,
    sum_voices,
    voices_left,
)
from feedback.core.scoring.sums import UNHEARD, UNRATED, RepSums, SideSums, add_sums, sum_numbers
from feedback.db.rows import ViewColumns
from feedback.db.tenancy import references
from feedback.models import Relationship, StoredSums, User
from feedback.models.rep_sums import SIDE_COLUMNS
from feedback.store.answered import pairs_for_managers_only, pairs_to_guess
from feedback.store.history import PORTION, Pair, history_of_pairs
from feedback.store.relationships import fresh_numbers, numbers_of_rep, of_pairs


class _VoiceColumns(ViewColumns):
    view = VoiceSums


def _voices(table: Any) -> _VoiceColumns:
    return _VoiceColumns("voices", table.heard, table.vote, table.loyalty, table.squares)


# By these names, in this order: a board reads a thousand rows of them, and to make each by the names of its columns took as
# long again as the database.
_SIDES = tuple(
    tuple(names[position] for names in columns) for columns in SIDE_COLUMNS.values() for position in (0, 1)
)
_SUMS = (
    "heard", "vote", "loyalty", "squares", *chain(*_SIDES),
    "both_votes", "distance", "bias", "could_have_gaps", "real_gaps",
)  # fmt: skip
_SAID = tuple(name for name in _SUMS if name not in chain(*_SIDES[2:]))


def _rep_and_sums(row: Row[*tuple[Any, ...]]) -> tuple[UUID, RepSums]:
    """Return the rep and the sums in a row of rep_id and _SUMS."""
    client, mirror = SideSums(row[5:11], row[11:17]), SideSums(row[17:23], row[23:29])
    return row[0], RepSums(VoiceSums(*row[1:5]), client, mirror, *row[29:])


def _rep_and_said(row: Row[*tuple[Any, ...]]) -> tuple[UUID, RepSums]:
    """Return the rep and the sums, without what the rep guessed, in a row of rep_id and _SAID."""
    return row[0], RepSums(VoiceSums(*row[1:5]), SideSums(row[5:11], row[11:17]), UNRATED, *row[17:])


_STORED = select(col(StoredSums.rep_id), *(col(getattr(StoredSums, name)) for name in _SUMS))
_STORED_SAID = select(col(StoredSums.rep_id), *(col(getattr(StoredSums, name)) for name in _SAID))
_VOICES = select(col(StoredSums.rep_id), _voices(StoredSums))
# A relationship's voice beside all of its rep. An outer join, for else SQLite goes through all reps.
_VOICES_OF_ONE = (
    select(col(Relationship.rep_id), col(Relationship.vote), col(Relationship.loyalty), _voices(StoredSums))
    .select_from(Relationship)
    .outerjoin(
        StoredSums,
        (col(StoredSums.organisation_id) == col(Relationship.organisation_id))
        & (col(StoredSums.rep_id) == col(Relationship.rep_id)),
    )
)


def _summed() -> dict[str, ColumnElement[Any]]:
    """Return by the columns of StoredSums what they are of the relationships in a group."""
    vote, loyalty = col(Relationship.vote), col(Relationship.loyalty)
    distance, real_gap = col(Relationship.distance), col(Relationship.real_gap)
    found = {
        "heard": func.count(loyalty),
        "vote": _total(case((loyalty.is_not(None), vote))),
        "loyalty": _total(vote * loyalty),
        "squares": _total(vote * loyalty * loyalty),
        "both_votes": _total(case((distance.is_not(None), vote))),
        "distance": _total(vote * distance),
        "bias": _total(vote * col(Relationship.bias)),
        "could_have_gaps": func.count(real_gap),
        "real_gaps": func.sum(case((real_gap.is_(True), 1), else_=0)),
    }
    for columns in SIDE_COLUMNS.values():
        for name, votes in columns:
            mean = getattr(Relationship, name)
            found |= {name: _total(vote * mean), votes: _total(case((mean.is_not(None), vote)))}
    return found


def _total(values: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(values), 0.0)


SUMMED = _summed()
NO_SUMS = RepSums()


def summed(
    organisation_id: Any, rep_ids: Any, *counted: ColumnElement[bool], here: bool = False
) -> FromClause:
    """Return a query of rep_id and the columns of StoredSums, summed up from the relationships of each of these reps
    for which `counted` holds; a rep without one has zeros. organisation_id, rep_ids: values, or parameters. here: only
    of people who still work here."""
    mine = and_(references(Relationship, Relationship.rep_id, User), *counted)
    return (
        select(col(User.id).label("rep_id"), *(value.label(name) for name, value in SUMMED.items()))
        .select_from(User)
        .outerjoin(Relationship, mine)
        .where(
            col(User.organisation_id) == organisation_id,
            col(User.id).in_(rep_ids),
            *((col(User.ended_at).is_(None),) if here else ()),
        )
        .group_by(col(User.id))
        .subquery("summed")
    )


def stored_sums(session: Session, organisation_id: UUID) -> dict[UUID, RepSums]:
    """Return every rep's sums as last written."""
    rows = session.connection().execute(_STORED.where(col(StoredSums.organisation_id) == organisation_id))
    return dict(map(_rep_and_sums, rows))


def sums_by_rep(
    session: Session,
    organisation_id: UUID,
    scoring: Scoring,
    now: datetime,
    rep_ids: Collection[UUID] | None = None,
    *,
    guessed: bool = True,
) -> dict[UUID, RepSums]:
    """Return the sums, as of `now`, of everybody who has relationships and still works here; of these reps, where they
    are given. guessed: also `mirror`, twelve columns of 33, which no board shows."""
    fresh = _of_reps(fresh_numbers(session, organisation_id, scoring, now), rep_ids)
    return _counting(
        session, organisation_id, _stored_here(session, organisation_id, rep_ids, guessed=guessed), fresh
    )


def sums_visible_to_reps(
    session: Session,
    organisation_id: UUID,
    scoring: Scoring,
    now: datetime,
    rep_ids: Collection[UUID] | None = None,
    *,
    guessed: bool = True,
) -> dict[UUID, RepSums]:
    """Return what sums_by_rep does, as reps may see it: without answers whose mirror can still be sealed (a
    score that moves is a trace), and without manager-only ones among fewer than three voices."""
    seen, _ = _seen_by_reps(session, organisation_id, scoring, now, rep_ids)
    return _counting(
        session, organisation_id, _stored_here(session, organisation_id, rep_ids, guessed=guessed), seen
    )


def numbers_visible_to_rep(
    session: Session, organisation_id: UUID, scoring: Scoring, rep_id: UUID, now: datetime
) -> list[Numbers]:
    """Return the numbers of a rep's relationships as that rep may see them, by the same rule."""
    mine = numbers_of_rep(session, organisation_id, scoring, rep_id, now)
    seen, _ = _seen_by_reps(session, organisation_id, scoring, now, [rep_id])
    return [seen.get(pair, numbers) for pair, numbers in mine.items()]


def field_now(
    session: Session, organisation_id: UUID, scoring: Scoring, now: datetime, *, for_reps: bool = False
) -> Field:
    """Return the whole organisation's mu and sigma, as of `now`: what they would be from sums_by_rep, or for_reps from
    sums_visible_to_reps, without reading more of each rep than its voices."""
    if for_reps:
        _, voices = _seen_by_reps(session, organisation_id, scoring, now)
    else:
        fresh = fresh_numbers(session, organisation_id, scoring, now)
        voices = _voices_counting(session, organisation_id, fresh)
    return field_of_sums(voices.values())


def _stored_here(
    session: Session, organisation_id: UUID, rep_ids: Collection[UUID] | None, *, guessed: bool
) -> dict[UUID, RepSums]:
    """Return the sums as last written of everybody who still works here, or of these of them."""
    here = _of_these(_STORED_HERE if guessed else _SAID_HERE, rep_ids)
    rows = (
        session.connection().execute(here, {"organisation": organisation_id}).all()
    )  # one by one takes longer
    return dict(map(_rep_and_sums if guessed else _rep_and_said, rows))


def _of_these(sums: Select[*tuple[Any, ...]], rep_ids: Collection[UUID] | None) -> Select[*tuple[Any, ...]]:
    """Return a query of StoredSums of people who still work here, narrowed to these of them."""
    return sums if rep_ids is None else sums.where(col(StoredSums.rep_id).in_(rep_ids))


def _still_working(sums: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Return a query of StoredSums, narrowed to people who still work here."""
    return sums.join(User, references(StoredSums, StoredSums.rep_id, User)).where(
        col(StoredSums.organisation_id) == bindparam("organisation"), col(User.ended_at).is_(None)
    )


_STORED_HERE, _SAID_HERE, _VOICES_HERE = (
    _still_working(_STORED),
    _still_working(_STORED_SAID),
    _still_working(_VOICES),
)  # to build them took longer than to run


def _of_reps(numbers: Mapping[Pair, Numbers], rep_ids: Collection[UUID] | None) -> dict[Pair, Numbers]:
    return {pair: each for pair, each in numbers.items() if rep_ids is None or pair[0] in rep_ids}


def _seen_by_reps(
    session: Session,
    organisation_id: UUID,
    scoring: Scoring,
    now: datetime,
    rep_ids: Collection[UUID] | None = None,
) -> tuple[dict[Pair, Numbers], dict[UUID, VoiceSums]]:
    """Return the numbers of the relationships that reps see otherwise than they are stored, whether lukewarm or not,
    and the voices of everybody, counted so; of these reps, where they are given."""
    fresh = _of_reps(fresh_numbers(session, organisation_id, scoring, now), rep_ids)
    to_guess = pairs_to_guess(session, organisation_id, now, rep_ids)
    past = history_of_pairs(session, organisation_id, to_guess, now)
    # An answer still to be guessed is in no rolling number, and so hides nobody: count the voices without it.
    seen = fresh | {
        pair: relationship_numbers((_wordless(p.moment_for_reps(inf)) for p in each), scoring)
        for pair, each in past.items()
    }
    counted = _voices_counting(session, organisation_id, seen, rep_ids)
    g = scoring.weight(now)
    voices = {rep: rounded(each.vote / g) for rep, each in counted.items()}
    few = {rep for rep, heard in voices.items() if 0 < heard < VOICES_TO_COUNT_MANAGER_ONLY}
    hidden = pairs_for_managers_only(session, organisation_id, few, now) if few else set()
    if not hidden:
        return seen, counted
    past = history_of_pairs(session, organisation_id, hidden, now)
    seen |= {
        (rep, contact_id): relationship_numbers(
            (_wordless(p.moment_for_reps(voices[rep])) for p in each), scoring
        )
        for (rep, contact_id), each in past.items()
    }
    return seen, _voices_counting(session, organisation_id, seen, rep_ids)


def _wordless(moment: Moment) -> Moment:
    """Return a moment without the comment: no sum depends on words, and to look at them took a fifth of the time."""
    return replace(moment, comment=None)


def _counting(
    session: Session, organisation_id: UUID, stored: Mapping[UUID, RepSums], numbers: Mapping[Pair, Numbers]
) -> dict[UUID, RepSums]:
    """Return the sums in `stored`, with these relationships counted by these numbers instead of the stored ones. Only
    reps who have one of them are summed up anew."""
    others = _sums_without(session, organisation_id, numbers.keys())
    by_rep: defaultdict[UUID, list[Numbers]] = defaultdict(list)
    for (rep_id, _), each in numbers.items():
        by_rep[rep_id].append(each)
    return dict(stored) | {
        rep_id: add_sums(others[rep_id], sum_numbers(each))
        for rep_id, each in by_rep.items()
        if rep_id in others
    }


def _sums_without(session: Session, organisation_id: UUID, pairs: Iterable[Pair]) -> dict[UUID, RepSums]:
    """Return the sums of the reps of these (rep, contact) who still work here, over their other
    relationships. These are left out by their ids: among pairs SQLite looks one by one, for each relationship."""
    found: dict[UUID, RepSums] = {}
    for some in _by_whole_reps(pairs):
        ids = session.scalars(
            select(col(Relationship.id)).where(
                col(Relationship.organisation_id) == organisation_id, of_pairs(some)
            )
        ).all()
        reps = {rep_id for rep_id, _ in some}
        query = summed(organisation_id, reps, col(Relationship.id).not_in(ids), here=True)
        rows = session.connection().execute(select(query.c.rep_id, *(query.c[name] for name in _SUMS)))
        found |= dict(map(_rep_and_sums, rows))
    return found


def _voices_counting(
    session: Session,
    organisation_id: UUID,
    numbers: Mapping[Pair, Numbers],
    rep_ids: Collection[UUID] | None = None,
) -> dict[UUID, VoiceSums]:
    """Return the voices of everybody who still works here, or of these of them, with these relationships counted by
    these numbers instead of the stored ones."""
    here = session.execute(_of_these(_VOICES_HERE, rep_ids), {"organisation": organisation_id})
    stored = {row.rep_id: row.voices for row in here}
    others = _voices_without(session, organisation_id, numbers.keys())
    by_rep: defaultdict[UUID, list[Voice]] = defaultdict(list)
    for (rep_id, _), each in numbers.items():
        if each.loyalty is not None:
            by_rep[rep_id].append(Voice(each.vote, each.loyalty))
    if (
        first_heard := by_rep.keys() - stored.keys()
    ):  # settled by the clock, and nothing is stored of them yet
        stored |= dict.fromkeys(_still_here(session, organisation_id, first_heard), UNHEARD)
    for rep_id in (others.keys() | by_rep.keys()) & stored.keys():
        stored[rep_id] = add_voices(others.get(rep_id, stored[rep_id]), sum_voices(by_rep[rep_id]))
    return stored


def _still_here(session: Session, organisation_id: UUID, rep_ids: Collection[UUID]) -> Sequence[UUID]:
    """Return those of these people who still work here."""
    return session.scalars(
        select(col(User.id)).where(
            col(User.organisation_id) == organisation_id,
            col(User.id).in_(rep_ids),
            col(User.ended_at).is_(None),
        )
    ).all()


def _voices_without(
    session: Session, organisation_id: UUID, pairs: Collection[Pair]
) -> dict[UUID, VoiceSums]:
    """Return the voices of the reps of these (rep, contact), without these; reps with none of them stored are absent.
    They are taken off the stored sums, which one statement reads beside them, so that they are of one moment: to add
    up all others took most of a rep's home."""
    whole: dict[UUID, VoiceSums] = {}
    part: defaultdict[UUID, list[Voice]] = defaultdict(list)
    for some in _by_whole_reps(pairs):
        rows = session.execute(
            _VOICES_OF_ONE.where(col(Relationship.organisation_id) == organisation_id, of_pairs(some))
        )
        for row in rows:
            if (
                row.voices.heard is None
            ):  # nothing is stored of a rep whose first client has only begun to answer
                continue
            whole[row.rep_id] = row.voices
            if row.loyalty is not None:
                part[row.rep_id].append(Voice(row.vote, row.loyalty))
    left = {rep_id: voices_left(every, sum_voices(part[rep_id])) for rep_id, every in whole.items()}
    faint = [pair for pair in pairs if left.get(pair[0], UNHEARD) is None]
    exact = _sums_without(session, organisation_id, faint) if faint else {}
    return {
        rep_id: exact.get(rep_id, NO_SUMS).voices if each is None else each for rep_id, each in left.items()
    }


def _by_whole_reps(pairs: Iterable[Pair]) -> Iterable[list[Pair]]:
    """Split pairs into portions that a statement can take, all of one rep in one portion."""
    portion: list[Pair] = []
    by_rep: defaultdict[UUID, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_rep[pair[0]].append(pair)
    for mine in by_rep.values():
        if portion and len(portion) + len(mine) > PORTION:
            yield portion
            portion = []
        portion = [*portion, *mine]
    if portion:
        yield portion


def hold_sums(session: Session, organisation_id: UUID, rep_ids: Collection[UUID]) -> set[UUID] | None:
    """Hold the rows of these reps until the transaction ends, in the order in which every write holds them; return whose
    there are. None on SQLite, whose writers take turns anyway: nobody looked."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    asked = {"organisation": organisation_id, "reps": list(rep_ids)}
    return set(session.connection().scalars(_HELD, asked))


def reps_with_sums(session: Session, organisation_id: UUID, rep_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these reps who have a row."""
    asked = {"organisation": organisation_id, "reps": list(rep_ids)}
    return set(session.connection().scalars(_KNOWN, asked))


_KNOWN = select(col(StoredSums.rep_id)).where(
    col(StoredSums.organisation_id) == bindparam("organisation"),
    col(StoredSums.rep_id).in_(bindparam("reps", expanding=True)),
)
_HELD = _KNOWN.order_by(col(StoredSums.rep_id)).with_for_update()
