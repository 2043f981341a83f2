"""Invitation tokens."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.core.api_tokens import USED_EVERY, TokenState, token_state, use_is_due
from feedback.core.tokens import (
    ALPHABET,
    CODE_LENGTH,
    TOKEN_LENGTH,
    code_of,
    new_code,
    new_random,
    new_token,
    normalise_token,
    spell_token,
)

TOKEN = "3467CDFGHJKMNPQRTVWXY9CDFG"


def test_token_alphabet_avoids_lookalikes_and_vowels():
    assert not set(ALPHABET) & set("AEIOU" "01L2Z5S8B")  # fmt: skip
    assert len(ALPHABET) == len(set(ALPHABET)) == 22


def test_token_has_96_random_bits():
    # 22²¹ < 2⁹⁶ <= 22²²
    assert (CODE_LENGTH, TOKEN_LENGTH) == (4, 26)
    assert 22**21 < 2**96 <= 22 ** (TOKEN_LENGTH - CODE_LENGTH)


def test_token_begins_with_organisation_code():
    code = new_code()
    token = new_token(code)
    assert len(code) == 4
    assert code_of(token) == code
    assert normalise_token(token) == token


def test_tokens_of_one_organisation_differ():
    assert new_token("3467") != new_token("3467")


def test_tokens_use_the_whole_alphabet():
    assert set("".join(new_token("3467") for _ in range(100))) == set(ALPHABET)


@pytest.mark.parametrize("length", [1, 2, 5, 12, 22])
def test_random_letters_are_as_many_as_asked_for_and_any_at_each_place(length):
    drawn = [new_random(length) for _ in range(600)]
    assert {len(each) for each in drawn} == {length}
    assert [len(set(letters)) for letters in zip(*drawn, strict=True)] == [len(ALPHABET)] * length


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        TOKEN.lower(),
        "3467-CDFG-HJKM-NPQR-TVWX-Y9CD-FG",
        " 3467 cdfg hjkm npqr\ttvwx y9cd fg\n",
        "--3467CDFGHJKMNPQRTVWXY9CDFG--",
    ],
)
def test_token_is_read_in_any_form(text):
    assert normalise_token(text) == TOKEN


@pytest.mark.parametrize(
    "text", ["", TOKEN[:-1], TOKEN + "9", TOKEN[:-1] + "0", TOKEN[:-1] + "ß", TOKEN[:-1] + "_"]
)
def test_malformed_token_is_none(text):
    assert normalise_token(text) is None
    assert normalise_token(known := new_token("3467")) == known


def test_token_is_spelled_in_fours():
    assert spell_token(TOKEN) == "3467-CDFG-HJKM-NPQR-TVWX-Y9CD-FG"
    assert spell_token("3467") == "3467"


NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("expires_at", "ended_at", "person", "expected"),
    [
        (NOON + SECOND, None, True, TokenState.GOOD),
        (NOON, None, True, TokenState.EXPIRED),
        (NOON + SECOND, NOON, True, TokenState.ENDED),
        (NOON, NOON, False, TokenState.ENDED),
        (NOON + SECOND, None, False, TokenState.NOBODY),
    ],
)
def test_api_token_is_good_until_it_ends(expires_at, ended_at, person, expected):
    assert token_state(NOON, expires_at=expires_at, ended_at=ended_at, person=person) is expected


@pytest.mark.parametrize(
    ("used_at", "expected"),
    [(None, True), (NOON - USED_EVERY, True), (NOON - USED_EVERY + SECOND, False), (NOON, False)],
)
def test_use_of_an_api_token_is_written_down_every_ten_minutes(used_at, expected):
    assert timedelta(minutes=10) == USED_EVERY
    assert use_is_due(used_at, NOON) is expected
