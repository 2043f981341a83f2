"""A row for each rep with the sums over the rep's relationships, and a row for each organisation that says that
something was written."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from feedback.core.dimensions import DIMENSIONS
from feedback.models.columns import Row, within

SUMMED = ("vote", "loyalty", "squares", "both_votes", "distance")  # never below 0


class StoredSums(Row, table=True):
    """core.scoring.sums.RepSums as stored, where the fields are explained. Always summed up as a whole from the rep's
    relationships (actions.scoring.rep_sums), never incremented."""

    __tablename__ = "rep_sums"
    __table_args__ = (
        UniqueConstraint("organisation_id", "rep_id", name="uq_rep_sums"),
        within("rep_id", "users"),
        CheckConstraint("heard >= 0", name="ck_heard"),
        CheckConstraint("real_gaps BETWEEN 0 AND could_have_gaps", name="ck_real_gaps"),
        *(CheckConstraint(f"{name} >= 0", name=f"ck_{name}") for name in SUMMED),
    )

    rep_id: UUID
    heard: int = 0
    vote: float = 0.0
    loyalty: float = 0.0
    squares: float = 0.0
    client_integrity: float = 0.0
    client_competency: float = 0.0
    client_recognition: float = 0.0
    client_proactivity: float = 0.0
    client_savvy: float = 0.0
    client_chemistry: float = 0.0
    client_votes_integrity: float = 0.0
    client_votes_competency: float = 0.0
    client_votes_recognition: float = 0.0
    client_votes_proactivity: float = 0.0
    client_votes_savvy: float = 0.0
    client_votes_chemistry: float = 0.0
    mirror_integrity: float = 0.0
    mirror_competency: float = 0.0
    mirror_recognition: float = 0.0
    mirror_proactivity: float = 0.0
    mirror_savvy: float = 0.0
    mirror_chemistry: float = 0.0
    mirror_votes_integrity: float = 0.0
    mirror_votes_competency: float = 0.0
    mirror_votes_recognition: float = 0.0
    mirror_votes_proactivity: float = 0.0
    mirror_votes_savvy: float = 0.0
    mirror_votes_chemistry: float = 0.0
    both_votes: float = 0.0
    distance: float = 0.0
    bias: float = 0.0
    could_have_gaps: int = 0
    real_gaps: int = 0


class DataVersion(Row, table=True):
    """The only row of an organisation, its id being the organisation's: a number that grows with each change
    (db.version)."""

    __tablename__ = "data_versions"
    __table_args__ = (CheckConstraint("id = organisation_id", name="ck_one_row"),)

    number: int = Field(default=0, sa_type=BigInteger)


# In the order of DIMENSIONS, by side: what is summed, and the votes that it is summed with.
SIDE_COLUMNS = {
    side: tuple((f"{side}_{name}", f"{side}_votes_{name}") for name in DIMENSIONS)
    for side in ("client", "mirror")
}
