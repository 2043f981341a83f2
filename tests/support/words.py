"""Words on the screen: which of them break inside."""

from playwright.sync_api import Page

# Of headings and whatever is pressed. A word is letters of a script that has spaces; a hyphen may end a line.
_BROKEN = r"""() => {
  const found = [];
  for (const part of document.querySelectorAll("h1, h2, h3, button, .button, summary, th, label, .pill, nav a, .top a")) {
    if (!part.checkVisibility()) continue;
    const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      if (text.parentElement.getBoundingClientRect().width <= 1) continue;  // for ears alone
      if (text.parentElement.closest(".address")) continue;  // no words
      for (const word of text.data.matchAll(/[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Arabic}\p{M}’']+/gu)) {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].filter(r => r.width > 1).map(r => Math.round(r.top)));
        if (lines.size > 1) found.push(part.tagName + ": " + word[0]);
      }
    }
  }
  return found;
}"""


def broken_words(page: Page) -> list[str]:
    """Return the words that break inside, each after the name of its element."""
    return page.evaluate(_BROKEN)
