"""How an organisation's pages look and read."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.wording import Words
from feedback.models import Logo, Organisation, Wording

NO_WORDS: Words = {}


@dataclass(frozen=True, slots=True)
class LogoView:
    """A logo as a page shows it, in CSS pixels."""

    hash: str  # its address changes with it
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Look:
    """What an organisation has made its own: the code that its addresses begin with, its colour (#rrggbb), its logo, and
    its words by language, only those that differ from the standard ones."""

    code: str = ""
    version: str = ""  # another one for another look; "" is how it looks without any of it
    colour: str = ""
    logo: LogoView | None = None
    wordings: dict[str, Words] = field(default_factory=dict)

    def words(self, language: str) -> Words:
        """Return the words in a language, by the names of core.wording."""
        return self.wordings.get(language, NO_WORDS)


STANDARD = Look()


def look_of(session: Session, organisation_id: UUID) -> Look:
    """Return an organisation's look."""
    about = session.execute(
        select(col(Organisation.code), col(Organisation.look), col(Organisation.accent)).where(
            col(Organisation.id) == organisation_id
        )
    ).one()
    logo = session.execute(
        select(col(Logo.hash), col(Logo.width), col(Logo.height)).where(
            col(Logo.organisation_id) == organisation_id
        )
    ).first()
    wordings = session.execute(
        select(col(Wording.language), col(Wording.words)).where(
            col(Wording.organisation_id) == organisation_id
        )
    )
    return Look(
        code=about.code,
        version=about.look,
        colour=about.accent,
        logo=LogoView(*logo) if logo else None,
        wordings={row.language: row.words for row in wordings},
    )


def logo_by_address(session: Session, code: str, logo_hash: str) -> bytes | None:
    """Return a logo by its organisation's code and its own hash; None where there is none, or another by now."""
    return session.scalars(
        select(col(Logo.content))
        .join(Organisation, col(Organisation.id) == col(Logo.organisation_id))
        .where(col(Organisation.code) == code, col(Logo.hash) == logo_hash)
    ).first()


def wording(session: Session, organisation_id: UUID, language: str) -> Wording | None:
    """Return an organisation's own words in a language; None where it has none."""
    return session.scalars(
        select(Wording).where(
            col(Wording.organisation_id) == organisation_id, col(Wording.language) == language
        )
    ).first()
