"""A manager's day: whom to call, what to train, who got better, and what was promised and not kept."""

from uuid import UUID

from pydantic import Field

from feedback.api.meetings import PromiseOut, promise_out
from feedback.api.operations import MANAGERS, operation
from feedback.api.shapes import Out, rounded
from feedback.core.alerts.reasons import Kind, Severity
from feedback.pages.today.calls import Call
from feedback.pages.today.page import Today, today_page
from feedback.web.context import current_user, now, read_session, today


class CallOut(Out):
    """An account to be called today."""

    account_id: UUID
    account: str
    value: float | None = Field(description="A year.")
    at_stake: float = Field(description="Of the value, or of the usual one where it is not known.")
    because: str = Field(description="The reason that weighs most.")
    alert_id: UUID | None
    alert_kind: Kind | None
    alert_severity: Severity | None
    loyalty: float | None = Field(description="0 to 100.")
    voices: float = Field(description="What the loyalty rests on.")
    days: int | None = Field(description="Since the last meeting.")
    contact: str | None
    rep: str | None
    comment: str | None = Field(description="The contact's last words.")


class TrainingOut(Out):
    """What to train."""

    dimension: str
    said: float = Field(description="Clients' mean, 1 to 5.")
    guessed: float | None
    voices: float = Field(description="That rated it.")
    clear: bool = Field(description="It is below the other dimensions beyond chance.")
    teacher: str | None = Field(description="Whose clients rate it beyond chance above what the others' do.")


class BetterOut(Out):
    """A rep whose clients' loyalty rose beyond chance."""

    rep_id: UUID
    rep: str
    before: float
    loyalty: float
    voices: float
    answers: int


class ManagersDay(Out):
    """A manager's day."""

    calls: list[CallOut] = Field(description="The most at stake first.")
    looked_at: int = Field(description="Accounts that these were chosen from.")
    training: TrainingOut | None
    better: list[BetterOut]
    compared: int = Field(description="Reps who could have got better.")
    promises: list[PromiseOut] = Field(description="Not kept, or overdue; the latest first.")
    broken: int = Field(description="How many there are in all.")


@operation("GET", "/today/managers", roles=MANAGERS)
def show_day() -> ManagersDay:
    """Show whom to call, what to train, who got better, and what was promised and not kept."""
    return managers_day()


def managers_day() -> ManagersDay:
    """Return the day of the manager who asks."""
    return _day(today_page(read_session(), current_user(), today(), now()))


def _day(found: Today) -> ManagersDay:
    return ManagersDay(
        calls=[_call(each) for each in found.calls], looked_at=found.looked_at, training=_training(found),
        better=[
            BetterOut(
                rep_id=each.rep.id, rep=each.rep.name, before=rounded(each.before) or 0.0,
                loyalty=rounded(each.loyalty) or 0.0, voices=rounded(each.voices) or 0.0, answers=each.answers,
            )
            for each in found.better
        ],
        compared=found.compared, promises=[promise_out(each) for each in found.promises], broken=found.broken,
    )  # fmt: skip


def _call(found: Call) -> CallOut:
    words = found.last_words
    shown = words is not None and (words.access.whole or words.access.in_words)
    return CallOut(
        account_id=found.account_id, account=found.account, value=found.value, at_stake=rounded(found.at_stake) or 0.0,
        because=found.stake.because.value, alert_id=found.alert_id, alert_kind=found.alert_kind,
        alert_severity=found.alert_severity, loyalty=rounded(found.loyalty), voices=rounded(found.voices) or 0.0,
        days=found.days, contact=found.contact, rep=found.rep,
        comment=words.client.comment if words and shown else None,
    )  # fmt: skip


def _training(found: Today) -> TrainingOut | None:
    each = found.training
    if each is None:
        return None
    return TrainingOut(
        dimension=each.dimension, said=rounded(each.said) or 0.0, guessed=rounded(each.guessed),
        voices=rounded(each.voices) or 0.0, clear=each.clear, teacher=found.teacher.name if found.teacher else None,
    )  # fmt: skip
