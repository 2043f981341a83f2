"""Who may see what, when. The only place where this is decided."""

from enum import StrEnum


class Missing(LookupError):
    """There is no such thing, or it is not yours: nobody may tell which (404)."""


class Refused(PermissionError):
    """It is there, but this role may not (403)."""


class Role(StrEnum):
    REP = "rep"
    MANAGER = "manager"
    OWNER = "owner"


class Visibility(StrEnum):
    """What the client chose: who may see this answer by itself."""

    REP = "rep"
    MANAGER = "manager"


VOICES_TO_HIDE_AMONG = 3.0  # a manager-only answer may show in a rep's rolling picture from here on


def rep_may_see_answer(*, sealed: bool, visibility: str) -> bool:
    """A rep sees what a client answered only after sealing the mirror, and only if the client let them."""
    return sealed and visibility == Visibility.REP


def rep_picture_includes(*, sealed: bool, open_: bool, visibility: str, voices: float) -> bool:
    """May this answer count in a number that a rep is shown about their own relationships?

    Not while its mirror can still be sealed: a score that moves is a trace of the answer. And a
    manager-only answer not until three or more voices make it anonymous.
    """
    if not sealed and open_:
        return False
    return visibility == Visibility.REP or voices >= VOICES_TO_HIDE_AMONG


def sees_all_teams(role: str) -> bool:
    """Owners look after every team; managers after those they were given."""
    return role == Role.OWNER


def is_manager(role: str) -> bool:
    """Managers see the boards of their own teams; owners are managers of every team."""
    return role in (Role.MANAGER, Role.OWNER)
