"""An organisation's own words: short enough for a phone, and told apart."""

import pytest

from feedback.core.wording import NAMES, WIDEST_RATING, WIDEST_ROW, checked_words, one_line, width
from feedback.wording.i18n import languages
from feedback.wording.own_words import standard_words

ENGLISH = standard_words("en")


def test_only_what_differs_is_kept():
    kept, reasons = checked_words({"savvy": " Knows  us\n", "chemistry": "", "rating_4": "Good"}, ENGLISH)
    assert (kept, reasons) == ({"savvy": "Knows us"}, {})


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\u202eevil\u2066", "evil"), ("a\tb\u00a0c", "a b c"), ("\u200f" * 5000, ""), ("\u200c\u200d", ""), ("e\u0301", "é"),
     ("بی\u200cغافلگیری", "بی\u200cغافلگیری")],
)  # fmt: skip
def test_what_cannot_be_seen_is_left_out(text, shown):
    assert one_line(text) == shown


def test_word_that_is_too_wide_is_refused():
    for name, widest in (("savvy", WIDEST_ROW), ("rating_1", WIDEST_RATING)):
        assert checked_words({name: "n" * widest}, ENGLISH)[1] == {}
        assert checked_words({name: "n" * (widest + 2)}, ENGLISH)[1] == {
            name: "Too long for a phone by about 2 letters."
        }
    assert (width("漢字"), width("ม่"), width("WW"), width("ii")) == (3, 1, 2.8, 1)


def test_two_words_must_not_read_alike():
    assert list(checked_words({"rating_4": "Fine"}, ENGLISH)[1]) == ["rating_4"]
    assert list(checked_words({"savvy": "Same", "chemistry": "Same"}, ENGLISH)[1]) == ["chemistry"]
    assert checked_words({"rating_3": "Good", "rating_4": "Fine"}, ENGLISH)[1] == {}


def test_standard_words_are_allowed_everywhere():
    for tag in languages():
        standard = standard_words(tag)
        assert tuple(standard) == NAMES
        assert checked_words(standard, standard) == ({}, {})
