"""A week in two or three sentences, each with its sample. Nothing is said of a sample that is too small."""

from dataclasses import dataclass
from uuid import UUID

from feedback.core.scoring.ranking import VOICES_TO_RANK
from feedback.pages.team_summary import ScoreMove, TeamSummary, WeekTold

LEAST_NAMED = 0.5  # points of loyalty, from which a change is a number


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, with the rep it is about between two parts."""

    words: str
    rep_id: UUID | None = None
    rep: str = ""
    rest: str = ""

    def __str__(self) -> str:
        return f"{self.words}{self.rep}{self.rest}"


def sentences(summary: TeamSummary) -> list[Sentence]:
    """Return what a week brought: loyalty, who moved most, what to train; [] with fewer than three voices."""
    told = summary.told
    if told.loyalty is None or told.voices < VOICES_TO_RANK:
        return []
    found = [Sentence(_loyalty(told)), *_moves(told)]
    weak = summary.weak
    if weak:
        where = f" in {weak.team}" if len(summary.teams) > 1 else ""
        found.append(
            Sentence(
                f"To train: {weak.dimension.capitalize()}, {weak.mean:.1f} of 5{where} ({weak.voices:.0f} voices)."
            )
        )
    return found


def _loyalty(told: WeekTold) -> str:
    begin = "Loyalty" if told.running else f"In week {told.week.number}: loyalty"
    return f"{begin} {told.loyalty:.0f} (from {told.voices:.0f} voices){_change(told)}."


def _change(told: WeekTold) -> str:
    before = "last week" if told.running else "the week before"
    if told.loyalty is None or told.before is None:
        return ""
    by = told.loyalty - told.before
    if not told.clear or abs(by) < LEAST_NAMED:
        return f", no clear change since {before}"
    return f", {abs(by):.0f} {'more' if by > 0 else 'less'} than {before}"


def _moves(told: WeekTold) -> list[Sentence]:
    answers = f"{told.answers} answer" if told.answers == 1 else f"{told.answers} answers"
    found = [
        _move(words, move)
        for words, move in (("Down most: ", told.fallen), ("Up most: ", told.risen))
        if move
    ]
    if found or not told.answers or told.before is None:
        return found
    return [Sentence(f"No rep's score moved beyond chance ({answers}).")]


def _move(words: str, move: ScoreMove) -> Sentence:
    score = move.row.standing.score
    after = " and ".join(dict.fromkeys(each.account for each in move.after))
    rest = (
        f", {score.score:.0f} (from {score.voices:.0f} voices), {abs(move.by):.1f} points"
        f" {'more' if move.by > 0 else 'less'}{', after ' + after if after else ''}."
    )
    return Sentence(words, move.row.rep.id, move.row.rep.name, rest)
