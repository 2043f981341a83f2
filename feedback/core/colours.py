"""An organisation's colour, made readable: lightened or darkened until text can be read on it and in it.

Contrast is that of WCAG 2.2 (success criterion 1.4.3): (L1 + 0.05) / (L2 + 0.05) of the relative luminances, at least
4.5 for text.
"""

import colorsys
import re
from dataclasses import dataclass
from functools import lru_cache

READABLE = 4.5
Rgb = tuple[float, float, float]  # each 0..1

# What the pages stand on and are written in (static/css/tokens.css), by day and by night.
PAPER, CARD, SOFT = ("#fffaf4", "#1a141b"), ("#ffffff", "#251d27"), ("#6b5d69", "#b9aab5")
TEXT = ("#ffffff", "#1a0b12")  # on the colour
_PALEST, _STEP = 0.16, 0.01  # share of the colour in the pale one; and how the search goes on


@dataclass(frozen=True, slots=True)
class Shades:
    """The colour in one scheme, each like #c2255c: what is filled with it, the text on that, what is filled with a
    trace of it, and links."""

    fill: str
    text: str
    pale: str
    link: str


@dataclass(frozen=True, slots=True)
class Accent:
    """An organisation's colour, by day and by night."""

    day: Shades
    night: Shades


def parse_colour(text: str) -> str | None:
    """Return a colour as #rrggbb, from #RGB or #RRGGBB with or without the sign; None for what is none."""
    found = re.fullmatch(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", text.strip())
    if not found:
        return None
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))


@lru_cache(500)
def accent(colour: str) -> Accent:
    """Return the shades of a colour like #c2255c: of its hue, in the nearest lightness that can be read."""
    return Accent(_shades(colour, night=False), _shades(colour, night=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1..21."""
    darker, lighter = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (lighter + 0.05) / (darker + 0.05)


def _shades(colour: str, *, night: bool) -> Shades:
    paper, card, soft, text = (pair[night] for pair in (PAPER, CARD, SOFT, TEXT))
    fill = _readable(colour, (paper, card, text), night)
    pale = next(
        mixed
        for share in range(round(_PALEST / _STEP), -1, -1)
        if contrast(mixed := _mixed(fill, paper, share * _STEP), soft) >= READABLE
    )
    return Shades(fill, text, pale, _readable(fill, (paper, card, pale), night))


def _readable(colour: str, against: tuple[str, ...], night: bool) -> str:
    """Return a colour that differs enough from each of these: darker by day, lighter by night."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(colour))
    while min(contrast(colour, each) for each in against) < READABLE:
        lightness += _STEP if night else -_STEP
        colour = _hex(colorsys.hls_to_rgb(hue, min(1.0, max(0.0, lightness)), saturation))
    return colour


def _mixed(colour: str, ground: str, share: float) -> str:
    """Return a colour laid over a ground: share of it, 0..1."""
    pairs = zip(_rgb(colour), _rgb(ground), strict=True)
    red, green, blue = (share * top + (1 - share) * below for top, below in pairs)
    return _hex((red, green, blue))


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)
