"""The owner's page of the organisation's logo and colour."""

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from feedback.actions.look import change_colour, remove_logo, set_logo
from feedback.core.colours import accent, parse_colour
from feedback.db.change import Invalid
from feedback.store.look import look_of
from feedback.web.bodies import allow_files
from feedback.web.context import changing, current_user, owner_required, read_session
from feedback.web.htmx import redirect_to, render

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

    from feedback.imports.logo import DrawnLogo

pages = Blueprint("settings_look", __name__)
pages.url_value_preprocessor(allow_files)

STANDARD_COLOUR = "#c2255c"


@pages.get("/settings/look")
@owner_required
def show() -> Response:
    """Show the logo and the colour, and what the colour becomes by day and by night."""
    return _page(look_of(read_session(), current_user().organisation_id).colour)


@pages.post("/settings/look")
@owner_required
def update() -> Response:
    """Save the logo or the colour, or try a colour and save nothing; `what` in the form says which."""
    what, mine = request.form.get("what"), current_user().id
    colour = request.form.get("accent", "")[:20]
    try:
        if what == "try" and (not colour or parse_colour(colour)):
            return _page(colour)
        drawn = _drawn(request.files.get("logo")) if what == "logo" else None
        with changing() as c:
            if drawn:
                set_logo(c, mine, drawn.content, drawn.width, drawn.height)
            elif what == "no-logo":
                remove_logo(c, mine)
            elif what in ("colour", "try"):
                change_colour(c, mine, colour)
            else:
                raise Invalid(logo="Choose one of the buttons.")
    except Invalid as error:
        return _page(colour, error.reasons, 422)
    return redirect_to(url_for("settings_look.show", saved=1))


def _page(typed: str, reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    colour = parse_colour(typed) if typed else None
    return render(
        "settings/look.html",
        status=status,
        kept=look_of(read_session(), current_user().organisation_id),
        typed=typed,
        colour=colour,
        shades=accent(colour or STANDARD_COLOUR),
        reasons=reasons or {},
    )


def _drawn(sent: "FileStorage | None") -> "DrawnLogo":
    """Draw the logo that was sent. What draws pictures is loaded when there is one to draw."""
    from feedback.imports.logo import LARGEST_PICTURE, draw_logo

    return draw_logo(sent.stream.read(LARGEST_PICTURE + 1) if sent else b"")
