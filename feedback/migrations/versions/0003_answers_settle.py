"""Two keys, answers that settle, straight points, one alert per relationship with its reasons."""

from collections import defaultdict
from datetime import UTC as UTC_ZONE
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

from feedback.migrations.tables import TEXT, UTC, dated, events_are_final, keyed, within

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DIMENSIONS = ("integrity", "competency", "recognition", "proactivity", "savvy", "chemistry")
KINDS = (
    "low", "broken_promise", "drop", "blind_spot", "disputed", "doubtful", "fine", "ahead", "silence", "unusual",
)  # fmt: skip
EVENTS = "'alert.opened', 'alert.closed', 'feedback.received', 'standings.frozen'"
IDLE = timedelta(minutes=10)
OPEN_ONLY: dict[str, Any] = {
    "unique": True,
    "sqlite_where": sa.text("closed_at IS NULL"),
    "postgresql_where": sa.text("closed_at IS NULL"),
}
COLUMNS = (
    ("complete_at", UTC()), ("settles_at", UTC()), ("settled_at", UTC()), ("extras_at", UTC()), ("told_at", UTC()),
    ("shown_at", UTC()), ("put_away_at", UTC()),
)  # fmt: skip


def upgrade() -> None:
    for name in DIMENSIONS:
        op.drop_column("relationships", f"points_{name}")
    op.add_column("contacts", sa.Column("email_typed_at", UTC(), nullable=True))
    _answer_keys()
    _answers_settle()
    _one_alert_per_relationship()
    with op.batch_alter_table("webhook_deliveries") as batch_op:
        batch_op.drop_constraint("ck_event", type_="check")
        batch_op.create_check_constraint(
            "ck_event", f"event IN ({EVENTS}, 'feedback.changed', 'feedback.erased')"
        )


def downgrade() -> None:
    """Stored loyalty stays on the straight scale: run `feedback rescore` of that version afterwards."""
    op.execute("DELETE FROM webhook_deliveries WHERE event IN ('feedback.changed', 'feedback.erased')")
    _words_out_of_webhooks()
    with op.batch_alter_table("webhook_deliveries") as batch_op:
        batch_op.drop_constraint("ck_event", type_="check")
        batch_op.create_check_constraint("ck_event", f"event IN ({EVENTS})")
    _an_alert_per_kind()
    op.drop_index("ix_feedback_settles", "feedback")
    op.drop_index("ix_feedback_untold", "feedback")
    for name, _ in COLUMNS:
        op.drop_column("feedback", name)
    op.drop_column("feedback", "scripted")
    op.drop_table("answer_keys")
    op.drop_column("contacts", "email_typed_at")
    for name in DIMENSIONS:
        op.add_column("relationships", sa.Column(f"points_{name}", sa.Float(), nullable=True))


def _answer_keys() -> None:
    op.create_table(
        "answer_keys",
        *dated(),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("hash", TEXT(length=64), nullable=False),
        sa.Column("kind", TEXT(length=8), nullable=False),
        sa.Column("ended_at", UTC(), nullable=True),
        sa.CheckConstraint("kind IN ('page', 'mail', 'lent', 'reps')", name="ck_kind"),
        within("invitation_id", "invitations"),
        sa.UniqueConstraint("organisation_id", "hash", name="uq_answer_key"),
        *keyed("answer_keys"),
    )
    op.create_index("ix_answer_key_invitation", "answer_keys", ["organisation_id", "invitation_id"])


def _answers_settle() -> None:
    """Answers that were done have settled and were told of, and so have those whose page has closed, of which managers
    heard then. Of what was left half done on a page that is still open the worker takes notice."""
    for name, kind in COLUMNS:
        op.add_column("feedback", sa.Column(name, kind, nullable=True))
    op.add_column("feedback", sa.Column("scripted", sa.Boolean(), nullable=False, server_default=sa.true()))
    feedback, invitations = _table("feedback"), _table("invitations")
    mine = (feedback.c.side == "client", feedback.c.done_at.is_not(None))
    op.execute(
        feedback.update()
        .where(*mine)
        .values(settles_at=feedback.c.done_at, settled_at=feedback.c.done_at, told_at=feedback.c.done_at)
    )
    half = (
        sa.select(feedback.c.organisation_id, feedback.c.id, feedback.c.updated_at, invitations.c.closes_at)
        .join(
            invitations,
            (invitations.c.organisation_id == feedback.c.organisation_id)
            & (invitations.c.id == feedback.c.invitation_id),
        )
        .where(
            feedback.c.side == "client",
            feedback.c.done_at.is_(None),
            sa.or_(*(feedback.c[name].is_not(None) for name in DIMENSIONS)),
        )
    )
    bind = op.get_bind()
    complete = sa.and_(*(feedback.c[name].is_not(None) for name in DIMENSIONS))
    now = datetime.now(UTC_ZONE)
    for row in bind.execute(half).all():
        this = (feedback.c.organisation_id == row[0], feedback.c.id == row[1])
        settles = min(row[2] + IDLE, row[3])
        closed = row[3] <= now
        values = dict.fromkeys(
            ("settles_at", "settled_at", "told_at") if closed else ("settles_at",), settles
        )
        bind.execute(feedback.update().where(*this).values(values))
        # All six were in, so it was told of then.
        bind.execute(feedback.update().where(*this, complete).values(told_at=settles, complete_at=row[2]))
    for name, column in (("ix_feedback_settles", "settles_at"), ("ix_feedback_untold", "settled_at")):
        unset = sa.text(f"{'settled_at' if column == 'settles_at' else 'told_at'} IS NULL")
        op.create_index(name, "feedback", [column], sqlite_where=unset, postgresql_where=unset)


