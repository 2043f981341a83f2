"""Static files: fingerprinted and compressed at the start, so that browsers may cache them for a year."""

import base64
import gzip
import hashlib
import importlib.resources
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import cast

import brotli
import rjsmin
from flask import current_app, g
from markupsafe import Markup

from feedback.core.colours import Shades, accent

FINGERPRINTED = re.compile(r"^/static/.+\.[0-9a-f]{12}\.\w+$")
# Where browsers look by themselves: no byte of a page names them.
ICONS = {"/favicon.ico": "img/doughnut-48.png", "/apple-touch-icon.png": "img/doughnut-192.png"}
_COMPRESSIBLE = {".css", ".js", ".svg", ".webmanifest"}
# Written in a file per subject, loaded as one sheet in this order, so that it costs one request.
SHEETS = {
    # The client's first view, which carries them.
    "css/rows.css": (
        "layers", "tokens", "elements", "parts", "rings", "choices", "preferences",
    ),
    # Every other page.
    "css/base.css": (
        "layers", "tokens", "more-tokens", "elements", "texts", "parts", "cards", "fields", "rings", "choices", "extras",
        "preferences",
    ),
    # On top of it: signed-in pages. The last two narrow what stands before them.
    "css/app.css": (
        "frame", "lists", "codes", "briefs", "gaps", "leaderboard", "alerts", "relationships", "evidence",
        "findings", "small-screens", "print",
    ),
}  # fmt: skip
# A minifier took the space out of ".tap :checked", too; these mean nothing anywhere.
_COMMENT_OR_SPACE = re.compile(
    rb"/\*.*?\*/|^\s+|;?\n(?=\s*})|(?<=[{};,])\n|(?<=:) | (?={)", re.DOTALL | re.MULTILINE
)

_ACCENT = "accent "  # begins the name of a style sheet that is an organisation's colour, which follows


@dataclass(frozen=True, slots=True)
class Assets:
    """The prepared static files."""

    folder: Path  # that holds the prepared files
    urls: dict[str, str]  # by plain name, such as css/base.css
    texts: dict[str, str]  # of style sheets and scripts, likewise

    def inline(self, name: str) -> Markup:
        """Return a style sheet or script to stand inside the page, and allow it in this response's
        Content-Security-Policy (content_policy). Raises KeyError when there is none."""
        g.setdefault("inlined", set()).add(name)
        return Markup(self.texts[name])  # noqa: S704 (our own file)

    def url(self, name: str) -> str:
        """Return the fingerprinted address of a static file. Raises KeyError when there is no such file."""
        return self.urls[name]


def prepare(source: Path, target: Path) -> Assets:
    """Write a fingerprinted and compressed copy of every static file, htmx among them, into `target`.

    A file that exists already is left as it is: its name contains the hash of its content. Several processes
    may do this at once.
    """
    urls, texts = {}, {}
    for name, content in _sources(source).items():
        stem, suffix = os.path.splitext(name)
        made = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}{suffix}"
        path = target / made
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            if suffix in _COMPRESSIBLE:
                _write(path.with_name(path.name + ".br"), brotli.compress(content, quality=11))
                _write(path.with_name(path.name + ".gz"), gzip.compress(content, 9, mtime=0))
            _write(path, content)
        urls[name] = f"/static/{made}"
        if suffix in (".css", ".js"):
            texts[name] = content.decode()
    return Assets(target, urls, texts)


def _sources(folder: Path) -> dict[str, bytes]:
    files = {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.suffix != ".css"
    }
    files |= {name: _sheet(folder / "css", parts) for name, parts in SHEETS.items()}
    files |= {name: rjsmin.jsmin(files[name]) for name in files if name.endswith(".js")}
    package = importlib.resources.files("js_lib_htmx")
    htmx = next(p for p in _walk(package) if p.name == "htmx.min.js")
    return {**files, "js/htmx.js": htmx.read_bytes()}


def _sheet(folder: Path, parts: tuple[str, ...]) -> bytes:
    """The parts as one, without what is there for whoever reads them."""
    whole = b"\n".join((folder / f"{part}.css").read_bytes() for part in parts)
    return _COMMENT_OR_SPACE.sub(b"", whole)


def _walk(folder: Traversable) -> list[Traversable]:
    found = []
    for entry in folder.iterdir():
        found += _walk(entry) if entry.is_dir() else [entry]
    return found


def _write(path: Path, content: bytes) -> None:
    """Write a file so that others see it complete or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


def static_url(name: str) -> str:
    """Return the fingerprinted address of a static file. Needs an app context."""
    return cast(Assets, current_app.extensions["assets"]).url(name)


def accent_sheet(colour: str) -> str:
    """Return the style sheet that puts a colour (#rrggbb) in place of the standard one. Outside of the layers, so that it
    wins."""
    found = accent(colour)
    by_night = f"@media (prefers-color-scheme:dark){{{_tokens(found.night)}}}"
    return _tokens(found.day) + by_night


def inline_accent(colour: str) -> Markup:
    """Return accent_sheet to stand inside the page, and allow it in this response's Content-Security-Policy."""
    g.setdefault("inlined", set()).add(_ACCENT + colour)
    return Markup(accent_sheet(colour))  # noqa: S704 (four colours of ours)


def _tokens(shades: Shades) -> str:
    """Return the tokens that are other ones; text on the colour is what it is on the standard one."""
    return f":root{{--glaze:{shades.fill};--glaze-pale:{shades.pale};--link:{shades.link}}}"


def content_policy(inlined: Iterable[str]) -> str:
    """Return the Content-Security-Policy of a page that has these style sheets and scripts inside: they
    alone, by their hashes, or else our own files. Needs an app context."""
    texts = cast(Assets, current_app.extensions["assets"]).texts
    names = sorted(inlined)
    return _policy(
        tuple(
            accent_sheet(name.removeprefix(_ACCENT)) if name.startswith(_ACCENT) else texts[name]
            for name in names
            if not name.endswith(".js")
        ),
        tuple(texts[name] for name in names if name.endswith(".js")),
    )


@lru_cache(500)
def _policy(styles: tuple[str, ...], scripts: tuple[str, ...]) -> str:
    return "; ".join(
        (
            "default-src 'none'", f"script-src {_sources_of(scripts)}", f"style-src {_sources_of(styles)}",
            "img-src 'self'", "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'",
            "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
        )
    )  # fmt: skip


def _sources_of(texts: tuple[str, ...]) -> str:
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{each}'" for each in hashes) or "'self'"
