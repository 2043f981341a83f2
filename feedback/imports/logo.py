"""A logo, drawn anew from a picture that somebody sent: of the picture itself nothing is kept.

Only the first bytes are read before size and kind are known to be harmless, so that a small file which unfolds into
gigabytes is refused by what it says of itself.
"""

import io
import warnings
from dataclasses import dataclass
from threading import Lock

from PIL import Image, ImageOps, ImageStat

from feedback.db.change import Invalid

KINDS = ("PNG", "JPEG")
LARGEST_PICTURE = 2 << 20  # bytes
MOST_PIXELS = 10_000_000  # 40 MB while it is drawn, for one at a time
LARGEST_LOGO = 24 << 10  # bytes
# As it stands on a page, in CSS pixels; it is stored three times as large, for sharp screens.
BOX, SHARP = (72, 36), 3
THINNEST = 9  # pixels of a page; less is a line
PLATES = ("#ffffff", "#231a24")  # what stands behind a transparent logo that is dark, or light
_COLOURS = (256, 128, 64, 32, 16)  # tried in turn, until it is small enough
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class DrawnLogo:
    """A logo as it is stored."""

    content: bytes  # a PNG
    width: int  # CSS pixels, as are those below
    height: int


def draw_logo(content: bytes) -> DrawnLogo:
    """Draw a logo anew, still, upright, without what the file says beside the picture. Raises Invalid."""
    if not content:
        raise Invalid(logo="Choose a picture; this file is empty.")
    if len(content) > LARGEST_PICTURE:
        raise Invalid(
            logo=f"At most {LARGEST_PICTURE >> 20} MB. Save the picture smaller; 400 pixels are wide enough."
        )
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pictures that are odd, and drawn all the same
        try:
            with Image.open(io.BytesIO(content), formats=KINDS) as picture:
                return _drawn(picture)
        except Invalid:
            raise
        except Image.DecompressionBombError as error:
            raise Invalid(
                logo="This picture has far too many pixels. Save it smaller; 400 are wide enough."
            ) from error
        except Exception as error:  # whatever a broken picture makes of the library
            raise Invalid(
                logo="This is no PNG or JPEG, or it is damaged. Open it in a picture program and save it as PNG."
            ) from error


def _drawn(picture: Image.Image) -> DrawnLogo:
    if picture.width * picture.height > MOST_PIXELS:
        raise Invalid(
            logo=f"{picture.width} x {picture.height} pixels are too many. Save the picture smaller; 400 are wide enough."
        )
    picture.draft(None, (BOX[0] * SHARP * 2, BOX[1] * SHARP * 2))  # a JPEG is read small to begin with
    upright = ImageOps.exif_transpose(picture)
    scale = min(BOX[0] / upright.width, BOX[1] / upright.height, 1.0)
    width, height = round(upright.width * scale), round(upright.height * scale)
    if min(width, height) < THINNEST:
        raise Invalid(
            logo=f"{picture.width} x {picture.height} pixels would be no more than a line. Cut it closer."
        )
    seen = _in_colours(upright)
    seen.thumbnail((width * SHARP, height * SHARP), Image.Resampling.LANCZOS)
    return DrawnLogo(_as_png(_on_a_plate(seen)), width, height)


def _in_colours(picture: Image.Image) -> Image.Image:
    """Return the picture as red, green, blue and how transparent it is."""
    if picture.mode.startswith("I;16"):  # 16 bits of grey, which the library would cut off
        picture = picture.point(lambda value: value / 257, "L")
    return (
        picture if picture.mode in ("RGB", "RGBA", "P", "L", "LA", "1") else picture.convert("RGB")
    ).convert("RGBA")


def _on_a_plate(picture: Image.Image) -> Image.Image:
    """Lay a picture on white, or on dark where what can be seen of it is light: it stands on pages by day and by
    night."""
    seen = picture.getchannel("A")
    mask = seen.point(lambda value: 255 if value > 127 else 0)
    if seen.getextrema()[0] == 255 or not mask.getbbox():
        plate = PLATES[0]
    else:
        plate = PLATES[ImageStat.Stat(picture.convert("L"), mask).mean[0] > 190]
    below = Image.new("RGBA", picture.size, plate)
    return Image.alpha_composite(below, picture).convert("RGB")


def _as_png(picture: Image.Image) -> bytes:
    drawn = _bytes_of(picture)
    for colours in _COLOURS:
        if len(drawn) <= LARGEST_LOGO:
            break
        drawn = _bytes_of(picture.quantize(colours))
    return drawn


def _bytes_of(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.info = {}
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
