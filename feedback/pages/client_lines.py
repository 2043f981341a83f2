"""What a manager sees of a line for a client: the words, who wrote them, and how far they have come."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from feedback.models import User
from feedback.store.client_lines import line_of_alert, mail_of_line, was_opened


@dataclass(frozen=True, slots=True)
class ToldClient:
    """What the client of an alert is told."""

    words: str
    by: str
    at: datetime
    mail_due_at: datetime | None  # None: no mail goes out
    mailed_at: datetime | None
    mail_failed: bool  # it was given up
    on_a_page: bool  # it stands on the client's next page
    opened: bool  # and that was opened

    @property
    def left(self) -> bool:
        """Whether it can be taken back no more."""
        return self.mailed_at is not None or self.opened


def told_about(session: Session, organisation_id: UUID, alert_id: UUID) -> ToldClient | None:
    """Return what the client of an alert is told; None where nothing is."""
    line = line_of_alert(session, organisation_id, alert_id)
    if line is None:
        return None
    mail = mail_of_line(session, organisation_id, alert_id)
    page = line.invitation_id
    return ToldClient(
        words=line.words,
        by=session.get_one(User, (organisation_id, line.by_id)).name,
        at=line.created_at,
        mail_due_at=mail.due_at if mail and not mail.given_up_at else None,
        mailed_at=mail.sent_at if mail else None,
        mail_failed=bool(mail and mail.given_up_at),
        on_a_page=page is not None,
        opened=page is not None and was_opened(session, organisation_id, page),
    )
