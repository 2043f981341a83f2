"""Reps: whom somebody looks after, how a score came about, and what reps work on."""

from collections.abc import Iterable
from datetime import datetime
from math import isfinite
from uuid import UUID

from pydantic import Field

from feedback.api.operations import EVERYBODY, MANAGERS, operation
from feedback.api.shapes import Listing, ListQuery, Out, rounded
from feedback.core.calendar.weeks import week_of
from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.forecast import Forecast, Trend
from feedback.core.gaps.practices import PRACTICES, DimensionChange
from feedback.core.scoring.explanation import ScoreExplanation
from feedback.core.shares import Share
from feedback.pages import explanation
from feedback.pages.coaching import CoachedRep, PracticeInUse, coaching_list
from feedback.pages.rep import RepPage, rep_page, weakest_of
from feedback.store import people
from feedback.web.context import current_user, now, read_session, zone


class RepOut(Out):
    """A rep."""

    id: UUID
    name: str
    email: str
    team: str | None


class ShareOut(Out):
    """A part of a whole."""

    part: int
    whole: int
    percent: float | None


class ChangeOut(Out):
    """What clients' ratings of the dimension did since."""

    before: float
    before_meetings: int
    after: float
    after_meetings: int
    clear: bool = Field(description="Chance does not explain it, four times out of five.")


class PracticeWorkedOn(Out):
    """A practice that is worked on with one client, or was."""

    relationship_id: UUID
    contact_id: UUID
    contact: str
    account: str
    dimension: str
    number: int
    since: datetime
    ended_at: datetime | None
    assigned_by: str | None = Field(description="Null where the rep chose it.")
    moved: ChangeOut | None = Field(description="Null until somebody has rated the dimension since.")


class RepDimensionOut(Out):
    """What a rep's clients say of one dimension."""

    dimension: str
    said: float | None
    guessed: float | None
    others: float | None = Field(description="What the clients of the rest of the team say.")
    clear: bool = Field(description="It differs from the others beyond chance.")


class ForecastOut(Out):
    """How well the latest guesses foretold what clients said."""

    guesses: int
    skill: float | None = Field(description="0 is no better than the usual, 1 is perfect.")
    skill_low: float | None = Field(description="The 80 % range of it; null where there is no end.")
    skill_high: float | None
    trend: Trend


class RepScore(Out):
    """A rep, and the score as whoever asks may see it: a rep's own without what managers alone know."""

    id: UUID
    name: str
    team: str | None
    score: float = Field(description="0 to 100.")
    low: float = Field(description="Of the range that holds the score four times out of five.")
    high: float
    voices: float = Field(description="What the score rests on.")
    mean: float | None = Field(description="The score before it is drawn to the organisation's mean.")
    organisation: float = Field(description="The organisation's mean.")
    forecast: ForecastOut | None
    dimensions: list[RepDimensionOut] = Field(description="For managers.")
    practices: list[PracticeWorkedOn] = Field(description="For managers.")
    answered: ShareOut | None = Field(description="For managers.")
    asked: ShareOut | None = Field(description="For managers.")
    promises_kept: ShareOut | None = Field(description="For managers.")


class CoachedOut(RepOut):
    """What a rep works on."""

    practices: list[PracticeWorkedOn]
    more: int = Field(description="That are worked on beyond these.")
    weakest: str | None = Field(description="Of a rep who works on nothing, what to begin with.")


class PracticeOut(Out):
    """One of the thirty practices. `{name}` stands for the client."""

    dimension: str
    number: int
    words: str


def share_out(found: Share) -> ShareOut:
    """Return a share as JSON has it."""
    return ShareOut(part=found.part, whole=found.whole, percent=rounded(found.percent))


def _moved(found: DimensionChange | None) -> ChangeOut | None:
    return ChangeOut.model_validate(found) if found else None


