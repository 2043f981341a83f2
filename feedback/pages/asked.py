"""Who was asked in which way, and what came back: a rep's own weeks, and all reps' for their managers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.asking import StopReason, Way
from feedback.core.shares import Share, share_of_at_least
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Invitation, Mail, Meeting, Relationship
from feedback.models.encrypted import is_stand_in, stand_in
from feedback.store.activity import WINDOW_WEEKS
from feedback.store.answered import was_answered
from feedback.store.asking import AskingMail, asking_mails, mail_stops
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitations_of_rep
from feedback.store.people import Rep, Viewer, reps

WINDOW = timedelta(weeks=WINDOW_WEEKS)
LEAST_ASKED = 5  # of fewer a share tells nothing


@dataclass(frozen=True, slots=True)
class AskedClient:
    """One client who was asked, as the rep may know it."""

    invitation: InvitationView
    mail: AskingMail | None

    @property
    def waits(self) -> bool:
        """Whether nothing has come back, as far as the rep may know."""
        i = self.invitation
        return not (i.progress_hidden or i.progress.done or i.progress.taps or i.declined_at)


@dataclass(frozen=True, slots=True)
class NoMail:
    """A client of the rep's whose address gets no mail that asks."""

    contact_id: UUID
    contact: str
    account: str
    why: StopReason


@dataclass(frozen=True, slots=True)
class OwnAsked:
    """What a rep asked, and what came back."""

    clients: list[AskedClient]  # the latest met first
    by_way: dict[Way, Share]  # answered of asked, in 13 weeks; of a room those that were guessed
    no_mail: list[NoMail]  # by name

    def waiting(self, now: datetime) -> list[AskedClient]:
        """Return who could still answer, and has not."""
        return [each for each in self.clients if each.waits and not each.invitation.closed(now)]


@dataclass(frozen=True, slots=True)
class RepAsked:
    """Answered of asked by way, of one rep, or of all together (rep is None)."""

    rep: Rep | None
    by_way: dict[Way, Share]


def own_asked(session: Session, viewer: Viewer, since: datetime, now: datetime) -> OwnAsked:
    """Return whom a rep asked about meetings held since then. Nothing in it moves by an answer of which the rep may not
    hear yet."""
    found = invitations_of_rep(
        session, viewer.organisation_id, viewer.id, min(since, now - WINDOW), viewer.reader, now
    )
    asked = [i for i in found if not is_stand_in(i.stored_token)]  # imported ones were asked elsewhere
    shown = [i for i in asked if i.held_at >= since]
    mails = asking_mails(session, viewer.organisation_id, [i.id for i in shown])
    return OwnAsked(
        [AskedClient(i, mails.get((i.id, Mail.ASK))) for i in shown],
        _by_way(i for i in asked if not i.progress_hidden),
        _no_mail(session, viewer),
    )


def _by_way(asked: Iterable[InvitationView]) -> dict[Way, Share]:
    found: defaultdict[Way, Share] = defaultdict(Share)
    for each in asked:
        found[each.way] += Share(int(each.progress.done), 1)
    return dict(found)


def _no_mail(session: Session, viewer: Viewer) -> list[NoMail]:
    """Return whom of the rep's clients no mail may ask."""
    rows = session.execute(
        select(col(Contact.id), col(Contact.name), col(Account.name).label("account"), col(Contact.email))
        .join(Relationship, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(
            col(Contact.organisation_id) == viewer.organisation_id,
            col(Relationship.rep_id) == viewer.id,
            col(Contact.email).is_not(None),
            col(Contact.archived_at).is_(None),
        )
        .order_by(col(Contact.name), col(Contact.id))
    ).all()
    stops = mail_stops(session, viewer.organisation_id, [row.email for row in rows])
    return [NoMail(row.id, row.name, row.account, stops[row.email]) for row in rows if row.email in stops]


def asked_by_reps(session: Session, viewer: Viewer, now: datetime) -> list[RepAsked]:
    """Return, of the reps that a manager is responsible for, what of 13 weeks was answered by way, by name; where figures
    by person are shown to nobody only all together, and of each way that enough reps used."""
    mine = reps(session, viewer)
    found = _counts(session, viewer, [rep.id for rep in mine], now)
    if viewer.figures.by_person:
        return [RepAsked(rep, found.get(rep.id, {})) for rep in mine]
    ways = {
        way: share_of_at_least((each.get(way, Share()) for each in found.values()), viewer.figures.least)
        for way in Way
    }
    together = {way: share for way, share in ways.items() if share.whole}
    return [RepAsked(None, together)] if together else []


def _counts(
    session: Session, viewer: Viewer, rep_ids: list[UUID], now: datetime
) -> dict[UUID, dict[Way, Share]]:
    """Return by rep and way who answered. Rep by rep, so that the meetings before are not gone through."""
    asked = func.count(col(Invitation.id))
    rows = session.execute(
        select(col(Meeting.rep_id), col(Invitation.way), asked, asked.filter(was_answered(now)))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Invitation.organisation_id) == viewer.organisation_id,
            col(Meeting.held_at) >= now - WINDOW,
            func.substr(col(Invitation.token), 1, 1) != stand_in(""),
            col(Meeting.rep_id).in_(rep_ids),
        )
        .group_by(col(Meeting.rep_id), col(Invitation.way))
    )
    found: defaultdict[UUID, dict[Way, Share]] = defaultdict(dict)
    for rep_id, way, whole, part in rows:
        found[rep_id][way] = Share(part, whole)
    return dict(found)
