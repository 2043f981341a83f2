"""A page as lines of text: what is read on it, where its links lead, and what its fields hold."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from itertools import groupby
from typing import Any
from zlib import crc32

from feedback.wording.i18n import app_languages, app_translations

BLOCKS = set(
    "p div section article h1 h2 h3 h4 h5 h6 li ul ol tr table form fieldset legend label dl dt dd nav header footer "
    "main details summary option select optgroup thead tbody caption figure figcaption br hr pre blockquote title svg "
    "textarea button".split()
)
VOID = set("input br hr img meta link source wbr col".split())
SKIPPED = {"script", "style", "template"}
NEW_EACH_TIME = {"csrf_token", "form_key"}  # hidden fields
SAID = ("aria-label", "title", "alt", "placeholder", "datetime")  # attributes that people are told
MOST_OPTIONS = 9  # of a field; of more, as of languages, the chosen one is shown
LONGEST_SHAPE = 120  # letters
LONGEST = 320  # letters of a line of JSON
SLOW = "No network, or a slow one: this is as your phone last saw it. The code works all the same."
IN_EVERY_LAYOUT = tuple(" ".join(app_translations(tag).ugettext(SLOW).split()) for tag in app_languages())
DRAWN = ("x", "y", "width", "height", "cx", "cy", "r", "points", "d", "x1", "y1", "x2", "y2")


class _Lines(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.words: list[str] = []
        self.open: list[tuple[str, str | None]] = []  # and what is written where it ends
        self.hidden = 0

    def end_line(self) -> None:
        line = " ".join("".join(self.words).split())
        if line:
            self.lines.append(line)
        self.words = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag in SKIPPED or (tag == "svg" and "crispEdges" in has.get("shape-rendering", "")):
            self.hidden += 1
        if tag not in VOID:
            self.open.append((tag, self._begin(tag, has)))
        else:
            self._begin(tag, has)

    def _begin(self, tag: str, has: dict[str, str]) -> str | None:
        if self.hidden:
            return None
        if tag in BLOCKS:
            self.end_line()
        if tag in ("h1", "h2", "h3", "h4"):
            self.words.append("#" * int(tag[1]) + " ")
        if tag in ("td", "th"):
            self.words.append(" | ")
        self.words += [f" ({name}: {has[name]}) " for name in SAID if has.get(name)]
        if tag == "form":
            self.words.append(f"({has.get('method', 'get')} {has.get('action', '')})")
        if (
            tag in ("input", "button", "option", "select", "textarea")
            and has.get("name") not in NEW_EACH_TIME
        ):
            states = "".join(
                f" {name}"
                for name in ("checked", "selected", "disabled", "required", "hidden")
                if name in has
            )
            value = f"={has['value']}" if "value" in has else ""
            self.words.append(f" [{tag} {has.get('type', '')} {has.get('name', '')}{value}{states}] ")
        drawn = [f"{name}={_short(has[name])}" for name in DRAWN if has.get(name)]
        if drawn and tag not in ("svg", "img", "input", "textarea", "meta"):
            self.words.append(f" <{tag} {' '.join(drawn)}> ")
        self.words += [f" ({name}: {has[name]}) " for name in ("hx-get", "hx-post") if has.get(name)]
        return f"]({has['href']})" if tag == "a" and "href" in has and not self.words.append("[") else None

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            name, after = self.open.pop()
            if name in SKIPPED or (name == "svg" and self.hidden):
                self.hidden = max(0, self.hidden - 1)
            if after:
                self.words.append(after)
            if name in BLOCKS and not self.hidden:
                self.end_line()
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)


def _short(shape: str) -> str:
    """Return a shape, or of a long one what changes when it does."""
    return shape if len(shape) <= LONGEST_SHAPE else f"{shape[:20]}…{crc32(shape.encode()):08x}"


def lines_of(page: str) -> tuple[list[str], list[str]]:
    """Return the lines of a page's header, which is on every page alike, and those of the page."""
    head, found, rest = page.partition("</header>")
    body = head.partition("<body")[2]
    if not found:  # as clients' pages have none
        rest = page[page.find("<body") :]
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    named = [f"title: {unescape(' '.join(title[1].split()))}"] if title else []
    return _lines(f"<body{body}</header>") if found else [], named + _lines(
        re.sub(r"<head>.*?</head>", "", rest, flags=re.DOTALL)
    )


def _lines(markup: str) -> list[str]:
    parser = _Lines()
    parser.feed(markup)
    parser.close()
    parser.end_line()
    found: list[str] = []
    for is_option, group in groupby(parser.lines, lambda line: line.startswith("[option")):
        lines = list(group)
        if is_option and len(lines) > MOST_OPTIONS:
            lines = [f"[{len(lines)} options]", *(line for line in lines if "selected]" in line)]
        found += lines
    return [line for line in found if not line.startswith(IN_EVERY_LAYOUT)]


def compact(value: Any, indent: str = "", ending: str = "") -> list[str]:
    """Return JSON with sorted keys, what is short on one line."""
    short = json.dumps(value, sort_keys=True, ensure_ascii=False)
    if len(short) <= LONGEST or not isinstance(value, dict | list) or not value:
        return [f"{indent}{short}{ending}"]
    inner = indent + " "
    if isinstance(value, list):
        parts = [compact(each, inner, ",") for each in value]
        return [f"{indent}[", *(line for part in parts for line in part), f"{indent}]{ending}"]
    found = [f"{indent}{{"]
    for name, each in sorted(value.items()):
        first, *rest = compact(each, inner, ",")
        found += [f"{inner}{json.dumps(name)}: {first.strip()}", *rest]
    return [*found, f"{indent}}}{ending}"]
