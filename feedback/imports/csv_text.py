"""The text of a CSV file, line by line, in the encoding that a spreadsheet saved it in."""

import codecs
import re
from collections.abc import Iterator
from io import TextIOWrapper
from typing import BinaryIO

LONGEST_ROW = 100_000  # characters; nothing we take is near it: a quote that never closes fills no memory
SAVE_AS = 'save the file as UTF-8 ("CSV UTF-8" in a spreadsheet) and try again'
SAMPLES = 3
_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # where Python keeps a byte that it could not decode
_NOT_UTF16 = "import-not-utf16"  # keeps a mark of _NOT_UTF8 where a byte could not be decoded
codecs.register_error(_NOT_UTF16, lambda error: ("\udc80", getattr(error, "end")))  # noqa: B009 (any error, to mypy)
_ACCENTED = re.compile(r"\w*[^\x00-\x7f]\w*")
# What Windows-1252 makes of other encodings: signs inside words (Mac, DOS, Polish), capitals inside words (Mac),
# signs or accented letters in a row (Japanese, Cyrillic, Greek)
_GARBLED = re.compile(
    "[A-Za-zÀ-ÿ][¡-©«-³µ¶¸¹»-¿×÷†‡‰‹›“”„‚•€][A-Za-zÀ-ÿ]|(?<!\\w)[£¥¦¨¯±²³¹¼-¾µ¶¸×÷†‡][A-Za-zÀ-ÿ]"
    "|[a-zß-ÿ][ŠŽŸŒÀ-ÖØ-Þ]|[A-Z][ŠŽŸ][a-z]|[‚†‡ˆ‰ƒ][¡-¿‘-”†‡ˆ‰‚„]|[À-ÖØ-öø-ÿŠšŽžŸŒœ]{4}"
    "|[‘-”][†‡ˆ‰ƒ]|[ˆ‰ƒ][A-Za-zÀ-ÿ]|[A-Za-zÀ-ÿ][ˆ‰]|[–—][À-ÿ][–—]|[–—][{|}]|[A-Za-zÀ-ÿ][“”][¡-©¬-º¼-¿]"
    "|[¢-¦ª¬®¯±-³µ¶¸-º¼-¾]{3}|[¼-¾][ª-¬®-º]|(?<!\\w)[À-ÖØ-öø-ÿ]{3}(?!\\w)"
)


class Unreadable(Exception):
    """Raised when the rest of the file cannot be read."""


class TextLines(Iterator[str]):
    """Lines with their ends, for csv.reader, and the number of the row they belong to.

    Reads UTF-8, UTF-16, and Windows-1252 when no letter of the file is UTF-8, which `note` then says.
    Windows-1252 cannot be told for certain from similar encodings: text that makes no words in it is refused,
    and so is a mixture.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.row = 1
        start = file.tell()
        head = file.read(3)
        file.seek(start)
        self._utf16 = _utf16_variant(head)
        self._text = TextIOWrapper(
            file,
            encoding=self._utf16 or "utf-8-sig",
            errors=_NOT_UTF16 if self._utf16 else "surrogateescape",
            newline="",
        )
        self._length = 0  # of the row so far
        self._cr_ends: bool | None = None  # do rows end with a carriage return alone, as the first one?
        self._cr_last = False
        self._utf8_row = 1 if head == b"\xef\xbb\xbf" else 0  # the first that only UTF-8 explains
        self._samples: dict[str, int] = {}  # words of Windows-1252, and their rows

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_ROW + 1)
        if not line:
            raise StopIteration
        before = self._length
        self._length += len(line)
        if self._length > LONGEST_ROW:
            raise Unreadable(f"is longer than {LONGEST_ROW} characters: is a quotation mark never closed?")
        if "\0" in line:
            raise Unreadable('holds a NUL byte: this is no text file; save it as "CSV UTF-8"')
        if not line.isascii():
            line = self._checked_letters(line, before).replace("\ufeff", "")  # of a file put behind another
        self._cr_last = line.endswith("\r")
        if self._cr_ends is None:
            self._cr_ends = self._cr_last
        return line

    def next_row(self) -> None:
        """Count a row; to be called when it ends. Raises Unreadable when it does not end as the others do."""
        if self._cr_last and not self._cr_ends:
            raise Unreadable("a line ends with a carriage return alone; save it with ordinary line ends")
        self.row += 1
        self._length = 0

    def close(self) -> None:
        """Release the file, which stays open."""
        self._text.detach()

    @property
    def note(self) -> str | None:
        """Return what was assumed about the encoding, for people; None when nothing was."""
        if not self._samples:
            return None
        words = ", ".join(f'"{word}" in row {row}' for word, row in self._samples.items())
        return (
            f"The file is not UTF-8; its letters were read as Windows-1252, such as {words}. If that is wrong, "
            f"{SAVE_AS}."
        )

    def _checked_letters(self, line: str, before: int) -> str:
        if self._utf16:
            if _NOT_UTF8.search(line):
                raise Unreadable(f"is not UTF-16, as the file begins; {SAVE_AS}")
            return line
        foreign = _NOT_UTF8.search(line)
        if foreign is None:
            if self._samples:
                raise Unreadable(f"is UTF-8, which row {min(self._samples.values())} is not; {SAVE_AS}")
            self._utf8_row = self._utf8_row or self.row
            return line
        data = line.encode("utf-8", "surrogateescape")
        place = before + len(line[: foreign.start()].encode()) + 1
        refused = Unreadable(f"its byte {place} (0x{ord(foreign[0]) - 0xDC00:02X}) is not UTF-8; {SAVE_AS}")
        if self._utf8_row:
            raise refused
        try:
            line = data.decode("cp1252")
        except UnicodeDecodeError:
            raise refused from None
        if _GARBLED.search(line):
            raise refused
        if len(self._samples) < SAMPLES:
            self._samples.setdefault(_ACCENTED.findall(line)[0][:40], self.row)
        return line


def _utf16_variant(head: bytes) -> str | None:
    """Return which UTF-16 a file is in that begins with these bytes; None if it is not. A header begins with
    a letter or a mark of ASCII, which UTF-16 writes as two bytes, one of them 0."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    low, high = head[:1] == b"\0", head[1:2] == b"\0"
    return None if low == high else "utf-16-be" if low else "utf-16-le"
