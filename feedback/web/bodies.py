"""What a request may carry. Checked before any view: forms, and no zero bytes. Programs send JSON (feedback/api)."""

from typing import Any

from flask import abort, redirect, request, session, url_for

from feedback.web.problems import for_programs

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
TAKE_A_FILE = {
    "calendar.upload": "/meetings/calendar",
    "imports.upload": "/import",
    "settings_look.update": "/settings/look",
}  # and where
LARGEST_FORM = 256 << 10  # bytes; of JSON, too
CARRY_JSON = ("POST", "PATCH", "PUT")
# Where a file is taken, and how large a body may be: more than what is accepted, so that a file that is too large gets
# its message on its own page.
UPLOADS = {"/meetings/calendar": 31 << 20, "/import": 12 << 20, "/settings/look": 3 << 20}


def largest_body(method: str, path: str) -> int:
    """Return how many bytes a request's body may have; 0 where none is expected, so that none is waited for."""
    if for_programs(path):
        return LARGEST_FORM if method in CARRY_JSON else 0
    if method != "POST" or path.startswith("/static/"):
        return 0
    return UPLOADS.get(path, LARGEST_FORM)


def allow_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Allow larger uploads than in other forms, before anything reads the form (the check of its CSRF token does). Whoever
    is not signed in is led to sign in: nothing of a larger upload was read (web.uploads)."""
    if endpoint in TAKE_A_FILE:
        if (request.content_length or 0) > LARGEST_FORM and "secret" not in session:
            abort(redirect(url_for("auth.sign_in"), 303))
        request.max_content_length = request.max_form_memory_size = UPLOADS[TAKE_A_FILE[endpoint]]


def refuse_other_bodies() -> None:
    """Refuse what no page of ours sends: 415 for a body that is no form, or a file where none is expected; 400 for
    a zero byte (nobody types one, and PostgreSQL cannot store it), 404 for one in a path. Only a POST has its body
    read."""
    if any("\0" in str(part) for part in (request.view_args or {}).values()):
        abort(404)
    texts = list(request.args.lists())
    if request.method == "POST" and not for_programs(request.path):
        if (request.content_length or request.mimetype) and request.mimetype not in FORMS:
            abort(415)
        if request.files and request.endpoint not in TAKE_A_FILE:
            abort(415)
        texts += request.form.lists()
    if any("\0" in text for _, given in texts for text in given):
        abort(400)
