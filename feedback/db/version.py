"""The version of an organisation's data: a number that grows with each change, so that a page can tell by one
look-up that nothing was written since."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from feedback.models import DataVersion


def bump_version(session: Session, organisation_id: UUID) -> None:
    """Count one change more. It has to be the last statement of its transaction: whoever writes to the same
    organisation waits from here until the commit, and nobody is waited for after it."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    first = insert(DataVersion).values(organisation_id=organisation_id, id=organisation_id, number=1)
    session.execute(
        first.on_conflict_do_update(
            index_elements=["organisation_id", "id"], set_={"number": col(DataVersion.number) + 1}
        )
    )


def read_version(session: Session, organisation_id: UUID) -> int:
    """Return how many changes were committed; 0 before the first."""
    statement = select(col(DataVersion.number)).where(
        col(DataVersion.organisation_id) == organisation_id, col(DataVersion.id) == organisation_id
    )
    return session.scalar(statement) or 0
