"""What the sections on claims, drivers and the instrument's health show, out of what was stored."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from feedback.charts.evidence import RangePicture, draw_figure, draw_weights
from feedback.core.evidence.claims import ClaimFinding, RangedFigure
from feedback.core.evidence.drivers import DriverSilence, DriverTarget, leading
from feedback.core.evidence.health import GroupHealth, HealthAdvice, RoomAgainstMail
from feedback.pages.evidence.claims import finding_of
from feedback.pages.evidence.drivers import drivers_as_stored
from feedback.store.people import Viewer, all_teams, reps
from feedback.web.context import current_user, read_session
from feedback.wording.evidence import (
    ADVICE_WORDS,
    CLAIM_WORDS,
    DRIVER_SILENCES,
    DRIVER_TARGETS,
    VERDICT_WORDS,
    ClaimWords,
)
from feedback.wording.i18n import own_name


@dataclass(frozen=True, slots=True)
class ClaimCard:
    """One claim as the page shows it."""

    words: ClaimWords
    finding: ClaimFinding
    verdict: str
    figures: list[tuple[RangedFigure, RangePicture]]
    few_reps: bool  # too few reps are behind it for a figure under a works agreement


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One group's health as the page shows it."""

    name: str
    health: GroupHealth
    advice: list[str]


def claims_shown(section: dict[str, Any]) -> dict[str, Any]:
    """Return the cards of the claims, and whether those that rest on guesses are left out."""
    figures = current_user().figures
    found = [finding_of(each) for each in section["findings"]]
    return {
        "cards": [_card(each, figures.least) for each in found],
        "guesses_left_out": len(found) < len(CLAIM_WORDS),
    }


def _card(finding: ClaimFinding, least: int) -> ClaimCard:
    few = bool(finding.figures) and finding.reps < least
    drawn = [] if few else [(figure, draw_figure(figure)) for figure in finding.figures]
    return ClaimCard(CLAIM_WORDS[finding.claim], finding, VERDICT_WORDS[finding.verdict], drawn, few_reps=few)


def drivers_shown(section: dict[str, Any]) -> dict[str, Any]:
    """Return the weights with their pictures, or in words why there are none."""
    found = drivers_as_stored(section, current_user().figures.least)
    if found is None:
        silence = DRIVER_SILENCES[DriverSilence(section["silence"] or DriverSilence.FEW)]
        return {"silence": silence, "complete": section["complete"]}
    lead = leading(found.weights)
    return {
        "silence": None,
        "clients": found.clients,
        "outcome": found.target is DriverTarget.OUTCOME,
        "target": DRIVER_TARGETS[found.target],
        "lead": lead.dimension if lead else None,
        "lines": list(zip(found.weights, draw_weights(found.weights), strict=True)),
    }


def health_shown(section: dict[str, Any]) -> dict[str, Any]:
    """Return a line for each group, and the reps by how much higher clients rate in the room."""
    session, viewer = read_session(), current_user()
    teams = {str(team_id): name for team_id, name in all_teams(session, viewer.organisation_id)}
    tags = {tag for group in section["languages"] for tag in group["names"] if tag}
    return {
        "all": _lines(section["all"], {}),
        "teams": _enough(_lines(section["teams"], teams)),
        "languages": _enough(_lines(section["languages"], {tag: own_name(tag) for tag in tags})),
        "reps": _reps(session, viewer, section["reps"]) if viewer.figures.by_person else [],
    }


def _lines(groups: list[dict[str, Any]], names: dict[str, str]) -> list[HealthLine]:
    """Return a line for each group, the most answers first, then by name."""
    lines = [_line(group, names) for group in groups]
    return sorted(lines, key=lambda line: (-line.health.answers, line.name))


def _enough(lines: list[HealthLine]) -> list[HealthLine]:
    """Return those of which there is something to say, where there are several to compare."""
    return [line for line in lines if HealthAdvice.FEW not in line.health.advice] if len(lines) > 1 else []


def _line(group: dict[str, Any], names: dict[str, str]) -> HealthLine:
    fields = {name: value for name, value in group.items() if name != "names"}
    advice = [ADVICE_WORDS[HealthAdvice(each)] for each in group["advice"]]
    known = sorted(names[each] for each in group["names"] if each in names)
    return HealthLine(", ".join(known), GroupHealth(**fields), advice)


def _reps(session: Session, viewer: Viewer, rows: list[dict[str, Any]]) -> list[tuple[str, RoomAgainstMail]]:
    names = {rep.id: rep.name for rep in reps(session, viewer)}
    return [
        (names[UUID(row["rep_id"])], RoomAgainstMail(**row)) for row in rows if UUID(row["rep_id"]) in names
    ]
