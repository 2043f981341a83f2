"""What a manager sees of other teams, and a rep of other reps: nothing."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from feedback.core.access import NotFound
from feedback.db.tenancy import references
from feedback.models import Alert, Relationship
from feedback.pages.alerts import alerts_by_id
from feedback.pages.answers import answer_for
from feedback.store.people import Viewer, viewer_of
from feedback.store.relationships import relationship_for
from simulation.invariants.plain import holds
from simulation.organisation import MANAGED, SimulatedOrganisation
from simulation.world import World

LATEST = 20  # of each kind

_ALERTS = (
    select(Alert.id, Alert.relationship_id, Relationship.rep_id, Relationship.contact_id)
    .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
    .where(Alert.organisation_id == bindparam("organisation"))
    .order_by(Alert.id.desc())
    .limit(LATEST)
)
_RELATIONSHIPS = (
    select(Relationship.id, Relationship.rep_id, Relationship.contact_id)
    .where(Relationship.organisation_id == bindparam("organisation"))
    .order_by(Relationship.id.desc())
    .limit(LATEST)
)


def others_views(session: Any, o: SimulatedOrganisation, world: World) -> None:
    """A manager sees the alerts, answers and relationships of the own team, all of them and no other's; a rep the own
    relationships. Who was handed over may be seen by both sides."""
    now = world.now()
    alerts = _of_one(o, session.execute(_ALERTS, {"organisation": o.id}))
    relationships = _of_one(o, session.execute(_RELATIONSHIPS, {"organisation": o.id}))
    if o.size.managed:
        manager = viewer_of(session, o.id, o.managers[-1])
        assert manager is not None  # managers stay
        own = {rep.id for rep in o.reps if rep.team == MANAGED}
        shown = {alert.id for alert in alerts_by_id(session, manager, [row.id for row in alerts], now)}
        due = {row.id for row in alerts if row.rep_id in own}
        holds(
            shown == due,
            f"a manager sees {len(shown - due)} alerts of others, not {len(due - shown)} own ones",
        )
        _doors(manager, own, relationships, lambda who, each: relationship_for(session, who, each, now))
        answers = _of_one(o, o.answers[-LATEST:])
        _doors(manager, own, answers, lambda who, each: answer_for(session, who, each, now))
    rep = next(rep for rep in o.reps if not rep.gone)
    viewer = viewer_of(session, o.id, rep.id)
    assert viewer is not None
    _doors(viewer, {rep.id}, relationships, lambda who, each: relationship_for(session, who, each, now))


def _of_one(o: SimulatedOrganisation, rows: Iterable[Any]) -> list[Any]:
    """Leave out whom another rep looks after, or did."""
    return [row for row in rows if (row.rep_id, row.contact_id) not in o.handed_over]


def _doors(viewer: Viewer, own: set[UUID], rows: list[Any], door: Callable[[Viewer, UUID], Any]) -> None:
    for row in rows:
        try:
            door(viewer, getattr(row, "invitation_id", None) or row.id)
            opens = True
        except NotFound:
            opens = False
        holds(
            opens == (row.rep_id in own),
            f"a {viewer.role} {'sees' if opens else 'does not see'} what is {row.rep_id}'s",
        )
