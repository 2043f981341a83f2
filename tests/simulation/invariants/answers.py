"""What is stored of an answer is what was acknowledged; what reps see of it; nothing erased is left."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from feedback.core.access import Reader
from feedback.core.dimensions import DIMENSIONS
from feedback.models import (
    Feedback,
    Promise,
    Side,
)
from feedback.store.invitations import invitations_by_ids
from simulation.invariants.plain import holds
from simulation.organisation import SimulatedOrganisation
from simulation.phones import ExpectedAnswer
from simulation.world import World

WORDS = ("comment", "nps", "worth_it", "stage", "language", "device_hash", "network_hash", "browser_hash")
STRONG = {"reps_browser", "one_device", "rep_began_again", "guest"}
Sealed = dict[UUID, tuple[Any, ...]]  # what was sealed, by invitation, as it was first seen
SIDES = select(
    *(
        getattr(Feedback, name)
        for name in (
            "invitation_id", "side", *DIMENSIONS, *WORDS, "erased_at", "signals", "decided_at", "counts",
            "settled_at", "sealed_at", "disputed_at",
        )
    )
)  # fmt: skip
SIDES_OF_ALL = SIDES.where(Feedback.organisation_id == bindparam("organisation"))
_SIDES_OF_ONE = SIDES_OF_ALL.where(Feedback.invitation_id == bindparam("invitation"))


def every_answer(session: Any, o: SimulatedOrganisation, sealed: Sealed) -> None:
    """Compare every answer with what it has to be."""
    stored: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
    for row in session.execute(SIDES_OF_ALL, {"organisation": o.id}):
        stored[row.invitation_id][row.side] = row
    for answer in o.answers:
        _answer_holds(answer, stored.get(answer.invitation_id, {}), sealed)


def one_answer(session: Any, answer: ExpectedAnswer, sealed: Sealed) -> None:
    """Compare one answer with what it has to be."""
    ids = {"organisation": answer.organisation.id, "invitation": answer.invitation_id}
    _answer_holds(answer, {row.side: row for row in session.execute(_SIDES_OF_ONE, ids)}, sealed)


def _answer_holds(answer: ExpectedAnswer, sides: dict[str, Any], sealed: Sealed) -> None:
    """Compare both sides of an invitation with what they have to be."""
    if (client := sides.get(Side.CLIENT)) is not None:
        _client_holds(answer, client)
    else:
        holds(not any(answer.ratings), f"an answer is gone: {answer.ratings}")
    mirror = sides.get(Side.REP)
    if mirror is not None and mirror.sealed_at is not None:
        got = (*(getattr(mirror, name) for name in DIMENSIONS), mirror.stage, mirror.sealed_at)
        holds(sealed.setdefault(answer.invitation_id, got) == got, "a sealed mirror has changed")
        holds(answer.mirror is not None, "sealed, though nobody sealed it")
        holds(got[:6] == tuple(answer.mirror[name] for name in DIMENSIONS), "the mirror is another")
    else:
        holds(answer.mirror is None, "the seal is gone")


def _client_holds(answer: ExpectedAnswer, client: Any) -> None:
    expected = answer.ratings
    got = tuple(getattr(client, name) for name in DIMENSIONS)
    holds(got == expected, f"stored are {got}, acknowledged were {expected}, {answer.invitation_id}")
    holds(client.comment == answer.said.get("comment"), "the comment is another")
    holds((client.erased_at is not None) == answer.erased, "erased, or not")
    doubted = STRONG & set(client.signals)
    apart = client.counts != "counted" or client.decided_at or client.erased_at or client.settled_at is None
    # said with the token alone it counts as it did, and a decision before is to be made again
    holds(not doubted or apart or client.disputed_at, f"it counts in spite of {doubted}")
    if client.settled_at is not None:
        answer.settled = True
        answer.heard = answer.heard or not answer.erased
    if answer.erased:
        holds(
            not any(getattr(client, name) is not None for name in WORDS),
            "words or marks of an erased answer",
        )


def nothing_erased_is_left(session: Any, o: SimulatedOrganisation) -> None:
    """Nothing that was erased is left in any table."""
    judged = session.execute(
        select(Promise.id)
        .join(
            Feedback,
            (Feedback.organisation_id == Promise.organisation_id)
            & (Feedback.invitation_id == Promise.judged_in_id),
        )
        .where(Promise.organisation_id == o.id, Feedback.side == Side.CLIENT, Feedback.erased_at.is_not(None))
    ).all()
    holds(not judged, "an erased answer keeps its verdict on a promise")


def reps_views(session: Any, o: SimulatedOrganisation, world: World) -> None:
    """A rep is shown no answer whose mirror is not sealed, and none that is for managers only."""
    now = world.now()
    shown = invitations_by_ids(
        session, o.id, [answer.invitation_id for answer in o.answers[-40:]], Reader.REP, now
    )
    for answer in o.answers[-40:]:
        view = shown[answer.invitation_id]
        said = any(view.client.ratings) or view.client.comment or view.client.nps is not None
        holds(not said or answer.mirror, f"a rep sees an answer before sealing: {answer.invitation_id}")
        holds(
            not said or answer.said.get("visibility") != "manager",
            "a rep sees an answer that is for managers only",
        )
        if (
            answer.mirror
            and answer.settled
            and answer.said.get("visibility") != "manager"
            and any(answer.ratings)
        ):
            holds(said, "a rep does not see an answer after sealing")
