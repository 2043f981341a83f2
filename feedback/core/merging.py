"""Who may say that two contacts, or two accounts, are one; and for how long that can be undone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback.core.access import Role

UNDONE_FOR = timedelta(days=1)
SAME = "These are one already."
A_COLLEAGUES = "A colleague meets one of them, too. Ask your manager, or an owner, to join them."
ANOTHER_TEAMS = "Another team meets one of them, too. An owner can join them."
TOGETHER = "Both were asked about the meeting of %(day)s, so they are two people. If one of the codes was a mistake, take it back first."
BOTH_ANSWERED = "Both have answered, so that joining them changes your score. Ask your manager to do it."


@dataclass(frozen=True, slots=True)
class MergeFacts:
    """What decides whether two may be joined."""

    same: bool = False  # one and the same
    others: bool = False  # a rep met one of them for whom the person who joins them is not responsible
    both_answered: bool = False  # both said something, even if it was taken back
    together: str | None = None  # the day on which both were asked about one meeting, in words


def why_not_merged(role: Role, facts: MergeFacts) -> str | None:
    """Return why somebody of this role may not join two contacts, in words, of which %(day)s is the day on which both were asked; None when they may.

    A rep may where at most one of the two ever answered: then no answer comes beside another one, and no score moves.
    Else a rep could hide an unhappy client in the history of a happy one."""
    if facts.same:
        return SAME
    if facts.others:
        return A_COLLEAGUES if role == Role.REP else ANOTHER_TEAMS
    if facts.together:
        return TOGETHER
    return BOTH_ANSWERED if role == Role.REP and facts.both_answered else None


def can_be_undone(merged_at: datetime, now: datetime) -> bool:
    """Tell whether a merge is young enough to be undone."""
    return merged_at <= now < merged_at + UNDONE_FOR
