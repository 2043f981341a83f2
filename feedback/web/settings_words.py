"""The owner's pages of the organisation's own words, in each language, with the client's page as it would be."""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, abort, g, request, url_for

from feedback.actions.look import change_words
from feedback.actions.settings import ChangedMeanwhile
from feedback.core.answer_key import Powers
from feedback.core.wording import NAMES, Words, checked_words, widest
from feedback.db.change import Invalid
from feedback.store.invitation_view import SideAnswers
from feedback.store.look import Look, look_of
from feedback.web.client_pages import empty_form
from feedback.web.context import changing, current_user, now, owner_required, read_session
from feedback.web.htmx import redirect_to, render
from feedback.wording.filters import day
from feedback.wording.i18n import languages, locale_of, own_name, use_language
from feedback.wording.names import managers_line
from feedback.wording.own_words import standard_words

pages = Blueprint("settings_words", __name__)

LONGEST_TYPED = 200  # characters that are looked at
LONGEST_SEEN = 8000


@pages.get("/settings/words")
@owner_required
def index() -> Response:
    """Show the languages, those with own words first."""
    own = _look().wordings
    return render(
        "settings/languages.html",
        own=[tag for tag in languages() if tag in own],
        others=[tag for tag in languages() if tag not in own],
    )


@pages.get("/settings/words/<tag>")
@owner_required
def show(tag: str) -> Response:
    """Show the words in one language."""
    own = _look().words(_known(tag))
    return _page(tag, own, own)


@pages.post("/settings/words/<tag>")
@owner_required
def update(tag: str) -> Response:
    """Save the words in one language."""
    standard, typed, seen = standard_words(_known(tag)), _typed(), _seen()
    try:
        with changing() as c:
            others = change_words(c, current_user().id, tag, typed, standard, seen)
    except ChangedMeanwhile as error:
        now_there = {name: _look().words(tag).get(name, "") for name in error.reasons}
        return _page(tag, typed, {**seen, **now_there}, error.reasons, 409)
    except Invalid as error:
        return _page(tag, typed, seen, error.reasons, 422)
    return redirect_to(url_for("settings_words.show", tag=tag, saved=1, others=1 if others else None))


@pages.get("/settings/words/<tag>/preview")
@owner_required
def preview(tag: str) -> Response:
    """Show the client's page in a language, as it is."""
    return _preview(_known(tag), _look())


@pages.post("/settings/words/<tag>/preview")
@owner_required
def preview_typed(tag: str) -> Response:
    """Show the client's page in a language with the words that were typed; nothing is saved."""
    kept, _ = checked_words(_typed(), standard_words(_known(tag)))
    found = _look()
    return _preview(tag, replace(found, wordings={**found.wordings, tag: kept}))


def _look() -> Look:
    read_session().expire_all()
    return look_of(read_session(), current_user().organisation_id)


def _known(tag: str) -> str:
    if tag not in languages():
        abort(404)
    return tag


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "")[:LONGEST_TYPED] for name in NAMES}


def _seen() -> Words:
    """Return the own words that the form showed when it was opened, as it says."""
    try:
        said = json.loads(request.form.get("seen", "")[:LONGEST_SEEN])
    except ValueError:
        return _look().words(request.view_args["tag"] if request.view_args else "")
    return {name: str(said[name]) for name in NAMES if name in said} if isinstance(said, dict) else {}


def _page(
    tag: str, typed: Mapping[str, str], seen: Words, reasons: dict[str, str] | None = None, status: int = 200
) -> Response:
    return render(
        "settings/words.html",
        status=status,
        tag=tag,
        called=own_name(tag),
        right_to_left=locale_of(tag).text_direction == "rtl",
        typed=typed,
        standard=standard_words(tag),
        seen=json.dumps(dict(seen)),
        widest=widest,
        reasons=reasons or {},
    )


def _preview(tag: str, shown: Look) -> Response:
    who = current_user()
    use_language(tag)
    g.look, g.timezone = shown, who.timezone
    client: dict[str, Any] = {"contact": "Dana Whitfield", "contact_first": "Dana", "account": "Northwind"}
    rep: dict[str, Any] = {"rep": who.name, "rep_first": who.first_name}
    return render(
        "client/answer.html",
        preview=url_for("settings_words.preview", tag=tag),
        invitation=SimpleNamespace(
            token="", organisation=who.organisation, **client, **rep, client=SideAnswers()
        ),
        key=None,
        may=Powers(tap=True),
        met_on=day(now()),
        managers_line=managers_line(tag, (who.name,), who.organisation, in_parts=not who.figures.by_person),
        form=empty_form(),
        reasons={},
        step="rows",
    )
