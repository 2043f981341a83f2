"""The pages about relationships: the map of the four fields, the levels, who says "fine", and each by
itself."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from flask import Blueprint, Response, abort, request

from feedback.charts.relationship_map import LAPTOP, PHONE, draw_map
from feedback.core.calendar.quarters import last_day_before, quarter_began
from feedback.core.gaps.quadrants import MapPlace
from feedback.core.scoring.levels import Level
from feedback.pages import explanation, own_relationships, relationship_list
from feedback.pages.accounts import account_for
from feedback.pages.brief import brief
from feedback.pages.groups import counts_of_group
from feedback.pages.relationship_map import ON_MAP
from feedback.store import people
from feedback.store.clients import those_looked_after
from feedback.store.given import to_meet
from feedback.store.handed_over import hand_over_of, handed_over_to
from feedback.store.relationships import relationship_for
from feedback.web.context import (
    current_user,
    login_required,
    now,
    read_session,
    today,
    zone,
)
from feedback.web.htmx import render
from feedback.web.paging import paginate_query
from feedback.web.unchanged import unless_unchanged

pages = Blueprint("relationships", __name__)

MOST_TO_MEET = 50  # of those whom a rep has not met


@pages.get("/relationships")
@login_required
def index() -> Response:
    """Show managers the map and the lists of all that they look after, and reps their own clients."""
    if current_user().is_rep:
        return _own()
    return unless_unchanged(_all if current_user().figures.by_person else _of_group)


def _own() -> Response:
    who, session = current_user(), read_session()
    words = request.args.get("q", "").strip()[:200]
    found = own_relationships.own_relationships(session, who, words)
    waits = own_relationships.open_things(session, who, today(), now())
    sheet = paginate_query(lambda skip, take: found[skip : skip + take], len(found))
    return render(
        "relationships/own.html",
        sheet=sheet,
        words=words,
        apart=own_relationships.told_apart(found),
        all_count=len(found) or words,
        loyalties=own_relationships.own_loyalties(session, who, sheet.rows, now()),
        to_meet=[] if words else to_meet(session, who.organisation_id, who.id, MOST_TO_MEET),
        open={r.id: waits.get(r.contact_id, own_relationships.OpenThings()) for r in sheet.rows},
    )


def _of_group() -> Response:
    """Show how many relationships there are on each level and in each field, and none by itself."""
    counts = counts_of_group(read_session(), current_user(), now())
    return render("relationships/group.html", counts=counts, ladder=list(reversed(Level)), fields=ON_MAP)


def _all() -> Response:
    who, session = current_user(), read_session()
    teams = people.teams(session, who)
    team_id = chosen("team", (known for known, _ in teams))
    reps = [rep for rep in people.reps(session, who) if team_id in (None, rep.team_id)]
    rep_id = chosen("rep", (rep.id for rep in reps))
    account = account_for(session, who, found, now()) if (found := _id("account")) else None
    picked = {"team": team_id, "rep": rep_id, "account": account.id if account else None}
    began = quarter_began(now(), zone())
    these = relationship_list.selection(
        session, who, began, now(), **{f"{name}_id": wanted for name, wanted in picked.items()}
    )
    shown = relationship_list.relationship_list(these)
    field = _field()
    read = partial(relationship_list.placed_page, these, place=field)
    return render(
        "relationships/list.html",
        shown=shown,
        map=shown.map,
        pictures=[draw_map(shown.map, LAPTOP), draw_map(shown.map, PHONE)] if shown.map.placed else [],
        sheet=paginate_query(read, shown.map.counts[field] if field else shown.map.whole),
        ladder=list(reversed(Level)),
        since=last_day_before(began, zone()),
        teams=teams,
        reps=reps,
        chosen=picked,
        field=field,
        account=account,
    )


def _field() -> MapPlace | None:
    """Return the field of the map that the table is narrowed to; 404 for a word that is none."""
    wanted = request.args.get("field")
    if not wanted:
        return None
    if wanted not in ON_MAP:
        abort(404)
    return MapPlace(wanted)


def chosen(name: str, known: Iterable[UUID]) -> UUID | None:
    """Return the id that the filter `name` asks for, which must be one of `known`; None when it asks for
    nothing, 404 for any other."""
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


@pages.get("/relationships/<uuid:relationship_id>")
@login_required
def show(relationship_id: UUID) -> Response:
    found = relationship_for(read_session(), current_user(), relationship_id, now())
    story = explanation.relationship_page(read_session(), current_user(), found, now())
    known = brief(read_session(), current_user(), found, now())
    where = read_session(), current_user().organisation_id
    over = hand_over_of(*where, found.id)
    before = handed_over_to(*where, over.to_id if over else found.rep_id, found.contact_id)
    return render(
        "relationships/relationship.html",
        over=over,
        earlier=[each for each in before if each.relationship_id != found.id],
        relationship=found,
        correctable=bool(those_looked_after(read_session(), current_user(), [found.contact_id])),
        story=story,
        brief=known,
        now=now(),
        today=today(),
    )
