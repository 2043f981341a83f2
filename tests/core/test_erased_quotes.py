"""Quotes of a comment that was erased, taken out of what others wrote."""

import pytest

from feedback.core.erasure import without_quotes

SAID = "We waited three weeks for a reply. Nobody called!"


@pytest.mark.parametrize(
    ("text", "said", "left"),
    [
        ("Call within a day: “waited three weeks for a reply”", SAID, "Call within a day: “…”"),
        ("WAITED  three\nweeks, for a reply", SAID, "…"),  # whatever stands between
        (SAID, SAID, "…!"),
        ("waited three weeks for one, and “reply. Nobody called!” twice", SAID, "waited three weeks for one, and “reply. Nobody called!” twice"),  # 18 and 17 letters
        ("She waited three weeks for a rest; three weeks for a reply", SAID, "She … rest; three weeks for a reply"),
        ("Hän mainitsi lentokonesuihkuturbiinimoottorin kerran", "lentokonesuihkuturbiinimoottori", "Hän mainitsi … kerran"),
        ("We shall reply in three weeks", SAID, "We shall reply in three weeks"),
        ("Much too slow, she says", "Much too slow", "…, she says"),  # the whole of a short one
        ("Too slow, she says", "Too slow", "Too slow, she says"),  # as anybody may say
        ("No words", "", "No words"),
        ("", SAID, ""),
        ("Er sagte: GRÖSSER ALS DIE STRASSE", "größer als die Straße", "Er sagte: …"),
        ("Cafe\u0301s sind zu teuer, und", "Caf\u00e9s sind zu teuer", "…, und"),  # composed or not
        ("她说：我们等了三个星期才收到答复，真的", "我们等了三个星期才收到答复。", "她说：…，真的"),
        ("星期三我们见面", "我们等了三个星期才收到答复。", "星期三我们见面"),
        ("answer 2026 and 12345678901234567890", "12345678901234567890", "answer 2026 and …"),
    ],
)  # fmt: skip
def test_quotes_are_taken_out(text, said, left):
    assert without_quotes(text, said) == left


def test_longest_texts_take_no_time():
    """As somebody may write who wants it to."""
    assert without_quotes("ab" * 1000, "ab" * 1000) == "…"
