"""What became of some clients of the example organisation, so that its page of evidence has something to say."""

from datetime import datetime, timedelta

from feedback.actions.change import change
from feedback.actions.outcomes import OutcomeSaid, note_outcome
from feedback.core.accounts import AccountState
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.db.engine import Database
from feedback.jobs.evidence import work_out_evidence
from feedback.pages.account_list import accounts
from feedback.pages.accounts import AccountView
from feedback.store.people import Viewer

MOST = 500  # accounts
REASONS = {
    ClientOutcome.LOST: "They went to somebody closer by.",
    ClientOutcome.SHRANK: "One of their two sites has closed.",
    ClientOutcome.GREW: "A second team of theirs uses it now.",
}


def note_outcomes(db: Database, owner: Viewer, now: datetime) -> None:
    """Note an outcome for two accounts of three, on days of the last weeks, and have the figures worked out."""
    with db.reading() as session:
        every = sorted(accounts(session, owner, now, 0, MOST).shown, key=lambda each: each.name)
    with change(db, owner.organisation_id, now) as c:
        for number, account in enumerate(every):
            if number % 3 == 2 or account.last_meeting_at is None:
                continue
            outcome = _outcome(account, number)
            after = {ClientOutcome.LOST: 0.0, ClientOutcome.GREW: 1.5, ClientOutcome.SHRANK: 0.5}.get(
                outcome, 1.0
            )
            said = OutcomeSaid(
                outcome, (now - timedelta(days=2 + number * 5 % 60)).astimezone(c.zone).date(), None, account.value,
                None if account.value is None else account.value * after, REASONS.get(outcome),
            )  # fmt: skip
            note_outcome(c, owner.id, account.id, said, OutcomeSource.PAGE)
    work_out_evidence(db, owner.organisation_id, now)


def _outcome(account: AccountView, number: int) -> ClientOutcome:
    """Who is at risk is lost more often, and not always."""
    if account.state is AccountState.AT_RISK:
        return (ClientOutcome.LOST, ClientOutcome.LOST, ClientOutcome.SHRANK, ClientOutcome.RENEWED)[
            number % 4
        ]
    return (ClientOutcome.RENEWED, ClientOutcome.GREW, ClientOutcome.RENEWED, ClientOutcome.LOST)[
        number // 3 % 4
    ]
