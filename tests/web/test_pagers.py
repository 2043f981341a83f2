"""Every long list is the same a page at a time as it is at once, and says right how long it is."""

import re
from html import unescape

import pytest
from support.pages import words

from feedback.web import paging

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
# Links of a list that narrow it, where they are no list of their own.
NARROWED = {
    "/accounts": ["state=at_risk", "archived=1"],
    "/alerts": ["closed=1"],
    "/contacts": ["q=client"],
    "/people": ["q=a"],
    "/relationships": ["field=blind_spot", "field=agreed_strength", "q=client"],
}


@pytest.fixture
def met(cast):
    """Alice met many: some are low and she hoped for more, some are glad as she guessed."""
    for n in range(8):
        one = cast.meeting("alice", f"Client {n}", f"Company {n}", f"client{n}@example.org")
        cast.answer(one, 1 if n < 5 else 5, comment="As I said")
        cast.seal(one, 5)
    cast.answer(cast.meeting("bob", "Eli", "Contoso"), 1)
    cast.meeting("alice", "Nobody Yet", "Company 9")


@pytest.mark.parametrize("name", ["alice", "carol", "olive"])
def test_list_is_the_same_page_by_page(app, met, monkeypatch, sign_in, name):
    browser, long = sign_in(name), set()
    rules = {rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and "<" not in rule.rule}
    for rule in sorted(rules - {"/status", "/metrics", "/readyz"}):
        for address in (rule, *(f"{rule}?{query}" for query in NARROWED.get(rule, ()))):
            monkeypatch.setattr(paging, "ROWS", 1000)
            whole = browser.get(address)
            if whole.status_code != 200 or whole.mimetype != "text/html" or rule.startswith("/api"):
                continue
            monkeypatch.setattr(paging, "ROWS", 2)
            pages = list(_pages(browser, address))
            if len(pages) > 1:
                long.add(address)
                assert set().union(*map(_rows, pages)) == _rows(whole.text), address
                _count(pages, address)
    assert len(long) >= {"alice": 1, "carol": 4, "olive": 5}[name], long


def _pages(browser, address):
    """Yield a list's pages, from one to the next."""
    while address:
        page = browser.get(address)
        assert page.status_code == 200, address
        yield page.text
        pager = re.search(r'<nav class="tools pager".*?</nav>', page.text, re.S)
        after = re.search(r'<a href="([^"]+)">[^<]*›</a>', pager[0]) if pager else None
        address = unescape(after[1]) if after else None


def _rows(page: str) -> set[str]:
    """Return which rows a page links to, beside what is drawn."""
    main = re.sub("<svg.*?</svg>", "", page.partition("<main")[2], flags=re.S)
    return set(re.findall(r'href="(/[^"?]*[0-9a-f]{8}-[^"?]+)"', main))


def _count(pages: list[str], address: str) -> None:
    """What a pager says: 1 to 2 of 5, 3 to 4 of 5, 5 to 5 of 5."""
    said = [re.search(r"(\d+) to (\d+)(?: of (\d+))?", words(_pager(page))) for page in pages]
    if not any(said):
        return  # the audit log goes on after a line
    numbers = [tuple(int(n) for n in each.groups() if n) for each in said]
    assert [first for first, *_ in numbers] == list(range(1, 2 * len(pages), 2)), address
    assert [last for _, last, *_ in numbers[:-1]] == list(range(2, 2 * len(pages), 2)), address
    assert {n[2] for n in numbers if len(n) > 2} <= {numbers[-1][1]}, address


def _pager(page: str) -> str:
    return re.search(r'<nav class="tools pager".*?</nav>', page, re.S)[0]
