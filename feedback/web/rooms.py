"""One code for a room: whoever scans it picks a name, and goes on at that person's own page.

Nobody sees there who has answered: the list is the same for all, and so is the page that a name leads to.
"""

from flask import Blueprint, Response, abort, g, make_response, render_template, request

from feedback.actions.change import change
from feedback.actions.rooms import Guest, RoomClosed, TooManyGuests, enter_room
from feedback.core.answer_key import Browser, new_key
from feedback.core.tokens import normalise_token
from feedback.db.change import Invalid
from feedback.store.rooms import RoomView, names_in_room, room_by_token
from feedback.store.taken_back import taken_back_by_token
from feedback.web.client import add_privacy_headers
from feedback.web.client_request import client_address, speak, taken_back_page
from feedback.web.context import db, now, read_session
from feedback.web.fingerprint import browser_of
from feedback.web.htmx import redirect_to, render
from feedback.web.limits import limit_client
from feedback.web.look import use_look
from feedback.web.request_log import note_organisation

pages = Blueprint("rooms", __name__)
pages.before_request(limit_client)
SOMEBODY_ELSE = "else"
pages.after_request(add_privacy_headers)


@pages.get("/g/<token>")
@pages.get("/G/<token>", alias=True)
def ask(token: str) -> Response:
    """Ask who it is. Reading changes nothing, and binds nobody to a name."""
    room = _room_for(token)
    return _closed(room) if room.closed(now()) else _page(room, new_key())


@pages.post("/g/<token>")
@pages.post("/G/<token>", alias=True)
def enter(token: str) -> Response:
    """Lead on to the page of whoever was picked, or of somebody else under the name that was typed."""
    room = _room_for(token)
    if room.closed(now()):
        return _closed(room)
    who = request.form.get("who", "")
    if who != SOMEBODY_ELSE:
        return _picked(room, who)
    guest = Guest(
        request.form.get("name", ""), request.form.get("email", ""), request.form.get("once", "")[:64]
    )
    try:
        with change(db(), room.organisation_id, now()) as c:
            entered = enter_room(c, room.meeting_id, guest)
    except Invalid as error:
        return _page(room, guest.once or new_key(), error.reasons, status=422)
    except RoomClosed:
        return _closed(room)
    except TooManyGuests:
        abort(429)
    return redirect_to(client_address("client.ask", entered))


def _picked(room: RoomView, who: str) -> Response:
    """Go on at the page of somebody on the list. Who was taken off it meanwhile leads back to the list as it is."""
    for each in names_in_room(read_session(), room.organisation_id, room.meeting_id):
        if str(each.invitation_id) == who:
            return redirect_to(client_address("client.ask", each.token))
    return redirect_to(client_address("rooms.ask", room.token))


def _page(room: RoomView, once: str, reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    return render(
        "client/room.html",
        status=status,
        room=room,
        names=names_in_room(read_session(), room.organisation_id, room.meeting_id),
        once=once,
        reasons=reasons or {},
        remembers=browser_of(room.organisation_id) is Browser.CLIENTS,
    )


def _room_for(token: str) -> RoomView:
    """Load the room of an address, and set the request's language and time zone; 404 for an unknown token."""
    wanted = normalise_token(token)
    if wanted is None:
        abort(404)
    with db().connection() as connection:
        room = room_by_token(connection, wanted)
        gone = None if room else taken_back_by_token(connection, wanted)
    if gone:
        abort(taken_back_page(gone))
    if room is None:
        abort(404)
    note_organisation(request.environ, room.organisation_id)
    g.timezone = room.timezone
    use_look(room.organisation_id, room.look)
    speak(None, room.organisation_language)
    return room


def _closed(room: RoomView) -> Response:
    return make_response(render_template("client/closed.html", invitation=room, key=None, told=False), 410)
