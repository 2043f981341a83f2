"""The token asks; the key reads, changes and erases."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.core.answer_key import (
    SHORT_LIVED,
    Browser,
    KeyKind,
    Powers,
    hash_key,
    new_key,
    normalise_key,
    powers,
)
from feedback.core.settling import AnswerState

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
ALL, NONE = Powers(tap=True, add=True, own=True, read=True), Powers()


def may(
    kind, *, browser=Browser.CLIENTS, state=AnswerState.TAPPING, minutes=0, extras_sent=False, guessed=True
) -> Powers:
    return powers(
        kind,
        browser=browser,
        state=state,
        last_change_at=NOON,
        extras_sent=extras_sent,
        now=NOON + timedelta(minutes=minutes),
        before_the_guess=not guessed,
    )


def test_key_has_96_bits_and_ignores_case():
    key = new_key()
    assert 22 ** len(key) >= 2**96
    assert normalise_key(f" {key[:11].lower()}-{key[11:]}. ") == key
    assert new_key() != key


@pytest.mark.parametrize("text", ["", "receipt", "3467", "0" * 22, "3" * 23])
def test_malformed_key_is_none(text):
    assert normalise_key(text) is None
    assert normalise_key(known := new_key()) == known


def test_key_hash_hides_the_key():
    key = new_key()
    assert key not in hash_key(key)
    assert len(hash_key(key)) == 64


@pytest.mark.parametrize("kind", [KeyKind.PAGE, KeyKind.MAIL])
@pytest.mark.parametrize("state", AnswerState)
def test_clients_key_opens_everything(kind, state):
    assert may(kind, state=state, minutes=99_999, extras_sent=True) == ALL


def test_mailed_key_reads_nothing_before_guess():
    assert may(KeyKind.MAIL, guessed=False) == Powers(own=True)
    assert may(KeyKind.PAGE, guessed=False) == ALL


@pytest.mark.parametrize("kind", [KeyKind.PAGE, KeyKind.MAIL])
def test_clients_key_is_powerless_in_reps_browser(kind):
    assert may(kind, browser=Browser.REPS) == may(kind, browser=Browser.HANDED_OVER) == NONE


@pytest.mark.parametrize("browser", Browser)
def test_missing_key_opens_nothing(browser):
    assert may(None, browser=browser) == NONE


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, Powers(tap=True, add=True)),
        ({"state": AnswerState.SETTLED}, Powers(add=True)),
        ({"state": AnswerState.SETTLED, "extras_sent": True}, NONE),
        ({"minutes": 9}, Powers(tap=True, add=True)),
        ({"minutes": 10}, NONE),
        ({"browser": Browser.CLIENTS}, NONE),  # the address, typed into another browser
    ],
)
@pytest.mark.parametrize("kind", SHORT_LIVED)
def test_lent_phones_key_never_reads(kind, how, expected):
    assert may(kind, **{"browser": SHORT_LIVED[kind], **how}) == expected


def test_lent_key_ends_when_phone_is_returned():
    assert (
        may(KeyKind.HANDED_OVER, browser=Browser.REPS)
        == may(KeyKind.REPS, browser=Browser.HANDED_OVER)
        == NONE
    )
