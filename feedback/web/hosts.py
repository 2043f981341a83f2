"""Under which host names the app answers. What a visitor says about the host must not end up in a code or a mail."""

import re
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from flask import Response, abort, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from feedback.context import app_context
from feedback.web.errors import error_page

_HOST = re.compile(r"(?:[a-z0-9][a-z0-9.-]{0,252}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?", re.IGNORECASE)
# Load balancers ask these under whatever address they know the machine by. (Static files never come this far.)
ANYWHERE = ("operations.alive", "operations.ready", "operations.metrics")


def refuse_other_hosts() -> Response | BaseResponse | None:
    """Answer a request under another host than FEEDBACK_BASE_URL's: a page that is asked for under another name is
    redirected to ours, everything else gets 400 in words. Without that setting every plain host will do.

    An address in numbers or a name without a dot is usually what a proxy calls this machine when it does not pass the
    visitor's host on; a redirect would then lead to itself for ever.
    """
    if request.endpoint in ANYWHERE:
        return None
    base = app_context().settings.base_url
    if takes_host(request.host, base):
        return None
    if base is None or not _HOST.fullmatch(request.host):
        abort(400)
    if request.method in ("GET", "HEAD") and _is_public_name(request.host):
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return redirect(base + quote(request.path) + query)
    words = (
        "This is not the address",
        f"This server answers at {base} only.",
        "Open it there. (Whoever runs it: a proxy in front has to pass the visitor's Host on.)",
    )
    return error_page(400, words, home=base)


def takes_host(host: str, base: str | None) -> bool:
    """Tell whether requests under this host are answered. base: FEEDBACK_BASE_URL, if it is set."""
    return bool(_HOST.fullmatch(host)) and (base is None or _is_ours(host, base))


def _is_ours(host: str, base: str) -> bool:
    """Tell whether a host, with or without the usual port, is that of our public address."""
    parts = urlsplit(base)
    usual = ":443" if parts.scheme == "https" else ":80"
    return host.lower().removesuffix(usual) == parts.netloc.lower().removesuffix(usual)


def _is_public_name(host: str) -> bool:
    name = host.partition(":")[0]
    if host.startswith("[") or "." not in name:
        return False
    try:
        ip_address(name)
    except ValueError:
        return True
    return False
