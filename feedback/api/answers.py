"""Answers, as far as whoever asks may see them, and the decisions about doubtful ones."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from feedback.actions.decisions import decide_answer
from feedback.api.operations import MANAGERS, operation
from feedback.api.shapes import Body, Listing, ListQuery, Out, SixRatings, Text, rounded, six
from feedback.core.access import HiddenBecause
from feedback.core.api_tokens import Scope
from feedback.core.gaps.analysis import GapClass, gaps
from feedback.core.trust import Signal
from feedback.db.change import Change
from feedback.models.feedback import Counts
from feedback.pages.answers import DoubtfulList, answer_for, decisions, may_decide
from feedback.store.doubts import Doubt
from feedback.store.invitation_view import InvitationView
from feedback.web.context import current_user, now, read_session


class ClientAnswer(Out):
    """What a client said."""

    ratings: SixRatings = Field(description="1 Poor to 5 Fantastic. All null under a works agreement.")
    low: list[str] = Field(description="Under a works agreement, which dimensions were rated low.")
    comment: str | None
    nps: int | None
    worth_it: str | None
    stage: str | None
    managers_only: bool = Field(description="The client asked that the rep does not see it.")


class GapOut(Out):
    """One dimension that both sides rated."""

    dimension: str
    client: float
    rep: float
    kind: GapClass


class Hidden(Out):
    """How far the client is: all that shows before a rep has sealed the guess. Managers are told of settled answers."""

    opened: bool
    taps: int = Field(description="0 to 6.")
    done: bool
    sealed: bool = Field(description="The rep's guess is final.")
    said: ClientAnswer | None
    hidden_because: HiddenBecause | None = Field(description="Why said is null.")
    guessed: SixRatings | None
    gaps: list[GapOut]


class Answer(Hidden):
    """An answer as managers see it."""

    id: UUID
    held_at: datetime
    rep_id: UUID
    rep: str
    contact_id: UUID
    contact: str
    account: str
    counts: Counts | None
    signals: list[Signal] = Field(description="Why its origin may be doubted.")


class DecisionOut(Out):
    """What a manager decided about an answer."""

    at: datetime
    who: str
    what: str
    reason: str


class AnswerDetail(Answer):
    """An answer, and what was decided about it."""

    decisions: list[DecisionOut]
    may_decide: bool


class DoubtQuery(ListQuery):
    """Which answers: those that wait for a decision, those that count with a weak signal, or those decided."""

    only: Doubt = Doubt.WAITING


class DecisionBody(Body):
    """What is decided, and why."""

    accept: bool
    reason: Annotated[Text, Field(min_length=1, max_length=500)]


def said_of(found: InvitationView) -> ClientAnswer | None:
    """Return what the client said, as far as it may be shown; None where nothing may."""
    if not (found.access.whole or found.access.in_words) or not found.progress.taps:
        return None
    client = found.client
    return ClientAnswer(
        ratings=six(client.ratings), low=list(found.low), comment=client.comment, nps=client.nps,
        worth_it=client.worth_it, stage=client.stage, managers_only=client.hidden_from_rep,
    )  # fmt: skip


def progress_of(found: InvitationView) -> dict[str, object]:
    """Return the fields of Hidden."""
    guessed = found.mirror.ratings
    told = current_user().is_rep or found.access.whole or found.access.in_words  # a tap reaches no manager
    both = gaps(found.client.ratings, guessed) if found.both_in and found.access.whole else []
    return {
        "opened": told and found.opened_at is not None, "taps": found.progress.taps if told else 0,
        "done": told and found.progress.done,
        "sealed": found.sealed, "said": said_of(found), "hidden_because": found.access.hidden_because,
        "guessed": six(guessed) if any(guessed) else None,
        "gaps": [GapOut(dimension=g.dimension, client=rounded(g.client) or 0, rep=rounded(g.rep) or 0, kind=g.kind) for g in both],
    }  # fmt: skip


def answer_fields(found: InvitationView) -> dict[str, object]:
    """Return the fields of Answer."""
    shown = found.access.whole or found.access.in_words
    return progress_of(found) | {
        "id": found.id, "held_at": found.held_at, "rep_id": found.rep_id, "rep": found.rep,
        "contact_id": found.contact_id, "contact": found.contact, "account": found.account,
        "counts": found.client.counts if shown else None,
        "signals": list(found.client.signals) if current_user().is_manager and shown else [],
    }  # fmt: skip


@operation("GET", "/answers", roles=MANAGERS)
def list_answers(query: DoubtQuery) -> Listing[Answer]:
    """List the answers whose origin is doubted. Others stand at their relationship."""
    found = DoubtfulList(read_session(), current_user(), query.only, now())
    return query.page(found.page, lambda each: Answer.model_validate(answer_fields(each)))


def _answer(session: Session, invitation_id: UUID) -> AnswerDetail:
    found = answer_for(session, current_user(), invitation_id, now())
    told = decisions(session, current_user().organisation_id, found.id)
    return AnswerDetail.model_validate(
        answer_fields(found)
        | {
            "decisions": [DecisionOut.model_validate(each) for each in told],
            "may_decide": may_decide(found.client),
        }
    )


@operation("GET", "/answers/<uuid:invitation_id>", roles=MANAGERS)
def show_answer(invitation_id: UUID) -> AnswerDetail:
    """Show one answer."""
    return _answer(read_session(), invitation_id)


@operation("POST", "/answers/<uuid:invitation_id>/decisions", Scope.WRITE, MANAGERS, status=201)
def decide(c: Change, invitation_id: UUID, body: DecisionBody) -> AnswerDetail:
    """Accept a doubtful answer, or set it aside; with a reason, which is kept."""
    found = answer_for(c.session, current_user(), invitation_id, now())
    decide_answer(c, found.id, current_user().id, accept=body.accept, reason=body.reason)
    return _answer(c.session, invitation_id)
