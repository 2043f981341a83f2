"""The addresses that our server may send to. A name that leads into its own network would let an outsider
reach what only the inside may (OWASP: server-side request forgery)."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of an address."""

    scheme: str
    host: str  # without brackets
    port: int
    path: str  # with its query, and never empty

    @property
    def secure(self) -> bool:
        """Whether messages are encrypted on the way."""
        return self.scheme == "https"


def target_of(url: str, *, private: bool) -> Target:
    """Return the parts of an address. private: http is allowed as well. ValueError says, for the person who
    typed it, why the address is refused."""
    if not re.fullmatch(r"[\x21-\x7e]{1,2000}", url):
        raise ValueError(
            "An address has no spaces and no letters with accents; write them as %20 and the like."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("This is not an address.") from error
    scheme = parts.scheme.lower()
    if scheme not in (_PORTS if private else ("https",)):
        raise ValueError(
            "An address begins with https://." if not private else "It begins with https:// or http://."
        )
    if not parts.hostname or port == 0:
        raise ValueError("This address names no server.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("Leave name and password out of the address.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme, parts.hostname, port or _PORTS[scheme], path)


def is_public(address: str) -> bool:
    """Tell whether a message may be sent to this IP address. Not to loopback, private, link-local, multicast,
    reserved or unspecified ones, nor to one of these wrapped in an IPv6 address. ValueError if it is no IP
    address."""
    found = ip_address(address)
    if isinstance(found, IPv4Address):
        return _public(found)
    if found.ipv4_mapped:
        return _public(found.ipv4_mapped)
    wrapped = [found.sixtofour, *(found.teredo or ())]
    return _public(found) and not found.is_site_local and all(_public(each) for each in wrapped if each)


def _public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved
