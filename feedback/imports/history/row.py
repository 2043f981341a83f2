"""One row of past feedback: what its cells say, or every reason why it is refused."""

from collections.abc import Mapping
from datetime import datetime

from feedback.core.dimensions import DIMENSIONS
from feedback.core.records import record
from feedback.imports import cells as read
from feedback.imports.cells import Cells, Moments
from feedback.imports.report import email_address
from feedback.models import Side
from feedback.store.imports import StoredAnswer

CLIENT = tuple(f"{Side.CLIENT}_{name}" for name in DIMENSIONS)
REP = tuple(f"{Side.REP}_{name}" for name in DIMENSIONS)
COLUMNS = (
    "rep_email", "account", "contact", "contact_email", "held_at", *CLIENT, *REP,
    "nps", "comment", "stage", "rep_stage",
)  # fmt: skip
NEEDED = ("rep_email", "account", "contact", "held_at")


@record
class PastMeeting:
    """A meeting of a rep with a contact, and what both said of it."""

    rep_email: str
    account: str
    contact: str
    contact_email: str | None
    held_at: datetime  # UTC
    said: StoredAnswer


def past_meeting(values: Mapping[str, str], moments: Moments) -> PastMeeting | list[str]:
    """Return what the row says, or the reasons why it is refused. values: the text of each of COLUMNS."""
    cells = Cells(values)
    rep_email = cells.needed("rep_email", email_address)
    account = cells.needed("account", read.name)
    contact = cells.needed("contact", read.one_person)
    contact_email = cells.optional("contact_email", email_address)
    held_at = cells.needed("held_at", moments.read)
    said = StoredAnswer(
        client=cells.ratings(CLIENT),
        rep=cells.ratings(REP),
        nps=cells.optional("nps", read.nps),
        comment=cells.optional("comment", read.comment),
        stage=cells.optional("stage", read.stage),
        rep_stage=cells.optional("rep_stage", read.stage),
    )
    if cells.reasons or rep_email is None or account is None or contact is None or held_at is None:
        return cells.reasons
    return PastMeeting(rep_email, account, contact, contact_email, held_at, said)
