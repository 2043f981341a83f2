"""A page that is asked for again and has not changed is answered with 304 before it is made."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Response, current_app, g, request

from feedback.db.version import read_version
from feedback.store.settling import settled_by_clock
from feedback.web.context import current_user, now, read_session, today
from feedback.web.htmx import wants_partial
from feedback.wording.i18n import language

MADE_ANEW = timedelta(minutes=5)  # in which a score of 100 fades by less than 0.003 points


def unless_unchanged(make: Callable[[], Response], *, made_anew: timedelta = MADE_ANEW) -> Response:
    """Return what `make` does, with a tag; or 304, without making it, when whoever asks has it already.

    For managers' and owners' pages only. A rep's page has to do with `htmx.conditional`, whose tag is the page itself:
    this one changes with every write of the organisation, and would tell a rep that a client was there. And only for
    pages that show nothing of the mail queue and the log of webhooks, which no version counts.

    The tag is of all that such a page depends on: the version of the data, answers that have settled by the clock and
    that the worker has not processed, the organisation's date (with which review intervals, quarters and weeks end),
    who looks at what in which language and by which session, and the program. Only what fades or ages as time passes
    may be late, at most by `made_anew`.
    """
    tag = _tag(made_anew)
    response = Response(status=304) if request.if_none_match.contains_weak(tag) else make()
    response.set_etag(tag, weak=True)
    response.vary.add("HX-Request")
    return response


def _tag(made_anew: timedelta) -> str:
    """Return the tag. Its parts are hashed with the secret key: nobody shall count an organisation's writes."""
    who = current_user()
    parts = (
        read_version(read_session(), who.organisation_id),  # before anything that the page reads
        [due.invitation_id for due in settled_by_clock(read_session(), who.organisation_id, now())],
        (today(), now().timestamp() // made_anew.total_seconds()),
        (who.organisation_id, who.id, who.role, sorted(who.teams), g.signed_in.session_id),
        (request.full_path, wants_partial(), language()),
        _program(str(current_app.root_path), str(current_app.template_folder)),
        current_app.extensions["assets"].urls,  # a page names them
    )
    key = str(current_app.secret_key).encode()
    return hmac.new(key, repr(parts).encode(), sha256).hexdigest()[:32]


@cache
def _program(*folders: str) -> str:
    """Return a hash of the program and its templates: a new version makes pages anew."""
    files = sorted(
        path
        for folder in folders
        for path in Path(folder).rglob("*")
        if path.suffix in {".py", ".html", ".txt", ".po"}
    )
    found = sha256()
    for path in files:
        found.update(path.read_bytes())
    return found.hexdigest()
