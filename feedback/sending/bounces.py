"""Bounces: what mail servers send back when a mail cannot be delivered (RFC 3464)."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

LARGEST = 1_000_000  # bytes that are looked at


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report that a mail could not be delivered."""

    mail_id: UUID  # of the mail, out of its Message-ID
    for_good: bool  # the address does not exist; False for a full mailbox, a delay, and the like


def read_bounce(report: bytes) -> Bounce | None:
    """Return what a mail says of one of ours that bounced; None when it is no such report."""
    message = message_from_bytes(report[:LARGEST], policy=policy.default)
    if message.get_content_type() != "multipart/report":
        return None
    parts = [part for part in message.walk() if isinstance(part, EmailMessage)]
    status = next((str(each["Status"]) for part in parts for each in _fields(part) if each["Status"]), "")
    mail_id = next((found for part in parts if (found := _mail_id(part))), None)
    return Bounce(mail_id, status.strip().startswith("5.1.")) if mail_id else None


def _fields(part: EmailMessage) -> list[EmailMessage]:
    """Return the groups of fields of a delivery status, which the parser keeps as messages."""
    if part.get_content_type() != "message/delivery-status":
        return []
    return [each for each in part.iter_parts() if isinstance(each, EmailMessage)]


def _mail_id(part: EmailMessage) -> UUID | None:
    """Return the id of our mail out of a part that holds it, or only its headers."""
    if part.get_content_type() == "text/rfc822-headers":
        text = str(part.get_content())
    elif part.get_content_type() == "message/rfc822":
        text = "".join(f"Message-ID: {each['Message-ID']}" for each in part.iter_parts())
    else:
        return None
    found = re.search(r"^Message-ID:\s*<([0-9a-f-]{36})@", text, re.IGNORECASE | re.MULTILINE)
    try:
        return UUID(found[1]) if found else None
    except ValueError:
        return None
