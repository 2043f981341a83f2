"""The same nonsense as in test_fuzz.py, many times over: each pair of somebody and a kind of body at a quarter of the
addresses, half of it on each database. All of them at every address would be twelve minutes."""

import re

import pytest

from web.test_fuzz import PAIRS, addresses, cast_of, fuzz, names  # noqa: F401 (a fixture)
from web.test_get_never_writes import everything  # noqa: F401 (a fixture)


def test_much_nonsense_is_never_a_failure_of_ours(served, everything, cast_of, lines, db):  # noqa: F811
    half = ("sqlite", "postgresql").index(db.engine.dialect.name)
    fuzz(served, cast_of, addresses(served, everything), lines, range(4 * half, len(PAIRS), 8))


SHOWN = re.compile(r'<(?:input|button|select|textarea)\b[^>]*?\bname="([^"]+)"')


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_names_of_all_fields_that_a_page_shows_are_known(app, sign_in, stranger, everything):  # noqa: F811
    """Those that templates put together, too."""
    with app.test_request_context():
        known = {*names(), "csrf_token"}
    shown: set[str] = set()
    for name, rules in everything.items():
        browser = sign_in(name) if name else stranger
        for path in (path for paths in rules.values() for path in paths):
            shown.update(SHOWN.findall(browser.get(path).text))
    shown = {re.sub(r"-.+$", "-1", name) for name in shown}
    assert sorted(shown - known) == []
    assert {"pin", "half_life_days", "client_id", "rating_1"} <= shown & known
