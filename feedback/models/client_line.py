"""What a manager tells a client after an alert: you said, we did."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from feedback.models.columns import Dated, within


class ClientLine(Dated, table=True):
    """One line for the client of an alert. It goes by mail, and stands on top of the client's next page: that of
    invitation_id, once there is one."""

    __tablename__ = "client_lines"
    __table_args__ = (
        UniqueConstraint("organisation_id", "alert_id", name="uq_client_line_alert"),
        Index("ix_client_line_invitation", "organisation_id", "invitation_id"),
        within("alert_id", "alerts"),
        within("by_id", "users"),
        within("invitation_id", "invitations"),
    )

    alert_id: UUID
    by_id: UUID
    words: str = Field(max_length=200)
    invitation_id: UUID | None = None  # on whose page it stands; None while there is none that may show it
