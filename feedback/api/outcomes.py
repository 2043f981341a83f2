"""What became of clients, as managers note it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from feedback.actions.outcomes import OutcomeSaid, correct_outcome, note_outcome, retract_outcome
from feedback.api.operations import MANAGERS, operation
from feedback.api.shapes import Body, Listing, ListQuery, Out, Text
from feedback.core.api_tokens import Scope
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.db.change import Change
from feedback.pages import groups
from feedback.store.clients import account_meant
from feedback.web.context import current_user, read_session

Worth = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]


class OutcomeOut(Out):
    """What became of an account, or of one contact there."""

    id: UUID
    account_id: UUID
    contact_id: UUID | None
    happened_on: date
    outcome: ClientOutcome
    value_before: float | None
    value_after: float | None
    reason: str | None
    noted_by: str | None
    noted_at: datetime
    retracted_at: datetime | None = Field(description="Counts no longer since then.")


class OutcomeBody(Body):
    """What became of a client."""

    outcome: Annotated[ClientOutcome, Field(strict=False)]
    happened_on: date
    contact_id: UUID | None = Field(None, description="Of one contact alone; else of the account.")
    value_before: Worth | None = None
    value_after: Worth | None = None
    reason: Annotated[Text, Field(max_length=500)] | None = None

    def said(self) -> OutcomeSaid:
        """Return it as actions take it."""
        return OutcomeSaid(
            self.outcome, self.happened_on, self.contact_id, self.value_before, self.value_after, self.reason
        )


class RetractionBody(Body):
    """Whether it counts."""

    retracted: bool


def _outcome(session: Session, outcome_id: UUID) -> OutcomeOut:
    return OutcomeOut.model_validate(groups.outcome_for(session, current_user(), outcome_id))


@operation("GET", "/accounts/<uuid:account_id>/outcomes", roles=MANAGERS)
def list_outcomes(account_id: UUID, query: ListQuery) -> Listing[OutcomeOut]:
    """List what became of an account and its contacts, the latest first."""
    who, session = current_user(), read_session()
    account = groups.plain_account(session, who, account_meant(session, who.organisation_id, account_id))
    found = groups.outcomes_shown(session, who, account.id)
    return query.page_of(found, OutcomeOut.model_validate)


@operation("POST", "/accounts/<uuid:account_id>/outcomes", Scope.WRITE, MANAGERS, status=201)
def add_outcome(c: Change, account_id: UUID, body: OutcomeBody) -> OutcomeOut:
    """Note what became of an account, or of one contact there: renewed, grew, shrank or lost."""
    who = current_user()
    account = groups.plain_account(c.session, who, account_id)
    made = note_outcome(c, who.id, account.id, body.said(), OutcomeSource.PAGE)
    return _outcome(c.session, made)


@operation("GET", "/outcomes/<uuid:outcome_id>", roles=MANAGERS)
def show_outcome(outcome_id: UUID) -> OutcomeOut:
    """Show one outcome."""
    return _outcome(read_session(), outcome_id)


@operation("PUT", "/outcomes/<uuid:outcome_id>", Scope.WRITE, MANAGERS, current=_outcome)
def correct(c: Change, outcome_id: UUID, body: OutcomeBody) -> OutcomeOut:
    """Correct an outcome in its place."""
    groups.outcome_for(c.session, current_user(), outcome_id)
    correct_outcome(c, current_user().id, outcome_id, body.said())
    return _outcome(c.session, outcome_id)


@operation("PATCH", "/outcomes/<uuid:outcome_id>", Scope.WRITE, MANAGERS, current=_outcome)
def retract(c: Change, outcome_id: UUID, body: RetractionBody) -> OutcomeOut:
    """Let an outcome count no longer, or again."""
    groups.outcome_for(c.session, current_user(), outcome_id)
    retract_outcome(c, current_user().id, outcome_id, retracted=body.retracted)
    return _outcome(c.session, outcome_id)
