"""The page of evidence: what the product says of itself, from the organisation's own data."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, request

from feedback.charts.leads import draw_leads
from feedback.core.access import LEAST_GROUP
from feedback.core.evidence.warnings import LEAST_OUTCOMES, Period
from feedback.pages.evidence.frame import evidence_of, scope_of_viewer
from feedback.pages.evidence.lines import lost_lines
from feedback.pages.evidence.shown import RecordShown, record_shown
from feedback.web.context import current_user, manager_required, now, read_session
from feedback.web.evidence_findings import claims_shown, drivers_shown, health_shown
from feedback.web.htmx import render
from feedback.web.paging import paginate_query

pages = Blueprint("evidence", __name__)


@pages.get("/evidence")
@manager_required
def show() -> Response:
    """Show the figures as they were worked out last; ?period= is of the warnings' record."""
    who, period = current_user(), _period()
    found = evidence_of(read_session(), who, now())
    stored = found.sections if found else {}
    shown = {name: make(section) for name, make in SHOWN.items() if (section := stored.get(name))}
    return render(
        "evidence/page.html",
        worked_out_at=found.worked_out_at if found else None,
        failed=[name for name, section in stored.items() if section is None],
        period=period,
        periods=Period,
        **shown,
    )


def _period() -> Period:
    wanted = request.args.get("period", Period.YEAR)
    if wanted not in tuple(Period):
        abort(404)
    return Period(wanted)


def _warnings(section: dict[str, Any]) -> dict[str, Any]:
    """Return what `_warnings.html` shows: the record of the wanted period, and a line for each lost client."""
    who, record = current_user(), record_shown(section["periods"][_period()])
    by_person = who.figures.by_person
    few = not by_person and record.reps < LEAST_GROUP
    lines = by_person and record.lost
    return {
        "record": record,
        "early": record.early,
        "least": LEAST_OUTCOMES,
        "leads": draw_leads(record.leads, record.median_lead or 0.0),
        "few": few,
        "sheet": paginate_query(_lines_of(record), len(record.lost)) if lines else None,
        "by_person": by_person,
    }


def _lines_of(record: RecordShown) -> Callable[[int, int], list[Any]]:
    scope = scope_of_viewer(current_user(), now())
    return lambda skip, take: lost_lines(read_session(), scope, record.lost[skip : skip + take])


# What a section's partial is given, from what was stored: templates/evidence/_<name>.html has it as <name>.
SHOWN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "warnings": _warnings,
    "claims": claims_shown,
    "drivers": drivers_shown,
    "health": health_shown,
}
