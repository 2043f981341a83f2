"""Which accounts are sound, which are at risk, and what that is worth."""

from uuid import UUID

from flask import Blueprint, Response, request

from feedback.core.access import Role
from feedback.core.accounts import State
from feedback.store import accounts as store
from feedback.store import people
from feedback.store.account_page import account_story, contacts_at, open_alerts
from feedback.store.accounts import Totals
from feedback.store.map import on_the_map
from feedback.web.account_picture import draw_line
from feedback.web.context import me, now, reading, signed_in
from feedback.web.htmx import page
from feedback.web.map_picture import PHONE, draw
from feedback.web.paging import sheet
from feedback.web.relationships import chosen

pages = Blueprint("accounts", __name__)

LONGEST_SEARCH = 200


@pages.get("/accounts")
@signed_in(Role.MANAGER, Role.OWNER)
def everyone() -> Response:
    who, session = me(), reading()
    teams = people.teams(session, who)
    team_id = chosen("team", (known for known, _ in teams))
    words = request.args.get("q", "")[:LONGEST_SEARCH].strip()
    found = store.accounts(session, who, now(), team_id=team_id, words=words)
    shown = sheet(found)
    return page(
        "manager/accounts.html",
        sheet=shown,
        stages=store.stages(session, who, [account.id for account in shown.rows], now()),
        totals={"all": Totals.of(found)}
        | {state.value: Totals.of([a for a in found if a.state is state]) for state in State},
        teams=teams,
        team=team_id,
        words=words,
    )


@pages.get("/accounts/<uuid:account_id>")
@signed_in(Role.MANAGER, Role.OWNER)
def account(account_id: UUID) -> Response:
    who, session = me(), reading()
    found = store.account_for(session, who, account_id, now())
    shown, story = on_the_map(found.relationships), account_story(session, who, found, now())
    return page(
        "manager/account.html",
        account=found,
        contacts=contacts_at(session, who, found),
        map=shown,
        pictures=[draw(shown.placed, PHONE)] if shown.placed else [],
        story=story,
        line=draw_line(story),
        alerts=open_alerts(session, who, found.id),
        stages=store.stages(session, who, [found.id], now()).get(found.id),
    )
