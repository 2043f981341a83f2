"""The owner's page that says whether the server is well. It shows what the worker found last, and asks nothing itself."""

from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Response, url_for

from feedback.context import app_context
from feedback.core.access import Forbidden
from feedback.findings import FindingState, read_report
from feedback.instance import LOOK_WANTED, done_at, mark_done
from feedback.store.organisations import several_organisations
from feedback.web.context import now, owner_required, read_session
from feedback.web.htmx import redirect_to, render

pages = Blueprint("status", __name__)
LOOK_TAKES = timedelta(minutes=2)  # at most
OLD = timedelta(hours=2)  # of findings: the worker looks every hour
WORST_FIRST = (FindingState.WRONG, FindingState.LOOK, FindingState.OK)
PILLS = {
    FindingState.OK: ("strength", "ok"),
    FindingState.LOOK: ("watch", "look"),
    FindingState.WRONG: ("urgent", "wrong"),
}


@pages.get("/status")
@owner_required
def index() -> Response:
    """Show the last findings, with their age."""
    instance = app_context().settings.instance
    report = read_report(instance)
    return render(
        "status/status.html",
        "status/_findings.html",
        report=report,
        findings=sorted(report.findings, key=lambda each: WORST_FIRST.index(each.state)) if report else [],
        wrong=report.count(FindingState.WRONG) if report else 0,
        unsure=report.count(FindingState.LOOK) if report else 0,
        old=report is not None and now() - report.at > OLD,
        waits=_waits(instance),
        shared=_is_shared(),
        pills=PILLS,
        now=now(),
    )


@pages.post("/status")
@owner_required
def look() -> Response:
    """Ask the worker to look now."""
    if _is_shared():
        raise Forbidden("the server is not this organisation's alone")
    mark_done(app_context().settings.instance, LOOK_WANTED, now())
    return redirect_to(url_for("status.index"))


def _waits(instance: Path) -> bool:
    """Tell whether somebody has just asked. Where no worker takes notice, nobody waits for ever."""
    asked = done_at(instance, LOOK_WANTED)
    return asked is not None and now() - asked < LOOK_TAKES


def _is_shared() -> bool:
    """Tell whether others have organisations here, or may make one: then the server is not the owner's own, and its
    addresses, files and reasons are not theirs to read."""
    return app_context().settings.sign_up == "open" or several_organisations(read_session())
