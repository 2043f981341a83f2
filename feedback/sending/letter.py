"""What a mail says, before it is composed."""

from dataclasses import dataclass


class NothingToSend(Exception):
    """Raised when the subject of a mail is gone, done or over; the message says which."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject and body of a mail."""

    subject: str
    text: str
    html: str | None = None
    sender: str | None = None  # the name beside the organisation's address
    reply_to: str | None = None
    stop_address: str | None = (
        None  # of the page, and of the one click, by which whoever reads it gets no more
    )
