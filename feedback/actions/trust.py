"""The trust in an answer: what is known about where it came from."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from feedback.core.answer_key import Browser
from feedback.core.trust import Circumstances, Signal, quarantined, signals_of
from feedback.db.change import Change
from feedback.models import Feedback, Meeting
from feedback.models.feedback import Counts, ratings_of
from feedback.store.answers import AnswerRows
from feedback.store.traces import Similar, similar_answers

MARKS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Where a request came from, as keyed hashes, and what is known of the browser."""

    device: str | None = None
    network: str | None = None
    browser: str | None = None
    whose: Browser = Browser.CLIENTS
    scripted: bool = True  # the page's own script sent it


def merged_fingerprint(row: Feedback, fingerprint: Fingerprint) -> dict[str, Any]:
    """Return, by name, what the client's row keeps of where a tap came from. What it means is decided when
    the answer has settled."""
    reps = {Signal.REPS_BROWSER} if fingerprint.whose is Browser.REPS else set()
    return {
        "device_hash": fingerprint.device or row.device_hash,
        "network_hash": fingerprint.network or row.network_hash,
        "browser_hash": fingerprint.browser or row.browser_hash,
        "handed_over": row.handed_over or fingerprint.whose is Browser.HANDED_OVER,
        "scripted": row.scripted or fingerprint.scripted,
        "signals": tuple(sorted({*row.signals, *reps})),
    }


def add_signals(row: Feedback, *found: Signal) -> None:
    """Add signals to an answer; none is stored twice."""
    row.signals = tuple(sorted({*row.signals, *found}))


def detect_signals(c: Change, answer: AnswerRows, traces: Similar | None = None) -> frozenset[Signal]:
    """Add the signals that an answer's circumstances give; a strong one quarantines it, unless a manager has
    decided. Return all signals so far. traces: what it has in common with others, where that is known already."""
    row, meeting = answer.row, answer.meeting
    traces = traces or similar_answers(c.session, answer, c.zone)
    found = signals_of(
        Circumstances(
            ratings=ratings_of(row),
            opened_at=answer.invitation.opened_at,
            complete_at=row.complete_at,
            scripted=row.scripted,
            from_outside=row.network_hash is not None,
            handed_over=row.handed_over,
            same_place=bool(
                row.network_hash
                and (row.network_hash, row.browser_hash) == (meeting.network_hash, meeting.browser_hash)
            ),
            contacts_on_device=traces.contacts_on_device,
            reps_device=traces.reps_device,
            alike=traces.alike,
            held_at=meeting.held_at,
            address_typed_at=answer.contact.email_typed_at,
            own_address=traces.own_address,
            guest=answer.invitation.guest,
        )
    )
    add_signals(row, *found)
    signals = frozenset(row.signals)
    if quarantined(signals) and row.decided_at is None:
        row.counts = Counts.QUARANTINED
    return signals


def forget_fingerprints(c: Change) -> None:
    """Delete device marks, networks and browsers after 30 days."""
    old = c.now - MARKS_KEPT
    c.session.execute(
        update(Feedback)
        .where(
            col(Feedback.organisation_id) == c.organisation_id,
            col(Feedback.updated_at) < old,
            col(Feedback.network_hash).is_not(None) | col(Feedback.device_hash).is_not(None),
        )
        .values(device_hash=None, network_hash=None, browser_hash=None)
    )
    c.session.execute(
        update(Meeting)
        .where(
            col(Meeting.organisation_id) == c.organisation_id,
            col(Meeting.created_at) < old,
            col(Meeting.network_hash).is_not(None),
        )
        .values(network_hash=None, browser_hash=None)
    )
