"""Accounts and contacts can be merged, archived, and found without accents; a client may decline to answer."""

import sqlalchemy as sa
from alembic import op

from feedback.core.finding import search_text
from feedback.migrations.tables import TEXT, UTC, dated, keyed, within

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

AT_A_TIME = 1000  # rows
BOTH = (("search", TEXT(length=600)), ("archived_at", UTC()), ("merged_at", UTC()))
ADDED = {
    "accounts": (*BOTH, ("renews_on", sa.Date())),
    "contacts": BOTH,
    "invitations": (("declined_at", UTC()),),
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_table(
        "merges",
        *dated(),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in ("contact_id", "into_contact_id")),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in ("account_id", "into_account_id")),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("undone_at", UTC(), nullable=True),
        sa.Column("moved", sa.JSON(), nullable=False),
        *(
            within(f"{into}{what}_id", f"{what}s")
            for what in ("contact", "account")
            for into in ("", "into_")
        ),
        within("by_id", "users"),
        *keyed("merges"),
    )
    for name in ("contact", "into_contact", "account", "into_account"):
        op.create_index(f"ix_merge_{name}", "merges", ["organisation_id", f"{name}_id"])
    _fill()
    op.create_index("ix_contact_search", "contacts", ["organisation_id", "search"])


def downgrade() -> None:
    """A merge stays as it is: what belonged to one belongs to the other."""
    op.drop_index("ix_contact_search", "contacts")
    for name in ("into_account", "account", "into_contact", "contact"):
        op.drop_index(f"ix_merge_{name}", "merges")
    op.drop_table("merges")
    for table, columns in ADDED.items():
        for name, _ in columns:
            op.drop_column(table, name)


def _fill() -> None:
    """Write what accounts and contacts are searched by."""
    accounts, contacts = _table("accounts", "name"), _table("contacts", "name", "email")
    _write(accounts, sa.select(accounts.c.organisation_id, accounts.c.id, accounts.c.name))
    at = (accounts.c.organisation_id == contacts.c.organisation_id) & (accounts.c.id == contacts.c.account_id)
    said = contacts.c.name, accounts.c.name, contacts.c.email
    _write(
        contacts, sa.select(contacts.c.organisation_id, contacts.c.id, *said).select_from(contacts).join(accounts, at)
    )  # fmt: skip


def _table(name: str, *texts: str) -> sa.TableClause:
    ids = (sa.column(each, sa.Uuid()) for each in ("organisation_id", "id", "account_id"))
    return sa.table(name, *ids, *(sa.column(each, sa.String()) for each in (*texts, "search")))


def _write(table: sa.TableClause, rows: sa.Select[*tuple[object, ...]]) -> None:
    found = op.get_bind().execute(rows).all()
    one = (table.c.organisation_id == sa.bindparam("where")) & (table.c.id == sa.bindparam("row"))
    for first in range(0, len(found), AT_A_TIME):
        written = [
            {"where": where, "row": row, "said": search_text(*words)}
            for where, row, *words in found[first : first + AT_A_TIME]
        ]
        op.get_bind().execute(sa.update(table).where(one).values(search=sa.bindparam("said")), written)
