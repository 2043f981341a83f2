"""All relationships at a glance: the map of the four fields, the levels, and who says "fine"."""

from collections.abc import Iterable
from uuid import UUID

from flask import Blueprint, Response, abort, request

from feedback.core.access import Role
from feedback.core.levels import Level
from feedback.core.quarters import last_day_before, quarter_began
from feedback.store import map as store
from feedback.store import people
from feedback.store.accounts import account_for
from feedback.web.context import me, now, reading, signed_in, zone
from feedback.web.htmx import page
from feedback.web.map_picture import LAPTOP, PHONE, draw
from feedback.web.paging import sheet

pages = Blueprint("relationships", __name__)


@pages.get("/relationships")
@signed_in(Role.MANAGER, Role.OWNER)
def everybody() -> Response:
    who, session = me(), reading()
    teams = people.teams(session, who)
    team_id = chosen("team", (known for known, _ in teams))
    reps = [rep for rep in people.reps(session, who) if team_id in (None, rep.team_id)]
    rep_id = chosen("rep", (rep.id for rep in reps))
    where = store.in_sight(who, team_id, rep_id)
    account = account_for(session, who, found, now()) if (found := _id("account")) else None
    if account:
        where &= store.of_account(account.id)
    rows, began = store.seen(session, who, where, now()), quarter_began(now(), zone())
    shown, fine = store.on_the_map(rows), store.saying_fine(session, who, where, now())
    return page(
        "manager/relationships.html",
        rows=rows,
        map=shown,
        pictures=[draw(shown.placed, LAPTOP), draw(shown.placed, PHONE)] if shown.placed else [],
        sheet=sheet(shown.placed),
        levels=store.levels_since(session, who, rows, began, now()),
        ladder=list(reversed(Level)),
        since=last_day_before(began, zone()),
        fine=[row for row in rows if row.id in fine],
        teams=teams,
        reps=reps,
        chosen={"team": team_id, "rep": rep_id, "account": account.id if account else None},
        account=account,
    )


def chosen(name: str, known: Iterable[UUID]) -> UUID | None:
    """What a filter asks for, out of what this person may ask for; None when it asks for nothing, 404 for
    anything else."""
    wanted = _id(name)
    if wanted is not None and wanted not in set(known):
        abort(404)
    return wanted


def _id(name: str) -> UUID | None:
    text = request.args.get(name)
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        abort(404)
