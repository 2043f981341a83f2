"""Slack and Microsoft Teams as a test needs them: servers that answer as they do, and what they take.

The schemas are the part that is used of what both publish: Block Kit's reference (blocks, composition objects, payloads of
incoming webhooks), and Adaptive Cards' schema 1.5.0 within an activity of type message. They are stricter: what is not
named is refused.
"""

from typing import Any
from uuid import UUID

from jsonschema import Draft202012Validator

from feedback.chat.channels import Gets, NewChannel, add_channel
from feedback.db.change import Change
from support.receiver import Receiver

LINK = {"type": "string", "pattern": r"^https?://[^\s|<>]+$"}

# Block Kit. A text object has 1 to 3,000 characters; verbatim is for mrkdwn alone. A message has at most 50 blocks.
SLACK_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text", "blocks"],
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 40_000},
        "blocks": {
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "items": {
                "oneOf": [
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["type"],
                        "properties": {"type": {"const": "divider"}},
                    },
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["type", "text"],
                        "properties": {"type": {"const": "section"}, "text": {"$ref": "#/$defs/mrkdwn"}},
                    },
                ]
            },
        },
    },
    "$defs": {
        "mrkdwn": {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "text", "verbatim"],
            "properties": {
                "type": {"const": "mrkdwn"},
                "text": {"type": "string", "minLength": 1, "maxLength": 3000},
                "verbatim": {"const": True},
            },
        }
    },
}

_ELEMENT = {
    "separator": {"type": "boolean"},
    "spacing": {"enum": ["default", "none", "small", "medium", "large", "extraLarge", "padding"]},
}
_WEIGHT = {"enum": ["default", "lighter", "bolder"]}
_SIZE = {"enum": ["default", "small", "medium", "large", "extraLarge"]}
# Adaptive Cards 1.5.0: elements TextBlock, RichTextBlock (since 1.2) with TextRun, ActionSet (since 1.2), Action.OpenUrl.
TEAMS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "attachments"],
    "properties": {
        "type": {"const": "message"},
        "attachments": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["contentType", "content"],
                "properties": {
                    "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
                    "contentUrl": {"type": "null"},
                    "content": {"$ref": "#/$defs/AdaptiveCard"},
                },
            },
        },
    },
    "$defs": {
        "AdaptiveCard": {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "version", "body"],
            "properties": {
                "$schema": {"const": "http://adaptivecards.io/schemas/adaptive-card.json"},
                "type": {"const": "AdaptiveCard"},
                "version": {"const": "1.5"},
                "lang": {"type": "string", "pattern": "^[a-z]{2}$"},
                "fallbackText": {"type": "string", "minLength": 1},
                "body": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Element"}},
                "actions": {"type": "array", "items": {"$ref": "#/$defs/OpenUrl"}},
            },
        },
        "Element": {
            "oneOf": [
                {"$ref": "#/$defs/TextBlock"},
                {"$ref": "#/$defs/RichTextBlock"},
                {"$ref": "#/$defs/ActionSet"},
            ]
        },
        "TextBlock": {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "text"],
            "properties": {
                **_ELEMENT,
                "type": {"const": "TextBlock"},
                "text": {"type": "string", "minLength": 1},
                "style": {"enum": ["default", "heading"]},
                "weight": _WEIGHT,
                "size": _SIZE,
                "wrap": {"type": "boolean"},
            },
        },
        "RichTextBlock": {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "inlines"],
            "properties": {
                **_ELEMENT,
                "type": {"const": "RichTextBlock"},
                "inlines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/TextRun"}},
            },
        },
        "TextRun": {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "text"],
            "properties": {
                "type": {"const": "TextRun"},
                "text": {"type": "string", "minLength": 1},
                "weight": _WEIGHT,
                "size": _SIZE,
            },
        },
        "ActionSet": {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "actions"],
            "properties": {
                **_ELEMENT,
                "type": {"const": "ActionSet"},
                "actions": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/OpenUrl"}},
            },
        },
        "OpenUrl": {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "title", "url"],
            "properties": {
                "type": {"const": "Action.OpenUrl"},
                "title": {"type": "string", "minLength": 1},
                "url": LINK,
            },
        },
    },
}
VALIDATORS = {"slack": Draft202012Validator(SLACK_SCHEMA), "teams": Draft202012Validator(TEAMS_SCHEMA)}
LONGEST_TEAMS = 28 * 1024  # bytes of a message that Teams takes


def faults(service: str, message: Any) -> list[str]:
    """Return what a service would refuse in a message."""
    return [error.message for error in VALIDATORS[service].iter_errors(message)]


def texts(message: Any) -> str:
    """Return every text that is shown of a message, a line each, but its fallback."""
    if "blocks" in message:
        return "\n".join(block["text"]["text"] for block in message["blocks"] if "text" in block)
    card = message["attachments"][0]["content"]
    return "\n".join(_card_texts([*card["body"], *card["actions"]]))


def _card_texts(elements: list[Any]) -> list[str]:
    found = []
    for each in elements:
        found += [each[name] for name in ("text", "title", "url") if name in each]
        found += _card_texts([*each.get("inlines", []), *each.get("actions", [])])
    return found


class ChatReceiver(Receiver):
    """A service that takes a message only as it is published that it would: Slack says 200 and "ok", Teams 202."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service
        self.taken()

    @property
    def url(self) -> str:
        """Return an address as the service gives one."""
        path = (
            "services/T000/B000/x4Kq"
            if self.service == "slack"
            else "workflows/0a1b/triggers/manual?sig=x4Kq"
        )
        return f"http://127.0.0.1:{self.port}/{path}"

    def taken(self) -> None:
        """Take messages from now on."""
        self.status, self.words, self.extra = (200, "ok", {}) if self.service == "slack" else (202, "", {})

    @property
    def messages(self) -> list[Any]:
        """Return what was posted, each found to be as it has to be."""
        found = [received.message for received in self.received]
        assert [faults(self.service, each) for each in found] == [[] for _ in found]
        assert all(len(received.body.encode()) <= LONGEST_TEAMS for received in self.received)
        return found

    @property
    def told(self) -> list[str]:
        """Return the texts of what was posted."""
        return [texts(each) for each in self.messages]


def chat_channel(c: Change, owner_id: UUID, *, managers_only: bool = True) -> UUID:
    """Add a channel that gets all that it may, at an address where nobody answers; return its id."""
    gets = Gets(None, ("alerts", "week") if managers_only else ("week",), managers_only)
    return add_channel(c, owner_id, NewChannel("slack", "#us", "https://8.8.8.8/x", gets), private=False)
