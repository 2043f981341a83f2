"""The world outside: a mail server and receivers of webhooks, which refuse, time out, or accept and then drop."""

import json
import re
import smtplib
from collections import defaultdict
from email.message import EmailMessage
from random import Random
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from feedback.sending.http import HttpReply

GOOD_DAY = 0.02  # part of what fails
ASKING = ("ask", "reminder", "we_did")
KEY = re.compile(r"/f/\w+/(\w+)/receipt")


class MailOffice:
    """A mail server. It knows by `together` which rows of the outbox the mail is about that is being sent."""

    def __init__(self, dice: Random) -> None:
        self.dice, self.fails = dice, GOOD_DAY
        self.together: list[Any] = []
        self.accepted: defaultdict[UUID, list[str]] = defaultdict(
            list
        )  # Message-IDs by row, the last try last
        self.finally_accepted: set[UUID] = set()  # without an error for the sender
        self.recipients: defaultdict[str, int] = defaultdict(int)
        self.stopped: set[tuple[UUID, str]] = (
            set()
        )  # (organisation, address) of clients who want no mail that asks
        self.wrongly: list[str] = []  # who was asked all the same
        self.keys: dict[UUID, str] = {}  # the answer key of the last receipt, by invitation

    def send(self, _settings: object, message: EmailMessage) -> None:
        """Take a mail, or fail before or after taking it."""
        luck = self.dice.random()
        if luck < self.fails / 2:
            raise smtplib.SMTPServerDisconnected("on purpose") if luck < self.fails / 4 else TimeoutError()
        for row in self.together:
            self.accepted[row.id].append(message["Message-ID"])
        self.recipients[message["To"]] += 1
        mail = self.together[0]
        if mail.kind in ASKING and (mail.organisation_id, mail.recipient) in self.stopped:
            self.wrongly.append(mail.recipient)
        if mail.kind == "receipt" and (found := KEY.search(message.get_content())):
            self.keys[mail.invitation_id] = found[1]
        if luck < self.fails:
            raise TimeoutError  # it was accepted, and the sender does not know
        self.finally_accepted |= {row.id for row in self.together}


class Receivers:
    """The receivers of all organisations' webhooks, by host."""

    def __init__(self, dice: Random) -> None:
        self.dice, self.fails = dice, GOOD_DAY
        self.heard: defaultdict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(
            list
        )  # (id, message) by host
        self.ids: set[str] = set()

    def post_once(self, target: Any, _addresses: object, body: bytes, headers: dict[str, str]) -> HttpReply:
        """Take a message, or fail before or after taking it."""
        luck = self.dice.random()
        if luck < self.fails / 3:
            raise TimeoutError
        if luck < self.fails / 2:
            return HttpReply(503, "on purpose")
        self.heard[target.host].append((headers["webhook-id"], json.loads(body)))
        if luck < self.fails:
            raise ConnectionResetError  # it was taken, and the sender does not know
        self.ids.add(headers["webhook-id"])
        return HttpReply(204, "")


def host_of(url: str) -> str:
    """Return the host of an address."""
    return urlsplit(url).hostname or ""
