"""How e-mail addresses are compared."""


def small_letters(email: str) -> str:
    """Return an address as it is stored and compared: in small letters, without spaces around. Not case-folded, which
    would make ss of ß and σ of ς: those are other domains, and other people."""
    return email.strip().lower()
