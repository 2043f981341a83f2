"""Conversion of a cell's text to a value. Every function here raises ValueError with the reason, in words."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from html import unescape
from typing import TypeVar
from unicodedata import category, normalize

from feedback.core.dimensions import HIGHEST, LOWEST, Ratings
from feedback.core.gaps.stages import STAGES
from feedback.core.text import quoted, unsafe_cell, visible
from feedback.imports.days import iso_day

LONGEST_NAME = 200
LONGEST_COMMENT = 2000
LOST_LETTER = "\ufffd"  # what programs write in place of one that they could not read
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# What a spreadsheet shows in place of a value, in the languages that say it otherwise.
_SHEET_ERROR = re.compile(r"#(?:N/[ABD]|NV|N/DISP|[¡¿]?[A-ZÀ-Ý]{2,10}(?:/0)?[!?])")
_NOTHING = re.compile(
    r"[-–—]+|n/a|n\.a\.|null|\(?(?:null|blank|leer|vide|none)\)", re.IGNORECASE
)  # as programs write it
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#[0-9]{2,7}|#x[0-9a-fA-F]{2,6});")
_MISREAD = re.compile("[Â-ô√├┬][^\x00-\x7f]")  # how two bytes of one letter look
_SIGNS = re.compile(r"[\W_]+")
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{2}")  # of which many others became the same
_LOST = re.compile(r"[^\W\d_]\?[^\W\d_]")
# 1 200 and 1'200, 1.200.000, and 1.200,50 with a decimal mark that is another than the one before
_GROUPED = re.compile(
    r"([1-9][0-9]{0,2}(?:(['’\s])[0-9]{3}(?:\2[0-9]{3})*|(?:\.[0-9]{3}){2,}|(?:,[0-9]{3}){2,}"
    r"|(?:\.[0-9]{3})+(?=,)|(?:,[0-9]{3})+(?=\.)))(?:[.,]([0-9]{1,6}))?"
)
_RATINGS = {str(r): r for r in range(LOWEST, HIGHEST + 1)}
_RATINGS_OR_BLANK: dict[str, int | None] = {"": None, **_RATINGS}
_NPS = {str(n): n for n in range(11)}

Value = TypeVar("Value")


class Cells:
    """The cells of one row, read one by one; `reasons` collects what is wrong with them."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self.reasons: list[str] = []

    def optional(self, column: str, read: Callable[[str], Value]) -> Value | None:
        """Return the value; None when the cell is blank, or wrong."""
        text = said_in(self._cells[column])
        return self._read(column, text, read) if text else None

    def needed(self, column: str, read: Callable[[str], Value]) -> Value | None:
        """Return the value; None when the cell is wrong, or blank, which is wrong here."""
        text = said_in(self._cells[column])
        if not text:
            self.reasons.append(f"{column} is needed")
            return None
        return self._read(column, text, read)

    def _read(self, column: str, text: str, read: Callable[[str], Value]) -> Value | None:
        try:
            if text[0] == "#" and _SHEET_ERROR.fullmatch(text):
                raise ValueError(
                    f"{quoted(text)} is an error of the spreadsheet; correct it there, or leave it blank"
                )
            return read(text)
        except ValueError as error:
            self.reasons.append(f"{column}: {error}")
            return None

    def ratings(self, columns: Sequence[str]) -> Ratings:
        """Return several ratings, None where the cell is blank, or wrong."""
        try:
            return tuple([_RATINGS_OR_BLANK[self._cells[column]] for column in columns])
        except KeyError:
            return tuple([self.optional(column, read_rating) for column in columns])


def said_in(cell: str) -> str:
    """Return what a cell says, without the ="…" by which some programs keep a text a text; "" also for what they write
    in place of nothing: a dash, n/a, NULL."""
    text = cell.strip()
    if not text or (len(text) > 7 and text[:2] != '="'):
        return text
    if text[:2] == '="' and text[-1] == '"' and len(text) > 2:
        text = text[2:-1].replace('""', '"').strip()
    return "" if _NOTHING.fullmatch(text) else text


@lru_cache(maxsize=20_000)
def name(text: str) -> str:
    """Return a name in one spelling of the same letters, with single spaces, without what nobody sees. ValueError for a
    blank one, above 200 characters, counted also in the key that names are compared by, for control characters, and for
    letters that were lost or garbled before the file was saved."""
    neat = " ".join(normalize("NFC", visible(_read_entities(unsafe_cell(text)))).split())
    if not neat:
        raise ValueError("nothing in it can be seen")
    longest = max(len(neat), len(normalize("NFKC", neat).casefold()))
    if longest > LONGEST_NAME:
        raise ValueError(f"at most {LONGEST_NAME} characters; this has {longest}")
    if any(category(character) == "Cc" for character in neat):
        raise ValueError(f"{quoted(neat)} holds a control character")
    if _SIGNS.fullmatch(neat) and max(neat) < "\u2100":
        raise ValueError(f"{quoted(neat)} has no letter; write the name, or leave it blank")
    if _SHORTENED.fullmatch(neat):
        raise ValueError(
            f"{quoted(neat)} is a number that the spreadsheet shortened; make the column text there"
        )
    _refuse_garbled(neat)
    if LOST_LETTER in neat:
        raise ValueError(f"{quoted(neat)} is garbled; export it anew as UTF-8")
    if _LOST.search(neat):
        raise ValueError(f"{quoted(neat)} is garbled, with ? for a letter; export it anew as UTF-8")
    return neat


