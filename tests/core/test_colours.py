"""An organisation's colour can be read, by day and by night, whatever it is."""

import re
from itertools import product
from pathlib import Path

import pytest

from feedback.core.colours import CARD, PAPER, READABLE, SOFT, TEXT, accent, contrast, parse_colour


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#c2255c", "#c2255c"), ("C2255C", "#c2255c"), (" #0bF ", "#00bbff"), ("", None), ("red", None), ("#12345", None),
        ("#1234567", None), ("#gggggg", None), ("#fff;}", None), ("url(x)", None), ("#١٢٣", None),
    ],
)  # fmt: skip
def test_colour_is_read_or_refused(text, found):
    assert parse_colour(text) == found


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


def test_every_colour_can_be_read():
    steps = range(0, 256, 51)
    for colour in (f"#{r:02x}{g:02x}{b:02x}" for r, g, b in product(steps, steps, steps)):
        found = accent(colour)
        for shades, paper, card, soft in zip((found.day, found.night), PAPER, CARD, SOFT, strict=True):
            pairs = [
                (shades.fill, paper), (shades.fill, card), (shades.text, shades.fill), (shades.link, paper),
                (shades.link, card), (shades.link, shades.pale), (soft, shades.pale),
            ]  # fmt: skip
            assert min(contrast(*pair) for pair in pairs) >= READABLE, colour


def test_text_on_a_colour_is_that_on_the_standard_one():
    """The style sheet of a colour leaves --glaze-ink as static/css/tokens.css has it."""
    tokens = (Path(__file__).parents[2] / "static/css/tokens.css").read_text()
    for name, pair in (("glaze-ink", TEXT), ("paper", PAPER), ("card", CARD), ("soft", SOFT)):
        found = re.findall(rf"--{name}: (#\w+);", tokens)
        assert [parse_colour(each) for each in found] == list(pair), name


def test_readable_colour_stays_as_it_is():
    assert accent("#0b7a75").day.fill == "#0b7a75"
    assert accent("#ffffff").night.fill == "#ffffff"


def test_adjusted_colour_keeps_its_hue():
    assert accent("#ffd400").day.fill == "#8a7200"  # yellow, darker
