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


def test_a_key_has_96_random_bits_or_more_and_is_read_in_any_case():
    key = new_key()
    assert 22 ** len(key) >= 2**96
    assert normalise_key(f" {key[:11].lower()}-{key[11:]}. ") == key
    assert new_key() != key


@pytest.mark.parametrize("text", ["", "receipt", "3467", "0" * 22, "3" * 23])
def test_what_cannot_be_a_key_is_none(text):
    assert normalise_key(text) is None


def test_only_a_hash_of_it_is_kept():
    key = new_key()
    assert key not in hash_key(key)
    assert len(hash_key(key)) == 64


@pytest.mark.parametrize("kind", [KeyKind.PAGE, KeyKind.MAIL])
@pytest.mark.parametrize("state", AnswerState)
def test_the_clients_own_key_opens_everything_always(kind, state):
    assert may(kind, state=state, minutes=99_999, extras_sent=True) == ALL


def test_a_key_mailed_to_an_address_that_the_rep_typed_in_reads_nothing_before_the_guess():
    assert may(KeyKind.MAIL, guessed=False) == Powers(own=True)
    assert may(KeyKind.PAGE, guessed=False) == ALL


@pytest.mark.parametrize("kind", [KeyKind.PAGE, KeyKind.MAIL])
def test_in_a_reps_browser_no_key_of_the_clients_opens_anything(kind):
    assert may(kind, browser=Browser.REPS) == may(kind, browser=Browser.HANDED_OVER) == NONE


@pytest.mark.parametrize("browser", Browser)
def test_no_key_opens_nothing(browser):
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
def test_the_key_of_a_lent_phone_rates_and_never_reads(kind, how, expected):
    assert may(kind, **{"browser": SHORT_LIVED[kind], **how}) == expected


def test_a_phone_that_the_rep_has_back_is_lent_no_more():
    assert may(KeyKind.LENT, browser=Browser.REPS) == may(KeyKind.REPS, browser=Browser.HANDED_OVER) == NONE
