"""A message as Slack takes it at an incoming webhook: Block Kit, and the same as text.

A link is a link and no button: a button of Slack reports each click to an app, and warns where none listens.
"""

import re

from feedback.chat.card import Card, CardPart, ChatLink, Payload, fitted

LONGEST_TEXT = 3000  # characters of a text object
LONGEST_FALLBACK = 40_000  # characters of the message's own text; what is longer is cut off by Slack
_JOINER = "\u2060"  # invisible, and no place to break a line
_FORMATS = re.compile(r"[*_~`]|:(?=[a-z0-9_+'-]+:)")


def slack_message(card: Card) -> Payload:
    """Return the message, ready for JSON."""
    return fitted(card, _message, lambda payload: len(payload["text"]) <= LONGEST_FALLBACK)


def escaped(text: str) -> str:
    """Return words so that Slack shows them as they are: no mention, no link, no format, no emoji is made of them."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _FORMATS.sub(lambda found: f"{_JOINER}{found.group()}{_JOINER}", plain)


def _message(card: Card) -> Payload:
    blocks: list[Payload] = [_section(_bold(card.title))]
    for part in card.parts:
        blocks += [{"type": "divider"}, _section(_part_text(part))]
    end = [escaped(card.more)] if card.untold else []
    blocks += [{"type": "divider"}, _section("\n".join([*end, _linked(card.link)]))]
    return {"text": card.as_text(escaped), "blocks": blocks}


def _part_text(part: CardPart) -> str:
    """Return a part as one text. What does not fit is left out from its end; the link stays."""
    lines = [_bold(part.title)] if part.title else []
    lines += [escaped(line) for line in part.lines]
    end = [_linked(part.link)] if part.link else []
    while len(lines) > 1 and len("\n".join([*lines, *end])) > LONGEST_TEXT:
        lines.pop()
    return "\n".join([*lines, *end])


def _section(text: str) -> Payload:
    """verbatim: Slack makes no links of what looks like one."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _bold(text: str) -> str:
    return f"*{escaped(text)}*"


def _linked(link: ChatLink) -> str:
    address = link.address.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return f"<{address}|{escaped(link.words)}>"
