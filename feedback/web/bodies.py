"""What a request may carry. Checked before any view: forms, and no zero bytes."""

from flask import abort, request

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
TAKES_A_FILE = "calendar.upload"


def refuse_other_bodies() -> None:
    """Refuse what no page of ours sends: 415 for a body that is no form, or a file where none is expected; 400 for
    a zero byte (nobody types one, and PostgreSQL cannot store it). Only a POST has its body read."""
    texts = list(request.args.lists())
    if request.method == "POST":
        if (request.content_length or request.mimetype) and request.mimetype not in FORMS:
            abort(415)
        if request.files and request.endpoint != TAKES_A_FILE:
            abort(415)
        texts += request.form.lists()
    if any("\0" in text for _, given in texts for text in given):
        abort(400)
