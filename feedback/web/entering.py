"""The last step of each way of signing in."""

from collections.abc import Iterable
from uuid import UUID

from flask import Response, request

from feedback.actions.sessions import tell_new_device
from feedback.web.context import mails_from, safe_next, start_session
from feedback.web.htmx import redirect_to
from feedback.web.sign_in_limits import is_known_device, remember_device


def enter(
    organisation_id: UUID, user_id: UUID, email: str, others: Iterable[tuple[UUID, UUID]] = ()
) -> Response:
    """Sign a person in who has shown who they are, tell them of a browser that was not known, and go on to where they
    wanted to be."""
    told = mails_from() if not is_known_device(email) else None
    start_session(organisation_id, user_id, others, also=lambda c: tell_new_device(c, user_id, email, told))
    response = redirect_to(safe_next(request.args.get("next")) or "/")
    remember_device(response, email)
    return response
