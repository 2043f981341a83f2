"""The manager's pages about accounts: which are sound, which are at risk, and their value."""

from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from feedback.actions.clients import AccountEdit, archive_account, edit_account
from feedback.actions.merging import merge_accounts
from feedback.charts.account import draw_line
from feedback.charts.relationship_map import PHONE, draw_map
from feedback.core.access import NotFound
from feedback.core.accounts import AccountState
from feedback.core.merging import can_be_undone
from feedback.db.change import Invalid
from feedback.pages import account_list, accounts, groups
from feedback.pages.account import account_history, contacts_at, count_account_alerts
from feedback.pages.account_alerts import open_alerts_of
from feedback.pages.account_list import Totals
from feedback.pages.groups import PlainAccount
from feedback.pages.relationship_map import relationship_map
from feedback.pages.stages import stages
from feedback.store import people
from feedback.store.clients import account_meant
from feedback.store.merges import both_have, merges_of_account
from feedback.web.context import changing, current_user, manager_required, now, read_session, today
from feedback.web.forms import AccountForm
from feedback.web.htmx import redirect_to, render
from feedback.web.paging import paginate_query, wanted_rows
from feedback.web.relationships import chosen
from feedback.web.unchanged import unless_unchanged
from feedback.web.values import plain_value, typed_value

pages = Blueprint("accounts", __name__)

LONGEST_SEARCH = 200  # characters
MOST_ALIKE = 8  # accounts that are offered


@pages.get("/accounts")
@manager_required
def index() -> Response:
    return unless_unchanged(_list if current_user().figures.by_person else _plain_list)


def _plain_list() -> Response:
    who, session = current_user(), read_session()
    words, archived = _words(), bool(request.args.get("archived"))
    found = groups.PlainAccounts(session, who, words, archived)
    sheet = paginate_query(found.page, found.count())
    doing = groups.alerts_by_account(session, who, list(sheet.rows), now())
    return render(
        "accounts/plain_list.html", sheet=sheet, words=words, archived=archived, doing=doing, now=now()
    )


def _list() -> Response:
    who, session = current_user(), read_session()
    teams = people.teams(session, who)
    team_id = chosen("team", (known for known, _ in teams))
    words = _words()
    state = _state()
    archived = bool(request.args.get("archived"))
    found = account_list.accounts(
        session, who, now(), *wanted_rows(), team_id=team_id, words=words, state=state, archived=archived
    )
    whole = sum(found.totals.values(), Totals())
    shown = paginate_query(lambda *_: found.shown, (found.totals[state] if state else whole).count)
    ids = [account.id for account in shown.rows]
    return render(
        "accounts/list.html",
        sheet=shown,
        stages=stages(session, who, ids, now()),
        doing=open_alerts_of(session, who, ids),
        totals={"all": whole} | {state.value: total for state, total in found.totals.items()},
        teams=teams,
        team=team_id,
        words=words,
        state=state,
        archived=archived,
        now=now(),
    )


def _state() -> AccountState | None:
    wanted = request.args.get("state")
    if not wanted:
        return None
    if wanted not in tuple(AccountState):
        abort(404)
    return AccountState(wanted)


@pages.get("/accounts/<uuid:account_id>")
@manager_required
def show(account_id: UUID) -> Response:
    who, session = current_user(), read_session()
    meant = account_meant(session, who.organisation_id, account_id)
    if meant != account_id:
        return redirect_to(url_for("accounts.show", account_id=_account(meant).id))
    if not who.figures.by_person:
        return _without_figures(meant)
    found = accounts.account_for(session, who, meant, now())
    shown, story = relationship_map(found.relationships), account_history(session, who, found, now())
    return render(
        "accounts/account.html",
        account=found,
        contacts=contacts_at(session, who, found),
        map=shown,
        pictures=[draw_map(shown, PHONE)] if shown.placed else [],
        story=story,
        line=draw_line(story),
        alerts=count_account_alerts(session, who, found.id),
        doing=open_alerts_of(session, who, [found.id]),
        now=now(),
        today=today(),
        stages=stages(session, who, [found.id], now()).get(found.id),
        outcomes=groups.outcomes_shown(session, who, found.id),
    )


