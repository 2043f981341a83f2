"""What tests read from a page."""

import re

from feedback.core.dimensions import DIMENSIONS

# A well-formed id that nobody has.
NOBODY = "0190b5a4-0000-7000-8000-000000000000"

# The parts of a page that are new on every look, each always as long as the last.
_FRESH = re.compile(rb'((?:name="(?:csrf_token|form_key)" value=|"csrf":)")[^"]+')


def plain(reply) -> bytes:
    """Return the bytes of a response without form keys."""
    return _FRESH.sub(rb"\1", reply.data)


def six(*ratings: int) -> dict[str, int]:
    """Return form values: one rating for all six dimensions, or six."""
    values = ratings if len(ratings) == len(DIMENSIONS) else ratings * len(DIMENSIONS)
    return dict(zip(DIMENSIONS, values, strict=True))


def taps(page: str) -> dict[str, int]:
    """Return the ratings that are checked on a page."""
    return {name: int(value) for name, value in re.findall(r'name="(\w+)" value="([1-5])"\s* checked', page)}


def words(page: str) -> str:
    """Return the text of a page: no tags, styles or scripts, single spaces."""
    page = re.sub(r"<(style|script)>.*?</\1>|</?bdi>", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
