"""A rep's own relationships: a list to search, with what is open in each."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import Session, col

from feedback.core.access import answer_access
from feedback.core.finding import folded, has_words, search_text
from feedback.core.scoring.relationships import relationship_numbers
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Account, Contact, HandedOver, Relationship, User
from feedback.pages.meetings import recent_invitations
from feedback.pages.promises import open_promises
from feedback.store.handed_over import in_force, is_handed_over
from feedback.store.history import history_of_pairs
from feedback.store.people import Viewer


@dataclass(frozen=True, slots=True)
class OwnRelationship:
    """A relationship as it stands in its rep's list."""

    id: UUID
    rep_id: UUID  # who met the contact
    contact_id: UUID
    contact: str
    contact_role: str | None
    contact_email: str | None
    search: str | None  # what it is searched by, beside the role (core.finding)
    account: str
    last_meeting_at: datetime
    handed_over_by: str | None  # the name of that rep, where it is another


@dataclass(frozen=True, slots=True)
class OpenThings:
    """What is open in a relationship."""

    to_guess: int = 0
    to_compare: int = 0
    promises: int = 0  # due by now


def own_relationships(session: Session, viewer: Viewer, words: str) -> list[OwnRelationship]:
    """Return the relationships with the contacts whom a rep looks after, whose contact, role or account has each of these
    words, the latest met first; or its address; all of them without a word. One for each contact: the rep's own, if they have met."""
    listed = _listed(viewer.organisation_id)
    own = listed.where(col(Relationship.rep_id) == viewer.id, ~is_handed_over())
    taken_over = (
        listed.add_columns(col(User.name).label("handed_over_by"))
        .join(User, references(Relationship, Relationship.rep_id, User))
        .join(HandedOver, in_force())
        .where(col(HandedOver.rep_id) == viewer.id)
    )
    theirs = views(OwnRelationship, session.execute(taken_over))
    mine = views(OwnRelationship, session.execute(own), handed_over_by=None)
    latest_last = sorted(theirs, key=lambda r: r.last_meeting_at)
    found = list({r.contact_id: r for r in (*latest_last, *mine)}.values())
    found.sort(key=lambda r: (-r.last_meeting_at.timestamp(), r.contact, r.id))
    return [r for r in found if _has(r, words)] if words else found


def told_apart(found: Iterable[OwnRelationship]) -> dict[UUID, str]:
    """Return, by relationship, what tells its contact from another of the same name; blank where there is no e-mail."""
    several = list(found)
    there = Counter(folded(r.contact) for r in several)
    return {r.id: r.contact_email or "" for r in several if there[folded(r.contact)] > 1}


def _has(relationship: OwnRelationship, words: str) -> bool:
    there = relationship.search or search_text(relationship.contact, relationship.account)
    return has_words(f"{there} {search_text(relationship.contact_role)}", words)


def _listed(organisation_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(Relationship.id),
            col(Relationship.rep_id),
            col(Relationship.contact_id),
            col(Contact.name).label("contact"),
            col(Contact.role).label("contact_role"),
            col(Contact.email).label("contact_email"),
            col(Contact.search),
            col(Account.name).label("account"),
            col(Relationship.last_meeting_at),
        )
        .select_from(Relationship)
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(
            col(Relationship.organisation_id) == organisation_id,
            col(Relationship.last_meeting_at).is_not(None),
        )
    )


def own_loyalties(
    session: Session, viewer: Viewer, shown: Iterable[OwnRelationship], now: datetime
) -> dict[UUID, float]:
    """Return, by relationship, the loyalty of the answers that the rep may see by themselves, 0..100: what the
    relationship's own page says. Relationships without such an answer are absent."""
    ids = {(r.rep_id, r.contact_id): r.id for r in shown}
    pairs = ids.keys()
    past = history_of_pairs(session, viewer.organisation_id, pairs, now) if pairs else {}
    loyalties = {
        ids[pair]: relationship_numbers(
            (p.moment() for p in each if answer_access(viewer.reader, p.answer).whole), viewer.scoring
        ).loyalty
        for pair, each in past.items()
    }
    return {each: loyalty for each, loyalty in loyalties.items() if loyalty is not None}


def open_things(session: Session, viewer: Viewer, today: date, now: datetime) -> dict[UUID, OpenThings]:
    """Return, by contact, what waits for the rep."""
    guess, compare, promised = (defaultdict[UUID, int](int) for _ in range(3))
    for i in recent_invitations(session, viewer, now):
        guess[i.contact_id] += not i.sealed and not i.closed(now)
        compare[i.contact_id] += i.both_in and not i.mirror.seen_at
    for promise in open_promises(session, viewer, today, now):
        promised[promise.contact_id] += 1
    return {
        each: OpenThings(guess[each], compare[each], promised[each])
        for each in guess.keys() | compare.keys() | promised.keys()
    }
