"""What an owner does about clients and people: joins, erases, hands over, and notes what became of somebody."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from feedback.actions import handed_over, merging, outcomes
from feedback.actions.clients import archive_contact
from feedback.actions.erasure import erase_contact
from feedback.actions.outcomes import OutcomeSaid
from feedback.core.access import NotFound
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.db.change import Change, Invalid
from feedback.models import Contact, Relationship
from feedback.store.handed_over import clients_of_rep
from feedback.store.people import Viewer, viewer_of
from simulation.organisation import SimulatedOrganisation
from simulation.phones import ExpectedAnswer
from simulation.reps import OURS
from simulation.world import HOUR


def see_to_clients(o: SimulatedOrganisation) -> None:
    """Do one of these about a client who was met lately."""
    if not o.answers:
        return
    answer = o.world.dice.choice(o.answers[-20:])
    o.world.dice.choice((_join_contacts, _join_accounts, _erase, _hand_over, _hand_over, _note, _archive))(
        o, answer
    )


def _join_contacts(o: SimulatedOrganisation, answer: ExpectedAnswer) -> None:
    """Say that two clients are one; half of the time it was a mistake."""
    other = o.world.dice.choice(o.answers[-20:])
    keep, gone = answer.contact_id, other.contact_id
    if OURS in (answer.contact, other.contact):
        return
    moved: list[ExpectedAnswer] = []
    made: list[UUID] = []

    def join(c: Change) -> None:
        merge_id = merging.merge_contacts(c, _owner(c, o), keep, gone)
        o.world.db.when_committed(lambda: joined(merge_id))

    def joined(merge_id: UUID) -> None:
        made.append(merge_id)
        o.joined |= {keep, gone}
        o.handed_over |= {
            (rep, each) for rep, who in o.handed_over if who in (keep, gone) for each in (keep, gone)
        }
        moved.extend(each for each in o.answers if each.contact_id == gone)
        for each in moved:
            each.contact_id = keep
        _forget_addresses(o, keep, gone)
        o.world.touched += moved[-3:]

    def part(c: Change) -> None:
        merging.undo_merge(c, _owner(c, o), made[0])
        o.world.db.when_committed(parted)

    def parted() -> None:
        for each in moved:
            each.contact_id = gone
        for each in o.answers:
            if each.contact_id == keep:
                each.address = None  # it may have been the other's
        _forget_addresses(o, keep, gone)
        o.world.touched += moved[-3:]

    o.doing(join, Invalid)
    if made and o.world.dice.random() < 0.5:
        wait = o.world.dice.choice((HOUR, 20 * HOUR, 30 * HOUR))
        o.world.after(wait, f"{o.name}: two clients are two again", lambda: o.doing(part, Invalid))


def _owner(c: Change, o: SimulatedOrganisation) -> Viewer:
    found = viewer_of(c.session, o.id, o.owner_id)
    assert found is not None  # the owner stays
    return found


def _forget_addresses(o: SimulatedOrganisation, *contact_ids: UUID) -> None:
    """Expect no address to be known of these, until it is typed again."""
    for each in o.answers:
        if each.contact_id in contact_ids:
            o.addresses.pop(each.contact, None)


def _join_accounts(o: SimulatedOrganisation, answer: ExpectedAnswer) -> None:
    other = o.world.dice.choice(o.answers[-20:])
    keep, gone = _account_of(o, answer), _account_of(o, other)
    if not keep or not gone:
        return
    made: list[UUID] = []

    def join(c: Change) -> None:
        merge_id = merging.merge_accounts(c, _owner(c, o), keep, gone)
        o.world.db.when_committed(lambda: made.append(merge_id))

    o.doing(join, Invalid)
    if made:  # always undone: clients are expected where they are typed
        o.world.after(
            5, f"{o.name}: two accounts are two again",
            lambda: o.doing(lambda c: merging.undo_merge(c, _owner(c, o), made[0]), Invalid),
        )  # fmt: skip


def _account_of(o: SimulatedOrganisation, answer: ExpectedAnswer) -> UUID | None:
    with o.world.db.reading() as session:
        return session.scalar(
            select(Contact.account_id).where(Contact.organisation_id == o.id, Contact.id == answer.contact_id)
        )


def _erase(o: SimulatedOrganisation, answer: ExpectedAnswer) -> None:
    """Erase a client everywhere: words and pages are gone, ratings stay."""
    contact_id = answer.contact_id

    def erase(c: Change) -> None:
        erase_contact(c, o.owner_id, contact_id)
        o.world.db.when_committed(erased)

    def erased() -> None:
        _forget_addresses(o, contact_id)
        for each in o.answers:
            if each.contact_id == contact_id:
                each.page_gone, each.address = True, None
                each.said.pop("comment", None)
                o.world.touched.append(each)

    o.doing(erase, Invalid)


def _archive(o: SimulatedOrganisation, answer: ExpectedAnswer) -> None:
    """Put a client out of use, or in use again; who is met again is."""
    archived = o.world.dice.random() < 0.7
    o.doing(lambda c: archive_contact(c, o.owner_id, answer.contact_id, archived=archived), NotFound)


def _hand_over(o: SimulatedOrganisation, answer: ExpectedAnswer) -> None:
    """Let another rep look after some clients of one; sometimes that was a mistake."""
    others = [rep for rep in o.reps if not rep.gone and rep.id != answer.rep_id]
    if not others:
        return
    to = o.world.dice.choice(others)
    with o.world.db.reading() as session:
        mine = [each.relationship_id for each in clients_of_rep(session, o.id, answer.rep_id)]
        chosen = o.world.dice.sample(mine, min(2, len(mine)))
        pairs = session.execute(
            select(Relationship.rep_id, Relationship.contact_id).where(
                Relationship.organisation_id == o.id, Relationship.id.in_(chosen)
            )
        )
        o.handed_over |= {(row.rep_id, row.contact_id) for row in pairs}
    o.doing(lambda c: handed_over.hand_over(c, o.owner_id, answer.rep_id, to.id, chosen), Invalid)
    if o.world.dice.random() < 0.3:
        wait = o.world.dice.choice((60, 20 * HOUR, 30 * HOUR))
        o.world.after(wait, f"{o.name}: clients are given back", lambda: o.doing(
            lambda c: handed_over.undo_hand_over(c, o.owner_id, answer.rep_id, chosen), Invalid))  # fmt: skip


def _note(o: SimulatedOrganisation, answer: ExpectedAnswer) -> None:
    """Note what became of an account or of a client; correct or retract it later."""
    dice, account_id = o.world.dice, _account_of(o, answer)
    if account_id is None:
        return
    contact_id = dice.choice((None, answer.contact_id))
    day = o.world.now().astimezone(o.zone).date() - timedelta(days=dice.randrange(1, 40))
    said = OutcomeSaid(dice.choice(tuple(ClientOutcome)), day, contact_id)
    other = OutcomeSaid(dice.choice(tuple(ClientOutcome)), day - timedelta(days=1), contact_id)
    made: list[UUID] = []

    def note(c: Change) -> None:
        outcome_id = outcomes.note_outcome(c, o.owner_id, account_id, said, OutcomeSource.PAGE)
        o.world.db.when_committed(lambda: made.append(outcome_id))

    o.doing(note, Invalid)
    if made and dice.random() < 0.5:
        o.doing(lambda c: outcomes.correct_outcome(c, o.owner_id, made[0], other), Invalid)
        o.doing(lambda c: outcomes.retract_outcome(c, o.owner_id, made[0], retracted=True), Invalid)
