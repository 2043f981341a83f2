"""What a request may carry. Checked before any view: forms, no zero bytes, a host name that can be one."""

from flask import abort, request

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
TAKES_A_FILE = "calendar.upload"
UPLOADS = {"/meetings/calendar"}  # where that is
LARGEST_FORM = 256 << 10  # bytes
LARGEST_UPLOAD = 2 << 20  # twice what is accepted, so that a larger calendar gets its message on its own page
LONGEST_HOST = 260  # a name of 253 letters, and a port


def largest_body(method: str, path: str) -> int:
    """Return how many bytes a request's body may have; 0 where none is expected, so that none is waited for."""
    if method != "POST" or path.startswith("/static/"):
        return 0
    return LARGEST_UPLOAD if path in UPLOADS else LARGEST_FORM


def refuse_other_bodies() -> None:
    """Refuse what no page of ours sends: 415 for a body that is no form, or a file where none is expected; 400 for
    a zero byte (nobody types one, and PostgreSQL cannot store it) and for a host name that is too long. Only a
    POST has its body read."""
    if len(request.host) > LONGEST_HOST:
        abort(400)
    texts = list(request.args.lists())
    if request.method == "POST":
        if (request.content_length or request.mimetype) and request.mimetype not in FORMS:
            abort(415)
        if request.files and request.endpoint != TAKES_A_FILE:
            abort(415)
        texts += request.form.lists()
    if any("\0" in text for _, given in texts for text in given):
        abort(400)
