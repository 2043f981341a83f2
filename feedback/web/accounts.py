"""The manager's pages about accounts: which are sound, which are at risk, and their value."""

from uuid import UUID

from flask import Blueprint, Response, abort, request

from feedback.charts.account import draw_line
from feedback.charts.relationship_map import PHONE, draw_map
from feedback.core.accounts import AccountState
from feedback.pages import accounts, groups
from feedback.pages.account import account_history, contacts_at, count_account_alerts
from feedback.pages.account_alerts import open_alerts_of
from feedback.pages.accounts import Totals
from feedback.pages.relationship_map import relationship_map
from feedback.store import people
from feedback.web.context import current_user, manager_required, now, read_session
from feedback.web.htmx import render
from feedback.web.paging import paginate_query, wanted_rows
from feedback.web.relationships import chosen
from feedback.web.unchanged import unless_unchanged

pages = Blueprint("accounts", __name__)

LONGEST_SEARCH = 200  # characters


@pages.get("/accounts")
@manager_required
def index() -> Response:
    return unless_unchanged(_list if current_user().figures.by_person else _plain_list)


def _plain_list() -> Response:
    who, session = current_user(), read_session()
    words = request.args.get("q", "")[:LONGEST_SEARCH].strip()
    found = groups.PlainAccounts(session, who, words)
    sheet = paginate_query(found.page, found.count())
    doing = groups.alerts_by_account(session, who, list(sheet.rows), now())
    return render("accounts/plain_list.html", sheet=sheet, words=words, doing=doing, now=now())


def _list() -> Response:
    who, session = current_user(), read_session()
    teams = people.teams(session, who)
    team_id = chosen("team", (known for known, _ in teams))
    words = request.args.get("q", "")[:LONGEST_SEARCH].strip()
    state = _state()
    found = accounts.accounts(session, who, now(), *wanted_rows(), team_id=team_id, words=words, state=state)
    whole = sum(found.totals.values(), Totals())
    shown = paginate_query(lambda *_: found.shown, (found.totals[state] if state else whole).count)
    ids = [account.id for account in shown.rows]
    return render(
        "accounts/list.html",
        sheet=shown,
        stages=accounts.stages(session, who, ids, now()),
        doing=open_alerts_of(session, who, ids),
        totals={"all": whole} | {state.value: total for state, total in found.totals.items()},
        teams=teams,
        team=team_id,
        words=words,
        state=state,
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
    if not who.figures.by_person:
        return _plain(account_id)
    found = accounts.account_for(session, who, account_id, now())
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
        stages=accounts.stages(session, who, [found.id], now()).get(found.id),
    )


def _plain(account_id: UUID) -> Response:
    who, session = current_user(), read_session()
    found = groups.plain_account(session, who, account_id)
    return render(
        "accounts/plain.html",
        account=found,
        contacts=groups.plain_contacts(session, who, found.id),
        doing=groups.alerts_by_account(session, who, [found], now())[found.id],
        now=now(),
    )
