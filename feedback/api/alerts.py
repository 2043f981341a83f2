"""Alerts: what needs somebody, and what is done about it; and the day's list of whom to call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from feedback.actions.alerts import handle
from feedback.actions.client_lines import LONGEST, take_line_back, tell_client
from feedback.api.operations import MANAGERS, operation
from feedback.api.shapes import Body, Listing, ListQuery, Out, Text
from feedback.core.access import Reader
from feedback.core.alerts.reasons import Kind, Outcome, Severity
from feedback.core.api_tokens import Scope
from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Change, Invalid
from feedback.pages import alerts
from feedback.pages.alert_history import history_of_alert
from feedback.pages.alerts import AlertView
from feedback.pages.client_lines import told_about
from feedback.pages.meetings import recent_invitations
from feedback.pages.promises import open_promises
from feedback.web.context import current_user, mails_from, now, read_session, today
from feedback.wording.labels import ALERT_LABELS

LONGEST_NOTE = 2000


class AlertReasonOut(Out):
    """Why there is an alert."""

    kind: Kind
    severity: Severity
    since: datetime
    struck_at: datetime | None = Field(description="When it stopped holding.")


class AlertLine(Out):
    """One dimension of the answer that gave it."""

    dimension: str
    said: int | None
    guessed: int | None = Field(description="Null until the guess is sealed.")


class AlertOut(Out):
    """An alert."""

    id: UUID
    title: str
    why: str
    next_step: str
    kind: Kind
    severity: Severity
    opened_at: datetime
    due_at: datetime
    overdue: bool
    closed_at: datetime | None
    outcome: Outcome | None
    taken_by: str | None
    relationship_id: UUID
    rep_id: UUID
    rep: str
    contact: str
    account_id: UUID
    account: str
    reasons: list[AlertReasonOut]
    comment: str | None = Field(description="What the client wrote.")


class AlertEventOut(Out):
    """One line of an alert's history."""

    at: datetime
    what: str
    who: str | None
    words: str | None
    outcome: Outcome | None


class ToldOut(Out):
    """The line that the client is told: by mail, and on top of the next page."""

    words: str
    by: str
    at: datetime
    mail_due_at: datetime | None = Field(description="Null where no mail goes out.")
    mailed_at: datetime | None
    on_a_page: bool
    left: bool = Field(description="It can be taken back no more.")


class AlertDetail(AlertOut):
    """An alert with the answer that gave it, and its history."""

    lines: list[AlertLine] = Field(description="Empty under a works agreement.")
    low: list[str] = Field(description="Under a works agreement, which dimensions were rated low.")
    history: list[AlertEventOut]
    told: ToldOut | None = Field(description="You said, we did: what the client is told of it.")


class AlertsQuery(ListQuery):
    """Which alerts."""

    closed: bool = False


class AlertChange(Body):
    """What is done about an alert: take it, close it with an outcome and a note, or reopen it."""

    state: Literal["taken", "closed", "open"]
    outcome: Annotated[Outcome, Field(strict=False)] | None = Field(None, description="With closed.")
    note: Annotated[Text, Field(max_length=LONGEST_NOTE)] = ""


class NoteBody(Body):
    """A note."""

    words: Annotated[Text, Field(min_length=1, max_length=LONGEST_NOTE)]


class LineBody(Body):
    """What was done, for the client to read."""

    words: Annotated[Text, Field(min_length=1, max_length=LONGEST)]


class AssignBody(Body):
    """One of the five practices of a dimension."""

    dimension: Annotated[str, Field(json_schema_extra={"enum": list(DIMENSIONS)}, max_length=20)]
    number: Annotated[int, Field(ge=1, le=5)]


class Todo(Out):
    """One thing to do today."""

    what: Literal["alert", "guess", "gap", "promise"]
    words: str
    contact: str
    account: str
    due: datetime | None = None
    address: str = Field(description="Of the API.")


def alert_out(found: AlertView) -> AlertOut:
    """Return an alert as JSON has it."""
    return AlertOut.model_validate(_fields(found))


def _fields(found: AlertView) -> dict[str, object]:
    words, answer = ALERT_LABELS[found.kind], found.answer
    shown = answer is not None and (answer.access.whole or answer.access.in_words)
    names = {"contact": found.contact_first, "rep": found.rep_first}
    return {
        "id": found.id, "title": str(words.title), "why": str(words.why), "next_step": str(words.next_step).format(**names),
        "kind": found.kind, "severity": found.severity, "opened_at": found.opened_at, "due_at": found.due_at,
        "overdue": found.overdue(now()), "closed_at": found.closed_at, "outcome": found.outcome, "taken_by": found.taken_by,
        "relationship_id": found.relationship_id, "rep_id": found.rep_id, "rep": found.rep, "contact": found.contact,
        "account_id": found.account_id, "account": found.account,
        "reasons": [AlertReasonOut.model_validate(each) for each in found.reasons],
        "comment": answer.client.comment if answer and shown else None,
    }  # fmt: skip


@operation("GET", "/alerts", roles=MANAGERS)
def list_alerts(query: AlertsQuery) -> Listing[AlertOut]:
    """List the open alerts, the overdue first; or those that were closed, the latest first."""
    load = alerts.closed_alerts if query.closed else alerts.open_alerts
    return query.page(lambda skip, take: load(read_session(), current_user(), now(), skip, take), alert_out)


