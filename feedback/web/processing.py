"""The description of the processing, to be read and printed: what is recorded, who sees it, how long, and what is not
done. Made of the register and of the rules by which access is decided, so that it cannot say anything else."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Response, url_for

from feedback.actions.settings import note_told
from feedback.core.access import FigureAccess, Role, figure_access
from feedback.models import Organisation
from feedback.store.chat import services_in_use
from feedback.store.organisations import organisation
from feedback.store.webhooks import active_webhooks
from feedback.web.context import changing, current_user, login_required, now, read_session
from feedback.web.htmx import redirect_to, render
from feedback.web.register import register
from feedback.wording.labels import SERVICE_NAMES

pages = Blueprint("processing", __name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one role sees."""

    who: str
    sees: tuple[str, ...]


@pages.get("/privacy/processing")
@login_required
def show() -> Response:
    """Show everybody who signs in how their data is processed."""
    session, ours = read_session(), current_user().organisation_id
    kept = organisation(session, ours)
    return render(
        "privacy/processing.html",
        organisation=kept,
        register=register(kept),
        seen=who_sees(kept),
        not_done=what_is_not_done(kept),
        told=sorted(
            {urlsplit(hook.url).hostname or "" for hook in active_webhooks(session, ours)}
            | {SERVICE_NAMES[service] for service in services_in_use(session, ours)}
        ),
        now=now(),
    )


@pages.post("/privacy/processing/read")
@login_required
def read() -> Response:
    """Note that somebody has read whether a works agreement applies."""
    with changing() as c:
        note_told(c, current_user().id)
    return redirect_to(url_for("auth.home"))


def who_sees(kept: Organisation) -> list[Seen]:
    """Return what each role sees, by the rules of core.access."""
    rep, manager, owner = (_access(kept, role) for role in (Role.REP, Role.MANAGER, Role.OWNER))
    return [
        Seen("The client", (
            "Their own answer, and who sees it",
        )),
        Seen("A rep", (
            "Their own score, with its range, and how it came about",
            "Answers of their own clients, once they have sealed their guess; not where the client chose managers only",
            "The scores of all other reps" if rep.colleagues else "No figure about another rep",
        )),
        Seen("A manager", _managers_see(manager, "their own teams")),
        Seen("An owner", (
            *_managers_see(owner, "all teams"),
            "Who signed in and when, and what was changed by whom (the audit log)",
            "The file of what is on record about one person, when that person asks for it",
        )),
        Seen("Another program, with a token", (
            "What the person sees who made the token, and no more",
        )),
    ]  # fmt: skip


def _managers_see(access: FigureAccess, which: str) -> tuple[str, ...]:
    if access.by_person:
        return (
            f"The score and the rank of each rep of {which}, and how they came about",
            f"Each answer and each sealed guess of {which}",
            f"Alerts about clients of {which}, with what was said and guessed",
        )
    return (
        f"Figures of {which}: loyalty, the six dimensions, how many were asked and answered. Each comes from at least"
        f" {access.least} reps; smaller teams are added up with others, or not shown",
        "Alerts about a client: who it is, which rep looks after them, why in words, what was rated low, and what the"
        " client wrote. Without a rating, a score or a guess",
        "Answers whose origin is doubted: why, and what was decided. Without ratings",
        "Clients and accounts by name, with what is being done. Without figures",
    )


def what_is_not_done(kept: Organisation) -> list[str]:
    """Return what is not done with the data."""
    ranked = _access(kept, Role.MANAGER).ranked
    always = (
        "No decision about a person is made by the program.",
        "No place, no working time, no call and no content of a mail is recorded.",
        "Nothing is taken from phones but what is tapped and typed, and the marks listed above.",
        "Nothing is sold, and nothing is used to teach a program.",
        "A rep's guess is shown to no client, and sent to no other system.",
    )
    if ranked:
        return list(always)
    return [
        "Reps are not ranked: not on a page, not in a file, not in a mail.",
        "No figure about one rep is shown to anybody but that rep, or sent to another system.",
        "The whole data cannot be taken out in the browser. Whoever runs the server still can.",
        *always,
    ]


def _access(kept: Organisation, role: Role) -> FigureAccess:
    return figure_access(role, works_agreement=kept.works_agreement, reps_see_all=kept.reps_see_all)
