"""The first steps of an owner, and a meeting to try. A trial is three pages one after the other, told apart by what
their address carries: it opens no change and stores nothing, so that nothing can count it."""

from types import SimpleNamespace
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request, url_for

from feedback.actions import first_steps as actions
from feedback.charts.qr import draw_qr
from feedback.context import app_context
from feedback.core.access import Reader, Visibility, answer_access, answer_status
from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST, NO_RATINGS, Ratings, as_ratings
from feedback.core.gaps.analysis import gaps, headline, weakest
from feedback.core.links import link_token, read_trial_ticket, trial_ticket
from feedback.pages.first_steps import first_steps, links_of
from feedback.store.invitation_view import SideAnswers
from feedback.store.people import Viewer, viewer_of
from feedback.web.context import base_url, changing, current_user, now, owner_required, read_session
from feedback.web.forms import NOTHING_RATED, AnswerForm
from feedback.web.htmx import redirect_to, render
from feedback.web.passwords import mail_address
from feedback.wording.i18n import browser_language, use_language

pages = Blueprint("start", __name__)

CLIENT, CLIENT_FIRST, CLIENTS_COMPANY = "Dana Trial", "Dana", "Trial Ltd"
OWN_MACHINE = ("localhost", "127.0.0.1", "::1")  # what no phone can open
SIX_TAPS = "Six taps seal it."


@pages.get("/start")
@owner_required
def show() -> Response:
    """Show the three steps, and the links of those who have not joined."""
    return _page()


def _page(status: int = 200) -> Response:
    who = current_user()
    start = first_steps(read_session(), who, now())
    secret = app_context().settings.secret_key
    links = {
        person_id: base_url() + url_for("join.show", token=link_token(secret, who.organisation_id, link_id))
        for person_id, link_id in links_of(read_session(), who, start.waiting).items()
    }
    return render(
        "start/start.html", status=status, start=start, links=links, mails=mail_address() is not None
    )


@pages.post("/start")
@owner_required
def act() -> Response:
    """Make a link for everybody without, try a meeting, or put the steps away; `what` in the form says which."""
    what, by = request.form.get("what"), current_user().id
    if what not in ("links", "mail", "try", "away"):
        return _page(422)
    with changing() as c:
        if what == "try":
            actions.note_trial(c, by)
        elif what == "away":
            actions.put_away(c, by)
        else:
            actions.invite_all(c, by, mail_address() if what == "mail" else None)
    return redirect_to(
        {"try": url_for("start.code"), "away": "/"}.get(what, url_for("start.show", done=what))
    )


@pages.get("/start/trial")
@owner_required
def code() -> Response:
    """Show the code of a trial."""
    who = current_user()
    ticket = trial_ticket(app_context().settings.secret_key, who.organisation_id, who.id, now())
    address = base_url() + url_for("start.trial", ticket=ticket)
    qr = draw_qr(address, capitals=False)
    return render("start/code.html", address=address, qr=qr, alone=urlsplit(address).hostname in OWN_MACHINE)


@pages.get("/try/<ticket>")
def trial(ticket: str) -> Response:
    """Show the client's six rows; once the address has what the client said the mirror; with the guess the gap
    card."""
    known = read_trial_ticket(app_context().settings.secret_key, ticket, now())
    owner = viewer_of(read_session(), *known) if known else None
    if owner is None:
        return render("start/over.html", status=410)
    g.timezone = owner.timezone
    form, said = AnswerForm(formdata=request.args), _ratings(request.args.get("said", ""))
    tapped = form.ratings() if form.validate() else {}
    if said:
        return _guess(owner, form, said, as_ratings(tapped), ticket)
    if tapped:
        told = "".join(str(tapped.get(name, 0)) for name in DIMENSIONS)
        return redirect_to(url_for("start.trial", ticket=ticket, said=told))
    use_language(browser_language())
    reasons = {"done": NOTHING_RATED} if "done" in request.args else {}
    return render("start/client.html", form=form, reasons=reasons, invitation=_invitation(owner))


def _guess(owner: Viewer, form: AnswerForm, said: Ratings, guessed: Ratings, ticket: str) -> Response:
    if None in guessed:
        reasons = {"ratings": SIX_TAPS} if "done" in request.args else {}
        return render("start/mirror.html", form=form, reasons=reasons, said=request.args["said"])
    found = gaps(said, guessed)
    return render(
        "start/gap.html",
        invitation=_invitation(owner, said),
        gaps=found,
        headline=headline(found),
        weakest=weakest(found),
        relationship=None,
        brief=SimpleNamespace(practice=None),
        ahead=None,
        ticket=ticket,
        now=now(),
    )


def _invitation(owner: Viewer, said: Ratings = NO_RATINGS) -> SimpleNamespace:
    """Return what the pages of a real invitation are told, of one that is none: settled, and the guess sealed."""
    at = now()
    status = answer_status(
        at,
        settles_at=at,
        settled_at=at,
        visibility=Visibility.REP,
        sealed_at=at,
        closes_at=at,
        erased_at=None,
    )
    return SimpleNamespace(
        organisation=owner.organisation,
        rep=owner.name,
        rep_first=owner.first_name,
        contact=CLIENT,
        contact_first=CLIENT_FIRST,
        account=CLIENTS_COMPANY,
        held_at=at,
        access=answer_access(Reader.REP, status),
        client=SideAnswers(ratings=said),
        mirror=SideAnswers(),
        closed=lambda _now: False,
    )


def _ratings(text: str) -> Ratings | None:
    """Return what a trial's client said, from its address: a digit for each dimension, 0 where nothing was tapped. None
    when it is not that."""
    if (
        len(text) != len(DIMENSIONS)
        or not set(text) <= set("0123456789"[: HIGHEST + 1])
        or not text.strip("0")
    ):
        return None
    return tuple(int(digit) if int(digit) >= LOWEST else None for digit in text)
