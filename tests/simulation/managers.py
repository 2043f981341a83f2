"""Managers and owners: alerts, answers in doubt, settings, webhooks."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from feedback.actions import client_lines, decisions, settings
from feedback.actions.alerts import handle
from feedback.core.alerts.reasons import Outcome
from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Change, Invalid
from feedback.models import Alert, Feedback, WebhookDelivery
from feedback.models.feedback import Counts
from feedback.store.webhooks import secret_mark
from feedback.webhooks import subscriptions
from feedback.webhooks.events import end_webhook
from simulation.organisation import SimulatedOrganisation, add_hook
from simulation.world import HERE, HOUR


def manage(o: SimulatedOrganisation) -> None:
    """Look at the alerts and at the answers in doubt, and do something about some."""
    world, dice = o.world, o.world.dice
    manager = dice.choice(o.managers)
    with world.db.reading() as session:
        alerts = session.execute(
            select(Alert.id, Alert.closed_at)
            .where(Alert.organisation_id == o.id)
            .order_by(Alert.id.desc())
            .limit(12)
        ).all()
        doubted = session.execute(
            select(Feedback.invitation_id)
            .where(
                Feedback.organisation_id == o.id,
                (Feedback.counts == Counts.QUARANTINED) | Feedback.disputed_at.is_not(None),
                Feedback.settled_at.is_not(None),
            )
            .order_by(Feedback.id.desc())
            .limit(4)
        ).all()
    for row in dice.sample(alerts, min(3, len(alerts))):
        _handle(o, manager, row.id, closed=row.closed_at is not None)
    for row in doubted[:2]:
        if dice.random() < 0.5:
            accept = dice.random() < 0.5
            o.doing(lambda c, i=row.invitation_id, a=accept: decisions.decide_answer(
                c, i, manager, accept=a, reason="I called"), Invalid)  # fmt: skip
            world.touched += [answer for answer in o.answers if answer.invitation_id == row.invitation_id]


def _handle(o: SimulatedOrganisation, manager: UUID, alert_id: UUID, *, closed: bool) -> None:
    dice = o.world.dice
    outcome = dice.choice(tuple(Outcome))
    dimension = dice.choice(DIMENSIONS)
    do = dice.choice((
        lambda c: handle.take_alert(c, alert_id, manager),
        lambda c: handle.note_on_alert(c, alert_id, manager, "I shall call"),
        lambda c: handle.assign_practice(c, alert_id, manager, dimension=dimension, number=2),
        lambda c: handle.close_alert(c, alert_id, manager, outcome=outcome, words="Called"),
        lambda c: handle.close_alert(c, alert_id, manager, outcome=outcome, words="Called"),
    ))  # fmt: skip
    if closed:
        if dice.random() < 0.5:
            return
        do = dice.choice((
            lambda c: handle.reopen_alert(c, alert_id, manager),
            lambda c: handle.reopen_alert(c, alert_id, manager),
            lambda c: client_lines.tell_client(c, alert_id, manager, "We call before we come", HERE),
            lambda c: client_lines.take_line_back(c, alert_id, manager),
        ))  # fmt: skip
    o.doing(do, Invalid)


def own(o: SimulatedOrganisation) -> None:
    """Change the settings, or the webhooks."""
    dice = o.world.dice
    what = dice.randrange(5)
    if what < 2:
        given = {
            "review_days": dice.choice((30, 60, 90)), "invitation_days": dice.choice((3, 14, 30)),
            "alert_due_days": dice.randrange(5), "workdays": "12345", "holidays": dice.choice(("", "DE")), "days_off": "",
            "reps_see_all": dice.random() < 0.5, "reps_weekly_mail": dice.random() < 0.3,
        }  # fmt: skip
        o.doing(lambda c: _set(o, c, given))
    elif o.hooks:
        _change_hooks(o, what)


def _set(o: SimulatedOrganisation, c: Change, given: dict[str, Any]) -> None:
    settings.change_settings(c, o.owner_id, given)
    o.world.db.when_committed(lambda: setattr(o, "reps_weekly", given["reps_weekly_mail"]))


def _change_hooks(o: SimulatedOrganisation, what: int) -> None:
    hook = o.hooks[-1]
    if what == 2 and len(o.hooks) < 4:
        o.doing(lambda c: end_webhook(c, hook, o.owner_id, "enough"))
        add_hook_later(o)
    elif what == 3:
        _resend(o)
    else:
        o.doing(
            lambda c: subscriptions.rotate_secret(c, hook, o.owner_id, mark=secret_mark(_secret(c, hook))),
            Invalid,
        )


def _secret(c: Change, hook: UUID) -> str:
    return subscriptions.locked_webhook(c.session, c.organisation_id, hook).secrets[0]


def add_hook_later(o: SimulatedOrganisation) -> None:
    """Subscribe anew; tried until it is done."""
    if not o.world.tried(lambda: add_hook(o), Invalid):
        o.world.after(HOUR, f"{o.name}: subscribes again", lambda: add_hook_later(o))


def _resend(o: SimulatedOrganisation) -> None:
    hook = o.hooks[-1]
    with o.world.db.reading() as session:
        delivery = session.scalar(
            select(WebhookDelivery.id)
            .where(WebhookDelivery.organisation_id == o.id, WebhookDelivery.webhook_id == hook)
            .order_by(WebhookDelivery.id.desc())
        )
    if delivery:
        o.doing(lambda c: subscriptions.resend_delivery(c, hook, delivery, o.owner_id), Invalid)
