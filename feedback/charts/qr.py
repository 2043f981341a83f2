"""A QR code as one SVG path."""

from dataclasses import dataclass
from itertools import groupby

QUIET = 2  # modules of white border; the card around it adds the other two that the standard requires


@dataclass(frozen=True, slots=True)
class QrDrawing:
    """A QR code as an SVG drawing."""

    size: int  # modules per side, with the border
    path: str  # SVG path data, one unit per module


def draw_qr(address: str, *, capitals: bool = True) -> QrDrawing:
    """Return the QR code of an address. The address is written in capitals, which needs fewer and so larger
    modules; scheme and host ignore case, and so does a client's path. capitals=False: for any other."""
    import qrcode  # loads an imaging library where there is one
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(address.upper() if capitals else address)
    code.make()
    matrix = code.get_matrix()
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        for dark, group in groupby(row):
            length = len(list(group))
            if dark:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return QrDrawing(len(matrix), "".join(runs))
