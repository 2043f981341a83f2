"""Where a request comes from, as the audit log has it: a keyed hash, from which nothing can be read."""

import hashlib
import hmac
from uuid import UUID

from feedback.context import app_context
from feedback.web.limits import network

LENGTH = 16  # hexadecimal digits; enough to see whether two are the same


def network_mark(organisation_id: UUID) -> str:
    """Return the mark of this request's network. It is another than the one beside an answer, so that nobody can lay
    the two side by side."""
    key = app_context().settings.secret_key.encode()
    told = f"{organisation_id}\naudit\n{network()}".encode()
    return hmac.new(key, told, hashlib.sha256).hexdigest()[:LENGTH]