def _practices(found: Iterable[PracticeInUse]) -> list[PracticeWorkedOn]:
    return [
        PracticeWorkedOn(
            relationship_id=each.relationship_id, contact_id=each.contact_id, contact=each.contact, account=each.account,
            dimension=each.dimension, number=each.number, since=each.since, ended_at=each.ended_at,
            assigned_by=each.assigned_by, moved=_moved(each.moved),
        )
        for each in found
    ]  # fmt: skip


def _forecast(found: Forecast | None) -> ForecastOut | None:
    if found is None:
        return None
    skill = found.skill
    return ForecastOut(
        guesses=found.guesses,
        skill=rounded(skill.value) if skill else None,
        skill_low=rounded(skill.low) if skill and isfinite(skill.low) else None,
        skill_high=rounded(skill.high) if skill else None,
        trend=found.trend,
    )


@operation("GET", "/reps", roles=EVERYBODY)
def list_reps(query: ListQuery) -> Listing[RepOut]:
    """List the reps whose numbers one may see, by name: a rep's own, a manager's teams, all for an owner."""
    found = people.reps(read_session(), current_user())
    return query.page_of(found, RepOut.model_validate)


@operation("GET", "/reps/<uuid:rep_id>")
def show_rep(rep_id: UUID) -> RepScore:
    """Show how a rep's score came about. The answers behind it stand at the relationships (`rep_id=`)."""
    who, session = current_user(), read_session()
    found = people.rep_for(session, who, rep_id)
    if who.is_rep:
        working = explanation.own_score_explanation(session, who, now())
        return _score(found, working, explanation.own_forecast(session, who, working.voices, now()), None)
    story = explanation.score_page(session, who, rep_id, now())
    about = rep_page(session, who, found, week_of(now(), zone()), now())
    return _score(found, story.working, about.forecast, about)


def _score(
    rep: people.Rep, working: ScoreExplanation, forecast: Forecast | None, about: RepPage | None
) -> RepScore:
    score = working.score
    return RepScore(
        id=rep.id, name=rep.name, team=rep.team, score=rounded(score.score) or 0.0, low=rounded(score.low) or 0.0,
        high=rounded(score.high) or 0.0, voices=rounded(working.voices) or 0.0, mean=rounded(working.own_mean),
        organisation=rounded(working.field.mu) or 0.0, forecast=_forecast(forecast),
        dimensions=[_dimension(each) for each in about.lines] if about else [],
        practices=_practices(about.practices) if about else [],
        answered=share_out(about.activity.answered) if about else None,
        asked=share_out(about.activity.asked) if about else None,
        promises_kept=share_out(about.promises) if about else None,
    )  # fmt: skip


def _dimension(found: object) -> RepDimensionOut:
    line = RepDimensionOut.model_validate(found)
    numbers = {name: rounded(getattr(line, name)) for name in ("said", "guessed", "others")}
    return line.model_copy(update=numbers)


@operation("GET", "/coaching", roles=MANAGERS)
def list_coaching(query: ListQuery) -> Listing[CoachedOut]:
    """List what each rep works on, since when, and whether clients' ratings changed; then those who work on nothing."""
    who, session = current_user(), read_session()
    found = coaching_list(session, who, now())

    def load(skip: int, take: int) -> list[CoachedOut]:
        shown = found.page(skip, take)
        idle = [each.rep for each in shown if each.rep.id not in found.working]
        weakest = weakest_of(session, who, idle, now())
        return [_coached(each, weakest) for each in shown]

    return query.page(load, lambda each: each)


def _coached(found: CoachedRep, weakest: dict[UUID, str]) -> CoachedOut:
    rep = found.rep
    return CoachedOut(
        id=rep.id, name=rep.name, email=rep.email, team=rep.team, practices=_practices(found.practices),
        more=found.more, weakest=weakest.get(rep.id),
    )  # fmt: skip


@operation("GET", "/practices")
def list_practices(query: ListQuery) -> Listing[PracticeOut]:
    """List the thirty practices: five for each dimension."""
    every = [
        PracticeOut(dimension=dimension, number=number, words=str(words))
        for dimension in DIMENSIONS
        for number, words in enumerate(PRACTICES[dimension], 1)
    ]
    return query.page_of(every, lambda each: each)
