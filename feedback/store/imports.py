"""What an import asks: who is here, which rows are here already, and what is to be counted anew."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.dimensions import DIMENSIONS, NO_RATINGS, Ratings, count_rated
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Feedback, Invitation, Meeting, Side, Team, TeamManager, User

# A row of history: this rep met this contact at this time.
Key = tuple[UUID, UUID, datetime]


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a row of history says, or what is stored of it."""

    client: Ratings = NO_RATINGS
    rep: Ratings = NO_RATINGS
    nps: int | None = None
    comment: str | None = None
    stage: str | None = None
    rep_stage: str | None = None

    @property
    def client_answered(self) -> bool:
        return count_rated(self.client) > 0 or (self.nps, self.comment, self.stage) != (None, None, None)

    def differs_from(self, other: "StoredAnswer") -> list[str]:
        """The columns in which the two are not the same."""
        ratings = [
            f"{side}_{name}"
            for side in (Side.CLIENT, Side.REP)
            for name, mine, theirs in zip(DIMENSIONS, getattr(self, side), getattr(other, side), strict=True)
            if mine != theirs
        ]
        extras = ("nps", "comment", "stage", "rep_stage")
        return ratings + [name for name in extras if getattr(self, name) != getattr(other, name)]


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who is here. left: may no longer sign in. teams: belonged to, or looked after."""

    name: str
    role: str
    left: bool
    teams: tuple[str, ...]


def people_by_email(session: Session, organisation_id: UUID, emails: Sequence[str]) -> dict[str, KnownPerson]:
    """Those who have one of these addresses, whether or not they may still sign in."""
    rows = session.execute(
        select(
            col(User.id), col(User.name), col(User.email), col(User.role), col(User.ended_at), col(Team.name)
        )
        .outerjoin(TeamManager, references(TeamManager, TeamManager.user_id, User))
        .outerjoin(
            Team,
            (col(Team.organisation_id) == col(User.organisation_id))
            & ((col(Team.id) == col(User.team_id)) | (col(Team.id) == col(TeamManager.team_id))),
        )
        .where(col(User.organisation_id) == organisation_id, col(User.email).in_(emails))
        .order_by(col(Team.name))
    ).all()
    teams = defaultdict(list)
    for row in rows:
        teams[row[0]].extend([row[5]] if row[5] else [])
    return {row[2]: KnownPerson(row[1], row[3], row[4] is not None, tuple(teams[row[0]])) for row in rows}


def roles_by_email(session: Session, organisation_id: UUID) -> dict[str, tuple[UUID, str]]:
    """Everybody's id and role, those who left included: it is the past that is imported."""
    rows = session.execute(
        select(col(User.email), col(User.id), col(User.role)).where(
            col(User.organisation_id) == organisation_id
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def account_keys(session: Session, organisation_id: UUID) -> Iterator[tuple[str, UUID]]:
    """Every account's name_key and id."""
    rows = session.execute(
        select(col(Account.name_key), col(Account.id)).where(col(Account.organisation_id) == organisation_id)
    )
    return ((row[0], row[1]) for row in rows)


def contact_keys(session: Session, organisation_id: UUID) -> Iterator[tuple[UUID, UUID, str, str | None]]:
    """Every contact's account_id, id, name_key and e-mail, the oldest first."""
    rows = session.execute(
        select(col(Contact.account_id), col(Contact.id), col(Contact.name_key), col(Contact.email))
        .where(col(Contact.organisation_id) == organisation_id)
        .order_by(col(Contact.id))
    )
    return ((row[0], row[1], row[2], row[3]) for row in rows)


def stored_answers(
    session: Session, organisation_id: UUID, keys: Iterable[Key]
) -> dict[Key, list[StoredAnswer | None]]:
    """What is stored under those keys; None where the client erased the answer."""
    by_rep: defaultdict[UUID, list[Key]] = defaultdict(list)
    for key in keys:
        by_rep[key[0]].append(key)
    found: defaultdict[Key, list[StoredAnswer | None]] = defaultdict(list)
    for rep_id, wanted in by_rep.items():
        for key, said in _stored(session, organisation_id, rep_id, {held_at for _, _, held_at in wanted}):
            found[key].append(said)
    return found


_Client, _Mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")
_SIX = len(DIMENSIONS)


def _stored(
    session: Session, organisation_id: UUID, rep_id: UUID, moments: set[datetime]
) -> Iterator[tuple[Key, StoredAnswer | None]]:
    """One rep's invitations of the meetings held at those moments."""
    rows = session.execute(
        select(
            col(Invitation.contact_id), col(Meeting.held_at), col(_Client.erased_at), col(_Client.nps),
            col(_Client.comment), col(_Client.stage), col(_Mirror.stage),
            *(getattr(_Client, name) for name in DIMENSIONS),
            *(getattr(_Mirror, name) for name in DIMENSIONS),
        )
        .select_from(Meeting)
        # outer, so that SQLite begins with the few meetings, not with every invitation there is
        .outerjoin(Invitation, references(Invitation, Invitation.meeting_id, Meeting))
        .outerjoin(_Client, references(_Client, _Client.invitation_id, Invitation) & (col(_Client.side) == Side.CLIENT))
        .outerjoin(_Mirror, references(_Mirror, _Mirror.invitation_id, Invitation) & (col(_Mirror.side) == Side.REP))
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.rep_id) == rep_id,
            col(Meeting.held_at).in_(moments),
        )
    )  # fmt: skip
    for contact_id, held_at, erased_at, nps, comment, stage, rep_stage, *ratings in rows:
        said = StoredAnswer(tuple(ratings[:_SIX]), tuple(ratings[_SIX:]), nps, comment, stage, rep_stage)
        yield (rep_id, contact_id, held_at), None if erased_at else said


def accounts_named(session: Session, organisation_id: UUID, name_keys: Iterable[str]) -> list[Account]:
    """Accounts by the key of their name, as rows to be written."""
    statement = select(Account).where(
        col(Account.organisation_id) == organisation_id, col(Account.name_key).in_(name_keys)
    )
    return list(session.scalars(statement))


def contacts_of(session: Session, organisation_id: UUID, account_ids: Sequence[UUID]) -> list[Contact]:
    """Everybody at these accounts, the newest first, as rows to be written."""
    statement = (
        select(Contact)
        .where(col(Contact.organisation_id) == organisation_id, col(Contact.account_id).in_(account_ids))
        .order_by(col(Contact.id).desc())
    )
    return list(session.scalars(statement))
