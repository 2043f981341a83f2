"""Handing a rep's clients over to another rep. Nothing that was said moves: answers, meetings, guesses and past weeks
stay whose they were."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from feedback.core.access import NotFound, Role
from feedback.core.audit import AuditKind
from feedback.db.change import Change, Invalid
from feedback.models import HandedOver, User
from feedback.store.handed_over import clients_of_rep, hand_over_of, hand_over_rows
from feedback.store.organisations import locked_organisation

CHANGED = "These clients changed meanwhile. Look at the list again."


def hand_over(
    c: Change, by: UUID, rep_id: UUID, to_id: UUID | None, relationship_ids: Collection[UUID]
) -> None:
    """Make another rep look after contacts whom this rep looks after. Whoever left can hand over, too. Raises
    Invalid."""
    locked_organisation(c.session, c.organisation_id, key_share=True)  # two owners at once
    rep, to = _person(c, rep_id), _rep_who_takes_over(c, rep_id, to_id)
    whose = {
        each.relationship_id: each.rep_id for each in clients_of_rep(c.session, c.organisation_id, rep_id)
    }
    chosen = list(dict.fromkeys(relationship_ids))
    if not chosen:
        raise Invalid(clients="Choose at least one client.")
    if not whose.keys() >= set(chosen):
        raise Invalid(clients=CHANGED)
    rows = hand_over_rows(c.session, c.organisation_id, chosen)
    for each in rows.values():
        c.session.delete(each)
    c.session.flush()
    c.session.add_all(
        HandedOver(
            organisation_id=c.organisation_id,
            created_at=c.now,
            relationship_id=each,
            rep_id=to.id,
            by_id=by,
        )
        for each in chosen
        if whose[each] != to.id  # else it is their own again
    )
    try:
        c.session.flush()
    except IntegrityError as error:
        raise Invalid(clients=CHANGED) from error
    told = {"to": to.name, "clients": len(chosen)}
    c.audit(by, AuditKind.CLIENTS_HANDED_OVER, rep_id, name=rep.name, after=told)


def undo_hand_over(c: Change, by: UUID, rep_id: UUID, relationship_ids: Collection[UUID]) -> None:
    """Give contacts back to the rep who met them: within a day, and while the new rep has not met them. Raises
    Invalid."""
    locked_organisation(c.session, c.organisation_id, key_share=True)
    rep, chosen = _person(c, rep_id), set(relationship_ids)
    if not chosen:
        raise Invalid(undone="Choose at least one client.")
    rows = hand_over_rows(c.session, c.organisation_id, chosen)
    for each in chosen:
        found = hand_over_of(c.session, c.organisation_id, each)
        if found is None or found.rep_id != rep_id or not found.can_be_undone(c.now):
            raise Invalid(undone="One of them was met meanwhile, or a day is over. Nothing was changed.")
        c.session.delete(rows[each])
    c.audit(by, AuditKind.CLIENTS_HANDED_BACK, rep_id, name=rep.name, after={"clients": len(chosen)})


def _rep_who_takes_over(c: Change, rep_id: UUID, to_id: UUID | None) -> User:
    found = c.session.get(User, (c.organisation_id, to_id)) if to_id else None
    if found is None or found.role != Role.REP or found.ended_at or found.id == rep_id:
        raise Invalid(to="Choose a rep who works here.")
    return found


def _person(c: Change, user_id: UUID) -> User:
    found = c.session.get(User, (c.organisation_id, user_id))
    if found is None:
        raise NotFound("person")
    return found