@lru_cache(maxsize=20_000)
def one_person(text: str) -> str:
    """Return the name of a contact. ValueError as `name` does, and for a cell that names several people."""
    if re.search(r"[;\r\n]", _ENTITY.sub("", text)):
        raise ValueError(
            f"{quoted(text)} names several people, or not? Write a row for each, or the name in one line"
        )
    return name(text)


def _refuse_garbled(text: str) -> None:
    if text.isascii():
        return
    meant = _meant(text) if _MISREAD.search(text) else ""
    if meant:
        raise ValueError(f"{quoted(text)} is garbled, perhaps for {quoted(meant)}; export it anew as UTF-8")


def _read_entities(text: str) -> str:
    """Return a text with & for the &amp; that a web page's export writes, and so on."""
    return _ENTITY.sub(lambda found: unescape(found[0]), text) if "&" in text else text


def _meant(text: str) -> str:
    """Return what a text said before its UTF-8 was taken for Windows-1252, Müller for MÃ¼ller, or for what old Macs and
    DOS wrote, M√ºller and M├╝ller; "" where it was not."""
    for encoding, mark in (("cp1252", ""), ("mac-roman", "√"), ("cp850", "├"), ("cp437", "├")):
        with suppress(UnicodeError):
            if mark in text and (meant := text.encode(encoding).decode()) != text:
                return meant
    return ""


def comment(text: str) -> str:
    """Return a comment in composed letters, with single line ends; ValueError above 2,000 characters, and for letters that
    were garbled before. One that was lost stays so: nobody can export it anew, and what was said can be read without."""
    neat = (
        _read_entities(normalize("NFC", unsafe_cell(text)))
        .replace("_x000D_", "")
        .replace("\r\n", "\n")
        .replace("ï¿½", LOST_LETTER)  # what Windows-1252 makes of it
        .strip()
    )
    _refuse_garbled(neat)
    if len(neat) > LONGEST_COMMENT:
        raise ValueError(f"at most {LONGEST_COMMENT} characters; this has {len(neat)}")
    return neat


def read_rating(text: str) -> int:
    """Return a rating, 1..5; ValueError for anything else."""
    rating = _RATINGS.get(_whole(text))
    if rating is None:
        raise ValueError(f"a rating is a whole number from {LOWEST} to {HIGHEST}, not {quoted(text)}")
    return rating


def _whole(text: str) -> str:
    """Return a whole number without the places that some programs write behind it: 4 for 4.0, and for 4,00."""
    return re.sub(r"[.,]0+$", "", text)


def nps(text: str) -> int:
    """Return how likely the client is to recommend, 0..10; ValueError for anything else."""
    found = _NPS.get(_whole(text))
    if found is None:
        raise ValueError(f"a whole number from 0 to 10, not {quoted(text)}")
    return found


def stage(text: str) -> str:
    """Return a stage, written in any case; ValueError for anything else."""
    if text.casefold() not in STAGES:
        raise ValueError(f"one of {', '.join(STAGES)}, not {quoted(text)}")
    return text.casefold()


@dataclass(slots=True)
class Moments:
    """The reader of dates and times, from 2000 until now."""

    now: datetime
    zone: tzinfo  # of times that name none
    assumed: int = 0  # how many named none

    def read(self, text: str) -> datetime:
        """Return an ISO 8601 date, which begins at midnight, or date and time, as UTC. ValueError for
        anything else, for the future, and before 2000."""
        moment = _moment(text)
        if moment.tzinfo is None:
            self.assumed += 1
            moment = moment.replace(tzinfo=self.zone)
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            raise ValueError(f"{quoted(text)} is no date of ours") from None
        if moment > self.now:
            raise ValueError(f"{quoted(text)} is in the future")
        if moment < EARLIEST:
            raise ValueError(f"{quoted(text)} is before the year {EARLIEST.year}")
        return moment


def _moment(text: str) -> datetime:
    """Parse a date and time, also with " UTC", a small z, or a space before the zone, and days as `iso_day` takes them."""
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    plain = re.sub(r"\s*(?:Z|UTC|GMT)$", "+00:00", iso_day(text.replace("−", "-")), flags=re.IGNORECASE)
    try:
        return datetime.fromisoformat(re.sub(r"\s+([+-][0-9:]+)$", r"\1", plain))
    except ValueError:
        example = "write it like 2026-05-01T10:00+02:00 or 2026-05-01T08:00Z"
        raise ValueError(f"{quoted(text)} is no date and time; {example}") from None


def amount(text: str) -> float:
    """Return an amount of money from 0: 120000, 1200.50 or 1200,50, also with marks for thousands that can be nothing else:
    1.200,50 and 1'200 and 1.200.000. ValueError for anything else, and for what could be either: 1.200."""
    if grouped := _GROUPED.fullmatch(text):
        text = re.sub(r"\D", "", grouped[1]) + (f".{grouped[3]}" if grouped[3] else "")
    thousands = re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", text) and not grouped
    if thousands or not re.fullmatch(r"[0-9]{1,15}([.,][0-9]{1,15})?", text):
        raise ValueError(
            f"a number from 0, without a thousands mark or a currency, like 1200.50, not {quoted(text)}"
        )
    return float(text.replace(",", "."))


def days(text: str) -> int:
    """Return a number of days, 1..3650; ValueError for anything else."""
    whole = re.sub(r"[.,]0{1,2}$", "", text)  # 1.000 would be a thousand
    if not re.fullmatch(r"[0-9]{1,4}", whole) or not 1 <= int(whole) <= 3650:
        raise ValueError(f"a whole number of days from 1 to 3650, not {quoted(text)}")
    return int(whole)