def _without_figures(account_id: UUID) -> Response:
    who, session = current_user(), read_session()
    found = groups.plain_account(session, who, account_id)
    return render(
        "accounts/plain.html",
        account=found,
        contacts=groups.plain_contacts(session, who, found.id),
        doing=groups.alerts_by_account(session, who, [found], now())[found.id],
        outcomes=groups.outcomes_shown(session, who, found.id),
        now=now(),
        today=today(),
    )


@pages.get("/accounts/<uuid:account_id>/edit")
@manager_required
def edit(account_id: UUID) -> Response:
    """Show what can be changed of an account."""
    found = _account(account_id)
    data = {
        "name": found.name, "value": plain_value(found.value), "review_days": found.own_review_days,
        "renews_on": found.renews_on,
    }  # fmt: skip
    return _edit_page(found, AccountForm(formdata=None, data=data), {})


@pages.post("/accounts/<uuid:account_id>/edit")
@manager_required
def update(account_id: UUID) -> Response:
    found, form = _account(account_id), AccountForm()
    if not form.validate():
        return _edit_page(found, form, {}, 422)
    try:
        wanted = AccountEdit(
            form.name.data or "", typed_value(form.value), form.review_days.data, form.renews_on.data
        )
        with changing() as c:
            edit_account(c, current_user().id, account_id, wanted)
    except Invalid as error:
        return _edit_page(found, form, error.reasons, 422)
    return redirect_to(url_for("accounts.edit", account_id=account_id, done="saved"))


@pages.post("/accounts/<uuid:account_id>/archive")
@manager_required
def archive(account_id: UUID) -> Response:
    """Take an account and its people out of the lists to choose from, or bring them back."""
    _account(account_id)
    with changing() as c:
        archive_account(c, current_user().id, account_id, archived=request.form.get("what") != "back")
    return redirect_to(url_for("accounts.edit", account_id=account_id, done="saved"))


@pages.get("/accounts/<uuid:account_id>/merge")
@manager_required
def choose(account_id: UUID) -> Response:
    """Show which account may be the same; with ?other= what joining these two means."""
    found, other = _account(account_id), request.args.get("other")
    if other:
        return _compare(found, _account(_id(other)), {})
    words = _words()
    looked_for = words or found.name.split()[0]
    alike = groups.PlainAccounts(read_session(), current_user(), looked_for).page(0, MOST_ALIKE + 1)
    return render(
        "accounts/merge.html",
        account=found,
        words=words,
        alike=[each for each in alike if each.id != found.id],
    )


@pages.post("/accounts/<uuid:account_id>/merge")
@manager_required
def merge(account_id: UUID) -> Response:
    """Join another account with this one, which stays."""
    found, other = _account(account_id), _account(_id(request.form.get("other")))
    try:
        with changing() as c:
            merge_accounts(c, current_user(), found.id, other.id)
    except Invalid as error:
        return _compare(found, other, error.reasons, 422)
    return redirect_to(url_for("accounts.edit", account_id=account_id, done="merged"))


def _account(account_id: UUID) -> PlainAccount:
    return groups.plain_account(read_session(), current_user(), account_id)


def _words() -> str:
    return request.args.get("q", "")[:LONGEST_SEARCH].strip()


def _id(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise NotFound("account") from None


def _edit_page(
    found: PlainAccount, form: AccountForm, reasons: dict[str, str], status: int = 200
) -> Response:
    joined = merges_of_account(read_session(), current_user().organisation_id, found.id)
    return render(
        "accounts/edit.html",
        status=status,
        account=found,
        form=form,
        reasons=reasons,
        joined=[(each, can_be_undone(each.at, now())) for each in joined],
    )


def _compare(
    found: PlainAccount, other: PlainAccount, reasons: dict[str, str], status: int = 200
) -> Response:
    session, who = read_session(), current_user()
    return render(
        "accounts/compare.html",
        status=status,
        account=found,
        other=other,
        people={each.id: len(groups.plain_contacts(session, who, each.id)) for each in (found, other)},
        refused=reasons.get("merge"),
        twice=both_have(session, who.organisation_id, found.id, other.id),
    )
