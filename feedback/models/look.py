"""How the client's page looks and reads where an organisation has made it its own: its logo, and its words."""

from sqlalchemy import JSON, CheckConstraint, LargeBinary, UniqueConstraint
from sqlmodel import Field

from feedback.models.columns import Dated


class Logo(Dated, table=True):
    """The organisation's logo, a PNG that we drew. At most one; width and height in CSS pixels."""

    __tablename__ = "logos"
    __table_args__ = (
        UniqueConstraint("organisation_id", name="uq_logo"),
        CheckConstraint("width BETWEEN 1 AND 72 AND height BETWEEN 1 AND 36", name="ck_logo_size"),
    )

    hash: str = Field(max_length=16)  # of the content, by which its address changes with it
    content: bytes = Field(sa_type=LargeBinary)
    width: int
    height: int


class Wording(Dated, table=True):
    """The organisation's own words in one language, by the names of core.wording; only those that differ from the
    standard ones."""

    __tablename__ = "wordings"
    __table_args__ = (UniqueConstraint("organisation_id", "language", name="uq_wording_language"),)

    language: str = Field(max_length=16)  # a tag of ours
    words: dict[str, str] = Field(sa_type=JSON)
