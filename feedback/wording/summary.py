"""A week in two or three sentences, each with its sample. Nothing is said of a sample that is too small."""

from dataclasses import dataclass
from uuid import UUID

from feedback.core.scoring.ranking import VOICES_TO_RANK
from feedback.pages.team_summary import ScoreMove, TeamSummary, WeekTold
from feedback.wording.i18n import app_count, app_text, local_number
from feedback.wording.labels import DIMENSION_WORDS
from feedback.wording.names import listed_words

_HERE = "\0"  # where the rep's name goes
LEAST_NAMED = 0.5  # points of loyalty, from which a change is a number


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, with the rep it is about between two parts. It is translated as a whole, and parted afterwards."""

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
        values = {
            "dimension": DIMENSION_WORDS[weak.dimension],
            "mean": local_number(f"{weak.mean:.1f}"),
            "voices": f"{weak.voices:.0f}",
        }
        found.append(
            Sentence(
                app_text(
                    "To train: %(dimension)s, %(mean)s of 5 in %(team)s (%(voices)s voices).",
                    team=weak.team,
                    **values,
                )
                if len(summary.teams) > 1
                else app_text("To train: %(dimension)s, %(mean)s of 5 (%(voices)s voices).", **values)
            )
        )
    return found


def _loyalty(told: WeekTold) -> str:
    values = {
        "loyalty": f"{told.loyalty:.0f}",
        "voices": f"{told.voices:.0f}",
        "week": told.week.number,
    }
    if told.loyalty is None or told.before is None:
        if told.running:
            return app_text("Loyalty %(loyalty)s (from %(voices)s voices).", **values)
        return app_text("In week %(week)s: loyalty %(loyalty)s (from %(voices)s voices).", **values)
    by = told.loyalty - told.before
    values["points"] = f"{abs(by):.0f}"
    if not told.clear or abs(by) < LEAST_NAMED:
        return _steady(told.running, values)
    return _changed(told.running, by > 0, values)


def _steady(running: bool, values: dict[str, object]) -> str:
    if running:
        return app_text(
            "Loyalty %(loyalty)s (from %(voices)s voices), no clear change since last week.", **values
        )
    return app_text(
        "In week %(week)s: loyalty %(loyalty)s (from %(voices)s voices), no clear change since the week before.",
        **values,
    )


def _changed(running: bool, more: bool, values: dict[str, object]) -> str:
    if running and more:
        return app_text(
            "Loyalty %(loyalty)s (from %(voices)s voices), %(points)s more than last week.", **values
        )
    if running:
        return app_text(
            "Loyalty %(loyalty)s (from %(voices)s voices), %(points)s less than last week.", **values
        )
    if more:
        return app_text(
            "In week %(week)s: loyalty %(loyalty)s (from %(voices)s voices), %(points)s more than the week before.",
            **values,
        )
    return app_text(
        "In week %(week)s: loyalty %(loyalty)s (from %(voices)s voices), %(points)s less than the week before.",
        **values,
    )


def _moves(told: WeekTold) -> list[Sentence]:
    found = [_move(move) for move in (told.fallen, told.risen) if move]
    if found or not told.answers or told.before is None:
        return found
    return [
        Sentence(
            app_count(
                "No rep's score moved beyond chance (%(num)s answer).",
                "No rep's score moved beyond chance (%(num)s answers).",
                told.answers,
            )
        )
    ]


def _move(move: ScoreMove) -> Sentence:
    score, after = move.row.standing.score, list(dict.fromkeys(each.account for each in move.after))
    values = {
        "rep": _HERE,
        "score": f"{score.score:.0f}",
        "voices": f"{score.voices:.0f}",
        "points": local_number(f"{abs(move.by):.1f}"),
        "accounts": listed_words(after),
    }
    words, _, rest = _moved(move.by > 0, bool(after), values).partition(_HERE)
    return Sentence(words, move.row.rep.id, move.row.rep.name, rest)


def _moved(more: bool, after: bool, values: dict[str, str]) -> str:
    if more and after:
        return app_text(
            "Up most: %(rep)s, %(score)s (from %(voices)s voices), %(points)s points more, after %(accounts)s.",
            **values,
        )
    if more:
        return app_text(
            "Up most: %(rep)s, %(score)s (from %(voices)s voices), %(points)s points more.", **values
        )
    if after:
        return app_text(
            "Down most: %(rep)s, %(score)s (from %(voices)s voices), %(points)s points less, after %(accounts)s.",
            **values,
        )
    return app_text(
        "Down most: %(rep)s, %(score)s (from %(voices)s voices), %(points)s points less.", **values
    )
