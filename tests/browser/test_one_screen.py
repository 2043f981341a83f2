"""The six rows, who sees them and Done fit one screen, in every language, as phones and desktops write."""

import os
import re

import pytest
from sqlmodel import update
from support.chromium import FONTS, fonts_here

from feedback.actions.look import change_colour, change_words, set_logo
from feedback.core.dimensions import DIMENSIONS
from feedback.core.wording import RATINGS, one_line, widest, width
from feedback.imports.logo import BOX
from feedback.models import Organisation
from feedback.wording import i18n
from feedback.wording.own_words import standard_words

SIZES = ((360, 640), (390, 664))
OWN = ("en", "de", "fi", "ru", "ar", "hi", "th", "ja")

# What stands in the way: by font, how far Done reaches below the screen, what is too small to hit or to read, and
# which labels take three lines or run into the word of the last tap.
IN_THE_WAY = """fonts => fonts.flatMap(font => {
  document.documentElement.style.fontFamily = `"${font}"`;
  const box = e => e.getBoundingClientRect();
  const all = selector => [...document.querySelectorAll(selector)];
  const done = box(document.querySelector(".button"));
  const found = [];
  if (done.bottom > innerHeight) found.push("Done ends at " + done.bottom);
  if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the screen");
  if (done.height < 52) found.push("Done is low");
  for (const e of all(".tap input, .choice, .brow a, .speak select")) {
    if (box(e).width < 44 || box(e).height < 44) found.push("too small to hit: " + (e.name || e.textContent));
  }
  for (const e of all("body *")) {
    if (parseFloat(getComputedStyle(e).fontSize) < 12) found.push("too small to read: " + e.textContent);
  }
  for (const row of all(".rings")) {
    const label = document.createRange();
    label.selectNodeContents(row.querySelector("legend"));
    const lines = [...label.getClientRects()];
    if (new Set(lines.map(l => Math.round(l.top))).size > 2) found.push("three lines: " + label);
    for (const word of row.querySelectorAll("b")) {
      const w = box(word);
      if (lines.some(l => l.left < w.right && w.left < l.right && l.top < w.bottom && w.top < l.bottom)) {
        found.push(label + " runs into " + word.textContent);
      }
    }
  }
  return found.map(each => font + ": " + each);
})"""


@pytest.fixture
def empty_page(cast, stranger):
    """empty_page("de") is the first view in that language, without its script."""
    address = f"/f/{cast.meeting(contact='Alexandra Whitfield').token}"

    def ask(tag: str) -> str:
        text = stranger.get(f"{address}?lang={tag}").text
        return re.sub("<script>.*?</script>", "", text, flags=re.DOTALL)

    return ask


def test_page_fits_one_screen_in_every_language(browser, empty_page):
    fonts = fonts_here()
    if len(fonts) < len(FONTS) and "CI" not in os.environ:
        pytest.skip("Roboto and DejaVu are not both here; tests/get-chromium installs them")
    assert len(fonts) == len(FONTS)
    pages = {tag: empty_page(tag) for tag in i18n.languages()}
    page = browser.new_page()
    found = {}
    for wide, high in SIZES:
        page.set_viewport_size({"width": wide, "height": high})
        for tag, text in pages.items():
            page.set_content(text, wait_until="commit")
            found[tag, wide] = page.evaluate(IN_THE_WAY, fonts)
    page.close()
    assert {where: what for where, what in found.items() if what} == {}


def test_longest_own_words_and_a_logo_fit_one_screen(browser, cast, empty_page):
    """Words as long as they may be, in the letters of each language; and the longer line of a works agreement."""
    with cast.changing() as c:
        c.session.execute(update(Organisation).values(works_agreement=True))
        set_logo(c, cast.olive.id, b"a picture", *BOX)
        change_colour(c, cast.olive.id, "#ffd400")
        for tag in OWN:
            change_words(c, cast.olive.id, tag, longest_words(tag), standard_words(tag), {})
    pages = {tag: empty_page(tag) for tag in OWN}
    page = browser.new_page()
    found = {}
    for wide, high in SIZES:
        page.set_viewport_size({"width": wide, "height": high})
        for tag, text in pages.items():
            assert longest_words(tag)["savvy"] in text
            page.set_content(text, wait_until="commit")
            found[tag, wide] = page.evaluate(IN_THE_WAY, fonts_here())
    page.close()
    wrong = [f"{where}: {each}" for where, what in found.items() for each in what]
    assert not wrong, "\n".join(wrong)


def longest_words(tag: str) -> dict[str, str]:
    """The standard words of a language, each followed by others until no letter more is allowed."""
    standard = standard_words(tag)
    rows = [f"{standard[name]} " for name in DIMENSIONS]
    longest = {name: _cut("".join(rows[at:] + rows), widest(name)) for at, name in enumerate(DIMENSIONS)}
    words = "".join(standard[name] for name in RATINGS)
    return longest | {name: _cut(words[at:] + words, widest(name)) for at, name in enumerate(RATINGS)}


def _cut(text: str, to: int) -> str:
    found = next(text[:end] for end in range(len(text), 0, -1) if width(one_line(text[:end])) <= to)
    return one_line(found)
