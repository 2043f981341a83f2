"""Addresses of the application are built as werkzeug builds them, though each is compiled only when it is asked for."""

from itertools import product

from werkzeug.routing import Map, Rule

from feedback.web.routing import QuickRule

VALUES = {"an": "a b/ü", "number": 7}


def test_addresses_are_those_of_werkzeug():
    texts = ("/", "/a", "/a/<an>", "/a/<int:number>/b/<an>", "/a/<path:an>")
    for text, unknown in product(texts, (False, True)):
        ours, theirs = (kind(text, endpoint="x") for kind in (QuickRule, Rule))
        Map([ours]), Map([theirs])
        values = {name: value for name, value in VALUES.items() if f"{name}>" in text}
        more = {**values, "also": "1&2"} if unknown else values
        assert ours.build(more, unknown) == theirs.build(more, unknown), text
        assert ours.build(more, unknown) == theirs.build(more, unknown), text


def test_nothing_is_compiled_before_it_is_asked_for(app, monkeypatch):
    compiled = []
    theirs = Rule._compile_builder
    monkeypatch.setattr(
        Rule, "_compile_builder", lambda rule, *given: compiled.append(rule) or theirs(rule, *given)
    )
    rule = QuickRule("/a/<an>", endpoint="x")
    Map([rule])
    assert not compiled
    assert rule.build({"an": "b"}) == rule.build({"an": "b"}) == ("", "/a/b")
    assert compiled == [rule]
    assert all(isinstance(each, QuickRule) for each in app.url_map.iter_rules())


def test_what_an_address_takes_is_told_to_whoever_sends_something_else(stranger):
    for path, allowed in (("/healthz", {"GET", "HEAD", "OPTIONS"}), ("/sign-out", {"POST", "OPTIONS"})):
        reply = stranger.client.open(path, method="PUT")
        assert (reply.status_code, set(reply.headers["Allow"].split(", "))) == (405, allowed), path
