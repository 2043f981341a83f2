"""A QR code as one SVG path, and as a picture by itself."""

from dataclasses import dataclass
from io import BytesIO
from itertools import groupby

QUIET = 2  # modules of white border; the card around it adds the other two that the standard requires
ALONE = 4  # of a picture by itself
PIXELS = 10  # to a module of a PNG


@dataclass(frozen=True, slots=True)
class QrDrawing:
    """A QR code as an SVG drawing."""

    size: int  # modules per side, with the border
    path: str  # SVG path data, one unit per module


def draw_qr(address: str, *, capitals: bool = True) -> QrDrawing:
    """Return the QR code of an address. The address is written in capitals, which needs fewer and so larger
    modules; scheme and host ignore case, and so does a client's path. capitals=False: for any other."""
    return _drawn(_matrix(address.upper() if capitals else address, QUIET))


def qr_svg(address: str) -> str:
    """Return the QR code of a client's address as an SVG picture by itself, black on white."""
    drawing = _drawn(_matrix(address.upper(), ALONE))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.size} {drawing.size}"'
        f' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{drawing.size}v{drawing.size}H0z"/>'
        f'<path d="{drawing.path}"/></svg>'
    )


def qr_png(address: str) -> bytes:
    """Return the QR code of a client's address as a PNG picture by itself, black on white, PIXELS to a module."""
    from PIL import Image

    rows = _matrix(address.upper(), ALONE)
    picture = Image.new("1", (len(rows), len(rows)), 1)
    picture.putdata([not dark for row in rows for dark in row])
    written = BytesIO()
    side = len(rows) * PIXELS
    picture.resize((side, side), Image.Resampling.NEAREST).save(written, "PNG", optimize=True)
    return written.getvalue()


def _matrix(text: str, border: int) -> list[list[bool]]:
    import qrcode  # loads an imaging library where there is one
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=border)
    code.add_data(text)
    code.make()
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def _drawn(matrix: list[list[bool]]) -> QrDrawing:
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        for dark, group in groupby(row):
            length = len(list(group))
            if dark:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return QrDrawing(len(matrix), "".join(runs))
