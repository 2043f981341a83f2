"""The owner's pages about the people who sign in, and how they come in."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField
from wtforms.validators import InputRequired, Length

from feedback.actions import staff as actions
from feedback.actions.second_factor import end_second_factor
from feedback.actions.staff import PersonInput
from feedback.actions.user_links import new_link, withdraw_link
from feedback.charts.qr import draw_qr
from feedback.context import app_context
from feedback.core.access import Role
from feedback.core.emails import small_letters
from feedback.core.links import link_token
from feedback.db.change import Change, Invalid
from feedback.store.second_factor import second_factor
from feedback.store.staff import (
    StaffView,
    count_staff,
    staff,
    staff_member,
    team_list,
    teams_of,
    teams_to_choose,
)
from feedback.store.user_links import newest_link
from feedback.web.context import (
    base_url,
    changing,
    current_user,
    mails_from,
    now,
    owner_required,
    read_session,
)
from feedback.web.htmx import redirect_to, render
from feedback.web.paging import paginate_query
from feedback.web.proof import ask_for_proof

pages = Blueprint("people", __name__)

LONGEST_SEARCH = 200  # characters
LETS_IN = ("link", "mail", "back", "factor")  # what lets somebody sign in
ROLE_WORDS = {
    Role.REP: "Meets clients, and guesses what they will say",
    Role.MANAGER: "Looks after teams: leaderboard, relationships, alerts",
    Role.OWNER: "Sees everything, and looks after people and settings",
}


class PersonForm(FlaskForm):
    """Somebody who is to sign in, or does."""

    name = StringField("Name", [InputRequired("A name."), Length(max=200, message="At most 200 characters.")])
    email = EmailField("E-mail", [InputRequired("They sign in with it."), Length(max=320)])
    role = StringField("What they do")

    def person(self) -> PersonInput:
        """Return what was typed and chosen; a team that is no id is none."""
        return PersonInput(self.name.data, self.email.data, self.role.data or "", chosen_teams())


@pages.get("/people")
@owner_required
def index() -> Response:
    """Show who signs in, who is invited, and who left."""
    session, organisation_id = read_session(), current_user().organisation_id
    words = request.args.get("q", "")[:LONGEST_SEARCH].strip()
    left = request.args.get("left") == "1"
    sheet = paginate_query(
        lambda skip, take: staff(session, organisation_id, skip, take, words=words, left=left),
        count_staff(session, organisation_id, words=words, left=left),
    )
    return render(
        "people/list.html",
        sheet=sheet,
        teams=teams_of(session, organisation_id, sheet.rows),
        words=words,
        left=left,
        who_left=left or count_staff(session, organisation_id, left=True),
        now=now(),
    )


@pages.get("/people/new")
@owner_required
def new() -> Response:
    return _new_page(PersonForm(formdata=None, data={"role": Role.REP}))


@pages.post("/people/new")
@owner_required
def invite() -> Response:
    """Add somebody, with the link by which they join; mailed when that was asked for."""
    form, who = PersonForm(), current_user()
    if not form.validate():
        return _new_page(form, status=422)
    if form.role.data != Role.REP and (asked := ask_for_proof()):
        return asked
    try:
        with changing() as c:
            user_id = actions.invite_person(c, who.id, form.person())
            new_link(c, who.id, user_id, _mail_from())
    except Invalid as error:
        return _new_page(form, error.reasons, 422)
    return redirect_to(url_for("people.show", user_id=user_id))


@pages.get("/people/<uuid:user_id>")
@owner_required
def show(user_id: UUID) -> Response:
    person = _person(user_id)
    return _person_page(person, *_as_stored(person))


@pages.post("/people/<uuid:user_id>")
@owner_required
def update(user_id: UUID) -> Response:
    """Change what somebody is called, where they are mailed, what they do, and their teams."""
    person, form = _person(user_id), PersonForm()
    if not form.validate():
        return _person_page(person, form, frozenset(chosen_teams()), status=422)
    # whoever has the address can have a new password mailed to it
    lets_in = form.role.data != person.role or small_letters(str(form.email.data).strip()) != person.email
    if lets_in and (asked := ask_for_proof()):
        return asked
    try:
        with changing() as c:
            actions.change_person(c, current_user().id, user_id, form.person())
    except Invalid as error:
        return _person_page(person, form, frozenset(chosen_teams()), error.reasons, 422)
    return redirect_to(url_for("people.show", user_id=user_id, done="saved"))


@pages.post("/people/<uuid:user_id>/access")
@owner_required
def access(user_id: UUID) -> Response:
    """Make or withdraw a link, end sessions, let somebody sign in no more or again; `what` in the form says which."""
    person, what = _person(user_id), request.form.get("what", "")
    if what in LETS_IN and (asked := ask_for_proof()):
        return asked
    try:
        with changing() as c:
            _do(c, what, user_id)
    except Invalid as error:
        return _person_page(person, *_as_stored(person), error.reasons, 422)
    return redirect_to(url_for("people.show", user_id=user_id, done=what))


def _do(c: Change, what: str, user_id: UUID) -> None:
    by = current_user().id
    match what:
        case "link":
            new_link(c, by, user_id)
        case "mail":
            new_link(c, by, user_id, app_context().settings.base_url if _mails() else None)
        case "withdraw":
            withdraw_link(c, by, user_id)
        case "factor":
            if not end_second_factor(c, by, user_id, mails_from(), passkeys=True):
                raise Invalid(person="There is no second factor to remove.")
        case "sign_out":
            actions.sign_out_everywhere(c, by, user_id)
        case "end":
            actions.end_person(c, by, user_id)
        case "back":
            actions.bring_back(c, by, user_id)
        case _:
            raise Invalid(person="Choose one of the buttons.")


def chosen_teams() -> tuple[UUID, ...]:
    """Return the teams that were ticked."""
    found = []
    for text in request.form.getlist("teams"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))


def _as_stored(person: StaffView) -> tuple[PersonForm, frozenset[UUID]]:
    """Return the form and the ticked teams of somebody who was not changed."""
    form = PersonForm(formdata=None, data={"name": person.name, "email": person.email, "role": person.role})
    return form, teams_to_choose(read_session(), current_user().organisation_id, person)


def _person(user_id: UUID) -> StaffView:
    return staff_member(read_session(), current_user().organisation_id, user_id)


def _mails() -> bool:
    settings = app_context().settings
    return bool(settings.smtp_url and settings.base_url)


def _mail_from() -> str | None:
    return app_context().settings.base_url if _mails() and request.form.get("mail") == "1" else None


def _new_page(form: PersonForm, reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    return render(
        "people/new.html",
        status=status,
        form=form,
        chosen=chosen_teams(),
        teams=team_list(read_session(), current_user().organisation_id),
        roles=ROLE_WORDS,
        reasons=reasons or {},
        mails=_mails(),
    )


def _person_page(
    person: StaffView,
    form: PersonForm,
    chosen: frozenset[UUID],
    reasons: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    organisation_id = current_user().organisation_id
    link = newest_link(read_session(), organisation_id, person.id)
    address = code = None
    if link and link.good(now()):
        token = link_token(app_context().settings.secret_key, organisation_id, link.id)
        address = f"{base_url()}{url_for('join.show', token=token)}"
        code = draw_qr(address, capitals=False)
    return render(
        "people/person.html",
        status=status,
        person=person,
        form=form,
        chosen=chosen,
        teams=team_list(read_session(), organisation_id),
        roles=ROLE_WORDS,
        reasons=reasons or {},
        mails=_mails(),
        link=link,
        factor=second_factor(read_session(), organisation_id, person.id),
        address=address,
        code=code,
        now=now(),
    )