def _one_alert_per_relationship() -> None:
    op.create_table(
        "alert_reasons",
        *dated(),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("kind", TEXT(length=16), nullable=False),
        sa.Column("severity", TEXT(length=8), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("struck_at", UTC(), nullable=True),
        sa.CheckConstraint(f"kind IN ({_quoted(KINDS)})", name="ck_kind"),
        sa.CheckConstraint("severity IN ('urgent', 'watch')", name="ck_severity"),
        within("alert_id", "alerts"),
        within("invitation_id", "invitations"),
        sa.UniqueConstraint("organisation_id", "alert_id", "kind", "invitation_id", name="uq_alert_reason"),
        *keyed("alert_reasons"),
    )
    op.create_index("ix_alert_reason_invitation", "alert_reasons", ["organisation_id", "invitation_id"])
    _causes_become_reasons()
    op.drop_table("alert_causes")
    op.drop_index("uq_open_alert", "alerts")
    _merge_open_ones()
    op.create_index("uq_open_alert", "alerts", ["organisation_id", "relationship_id"], **OPEN_ONLY)
    op.create_index("ix_alert_relationship", "alerts", ["organisation_id", "relationship_id"])


def _causes_become_reasons() -> None:
    """An alert without a cause row has itself for a reason, under its own id."""
    alerts, causes, reasons, bind = (
        _table("alerts"),
        _table("alert_causes"),
        _table("alert_reasons"),
        op.get_bind(),
    )
    names = ("organisation_id", "id", "created_at", "alert_id", "severity", "invitation_id")
    found = bind.execute(
        sa.select(*(causes.c[name] for name in names), alerts.c.kind).join(
            alerts,
            (alerts.c.organisation_id == causes.c.organisation_id) & (alerts.c.id == causes.c.alert_id),
        )
    ).mappings()
    rows = [dict(row) for row in found]
    known = {(row["organisation_id"], row["alert_id"]) for row in rows}
    for alert in bind.execute(sa.select(alerts)).mappings():
        if (alert["organisation_id"], alert["id"]) not in known:
            alone = {
                name: alert[name] for name in ("organisation_id", "id", "created_at", "kind", "severity")
            }
            rows.append(alone | {"alert_id": alert["id"], "invitation_id": None})
    if rows:
        op.bulk_insert(reasons, rows)


def _merge_open_ones() -> None:
    """Several open alerts of one relationship become the one that was there first, with the reasons, the history and
    the mails of all. It is as urgent as the most urgent, due when the first is, and whoever took one has it."""
    alerts, reasons, bind = _table("alerts"), _table("alert_reasons"), op.get_bind()
    groups: defaultdict[tuple[Any, Any], list[Any]] = defaultdict(list)
    opened = sa.select(alerts).where(alerts.c.closed_at.is_(None)).order_by(alerts.c.created_at, alerts.c.id)
    for row in bind.execute(opened).mappings():
        groups[row["organisation_id"], row["relationship_id"]].append(row)
    merged = {key: rows for key, rows in groups.items() if len(rows) > 1}
    if not merged:
        return
    _events_may_move()
    for (organisation_id, _), (first, *others) in merged.items():
        lead = min((first, *others), key=lambda row: (row["severity"] != "urgent", KINDS.index(row["kind"])))
        taken_by = next((row["taken_by_id"] for row in (first, *others) if row["taken_by_id"]), None)
        bind.execute(
            alerts.update()
            .where(alerts.c.organisation_id == organisation_id, alerts.c.id == first["id"])
            .values(kind=lead["kind"], severity=lead["severity"], taken_by_id=taken_by,
                    due_at=min(row["due_at"] for row in (first, *others)))
        )  # fmt: skip
        for other in others:
            for table, column in (("alert_reasons", "alert_id"), ("alert_events", "alert_id"), ("outbox", "alert_id"),
                                  ("webhook_deliveries", "about_id")):  # fmt: skip
                moved = _table(table)
                bind.execute(
                    moved.update()
                    .where(moved.c.organisation_id == organisation_id, moved.c[column] == other["id"])
                    .values({column: first["id"]})
                )
            bind.execute(
                alerts.delete().where(alerts.c.organisation_id == organisation_id, alerts.c.id == other["id"])
            )
            own = (reasons.c.organisation_id == organisation_id, reasons.c.id == other["id"])
            bind.execute(reasons.update().where(*own).values(id=uuid7()))  # it tells of an alert no longer
    events_are_final()


def _an_alert_per_kind() -> None:
    """An open alert keeps its leading kind; each further one that stands becomes an alert of its own."""
    op.drop_index("ix_alert_relationship", "alerts")
    op.drop_index("uq_open_alert", "alerts")
    op.create_table(
        "alert_causes",
        *dated(),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("severity", TEXT(length=8), nullable=False),
        sa.CheckConstraint("severity IN ('urgent', 'watch')", name="ck_severity"),
        within("alert_id", "alerts"),
        within("invitation_id", "invitations"),
        sa.UniqueConstraint("organisation_id", "alert_id", "invitation_id", name="uq_alert_cause"),
        *keyed("alert_causes"),
    )
    alerts, causes, reasons, bind = (
        _table("alerts"),
        _table("alert_causes"),
        _table("alert_reasons"),
        op.get_bind(),
    )
    by_alert: defaultdict[tuple[Any, Any], defaultdict[str, list[Any]]] = defaultdict(
        lambda: defaultdict(list)
    )
    stands = (
        sa.select(reasons).where(reasons.c.struck_at.is_(None)).order_by(reasons.c.created_at, reasons.c.id)
    )
    for row in bind.execute(stands).mappings():
        by_alert[row["organisation_id"], row["alert_id"]][row["kind"]].append(row)
    for alert in bind.execute(sa.select(alerts)).mappings().all():
        for kind, rows in by_alert[alert["organisation_id"], alert["id"]].items():
            alert_id = alert["id"]
            if kind != alert["kind"]:
                if alert["closed_at"] is not None:
                    continue
                alert_id = uuid7()
                severity = "urgent" if any(row["severity"] == "urgent" for row in rows) else "watch"
                op.bulk_insert(alerts, [dict(alert) | {"id": alert_id, "kind": kind, "severity": severity}])
            for row in rows:
                if row["id"] == row["alert_id"]:
                    continue
                cause = {
                    name: row[name]
                    for name in ("organisation_id", "id", "created_at", "invitation_id", "severity")
                }
                op.bulk_insert(causes, [cause | {"alert_id": alert_id}])
    op.drop_table("alert_reasons")
    op.create_index("uq_open_alert", "alerts", ["organisation_id", "relationship_id", "kind"], **OPEN_ONLY)


def _events_may_move() -> None:
    on = "" if op.get_bind().dialect.name == "sqlite" else " ON alert_events"
    op.execute(f"DROP TRIGGER done_is_final{on}")


def _words_out_of_webhooks() -> None:
    webhooks, bind = _table("webhooks"), op.get_bind()
    for row in bind.execute(sa.select(webhooks)).mappings().all():
        kept = [word for word in row["events"].split() if word not in ("feedback.changed", "feedback.erased")]
        bind.execute(
            webhooks.update()
            .where(webhooks.c.organisation_id == row["organisation_id"], webhooks.c.id == row["id"])
            .values(events=" ".join(kept))
        )


_UUIDS = ("organisation_id", "id", "alert_id", "about_id", "invitation_id", "relationship_id", "taken_by_id")
_TIMES = ("created_at", "updated_at", "closes_at", "closed_at", "due_at", "done_at", "struck_at", "complete_at",
          "settles_at", "settled_at", "told_at")  # fmt: skip
_TABLES = {
    "feedback": ("organisation_id", "id", "invitation_id", "side", "updated_at", "done_at", "complete_at",
                 "settles_at", "settled_at", "told_at", *DIMENSIONS),
    "invitations": ("organisation_id", "id", "closes_at"),
    "alerts": ("organisation_id", "id", "created_at", "relationship_id", "kind", "severity", "due_at", "taken_by_id",
               "closed_at", "outcome"),
    "alert_causes": ("organisation_id", "id", "created_at", "alert_id", "invitation_id", "severity"),
    "alert_reasons": ("organisation_id", "id", "created_at", "alert_id", "kind", "invitation_id", "severity",
                      "struck_at"),
    "alert_events": ("organisation_id", "id", "alert_id"),
    "outbox": ("organisation_id", "id", "alert_id"),
    "webhook_deliveries": ("organisation_id", "id", "about_id"),
    "webhooks": ("organisation_id", "id", "events"),
}  # fmt: skip


def _table(name: str) -> sa.TableClause:
    """The columns this migration speaks of, as they are now."""

    def kind(column: str) -> Any:
        if column in _UUIDS:
            return sa.Uuid()
        return UTC() if column in _TIMES else sa.Integer() if column in DIMENSIONS else sa.String()

    return sa.table(name, *(sa.column(column, kind(column)) for column in _TABLES[name]))


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
