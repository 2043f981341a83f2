"""The last step of each way of signing in."""

from collections.abc import Iterable

from flask import Response, request

from feedback.actions.sessions import tell_new_device
from feedback.store.people import Credentials
from feedback.web.context import mails_from, safe_next, start_session
from feedback.web.htmx import redirect_to
from feedback.web.sign_in_limits import is_known_device, remember_device


def enter(who: Credentials, email: str, others: Iterable[Credentials] = ()) -> Response:
    """Sign a person in who has shown who they are, tell them of a browser that was not known, and go on to where they
    wanted to be. others: who the same person is in other organisations, as shown by the same."""
    told = mails_from() if not is_known_device(email) else None
    start_session(
        who.organisation_id,
        who.user_id,
        [(each.organisation_id, each.user_id) for each in others],
        also=lambda c: tell_new_device(c, who.user_id, email, told),
    )
    response = redirect_to(safe_next(request.args.get("next")) or "/")
    remember_device(response, email)
    return response