def _alert(session: Session, alert_id: UUID) -> AlertDetail:
    who = current_user()
    found = alerts.alert_for(session, who, alert_id, now())
    lines = found.lines() if who.reader is Reader.MANAGER else []
    history = history_of_alert(session, who.organisation_id, found)
    told = told_about(session, who.organisation_id, found.id)
    return AlertDetail.model_validate(
        _fields(found)
        | {
            "lines": [AlertLine.model_validate(each) for each in lines],
            "low": list(found.answer.low) if found.answer else [],
            "history": [AlertEventOut.model_validate(each) for each in history],
            "told": ToldOut.model_validate(told) if told else None,
        }
    )


@operation("GET", "/alerts/<uuid:alert_id>", roles=MANAGERS)
def show_alert(alert_id: UUID) -> AlertDetail:
    """Show one alert."""
    return _alert(read_session(), alert_id)


@operation("PATCH", "/alerts/<uuid:alert_id>", Scope.WRITE, MANAGERS, current=_alert)
def change_alert(c: Change, alert_id: UUID, body: AlertChange) -> AlertDetail:
    """Take an alert, close it, or reopen it."""
    who, found = current_user(), alerts.alert_for(c.session, current_user(), alert_id, now())
    if body.state == "taken":
        handle.take_alert(c, found.id, who.id)
    elif body.state == "open":
        handle.reopen_alert(c, found.id, who.id)
    elif body.outcome is None:
        raise Invalid(outcome="How did it end?")
    else:
        handle.close_alert(c, found.id, who.id, outcome=body.outcome, words=body.note.strip())
    return _alert(c.session, alert_id)


@operation("POST", "/alerts/<uuid:alert_id>/notes", Scope.WRITE, MANAGERS, status=201)
def note_on_alert(c: Change, alert_id: UUID, body: NoteBody) -> AlertDetail:
    """Add a note to an alert's history."""
    found = alerts.alert_for(c.session, current_user(), alert_id, now())
    if not body.words.strip():
        raise Invalid(words="Say what happened.")
    handle.note_on_alert(c, found.id, current_user().id, body.words.strip())
    return _alert(c.session, alert_id)


@operation("PUT", "/alerts/<uuid:alert_id>/line", Scope.WRITE, MANAGERS, current=_alert)
def tell(c: Change, alert_id: UUID, body: LineBody) -> AlertDetail:
    """Tell the client of a closed alert in one line what was done: by mail in an hour, and on top of the next page."""
    found = alerts.alert_for(c.session, current_user(), alert_id, now())
    tell_client(c, found.id, current_user().id, body.words, mails_from())
    return _alert(c.session, alert_id)


@operation("DELETE", "/alerts/<uuid:alert_id>/line", Scope.WRITE, MANAGERS, status=204, current=_alert)
def take_back_line(c: Change, alert_id: UUID) -> None:
    """Take back what the client is told, before it has left."""
    take_line_back(c, alerts.alert_for(c.session, current_user(), alert_id, now()).id, current_user().id)


@operation("PUT", "/alerts/<uuid:alert_id>/practice", Scope.WRITE, MANAGERS, current=_alert)
def assign(c: Change, alert_id: UUID, body: AssignBody) -> AlertDetail:
    """Give the rep a practice."""
    found = alerts.alert_for(c.session, current_user(), alert_id, now())
    current_user().figures.require_by_person()
    handle.assign_practice(c, found.id, current_user().id, dimension=body.dimension, number=body.number)
    return _alert(c.session, alert_id)


@operation("GET", "/today")
def list_today(query: ListQuery) -> Listing[Todo]:
    """List what to do today: for managers the alerts, for a rep the guesses, gap cards and promises that wait."""
    if current_user().is_rep:
        found = _of_rep(read_session())
        return query.page_of(found, lambda each: each)
    return query.page(
        lambda skip, take: alerts.open_alerts(read_session(), current_user(), now(), skip, take), _of_alert
    )


def _of_alert(found: AlertView) -> Todo:
    words = _fields(found)
    return Todo(
        what="alert", words=f"{words['title']}: {words['next_step']}", contact=found.contact, account=found.account,
        due=found.due_at, address=f"/api/v1/alerts/{found.id}",
    )  # fmt: skip


def _of_rep(session: Session) -> Sequence[Todo]:
    who = current_user()
    found = [
        Todo(
            what="gap" if each.sealed else "guess", contact=each.contact, account=each.account,
            words="Read what the client said." if each.sealed else "Guess what the client will say, and seal it.",
            address=f"/api/v1/meetings/{each.meeting_id}/invitations/{each.id}",
        )
        for each in recent_invitations(session, who, now())
        if (each.both_in and not each.mirror.seen_at) or (not each.sealed and not each.closed(now()))
    ]  # fmt: skip
    return found + [
        Todo(
            what="promise", words=each.words, contact=each.contact, account=each.account,
            address=f"/api/v1/promises/{each.id}",
        )
        for each in open_promises(session, who, today(), now())
    ]  # fmt: skip
