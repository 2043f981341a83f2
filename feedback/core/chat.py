"""Chat channels of other services: what is posted to them, and what their answers mean."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class ChatService(StrEnum):
    """The services that messages are written for."""

    SLACK = "slack"  # an incoming webhook of an app
    TEAMS = "teams"  # a webhook of a workflow in Microsoft Teams


class ChatTopic(StrEnum):
    """What a channel can be told of."""

    ALERTS = "alerts"  # urgent ones, and what becomes of them
    WEEK = "week"  # the board of each week


class ChatEvent(StrEnum):
    """What one message tells."""

    ALERT = "alert"  # that an alert was opened, or became urgent
    TAKEN = "taken"  # by whom it is handled
    CLOSED = "closed"  # with which outcome
    REOPENED = "reopened"
    WEEK = "week"
    TEST = "test"


# What tells of an alert that the channel was told of before.
FOLLOW_UPS = (ChatEvent.TAKEN, ChatEvent.CLOSED, ChatEvent.REOPENED)


class PauseCause(StrEnum):
    """Why nothing is posted to a channel."""

    OWNER = "owner"  # an owner paused it
    GONE = "gone"  # its service says that there is no such address any more
    REFUSED = "refused"  # its service lets nobody post there


class ReplyKind(StrEnum):
    """What becomes of a message by the service's answer."""

    SENT = "sent"
    LATER = "later"  # it is tried again
    NEVER = "never"  # this message is refused for good
    GONE = "gone"  # the address no longer works
    REFUSED = "refused"  # posting there is not allowed


@dataclass(frozen=True, slots=True)
class ReplyMeaning:
    """What a service's answer means."""

    kind: ReplyKind
    code: str = ""  # the service's own word for it, if it gave one


# Words of Slack by which an address is over, whatever the status is that comes with them.
_GONE_WORDS = frozenset(
    {
        "channel_is_archived", "channel_not_found", "invalid_token", "no_active_hooks", "no_service", "no_service_id",
        "no_team", "team_disabled", "user_not_found", "WorkflowNotFound", "WorkflowTriggerIsNotEnabled",
    }
)  # fmt: skip
_GONE_STATUS, _REFUSED_STATUS = (404, 410), (401, 403)
_PASSING_STATUS = (408, 425, 429)
_CODE = re.compile(r"[A-Za-z][A-Za-z_]{1,59}")
LONGEST_WAIT = timedelta(days=1)  # that a service may ask for


def meaning_of(service: ChatService, status: int, body: str) -> ReplyMeaning:
    """Return what an answer means. Slack says 200 with "ok", a workflow of Teams any status of 2xx (202). Nothing of the
    body is kept but a word such as no_service, for a service could repeat what it was told."""
    code = _code_in(body)
    if 200 <= status < 300:
        taken = service is ChatService.TEAMS or body.strip() == "ok"
        return ReplyMeaning(ReplyKind.SENT if taken else ReplyKind.LATER, "" if taken else code)
    if status in _GONE_STATUS or code in _GONE_WORDS:
        return ReplyMeaning(ReplyKind.GONE, code)
    if status in _REFUSED_STATUS:
        return ReplyMeaning(ReplyKind.REFUSED, code)
    passing = status in _PASSING_STATUS or not 400 <= status < 500
    return ReplyMeaning(ReplyKind.LATER if passing else ReplyKind.NEVER, code)


def wait_asked_for(retry_after: str | None) -> timedelta:
    """Return the pause that a Retry-After header of whole seconds asks for, at most a day; none for any other."""
    seconds = (retry_after or "").strip()
    if not seconds.isascii() or not seconds.isdigit() or len(seconds) > 9:
        return timedelta(0)
    return min(timedelta(seconds=int(seconds)), LONGEST_WAIT)


def _code_in(body: str) -> str:
    """Return the one word of Slack's answer, or the code in the JSON of Teams; "" where there is none."""
    text = body.strip()
    if _CODE.fullmatch(text):
        return text
    with suppress(ValueError, TypeError, KeyError, RecursionError):
        code = json.loads(text)["error"]["code"]
        if isinstance(code, str) and _CODE.fullmatch(code):
            return code
    return ""
