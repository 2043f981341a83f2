"""Alerts for managers, their reasons, and what was done about them. No row is ever deleted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from feedback.core.alerts.reasons import AlertAction, Kind, Outcome, Severity
from feedback.models.columns import Dated, one_of, within, word


class Alert(Dated, table=True):
    """An alert about a relationship, which has at most one open alert. Its reasons are rows of
    AlertReason."""

    __tablename__ = "alerts"
    __table_args__ = (
        within("relationship_id", "relationships"),
        within("taken_by_id", "users"),
        one_of("kind", Kind),
        one_of("severity", Severity),
        one_of("outcome", Outcome),
        Index("ix_alert_relationship", "organisation_id", "relationship_id"),
        Index("ix_alert_closed", "organisation_id", "closed_at", "id"),
        Index("ix_alert_created", "organisation_id", "created_at"),
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
    # kind, severity: of the leading reason (core.alerts.reasons.leading), or of the last when all were struck.
    kind: Kind = word(Kind, 16)
    severity: Severity = word(Severity, 8)
    due_at: datetime
    taken_by_id: UUID | None = None  # the manager who looks after it
    closed_at: datetime | None = None
    outcome: Outcome | None = word(Outcome, 16, None)


class AlertReason(Dated, table=True):
    """One reason of an alert. It holds nothing of what the client said, which is read from the answer itself;
    what a client erases is therefore gone from here too."""

    __tablename__ = "alert_reasons"
    __table_args__ = (
        UniqueConstraint("organisation_id", "alert_id", "kind", "invitation_id", name="uq_alert_reason"),
        Index("ix_alert_reason_invitation", "organisation_id", "invitation_id"),
        Index("ix_alert_reason_kind", "organisation_id", "kind", "created_at"),
        within("alert_id", "alerts"),
        within("invitation_id", "invitations"),
        one_of("kind", Kind),
        one_of("severity", Severity),
    )

    alert_id: UUID
    kind: Kind = word(Kind, 16)
    severity: Severity = word(Severity, 8)
    invitation_id: UUID | None = None  # the answer that gave the reason; None for silence
    struck_at: datetime | None = None  # when the reason ceased to hold


class AlertEvent(Dated, table=True):
    """One action on an alert. The database refuses every change except the removal of a note's text."""

    __tablename__ = "alert_events"
    __table_args__ = (
        Index("ix_alert_event_alert", "organisation_id", "alert_id"),
        Index(
            "ix_alert_event_noted",
            "organisation_id",
            "created_at",
            sqlite_where=text("note IS NOT NULL"),
            postgresql_where=text("note IS NOT NULL"),
        ),
        within("alert_id", "alerts"),
        within("user_id", "users"),
        within("practice_id", "practice_choices"),
        one_of("what", AlertAction),
        one_of("outcome", Outcome),
    )

    alert_id: UUID
    what: AlertAction = word(AlertAction, 16)
    user_id: UUID | None = None  # None when the alert closed by itself
    practice_id: UUID | None = None  # the practice that was assigned
    outcome: Outcome | None = word(Outcome, 16, None)
    note: str | None = Field(default=None, max_length=2000)
