"""A message as a workflow of Microsoft Teams takes it: an Adaptive Card in a message.

Words of people stand in text runs, in which no Markdown is read.
"""

import json
import re

from feedback.chat.card import Card, CardPart, ChatLink, Payload, fitted
from feedback.wording.i18n import language

MOST_BYTES = 20_000  # of the message as it is sent: Teams takes about 28 KB, some of which it adds itself
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
VERSION = "1.5"
_MARKDOWN = re.compile(r"([\\`*_~\[\]()])")


def teams_message(card: Card) -> Payload:
    """Return the message, ready for JSON."""
    return fitted(card, _message, lambda payload: len(as_sent(payload)) <= MOST_BYTES)


def as_sent(payload: Payload) -> bytes:
    """Return a message of any service as it is sent."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def escaped_markdown(text: str) -> str:
    """Return words so that Markdown shows them as they are."""
    return _MARKDOWN.sub(r"\\\1", text)


def _message(card: Card) -> Payload:
    body: list[Payload] = [
        {
            "type": "TextBlock", "text": escaped_markdown(card.title), "style": "heading", "weight": "bolder",
            "size": "medium", "wrap": True,
        }
    ]  # fmt: skip
    for part in card.parts:
        body += _elements(part)
    if card.untold:
        body.append(_text(card.more, separator=True))
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": VERSION,
        "lang": language()[:2],
        "fallbackText": card.as_text(escaped_markdown),
        "body": body,
        "actions": [_opens(card.link)],
    }
    return {
        "type": "message",
        "attachments": [{"contentType": CARD_TYPE, "contentUrl": None, "content": content}],
    }


def _elements(part: CardPart) -> list[Payload]:
    found = [_text(part.title, weight="bolder")] if part.title else []
    found += [_text(line) for line in part.lines]
    found[0] |= {"separator": True, "spacing": "medium"}
    return [*found, *([{"type": "ActionSet", "actions": [_opens(part.link)]}] if part.link else [])]


def _text(text: str, *, weight: str = "default", separator: bool = False) -> Payload:
    run = {"type": "TextRun", "text": text, "weight": weight}
    return {"type": "RichTextBlock", "inlines": [run], "separator": separator, "spacing": "small"}


def _opens(link: ChatLink) -> Payload:
    return {"type": "Action.OpenUrl", "title": link.words, "url": link.address}
