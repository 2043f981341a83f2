"""Contacts: the list of those whom somebody looks after, one to be corrected, and two that are joined."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from feedback.actions.clients import ContactEdit, archive_contact, edit_contact
from feedback.actions.merging import merge_contacts, undo_merge
from feedback.actions.new_clients import give_contact
from feedback.core.access import NotFound
from feedback.core.asking import StopReason
from feedback.core.emails import small_letters
from feedback.core.finding import folded
from feedback.core.merging import can_be_undone, why_not_merged
from feedback.db.change import Invalid
from feedback.pages.groups import plain_account
from feedback.store import clients
from feedback.store.asking import mail_stops
from feedback.store.clients import Client, client_for
from feedback.store.contacts import contacts_meant
from feedback.store.merges import merge_facts, merge_for, merges_of_contact
from feedback.web.context import (
    changing,
    current_user,
    login_required,
    manager_required,
    now,
    read_session,
)
from feedback.web.forms import ContactForm
from feedback.web.htmx import redirect_to, render
from feedback.web.paging import paginate_query
from feedback.web.rep_field import rep_typed, reps_to_choose
from feedback.wording.i18n import app_text, languages, lazy_app_text

pages = Blueprint("clients", __name__)
LONGEST_SEARCH = 200  # characters
NO_LANGUAGE = lazy_app_text("Choose one of the languages.")


@pages.get("/contacts")
@manager_required
def index() -> Response:
    """Show the contacts of the reps whom somebody is responsible for; found by name, company or address."""
    who, session = current_user(), read_session()
    words, archived = _words(), bool(request.args.get("archived"))
    whole = clients.count_clients(session, who, words, archived)
    sheet = paginate_query(
        lambda skip, take: clients.clients(session, who, words, archived, skip, take), whole
    )
    return render(
        "clients/list.html",
        sheet=sheet,
        stops=_stops(sheet.rows),
        words=words,
        archived=archived,
        are_archived=0 if archived else clients.count_clients(session, who, "", archived=True),
    )


@pages.get("/contacts/<uuid:contact_id>")
@login_required
def show(contact_id: UUID) -> Response:
    """Show one contact to be corrected; under the address of one that was joined with another, the other."""
    meant = contacts_meant(read_session(), current_user().organisation_id, [contact_id])[contact_id]
    found = _client(meant)
    if meant != contact_id:
        return redirect_to(url_for("clients.show", contact_id=meant))
    data = {"name": found.name, "account": found.account, "role": found.role, "email": found.email,
            "language": found.language, "no_mail": bool(_stops([found])), "rep": found.given_to}  # fmt: skip
    return _page(found, ContactForm(formdata=None, data=data), {})


@pages.post("/contacts/<uuid:contact_id>")
@login_required
def update(contact_id: UUID) -> Response:
    """Correct a contact. Where others have the name or the address, asks first whether they are the same."""
    found, form, who = _client(contact_id), ContactForm(), current_user()
    reasons: dict[str, str] = {}
    if not form.validate():
        return _page(found, form, reasons, 422)
    if form.language.data and form.language.data not in (*languages(), found.language):
        return _page(found, form, {"language": NO_LANGUAGE}, 422)
    others = _others(found, form)
    if others and request.form.get("same") != "no":
        return _page(found, form, reasons, 422, others)
    edit = ContactEdit(
        form.name.data or "", form.account.data or "", form.email.data or "", form.role.data or "",
        form.language.data or "", bool(form.no_mail.data),
    )  # fmt: skip
    try:
        rep = rep_typed(form.rep.data or "") if _may_give(found) else None
        with changing() as c:
            edit_contact(c, who.id, contact_id, edit, rep=who.is_rep)
            if _may_give(found):
                give_contact(c, who.id, contact_id, rep.id if rep else None)
    except Invalid as error:
        return _page(found, form, error.reasons, 422)
    return redirect_to(url_for("clients.show", contact_id=contact_id, done="saved"))


@pages.post("/contacts/<uuid:contact_id>/archive")
@manager_required
def archive(contact_id: UUID) -> Response:
    """Take a contact out of the lists to choose from, or bring them back."""
    _client(contact_id)
    with changing() as c:
        archive_contact(c, current_user().id, contact_id, archived=request.form.get("what") != "back")
    return redirect_to(url_for("clients.show", contact_id=contact_id, done="saved"))


@pages.get("/contacts/<uuid:contact_id>/merge")
@login_required
def choose(contact_id: UUID) -> Response:
    """Show who may be the same as a contact; with ?other= what joining these two means."""
    found = _client(contact_id)
    other = request.args.get("other")
    return _compare(found, _client(_id(other)), {}) if other else _choose(found)


@pages.post("/contacts/<uuid:contact_id>/merge")
@login_required
def merge(contact_id: UUID) -> Response:
    """Join another contact with this one, which stays."""
    found, other, who = _client(contact_id), _client(_id(request.form.get("other"))), current_user()
    try:
        with changing() as c:
            merge_contacts(c, who, found.id, other.id)
    except Invalid as error:
        return _compare(found, other, error.reasons, 422)
    return redirect_to(url_for("clients.show", contact_id=contact_id, done="merged"))


@pages.post("/merges/<uuid:merge_id>")
@login_required
def undo(merge_id: UUID) -> Response:
    """Part again what was joined, within a day."""
    who, session = current_user(), read_session()
    found = merge_for(session, who, merge_id)
    if found.into_account_id:
        plain_account(session, who, found.into_account_id)
        back = url_for("accounts.edit", account_id=found.into_account_id)
    else:
        back = url_for("clients.show", contact_id=found.into_contact_id)
    try:
        with changing() as c:
            undo_merge(c, who, merge_id)
    except Invalid as error:
        return render("clients/stays.html", status=409, why=next(iter(error.reasons.values())), back=back)
    return redirect_to(f"{back}?done=parted")


def _may_give(found: Client) -> bool:
    """Tell whether the form says which rep is to meet a contact: one whom nobody met."""
    if current_user().is_rep or "rep" not in request.form:
        return False
    return not clients.met_by(read_session(), current_user().organisation_id, [found.id])


def _stops(shown: Sequence[Client]) -> dict[str, StopReason]:
    """Return why addresses of these contacts are not asked by mail."""
    emails = [each.email for each in shown if each.email]
    return mail_stops(read_session(), current_user().organisation_id, emails) if emails else {}


def _words() -> str:
    return request.args.get("q", "")[:LONGEST_SEARCH].strip()


def _client(contact_id: UUID) -> Client:
    return client_for(read_session(), current_user(), contact_id)


def _id(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise NotFound("contact") from None


def _others(found: Client, form: ContactForm) -> list[Client]:
    """Return who has the new name or address already; nobody where neither was changed."""
    name, email = form.name.data or "", small_letters(form.email.data or "") or None
    new_name = folded(name) != folded(found.name) or folded(form.account.data or "") != folded(found.account)
    new_email = email is not None and email != found.email
    if not (new_name or new_email):
        return []
    where = read_session(), current_user().organisation_id
    alike = clients.namesakes(*where, name, email, but=found.id)
    return [
        each
        for each in alike
        if (new_name and folded(each.name) == folded(name)) or (new_email and each.email == email)
    ]


def _page(
    found: Client,
    form: ContactForm,
    reasons: dict[str, str],
    status: int = 200,
    others: list[Client] | None = None,
) -> Response:
    who, session = current_user(), read_session()
    joined = merges_of_contact(session, who.organisation_id, found.id)
    relationships = clients.met_by(session, who.organisation_id, [found.id])
    return render(
        "clients/contact.html",
        status=status,
        client=found,
        form=form,
        reasons=reasons,
        others=others or [],
        mine=clients.those_looked_after(session, who, [each.id for each in others or []]),
        joined=[(each, can_be_undone(each.at, now())) for each in joined],
        relationships=[each for each in relationships if not who.is_rep or each.rep_id == who.id],
        reps=() if who.is_rep or relationships else reps_to_choose(),
        stopped_by_them=StopReason.CLIENT in _stops([found]).values(),
        known=[*languages(), *({found.language} - {None, *languages()})],
    )


def _choose(found: Client) -> Response:
    who, session, words = current_user(), read_session(), _words()
    matches = clients.clients(session, who, words, False, 0, clients.MOST_ALIKE + 1) if words else []
    return render(
        "clients/merge.html",
        client=found,
        words=words,
        found=[each for each in matches if each.id != found.id],
        alike=[] if words else clients.alike(session, who, found),
    )


def _compare(found: Client, other: Client, reasons: dict[str, str], status: int = 200) -> Response:
    who, session = current_user(), read_session()
    facts = merge_facts(session, who, found.id, other.id)
    refusal = why_not_merged(who.role, facts)
    return render(
        "clients/compare.html",
        status=status,
        client=found,
        other=other,
        met={each.id: clients.met_by(session, who.organisation_id, [each.id]) for each in (found, other)},
        refused=reasons.get("merge") or (refusal and app_text(refusal, day=facts.together)),
    )
