"""The content of a rep's own weekly mail: nothing that the rep's home does not show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from feedback.core.calendar.weeks import Week
from feedback.core.scoring.leaderboard import RepStanding
from feedback.pages import leaderboard
from feedback.pages.meetings import recent_invitations
from feedback.pages.promises import PromiseView, open_promises
from feedback.store import people
from feedback.store.invitation_view import InvitationView
from feedback.store.people import Viewer


@dataclass(frozen=True, slots=True)
class OwnWeek:
    """The content of a rep's own weekly mail."""

    # the standing as the rep may see it; None while it would reveal an answer still to be guessed
    mine: RepStanding | None
    to_guess: list[InvitationView]  # invitations without a sealed mirror
    unread: list[InvitationView]  # invitations whose gap card was not opened
    promises: list[PromiseView]  # due until the end of the week


def own_week(session: Session, viewer: Viewer, week: Week, now: datetime) -> OwnWeek:
    """Return the content of a rep's own weekly mail about a frozen week."""
    me = people.rep_for(session, viewer, viewer.id)
    met = recent_invitations(session, viewer, now)
    today = now.astimezone(ZoneInfo(viewer.timezone)).date()
    return OwnWeek(
        mine=leaderboard.own_frozen_row(session, viewer.organisation_id, me, week, now),
        to_guess=[i for i in met if not i.sealed and not i.closed(now)],
        unread=[i for i in met if i.both_in and not i.mirror.seen_at],
        promises=open_promises(session, viewer, today + timedelta(days=6), now),
    )
