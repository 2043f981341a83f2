"""By which words somebody is found in what others wrote."""

import pytest

from feedback.core.erasure import without, words_naming


@pytest.mark.parametrize(
    ("name", "words"),
    [("Dana  Whitfield", ["Dana Whitfield"]), ("Will", []), ("山田太郎", ["山田太郎"]), ("山", [])],
)
def test_name_of_one_word_is_not_looked_for(name, words):
    assert words_naming(name, None) == words
    assert words_naming(name, "d@x.example") == ["d@x.example", *words]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ask dana  whitfield, or D@X.example.", "Ask Erased person, or Erased person."),
        ("Dana Whitfields", "Dana Whitfields"),
        ("and@x.example", "and@x.example"),
        ("今日は山田太郎さん", "今日はErased personさん"),
    ],
)
def test_name_is_replaced_as_whole_words(text, left):
    assert without(text, ["d@x.example", "Dana Whitfield", "山田太郎"]) == left
