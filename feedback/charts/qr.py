"""A QR code as one SVG path."""

from dataclasses import dataclass
from itertools import groupby

import qrcode
from qrcode.constants import ERROR_CORRECT_M

QUIET = 2  # modules of white around; the card it stands on adds the other two that the standard asks for


@dataclass(frozen=True, slots=True)
class QrDrawing:
    """size: modules a side, border included. path: SVG, one unit a module."""

    size: int
    path: str


def draw_qr(address: str) -> QrDrawing:
    """The QR code of an address. Written in capitals it needs fewer modules, and so larger ones: scheme and
    host do not mind, and our own paths take any case."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(address.upper())
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
