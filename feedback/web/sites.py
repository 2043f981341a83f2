"""Where this server stands, as browsers compare it for passkeys."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from feedback.actions.passkeys import Site
from feedback.web.context import base_url

_PORTS = {"https": 443, "http": 80}


def passkey_site() -> Site | None:
    """Return where passkeys are for; None where browsers allow none: without https, but for localhost, and where the
    server has no name but an address."""
    parts = urlsplit(base_url())
    host = (parts.hostname or "").lower()
    if not host or _is_address(host) or (parts.scheme != "https" and host != "localhost"):
        return None
    port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
    return Site(host, f"{parts.scheme}://{host}{port}")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
