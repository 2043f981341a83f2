"""What a channel is told of alerts, in the language of the organisation."""

from collections.abc import Sequence

from feedback.chat.card import Card, CardPart, ChatLink, called
from feedback.core.chat import ChatEvent
from feedback.pages.alerts import AlertView
from feedback.pages.chat import PostedAlert
from feedback.wording.filters import day, dimension_name, level_name, whole
from feedback.wording.i18n import app_count, app_text
from feedback.wording.labels import ALERT_LABELS, OUTCOME_WORDS

MOST_REASONS = 4  # told of one alert


def alerts_card(posted: Sequence[PostedAlert], base_url: str) -> Card:
    """Return the message about alerts that are open."""
    alone = len(posted) == 1
    parts = tuple(_alert_part(each, None if alone else _link(each.alert, base_url)) for each in posted)
    title = app_count("%(num)s urgent alert", "%(num)s urgent alerts", len(posted))
    all_of_them = ChatLink(app_text("Open alerts"), f"{base_url}/alerts")
    return Card(title, parts, _link(posted[0].alert, base_url) if alone else all_of_them)


def follow_up_card(posted: PostedAlert, event: ChatEvent, who: str | None, base_url: str) -> Card:
    """Return the message about what was done with an alert. who: by whom; None for nobody, or where nobody is named."""
    alert = posted.alert
    title, done = _TOLD[event](alert, called(who) if who else None)
    part = CardPart(_whom(alert), (done,))
    return Card(title, (part,), _link(alert, base_url))


def _alert_part(posted: PostedAlert, link: ChatLink | None) -> CardPart:
    alert, named = posted.alert, posted.numbers is not None
    kinds = alert.kinds[:MOST_REASONS]
    reasons = ", ".join(str(ALERT_LABELS[kind].short) for kind in kinds)
    lines = [
        _when(alert, named=named),
        *(str(ALERT_LABELS[kind].why) for kind in kinds),
        _differs(alert),
        _so_far(posted),
        _next_step(alert, named=named),
    ]
    return CardPart(f"{reasons}: {_whom(alert)}", tuple(line for line in lines if line), link)


def _whom(alert: AlertView) -> str:
    return f"{called(alert.contact)}, {called(alert.account)}"


def _when(alert: AlertView, *, named: bool) -> str:
    """Return who met the client and when, and until when something is to be done; without names where nobody is named."""
    found = [
        app_text("with %(rep)s", rep=called(alert.rep)) if named else "",
        app_text("met %(day)s", day=day(alert.answer.held_at)) if alert.answer else "",
        app_text("due %(day)s", day=day(alert.due_day)),
        app_text("taken by %(name)s", name=called(alert.taken_by)) if alert.taken_by and named else "",
    ]
    return " · ".join(part for part in found if part)


def _differs(alert: AlertView) -> str:
    """Return what was rated low, or guessed far off. What the client wrote stays here."""
    out = [line for line in alert.lines() if line.stands_out]
    if out:
        told = (
            f"{dimension_name(line.dimension)} {line.said}"
            + (" " + app_text("(guessed %(guessed)s)", guessed=line.guessed) if line.guessed else "")
            for line in out
        )
        return app_text("What stands out: %(what)s.", what=", ".join(told))
    low = alert.answer.low if alert.answer and alert.answer.access.in_words else ()
    return f"{app_text('Rated low:')} {', '.join(dimension_name(name) for name in low)}" if low else ""


def _so_far(posted: PostedAlert) -> str:
    numbers = posted.numbers
    if numbers is None:
        return ""
    if numbers.loyalty is None:
        return f"{app_text('So far: no answer that counts')}."
    said = app_count(
        "So far: %(level)s, loyalty %(loyalty)s from %(num)s answer",
        "So far: %(level)s, loyalty %(loyalty)s from %(num)s answers",
        numbers.answers,
        level=level_name(numbers.loyalty),
        loyalty=whole(numbers.loyalty),
    )
    return f"{said}."


def _next_step(alert: AlertView, *, named: bool) -> str:
    step = str(ALERT_LABELS[alert.kind].next_step)
    if "{rep}" in step and not named:
        return ""
    told = step.replace("{contact}", called(alert.contact_first)).replace("{rep}", called(alert.rep_first))
    return f"{app_text('Next:')} {told}"


def _taken(_alert: AlertView, who: str | None) -> tuple[str, str]:
    done = app_text("%(name)s takes care of it.", name=who) if who else app_text("Somebody takes care of it.")
    return app_text("An alert was taken"), done


def _closed(alert: AlertView, who: str | None) -> tuple[str, str]:
    title = app_text("An alert was closed")
    outcome = OUTCOME_WORDS[alert.outcome.value] if alert.outcome else "–"
    if who:
        return title, app_text("Closed by %(name)s: %(outcome)s.", name=who, outcome=outcome)
    return title, app_text("Closed: %(outcome)s.", outcome=outcome)


def _reopened(_alert: AlertView, who: str | None) -> tuple[str, str]:
    title = app_text("An alert is open again")
    return title, app_text("Opened again by %(name)s.", name=who) if who else app_text("It was opened again.")


_TOLD = {ChatEvent.TAKEN: _taken, ChatEvent.CLOSED: _closed, ChatEvent.REOPENED: _reopened}


def _link(alert: AlertView, base_url: str) -> ChatLink:
    return ChatLink(app_text("Open the alert"), f"{base_url}/alerts/{alert.id}")
