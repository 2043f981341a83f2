"""What a manager should look at, why, and what became of it. Nothing here is ever deleted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from feedback.core.alerts.reasons import AlertAction, Kind, Outcome, Severity
from feedback.models.columns import Dated, one_of, within, word


class Alert(Dated, table=True):
    """One open alert per relationship; its reasons are rows of their own. kind, severity: of the leading reason that
    stands (core.alerts.leading), or stood last."""

    __tablename__ = "alerts"
    __table_args__ = (
        within("relationship_id", "relationships"),
        within("taken_by_id", "users"),
        one_of("kind", Kind),
        one_of("severity", Severity),
        one_of("outcome", Outcome),
        Index("ix_alert_relationship", "organisation_id", "relationship_id"),
        Index(
            "uq_open_alert",
            "organisation_id",
            "relationship_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    relationship_id: UUID
    kind: Kind = word(Kind, 16)
    severity: Severity = word(Severity, 8)
    due_at: datetime
    taken_by_id: UUID | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = word(Outcome, 16, None)


class AlertReason(Dated, table=True):
    """Why the alert is there. invitation_id: the answer that gave the reason, none for silence; what it said is read
    from the answer itself, so that what a client erases is gone from here too. struck_at: it fell away."""

    __tablename__ = "alert_reasons"
    __table_args__ = (
        UniqueConstraint("organisation_id", "alert_id", "kind", "invitation_id", name="uq_alert_reason"),
        Index("ix_alert_reason_invitation", "organisation_id", "invitation_id"),
        within("alert_id", "alerts"),
        within("invitation_id", "invitations"),
        one_of("kind", Kind),
        one_of("severity", Severity),
    )

    alert_id: UUID
    kind: Kind = word(Kind, 16)
    severity: Severity = word(Severity, 8)
    invitation_id: UUID | None = None
    struck_at: datetime | None = None


class AlertEvent(Dated, table=True):
    """What somebody did about an alert; nobody (user_id None) when it closed by itself. The database refuses
    any change but taking the words of a note away."""

    __tablename__ = "alert_events"
    __table_args__ = (
        Index("ix_alert_event_alert", "organisation_id", "alert_id"),
        within("alert_id", "alerts"),
        within("user_id", "users"),
        within("practice_id", "practice_choices"),
        one_of("what", AlertAction),
        one_of("outcome", Outcome),
    )

    alert_id: UUID
    what: AlertAction = word(AlertAction, 16)
    user_id: UUID | None = None
    practice_id: UUID | None = None
    outcome: Outcome | None = word(Outcome, 16, None)
    note: str | None = Field(default=None, max_length=2000)
