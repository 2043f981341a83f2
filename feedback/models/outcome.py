"""What became of accounts and contacts, as people noted it; and the figures that are worked out of it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, text
from sqlmodel import Field

from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.models.columns import Dated, Row, one_of, within, word

LONGEST_REASON = 500  # characters


class NotedOutcome(Dated, table=True):
    """An outcome, noted at `created_at`. It is corrected in its place, with the former words in the audit log; one that
    was retracted stays and counts for nothing. No score knows of any."""

    __tablename__ = "outcomes"
    __table_args__ = (
        within("account_id", "accounts"),
        within("contact_id", "contacts"),
        within("noted_by_id", "users"),
        within("alert_id", "alerts"),
        one_of("outcome", ClientOutcome),
        one_of("source", OutcomeSource),
        CheckConstraint("value_before >= 0", name="ck_value_before"),
        CheckConstraint("value_after >= 0", name="ck_value_after"),
        Index("ix_outcome_account", "organisation_id", "account_id"),
        Index("ix_outcome_contact", "organisation_id", "contact_id"),
        Index("ix_outcome_alert", "organisation_id", "alert_id"),
    )

    account_id: UUID
    contact_id: UUID | None = None  # whose outcome it is; None: the whole account's
    happened_on: date  # in the organisation's calendar
    outcome: ClientOutcome = word(ClientOutcome, 8)
    value_before: float | None = None  # yearly, in the organisation's currency, as accounts have it
    value_after: float | None = None
    reason: str | None = Field(default=None, max_length=LONGEST_REASON)
    noted_by_id: UUID | None = None  # None where nobody of ours did: from the command line
    source: OutcomeSource = word(OutcomeSource, 8)
    alert_id: UUID | None = None  # the alert that was closed with it
    corrected_at: datetime | None = None
    retracted_at: datetime | None = None


class EvidenceFigures(Row, table=True):
    """The figures of the page of evidence, as the worker worked them out last. The row with the organisation's own id is
    about the whole organisation, one with a manager's id about the teams that the manager was responsible for then."""

    __tablename__ = "evidence_figures"
    __table_args__ = (
        Index(
            "ix_evidence_wanted",
            "wanted_at",
            sqlite_where=text("wanted_at IS NOT NULL"),
            postgresql_where=text("wanted_at IS NOT NULL"),
        ),
    )

    wanted_at: datetime | None = None  # of the whole organisation's: since when all are to be worked out
    worked_out_at: datetime | None = None
    figures: dict[str, Any] | None = Field(
        default=None, sa_type=JSON(none_as_null=True)
    )  # pages.evidence.frame
