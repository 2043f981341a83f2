"""Queries of the imports: who and which rows are stored already."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import Role
from feedback.core.dimensions import DIMENSIONS, NO_RATINGS, Ratings, count_rated
from feedback.core.records import record
from feedback.db.rows import SixColumns
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Feedback, Invitation, Meeting, Side, Team, TeamManager, User
from feedback.store.contacts import accounts_meant, contacts_meant, name_key

# A row of history: this rep met this contact at this time.
Key = tuple[UUID, UUID, datetime]


@record
class StoredAnswer:
    """What a row of history says, or what is stored of it."""

    client: Ratings = NO_RATINGS  # 1..5 each, or None
    rep: Ratings = NO_RATINGS  # likewise
    nps: int | None = None
    comment: str | None = None
    stage: str | None = None
    rep_stage: str | None = None

    @property
    def client_answered(self) -> bool:
        """Whether the client said anything."""
        return count_rated(self.client) > 0 or (self.nps, self.comment, self.stage) != (None, None, None)

    def differs_from(self, other: "StoredAnswer") -> list[str]:
        """Return the columns in which the two differ."""
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
    """Somebody who is stored already."""

    name: str
    role: Role
    left: bool  # may not sign in any more
    teams: tuple[str, ...]  # belonged to, or looked after


def people_by_email(session: Session, organisation_id: UUID, emails: Sequence[str]) -> dict[str, KnownPerson]:
    """Return, by address, the people who have one of these addresses, whether or not they may still sign
    in."""
    rows = session.execute(
        select(
            col(User.id), col(User.name), col(User.email), col(User.role), col(User.ended_at),
            col(Team.name).label("team"),
        )
        .outerjoin(TeamManager, references(TeamManager, TeamManager.user_id, User))
        .outerjoin(
            Team,
            (col(Team.organisation_id) == col(User.organisation_id))
            & ((col(Team.id) == col(User.team_id)) | (col(Team.id) == col(TeamManager.team_id))),
        )
        .where(col(User.organisation_id) == organisation_id, col(User.email).in_(emails))
        .order_by(col(Team.name))
    ).all()  # fmt: skip
    teams: defaultdict[UUID, list[str]] = defaultdict(list)
    for row in rows:
        teams[row.id].extend([row.team] if row.team else [])
    return {
        row.email: KnownPerson(
            name=row.name, role=row.role, left=row.ended_at is not None, teams=tuple(teams[row.id])
        )
        for row in rows
    }


def emails_by_name(session: Session, organisation_id: UUID) -> dict[str, list[str]]:
    """Return everybody's addresses by the key of the name, also of those who left."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in session.execute(
        select(col(User.name), col(User.email))
        .where(col(User.organisation_id) == organisation_id)
        .order_by(col(User.id))
    ):
        found[name_key(row.name)].append(row.email)
    return dict(found)


def roles_by_email(session: Session, organisation_id: UUID) -> dict[str, tuple[UUID, Role]]:
    """Return everybody's id and role, by address, including those who left: the import is about the past."""
    rows = session.execute(
        select(col(User.email), col(User.id), col(User.role)).where(
            col(User.organisation_id) == organisation_id
        )
    )
    return {email: (user_id, role) for email, user_id, role in rows}


def account_keys(session: Session, organisation_id: UUID) -> Iterator[tuple[str, UUID]]:
    """Return every account's name_key and id; of one that was joined with another the other's id."""
    rows = session.execute(
        select(col(Account.name_key), col(Account.id)).where(col(Account.organisation_id) == organisation_id)
    )
    meant = _joined_accounts(session, organisation_id)
    return ((row.name_key, meant.get(row.id, row.id)) for row in rows)


def contact_keys(
    session: Session, organisation_id: UUID
) -> Iterator[tuple[UUID, UUID, str, str, str | None]]:
    """Return every contact's account_id, id, name, name_key and e-mail, the oldest first; without those who were joined
    with another."""
    rows = session.execute(
        select(
            col(Contact.account_id),
            col(Contact.id),
            col(Contact.name),
            col(Contact.name_key),
            col(Contact.email),
        )
        .where(col(Contact.organisation_id) == organisation_id, col(Contact.merged_at).is_(None))
        .order_by(col(Contact.id))
    )
    return ((row.account_id, row.id, row.name, row.name_key, row.email) for row in rows)


@dataclass(frozen=True, slots=True)
class OtherName:
    """What somebody is called too, since two contacts were joined."""

    account_id: UUID  # as it is meant by now
    contact_id: UUID  # who is meant
    key: str  # the name as it is compared
    stored_key: str  # with what tells two of one name apart
    email: str | None


