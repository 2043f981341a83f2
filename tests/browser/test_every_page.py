"""Every page of the example organisation on the smallest phones and a small laptop: no word of a heading or a button
breaks inside, and nothing scrolls sideways."""

import re

import pytest
from support.words import broken_words

from feedback.demo.fill import fill_example
from feedback.web.auth import demo_tickets

ENDS = re.compile(r"/(sign-|demo|static)|\.csv")  # no pages, or the end of the visit
MOST_ALIKE = 2  # pages of one kind


@pytest.fixture
def example(db, clock):
    return fill_example(db, clock())


def _kind(path: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-W\d\d", "ID", path.split("?")[0])


def _pages(app, page, address, ticket):
    """Every page that links lead to from what an owner, a manager or a rep may open, in turn."""
    page.goto(f"{address}/demo/{ticket}")
    rules = (rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods)
    todo, opened = [rule for rule in rules if "<" not in rule and "/f/" not in rule.lower()], {}
    while todo:
        path = todo.pop(0)
        kind = _kind(path)
        if ENDS.search(path) or opened.get(kind, 0) >= (MOST_ALIKE if "ID" in kind else 1):
            continue
        opened[kind] = opened.get(kind, 0) + 1
        reply = page.goto(address + path)
        if reply.status == 200 and "html" in reply.headers["content-type"]:
            yield kind
            links = page.locator("a[href^='/']").evaluate_all("all => all.map(a => a.getAttribute('href'))")
            todo += [link.split("#")[0] for link in links]


def test_no_page_of_the_example_breaks_words(app, phone, address, example):
    settings, faults, kinds = app.extensions["feedback"].settings, set(), set()
    for user_id in (example.owner_id, example.manager_id, example.rep_id):
        page = phone(service_workers="block").new_page()
        ticket = demo_tickets(settings).dumps([str(example.organisation_id), str(user_id)])
        for kind in _pages(app, page, address, ticket):
            kinds.add(kind)
            for width in (320, 360, 1024):
                page.set_viewport_size({"width": width, "height": 640})
                faults |= {(kind, width, word) for word in broken_words(page)}
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    faults.add((kind, width, "scrolls sideways"))
    assert len(kinds) > 40
    assert faults == set()


def test_broken_word_is_noticed(phone):
    page = phone().new_page()
    page.set_content(
        "<h1 style='width: 6ch; overflow-wrap: anywhere'>Relationships</h1><button>Two\nlines</button>"
    )
    assert broken_words(page) == ["H1: Relationships"]
