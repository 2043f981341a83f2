"""How the pages of this request look and read: in the organisation's colour and words, with its logo."""

from uuid import UUID

from flask import Blueprint, Flask, Response, abort, g, has_request_context, make_response, request

from feedback.core.colours import parse_colour
from feedback.store.look import STANDARD, Look, logo_by_address, look_of
from feedback.web.assets import accent_sheet, inline_accent
from feedback.web.bounded import Bounded
from feedback.web.context import db, viewer
from feedback.web.headers import YEAR
from feedback.wording import own_words
from feedback.wording.i18n import language

pages = Blueprint("look", __name__)

MOST_LOOKS = 500  # that are remembered; 36 languages of words are some 10 KB
CACHED = f"public, max-age={YEAR}, immutable"  # another content has another address


# Looks by organisation and version, each of which is another look: what is remembered never goes stale.
_looks: Bounded[tuple[UUID, str], Look] = Bounded(MOST_LOOKS)


def _look(organisation_id: UUID, version: str) -> Look:
    """Return the look of this version; one that was changed a moment ago is shown as it is now."""
    found = _looks.get((organisation_id, version)) if version else STANDARD
    if found is None:
        with db().reading() as session:
            found = look_of(session, organisation_id)
        _looks.put((organisation_id, found.version), found)
    return found


def use_look(organisation_id: UUID, version: str) -> None:
    """Let the pages of this request look so: a client's are those of the organisation that asks, whoever is signed
    in."""
    g.look = _look(organisation_id, version)


def look() -> Look:
    """Return how this request's pages look: as use_look said, else as the signed-in person's organisation has it."""
    if "look" not in g:
        mailed = not has_request_context()  # mails of people who sign in look as ever
        who = None if mailed or request.blueprint in (None, "client") else viewer()
        g.look = _look(who.organisation_id, who.look) if who else STANDARD
    found: Look = g.look
    return found


def rows_and_ratings() -> tuple[dict[str, str], list[str]]:
    """Return what the six rows are called on this request's pages, by dimension, and the five ratings."""
    return own_words.rows_and_ratings(language(), look().words(language()))


def install_look(app: Flask) -> None:
    """Give the templates what they look by."""
    app.jinja_env.globals.update(look=look, rows_and_ratings=rows_and_ratings, inline_accent=inline_accent)


@pages.get("/accents/<digits>.css")
def accent(digits: str) -> Response:
    """Show the style sheet of a colour, for the pages of people who sign in: it says the colour and nothing else."""
    colour = parse_colour(digits)
    if colour != f"#{digits}":
        abort(404)
    response = make_response(accent_sheet(colour))
    response.headers["Content-Type"] = "text/css; charset=utf-8"
    response.headers["Cache-Control"] = CACHED
    return response


@pages.get("/logos/<code>/<name>")
def logo(code: str, name: str) -> Response:
    """Show an organisation's logo, to anybody: its clients have no account."""
    if not (code.isascii() and name.isascii() and f"{code}{name}".isprintable()):
        abort(404)  # no database is asked for what cannot be an address of ours
    with db().reading() as session:
        found = logo_by_address(session, code, name)
    if found is None:
        abort(404)
    response = make_response(found)
    response.headers["Content-Type"] = "image/png"
    response.headers["Cache-Control"] = CACHED
    return response
