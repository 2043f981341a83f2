"""What was done about alerts; more kinds of mail; webhooks; the organisation's working days."""

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

from feedback.migrations.tables import TEXT, UTC, WORDS_STAY, dated, events_are_final, keyed, within

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OUTCOMES = "outcome IN ('recovered', 'accepted', 'lost', 'mistaken')"


def upgrade() -> None:
    _organisations_know_their_days()
    _mails_of_more_kinds()
    _alert_events()
    _webhooks()


def downgrade() -> None:
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")
    _notes_back_into_alerts()
    op.drop_table("alert_events")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_done")
    op.execute("DELETE FROM outbox WHERE kind <> 'receipt'")
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_constraint("ck_kind", type_="check")
        batch_op.create_check_constraint("ck_kind", "kind IN ('receipt')")
        batch_op.drop_constraint("uq_weekly_mail", type_="unique")
        batch_op.drop_constraint("fk_user_id_users", type_="foreignkey")
        batch_op.drop_constraint("fk_alert_id_alerts", type_="foreignkey")
        for name in ("user_id", "alert_id", "monday"):
            batch_op.drop_column(name)
    for name in ("workdays", "holidays", "days_off", "reps_weekly_mail"):
        op.drop_column("organisations", name)


def _organisations_know_their_days() -> None:
    for column in (
        sa.Column("workdays", TEXT(length=7), nullable=False, server_default="12345"),
        sa.Column("holidays", TEXT(length=8), nullable=False, server_default=""),
        sa.Column("days_off", TEXT(length=2000), nullable=False, server_default=""),
        sa.Column("reps_weekly_mail", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("organisations", column)


def _mails_of_more_kinds() -> None:
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_constraint("ck_kind", type_="check")
        batch_op.create_check_constraint("ck_kind", "kind IN ('receipt', 'alert', 'weekly', 'own_weekly')")
        batch_op.add_column(sa.Column("user_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("alert_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("monday", sa.Date(), nullable=True))
        batch_op.create_foreign_key(
            "fk_user_id_users", "users", ["organisation_id", "user_id"], ["organisation_id", "id"]
        )
        batch_op.create_foreign_key(
            "fk_alert_id_alerts", "alerts", ["organisation_id", "alert_id"], ["organisation_id", "id"]
        )
        batch_op.create_unique_constraint("uq_weekly_mail", ["organisation_id", "user_id", "kind", "monday"])


def _alert_events() -> None:
    op.create_table(
        "alert_events",
        *dated(),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("what", TEXT(length=16), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("practice_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", TEXT(length=16), nullable=True),
        sa.Column("note", TEXT(length=2000), nullable=True),
        sa.CheckConstraint("what IN ('taken', 'assigned', 'noted', 'closed', 'reopened')", name="ck_what"),
        sa.CheckConstraint(OUTCOMES, name="ck_outcome"),
        within("alert_id", "alerts"),
        within("user_id", "users"),
        within("practice_id", "practice_choices"),
        *keyed("alert_events"),
    )
    op.create_index("ix_alert_event_alert", "alert_events", ["organisation_id", "alert_id"])
    _closed_ones_tell_so()
    op.drop_column("alerts", "note")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_done() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{WORDS_STAY}' USING ERRCODE = 'check_violation'; END $$"
        )
    events_are_final()


def _closed_ones_tell_so() -> None:
    """What was kept in the alert itself becomes its first event."""
    alerts, events = _alerts(), _events()
    rows = op.get_bind().execute(sa.select(alerts).where(alerts.c.closed_at.is_not(None))).mappings().all()
    if rows:
        op.bulk_insert(
            events,
            [
                {
                    "organisation_id": row["organisation_id"], "id": uuid7(), "created_at": row["closed_at"],
                    "alert_id": row["id"], "what": "closed", "user_id": row["taken_by_id"],
                    "outcome": row["outcome"], "note": row["note"],
                }
                for row in rows
            ],
        )  # fmt: skip


def _notes_back_into_alerts() -> None:
    op.add_column("alerts", sa.Column("note", TEXT(length=2000), nullable=True))
    alerts, events = _alerts(), _events()
    bind = op.get_bind()
    for row in bind.execute(
        sa.select(events).where(events.c.what == "closed").order_by(events.c.created_at)
    ).mappings():
        bind.execute(
            alerts.update()
            .where(alerts.c.organisation_id == row["organisation_id"], alerts.c.id == row["alert_id"])
            .where(alerts.c.closed_at.is_not(None))
            .values(note=row["note"])
        )


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        *dated(),
        sa.Column("url", TEXT(length=2000), nullable=False),
        sa.Column("secret", TEXT(length=100), nullable=False),
        sa.Column("events", TEXT(length=200), nullable=False),
        sa.Column("ended_at", UTC(), nullable=True),
        *keyed("webhooks"),
    )
    op.create_table(
        "webhook_deliveries",
        *dated(),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("event", TEXT(length=32), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", UTC(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", UTC(), nullable=True),
        sa.Column("sent_at", UTC(), nullable=True),
        sa.Column("given_up_at", UTC(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", TEXT(length=500), nullable=True),
        sa.CheckConstraint(
            "event IN ('alert.opened', 'alert.closed', 'feedback.received', 'standings.frozen')",
            name="ck_event",
        ),
        within("webhook_id", "webhooks"),
        *keyed("webhook_deliveries"),
    )
    op.create_index("ix_webhook_delivery_due", "webhook_deliveries", ["sent_at", "due_at"])
    op.create_index("ix_webhook_delivery_webhook", "webhook_deliveries", ["organisation_id", "webhook_id"])


def _alerts() -> sa.TableClause:
    return sa.table(
        "alerts",
        *(sa.column(name, sa.Uuid()) for name in ("organisation_id", "id", "taken_by_id")),
        sa.column("closed_at", UTC()),
        sa.column("outcome", sa.String()),
        sa.column("note", sa.String()),
    )


def _events() -> sa.TableClause:
    return sa.table(
        "alert_events",
        *(sa.column(name, sa.Uuid()) for name in ("organisation_id", "id", "alert_id", "user_id")),
        sa.column("created_at", UTC()),
        *(sa.column(name, sa.String()) for name in ("what", "outcome", "note")),
    )
