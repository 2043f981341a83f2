"""Adding a client by hand: a company and somebody there, or a company alone."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions.new_clients import NewClient, add_client
from feedback.core.emails import small_letters
from feedback.core.finding import folded
from feedback.db.change import Invalid
from feedback.pages.groups import plain_account
from feedback.store import clients
from feedback.store.clients import Client
from feedback.web.clients import NO_LANGUAGE
from feedback.web.context import changing, current_user, manager_required, now, read_session
from feedback.web.forms import NewClientForm
from feedback.web.htmx import redirect_to, render
from feedback.web.rep_field import rep_typed, reps_to_choose
from feedback.web.values import typed_value
from feedback.wording.i18n import languages, lazy_app_text

pages = Blueprint("new_client", __name__)

TWICE_WITHIN = timedelta(seconds=20)  # the same again is a double click, or the back button
NAME_NEEDED = lazy_app_text("Who is it? You see the clients whom your own reps meet.")


@pages.get("/contacts/new")
@manager_required
def new() -> Response:
    """Show the form; with ?account= for somebody at that account."""
    return _page(NewClientForm(formdata=None, data={"account": _account_name()}), {})


@pages.post("/contacts/new")
@manager_required
def create() -> Response:
    """Add a client. Where others have the name or the address, or a company is spelled alike, asks first."""
    form = NewClientForm()
    if not form.validate():
        return _page(form, {}, 422)
    try:
        wanted = _wanted(form)
    except Invalid as error:
        return _page(form, error.reasons, 422)
    others = _others(wanted)
    if twin := _twin(others, wanted):
        return redirect_to(url_for("clients.show", contact_id=twin.id, done="saved"))
    spelled = _spelled_alike(form)
    if spelled or (others and request.form.get("same") != "no"):
        return _page(form, {}, 422, others, spelled)
    try:
        with changing() as c:
            account_id, contact_id = add_client(c, current_user().id, wanted)
    except Invalid as error:
        return _page(form, error.reasons, 422)
    if contact_id is None:
        return redirect_to(url_for("accounts.show", account_id=account_id))
    return redirect_to(url_for("clients.show", contact_id=contact_id, done="added"))


def _account_name() -> str:
    try:
        account_id = UUID(request.args.get("account", ""))
    except ValueError:
        return ""
    return plain_account(read_session(), current_user(), account_id).name


def _wanted(form: NewClientForm) -> NewClient:
    """Return what the form says. Raises Invalid."""
    name, language, rep = form.name.data or "", form.language.data or "", rep_typed(form.rep.data or "")
    reasons: dict[str, str] = {}
    if language and language not in languages():
        reasons["language"] = NO_LANGUAGE
    if not (name.strip() or current_user().is_owner):
        reasons["name"] = NAME_NEEDED
    if reasons:
        raise Invalid(**reasons)
    return NewClient(
        _meant_account(form), name, form.email.data or "", form.role.data or "", language,
        bool(form.no_mail.data), typed_value(form.value), form.review_days.data, form.renews_on.data,
        rep.id if rep else None,
    )  # fmt: skip


def _meant_account(form: NewClientForm) -> str:
    """Return the name of the company: that of the one that was said to be meant."""
    typed = form.account.data or ""
    alike = clients.accounts_spelled_like(read_session(), current_user().organisation_id, typed)
    meant = request.form.get("company")
    return next((name for account_id, name in alike if str(account_id) == meant), typed)


def _spelled_alike(form: NewClientForm) -> list[tuple[UUID, str]]:
    """Return the companies that may be meant, until it was said whether one of them is."""
    where = read_session(), current_user().organisation_id
    alike = clients.accounts_spelled_like(*where, form.account.data or "")
    said = {"no", *(str(account_id) for account_id, _ in alike)}
    return [] if request.form.get("company") in said else alike


def _others(wanted: NewClient) -> list[Client]:
    if not wanted.name.strip():
        return []
    where = read_session(), current_user().organisation_id
    return clients.namesakes(*where, wanted.name, wanted.email)


def _twin(others: list[Client], wanted: NewClient) -> Client | None:
    """Return the contact that this very form has made a moment ago."""
    typed = folded(wanted.name), folded(wanted.account), small_letters(wanted.email) or None
    return next(
        (
            each
            for each in others
            if each.created_at > now() - TWICE_WITHIN
            and (folded(each.name), folded(each.account), each.email) == typed
        ),
        None,
    )


def _page(
    form: NewClientForm,
    reasons: dict[str, str],
    status: int = 200,
    others: Sequence[Client] = (),
    spelled: Sequence[tuple[UUID, str]] = (),
) -> Response:
    who, session = current_user(), read_session()
    return render(
        "clients/new.html",
        status=status,
        form=form,
        reasons=reasons,
        others=others,
        mine=clients.those_looked_after(session, who, [each.id for each in others]),
        spelled=spelled,
        reps=reps_to_choose(),
        known=languages(),
        stopped_by_them=False,
    )
