"""Who of those invited to a meeting comes from outside."""

from collections.abc import Collection

# At these everybody may have an address: the same domain says nothing.
SHARED_DOMAINS = frozenset(
    (
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "icloud.com",
        "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de", "t-online.de",
        "freenet.de", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "libero.it", "bluewin.ch", "proton.me",
        "protonmail.com", "qq.com", "163.com", "mail.ru", "yandex.ru",
    )
)  # fmt: skip


def is_colleague(email: str, own: Collection[str]) -> bool:
    """Tell whether an address is the rep's own, or of the same house. own: the rep's addresses."""
    domain = email.rpartition("@")[2]
    return email in own or (
        domain not in SHARED_DOMAINS and domain in {each.rpartition("@")[2] for each in own}
    )
