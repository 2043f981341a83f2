"""A row of sums for each rep, a version for each organisation, and what a relationship adds to them.

The sums and the new columns are numbers worked out of the history: whoever passes this revision gets them rebuilt
(migrations.NEW_RULES).
"""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import keyed, within

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DIMENSIONS = ("integrity", "competency", "recognition", "proactivity", "savvy", "chemistry")
SIDES = ("client", "client_votes", "mirror", "mirror_votes")
GAPS = (("distance", "distance BETWEEN 0 AND 4"), ("bias", "abs(bias) <= 4"))
PARTIAL = (
    ("ix_feedback_unsettled", "settles_at", "settled_at IS NULL AND settles_at IS NOT NULL"),
    ("ix_feedback_not_for_reps", "invitation_id", "visibility <> 'rep'"),
)
NOT_BELOW_0 = ("heard", "vote", "loyalty", "squares", "both_votes", "distance")


def upgrade() -> None:
    _relationships_keep_their_gap()
    _sums_of_reps()
    _versions()
    op.create_index("ix_invitation_closes", "invitations", ["organisation_id", "closes_at"])
    op.create_index("ix_activity_monday", "activity", ["organisation_id", "monday"])
    for name, column, condition in PARTIAL:
        where = sa.text(condition)
        columns = ["organisation_id", column]
        op.create_index(name, "feedback", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, _, _ in PARTIAL:
        op.drop_index(name, "feedback")
    op.drop_index("ix_activity_monday", "activity")
    op.drop_index("ix_invitation_closes", "invitations")
    op.drop_table("data_versions")
    op.drop_table("rep_sums")
    with op.batch_alter_table("relationships") as batch_op:
        for name, _ in GAPS:
            batch_op.drop_constraint(f"ck_{name}_range", type_="check")
            batch_op.drop_column(name)
        batch_op.drop_column("real_gap")


def _relationships_keep_their_gap() -> None:
    with op.batch_alter_table("relationships") as batch_op:
        for name, condition in GAPS:
            batch_op.add_column(sa.Column(name, sa.Float(), nullable=True))
            batch_op.create_check_constraint(f"ck_{name}_range", condition)
        batch_op.add_column(sa.Column("real_gap", sa.Boolean(), nullable=True))


def _sums_of_reps() -> None:
    totals = (
        *("vote", "loyalty", "squares"),
        *(f"{side}_{name}" for side in SIDES for name in DIMENSIONS),
        *("both_votes", "distance", "bias"),
    )
    op.create_table(
        "rep_sums",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("heard", "could_have_gaps", "real_gaps")
        ),
        *(sa.Column(name, sa.Float(), nullable=False) for name in totals),
        *(sa.CheckConstraint(f"{name} >= 0", name=f"ck_{name}") for name in NOT_BELOW_0),
        sa.CheckConstraint("real_gaps BETWEEN 0 AND could_have_gaps", name="ck_real_gaps"),
        within("rep_id", "users"),
        sa.UniqueConstraint("organisation_id", "rep_id", name="uq_rep_sums"),
        *keyed("rep_sums"),
    )


def _versions() -> None:
    op.create_table(
        "data_versions",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = organisation_id", name="ck_one_row"),
        *keyed("data_versions"),
    )