def other_names(session: Session, organisation_id: UUID) -> list[OtherName]:
    """Return every name and address of a contact that was joined with another, the oldest first."""
    rows = session.execute(
        select(
            col(Contact.id),
            col(Contact.account_id),
            col(Contact.name),
            col(Contact.name_key),
            col(Contact.email),
        )
        .where(
            col(Contact.organisation_id) == organisation_id,
            col(Contact.merged_at).is_not(None),
            col(Contact.erased_at).is_(None),
        )
        .order_by(col(Contact.id))
    ).all()
    meant = contacts_meant(session, organisation_id, [row.id for row in rows])
    accounts = _joined_accounts(session, organisation_id)
    return [
        OtherName(
            account_id=accounts.get(row.account_id, row.account_id),
            contact_id=meant[row.id],
            key=name_key(row.name),
            stored_key=row.name_key,
            email=row.email,
        )
        for row in rows
    ]


def _joined_accounts(session: Session, organisation_id: UUID) -> dict[UUID, UUID]:
    """Return, by the id of each account that was joined with another, which one is meant."""
    gone = session.scalars(
        select(col(Account.id)).where(
            col(Account.organisation_id) == organisation_id, col(Account.merged_at).is_not(None)
        )
    )
    return accounts_meant(session, organisation_id, gone.all())


def stored_answers(
    session: Session, organisation_id: UUID, keys: Iterable[Key]
) -> dict[Key, list[StoredAnswer | None]]:
    """Return what is stored under those keys; None where the client erased the answer."""
    by_rep: defaultdict[UUID, list[Key]] = defaultdict(list)
    for key in keys:
        by_rep[key[0]].append(key)
    found: defaultdict[Key, list[StoredAnswer | None]] = defaultdict(list)
    for rep_id, wanted in by_rep.items():
        for key, said in _stored(session, organisation_id, rep_id, {held_at for _, _, held_at in wanted}):
            found[key].append(said)
    return found


_Client, _Mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")


def _stored(
    session: Session, organisation_id: UUID, rep_id: UUID, moments: set[datetime]
) -> Iterator[tuple[Key, StoredAnswer | None]]:
    """Return one rep's invitations of the meetings held at those moments."""
    rows = session.execute(
        select(
            col(Invitation.contact_id), col(Meeting.held_at), col(_Client.erased_at), col(_Client.nps),
            col(_Client.comment), col(_Client.stage), col(_Mirror.stage).label("rep_stage"),
            SixColumns("client", _Client), SixColumns("rep", _Mirror),
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
    for row in rows:
        said = StoredAnswer(
            client=row.client, rep=row.rep, nps=row.nps, comment=row.comment, stage=row.stage, rep_stage=row.rep_stage
        )  # fmt: skip
        yield (rep_id, row.contact_id, row.held_at), None if row.erased_at else said


def accounts_named(session: Session, organisation_id: UUID, name_keys: Iterable[str]) -> dict[str, Account]:
    """Return accounts by the key of their name, as rows to be written; of one that was joined with another the other."""
    statement = select(Account).where(
        col(Account.organisation_id) == organisation_id, col(Account.name_key).in_(name_keys)
    )
    found = list(session.scalars(statement))
    meant = accounts_meant(session, organisation_id, [each.id for each in found if each.merged_at])
    return {
        each.name_key: session.get_one(Account, (organisation_id, meant[each.id])) if each.merged_at else each
        for each in found
    }


def contacts_of(session: Session, organisation_id: UUID, account_ids: Sequence[UUID]) -> list[Contact]:
    """Return everybody at these accounts, the newest first, as rows to be written."""
    statement = (
        select(Contact)
        .where(
            col(Contact.organisation_id) == organisation_id,
            col(Contact.account_id).in_(account_ids),
            col(Contact.merged_at).is_(None),
        )
        .order_by(col(Contact.id).desc())
    )
    return list(session.scalars(statement))


def contacts_named(
    session: Session, organisation_id: UUID, account_ids: Sequence[UUID]
) -> dict[tuple[UUID, str], list[UUID]]:
    """Return the contacts of these accounts by account and e-mail, and by account and name_key; also by what those were
    called who were joined with them."""
    found: defaultdict[tuple[UUID, str], list[UUID]] = defaultdict(list)
    for contact in contacts_of(session, organisation_id, account_ids):
        for key in (contact.email, name_key(contact.name)):
            if key and contact.erased_at is None:
                found[contact.account_id, key].append(contact.id)
    for other in other_names(session, organisation_id):
        for key in (other.email, other.key):
            if key and other.account_id in account_ids and not found[other.account_id, key]:
                found[other.account_id, key].append(other.contact_id)
    return dict(found)


def contact_rows(session: Session, organisation_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """Return contacts by id, as rows to be written."""
    found = select(Contact).where(col(Contact.organisation_id) == organisation_id, col(Contact.id).in_(ids))
    return {each.id: each for each in session.scalars(found)}
