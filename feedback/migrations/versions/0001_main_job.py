"""Everything the main job needs."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A sealed mirror and a frozen week never change again: the database itself refuses, whoever asks.
MIRROR = ("integrity", "competency", "recognition", "proactivity", "savvy", "chemistry", "stage", "sealed_at")
SEALED = "a sealed mirror is final"
FROZEN = "a frozen week is final"


def upgrade() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("timezone", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("half_life_days", sa.Integer(), nullable=False),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("invitation_days", sa.Integer(), nullable=False),
        sa.Column("alert_due_days", sa.Integer(), nullable=False),
        sa.Column("reps_see_all", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("next_freeze", sa.Date(), nullable=False),
        sa.CheckConstraint("half_life_days BETWEEN 30 AND 730", name="ck_half_life"),
        sa.CheckConstraint("invitation_days BETWEEN 1 AND 365", name="ck_invitation_days"),
        sa.CheckConstraint("review_days BETWEEN 1 AND 3650", name="ck_review_days"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("code", name=op.f("uq_organisations_code")),
    )
    op.create_table(
        "accounts",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("name_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("review_days", sa.Integer(), nullable=True),
        sa.CheckConstraint("review_days BETWEEN 1 AND 3650", name="ck_account_review_days"),
        sa.CheckConstraint("value >= 0", name="ck_account_value"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("organisation_id", "name_key", name="uq_account_name"),
    )
    op.create_table(
        "teams",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_teams")),
        sa.UniqueConstraint("organisation_id", "name", name="uq_team_name"),
    )
    op.create_table(
        "weeks",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("frozen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("mu", sa.Float(), nullable=False),
        sa.Column("sigma", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_weeks")),
        sa.UniqueConstraint("organisation_id", "monday", name="uq_week"),
    )
    op.create_table(
        "contacts",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("name_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=320), nullable=True),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "account_id"],
            ["accounts.organisation_id", "accounts.id"],
            name="fk_account_id_accounts",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("organisation_id", "account_id", "name_key", name="uq_contact_name"),
    )
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.create_index("ix_contact_email", ["organisation_id", "email"], unique=False)

    op.create_table(
        "users",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=320), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=True),
        sa.Column("session_key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("role IN ('rep', 'manager', 'owner')", name="ck_role"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "team_id"], ["teams.organisation_id", "teams.id"], name="fk_team_id_teams"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_users")),
        sa.UniqueConstraint("organisation_id", "email", name="uq_user_email"),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_email"), ["email"], unique=False)

    op.create_table(
        "activity",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("meetings", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("invitations", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "rep_id"], ["users.organisation_id", "users.id"], name="fk_rep_id_users"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_activity")),
        sa.UniqueConstraint("organisation_id", "rep_id", "monday", name="uq_activity_week"),
    )
    op.create_table(
        "audit",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "user_id"], ["users.organisation_id", "users.id"], name="fk_user_id_users"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("ix_audit_about", ["organisation_id", "about_id"], unique=False)

    op.create_table(
        "meetings",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("held_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("topic", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("form_key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("network_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("browser_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "rep_id"], ["users.organisation_id", "users.id"], name="fk_rep_id_users"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_meetings")),
        sa.UniqueConstraint("organisation_id", "rep_id", "form_key", name="uq_meeting_form"),
    )
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.create_index("ix_meeting_rep_held", ["organisation_id", "rep_id", "held_at"], unique=False)

    op.create_table(
        "relationships",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("points_integrity", sa.Float(), nullable=True),
        sa.Column("points_competency", sa.Float(), nullable=True),
        sa.Column("points_recognition", sa.Float(), nullable=True),
        sa.Column("points_proactivity", sa.Float(), nullable=True),
        sa.Column("points_savvy", sa.Float(), nullable=True),
        sa.Column("points_chemistry", sa.Float(), nullable=True),
        sa.Column("client_integrity", sa.Float(), nullable=True),
        sa.Column("client_competency", sa.Float(), nullable=True),
        sa.Column("client_recognition", sa.Float(), nullable=True),
        sa.Column("client_proactivity", sa.Float(), nullable=True),
        sa.Column("client_savvy", sa.Float(), nullable=True),
        sa.Column("client_chemistry", sa.Float(), nullable=True),
        sa.Column("mirror_integrity", sa.Float(), nullable=True),
        sa.Column("mirror_competency", sa.Float(), nullable=True),
        sa.Column("mirror_recognition", sa.Float(), nullable=True),
        sa.Column("mirror_proactivity", sa.Float(), nullable=True),
        sa.Column("mirror_savvy", sa.Float(), nullable=True),
        sa.Column("mirror_chemistry", sa.Float(), nullable=True),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("loyalty", sa.Float(), nullable=True),
        sa.Column("vote", sa.Float(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("both", sa.Integer(), nullable=False),
        sa.Column("last_client_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("last_meeting_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("loyalty BETWEEN 0 AND 100", name="ck_loyalty_range"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_contact_id_contacts",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "rep_id"], ["users.organisation_id", "users.id"], name="fk_rep_id_users"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_relationships")),
        sa.UniqueConstraint("organisation_id", "rep_id", "contact_id", name="uq_relationship"),
    )
    with op.batch_alter_table("relationships", schema=None) as batch_op:
        batch_op.create_index("ix_relationship_contact", ["organisation_id", "contact_id"], unique=False)

    op.create_table(
        "standings",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("team", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("voices", sa.Float(), nullable=False),
        sa.Column("loyalty", sa.Float(), nullable=True),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("invitations", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("meetings", sa.Integer(), nullable=False),
        sa.Column("real_gaps", sa.Integer(), nullable=False),
        sa.Column("could_have_gaps", sa.Integer(), nullable=False),
        sa.Column("reads_the_room", sa.Float(), nullable=True),
        sa.Column("calibration", sa.Float(), nullable=True),
        sa.Column("doughnuts", sa.Float(), nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("badge", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "rep_id"], ["users.organisation_id", "users.id"], name="fk_rep_id_users"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "team_id"], ["teams.organisation_id", "teams.id"], name="fk_team_id_teams"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_standings")),
        sa.UniqueConstraint("organisation_id", "monday", "rep_id", name="uq_standing"),
    )
    op.create_table(
        "team_managers",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "team_id"], ["teams.organisation_id", "teams.id"], name="fk_team_id_teams"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "user_id"], ["users.organisation_id", "users.id"], name="fk_user_id_users"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_team_managers")),
        sa.UniqueConstraint("organisation_id", "team_id", "user_id", name="uq_team_manager"),
    )
    op.create_table(
        "alerts",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("relationship_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("severity", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("taken_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=True),
        sa.CheckConstraint(
            "kind IN ('low', 'drop', 'blind_spot', 'broken_promise', 'disputed', 'doubtful', 'fine', 'ahead', 'silence', 'unusual')",
            name="ck_kind",
        ),
        sa.CheckConstraint("outcome IN ('recovered', 'accepted', 'lost', 'mistaken')", name="ck_outcome"),
        sa.CheckConstraint("severity IN ('urgent', 'watch')", name="ck_severity"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "relationship_id"],
            ["relationships.organisation_id", "relationships.id"],
            name="fk_relationship_id_relationships",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "taken_by_id"],
            ["users.organisation_id", "users.id"],
            name="fk_taken_by_id_users",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_alerts")),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index(
            "uq_open_alert",
            ["organisation_id", "relationship_id", "kind"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "calendar_entries",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("emails", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "meeting_id"],
            ["meetings.organisation_id", "meetings.id"],
            name="fk_meeting_id_meetings",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "rep_id"], ["users.organisation_id", "users.id"], name="fk_rep_id_users"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_calendar_entries")),
    )
    with op.batch_alter_table("calendar_entries", schema=None) as batch_op:
        batch_op.create_index("ix_calendar_rep", ["organisation_id", "rep_id", "starts_at"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("token", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("closes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_contact_id_contacts",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "meeting_id"],
            ["meetings.organisation_id", "meetings.id"],
            name="fk_meeting_id_meetings",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("organisation_id", "meeting_id", "contact_id", name="uq_invitation_contact"),
        sa.UniqueConstraint("organisation_id", "token", name="uq_invitation_token"),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index("ix_invitation_contact", ["organisation_id", "contact_id"], unique=False)

    op.create_table(
        "practice_choices",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("relationship_id", sa.Uuid(), nullable=False),
        sa.Column("dimension", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("assigned_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "dimension IN ('integrity', 'competency', 'recognition', 'proactivity', 'savvy', 'chemistry')",
            name="ck_dimension",
        ),
        sa.CheckConstraint("number BETWEEN 1 AND 5", name="ck_practice_number"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assigned_by_id"],
            ["users.organisation_id", "users.id"],
            name="fk_assigned_by_id_users",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "relationship_id"],
            ["relationships.organisation_id", "relationships.id"],
            name="fk_relationship_id_relationships",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_practice_choices")),
    )
    with op.batch_alter_table("practice_choices", schema=None) as batch_op:
        batch_op.create_index(
            "uq_open_practice",
            ["organisation_id", "relationship_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "alert_causes",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("severity", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.CheckConstraint("severity IN ('urgent', 'watch')", name="ck_severity"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "alert_id"],
            ["alerts.organisation_id", "alerts.id"],
            name="fk_alert_id_alerts",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invitation_id"],
            ["invitations.organisation_id", "invitations.id"],
            name="fk_invitation_id_invitations",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_alert_causes")),
        sa.UniqueConstraint("organisation_id", "alert_id", "invitation_id", name="uq_alert_cause"),
    )
    op.create_table(
        "feedback",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("integrity", sa.Integer(), nullable=True),
        sa.Column("competency", sa.Integer(), nullable=True),
        sa.Column("recognition", sa.Integer(), nullable=True),
        sa.Column("proactivity", sa.Integer(), nullable=True),
        sa.Column("savvy", sa.Integer(), nullable=True),
        sa.Column("chemistry", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("side", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("comment", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("visibility", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("nps", sa.Integer(), nullable=True),
        sa.Column("worth_it", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=True),
        sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("counts", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("sealed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("erased_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("disputed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("extra", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("handed_over", sa.Boolean(), nullable=False),
        sa.Column("signals", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("device_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("network_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("browser_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.CheckConstraint("counts IN ('counted', 'quarantined', 'set_aside')", name="ck_counts"),
        sa.CheckConstraint("extra IN ('promises', 'stage', 'recommend', 'worth_it')", name="ck_extra"),
        sa.CheckConstraint("side = 'rep' OR sealed_at IS NULL", name="ck_only_mirrors_are_sealed"),
        sa.CheckConstraint("side IN ('client', 'rep')", name="ck_side"),
        sa.CheckConstraint(
            "stage IN ('curious', 'problem', 'change', 'comparing', 'adopting', 'growing')", name="ck_stage"
        ),
        sa.CheckConstraint("visibility IN ('rep', 'manager')", name="ck_visibility"),
        sa.CheckConstraint("worth_it IN ('yes', 'no')", name="ck_worth_it"),
        sa.CheckConstraint("chemistry BETWEEN 1 AND 5", name="ck_chemistry_range"),
        sa.CheckConstraint("competency BETWEEN 1 AND 5", name="ck_competency_range"),
        sa.CheckConstraint("integrity BETWEEN 1 AND 5", name="ck_integrity_range"),
        sa.CheckConstraint("length(comment) <= 2000", name="ck_comment_length"),
        sa.CheckConstraint("nps BETWEEN 0 AND 10", name="ck_nps_range"),
        sa.CheckConstraint("proactivity BETWEEN 1 AND 5", name="ck_proactivity_range"),
        sa.CheckConstraint("recognition BETWEEN 1 AND 5", name="ck_recognition_range"),
        sa.CheckConstraint("savvy BETWEEN 1 AND 5", name="ck_savvy_range"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invitation_id"],
            ["invitations.organisation_id", "invitations.id"],
            name="fk_invitation_id_invitations",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("organisation_id", "invitation_id", "side", name="uq_feedback_side"),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_device", ["organisation_id", "device_hash"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("recipient", sqlmodel.sql.sqltypes.AutoString(length=320), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("base_url", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("given_up_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("error", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.CheckConstraint("kind IN ('receipt')", name="ck_kind"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invitation_id"],
            ["invitations.organisation_id", "invitations.id"],
            name="fk_invitation_id_invitations",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_due", ["sent_at", "due_at"], unique=False)

    op.create_table(
        "promises",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("side", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("verdict", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=True),
        sa.Column("judged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("judged_in_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("side IN ('client', 'rep')", name="ck_side"),
        sa.CheckConstraint("verdict IN ('kept', 'not_kept', 'not_yet')", name="ck_verdict"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "contact_id"],
            ["contacts.organisation_id", "contacts.id"],
            name="fk_contact_id_contacts",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "judged_in_id"],
            ["invitations.organisation_id", "invitations.id"],
            name="fk_judged_in_id_invitations",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "meeting_id"],
            ["meetings.organisation_id", "meetings.id"],
            name="fk_meeting_id_meetings",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_promises")),
    )
    with op.batch_alter_table("promises", schema=None) as batch_op:
        batch_op.create_index("ix_promise_meeting", ["organisation_id", "meeting_id"], unique=False)

    if op.get_bind().dialect.name == "sqlite":
        _final_on_sqlite()
    else:
        _final_on_postgresql()


def downgrade() -> None:
    with op.batch_alter_table("promises", schema=None) as batch_op:
        batch_op.drop_index("ix_promise_meeting")

    op.drop_table("promises")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_due")

    op.drop_table("outbox")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index("ix_feedback_device")

    op.drop_table("feedback")
    op.drop_table("alert_causes")
    with op.batch_alter_table("practice_choices", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_open_practice",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("practice_choices")
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index("ix_invitation_contact")

    op.drop_table("invitations")
    with op.batch_alter_table("calendar_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_calendar_rep")

    op.drop_table("calendar_entries")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_open_alert",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.drop_table("alerts")
    op.drop_table("team_managers")
    op.drop_table("standings")
    with op.batch_alter_table("relationships", schema=None) as batch_op:
        batch_op.drop_index("ix_relationship_contact")

    op.drop_table("relationships")
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.drop_index("ix_meeting_rep_held")

    op.drop_table("meetings")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_about")

    op.drop_table("audit")
    op.drop_table("activity")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_email"))

    op.drop_table("users")
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_index("ix_contact_email")

    op.drop_table("contacts")
    op.drop_table("weeks")
    op.drop_table("teams")
    op.drop_table("accounts")
    op.drop_table("organisations")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_sealed")
        op.execute("DROP FUNCTION refuse_frozen")


def _final_on_sqlite() -> None:
    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in MIRROR)
    op.execute(
        f"CREATE TRIGGER sealed_is_final BEFORE UPDATE ON feedback WHEN OLD.sealed_at IS NOT NULL AND ({changed}) "
        f"BEGIN SELECT RAISE(ABORT, '{SEALED}'); END"
    )
    for table in ("standings", "weeks"):
        op.execute(
            f"CREATE TRIGGER {table}_are_final BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END"
        )


def _final_on_postgresql() -> None:
    changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in MIRROR)
    for name, words in (("refuse_sealed", SEALED), ("refuse_frozen", FROZEN)):
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation'; END $$"
        )
    op.execute(
        "CREATE TRIGGER sealed_is_final BEFORE UPDATE ON feedback FOR EACH ROW "
        f"WHEN (OLD.sealed_at IS NOT NULL AND ({changed})) EXECUTE FUNCTION refuse_sealed()"
    )
    for table in ("standings", "weeks"):
        op.execute(
            f"CREATE TRIGGER {table}_are_final BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_frozen()"
        )
