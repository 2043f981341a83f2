"""How often a client's page may be asked: each address, each network, and who says what the network is."""

import re
from dataclasses import replace

import pytest
from limits import RateLimitItemPerMinute
from werkzeug.middleware.proxy_fix import ProxyFix

from feedback.app import create_app
from feedback.web import limits

KEY = "3479CDFGHJKMNPQRTVWXY3"


@pytest.fixture
def addresses(app, invitation):
    """addresses("POST") is every address of the client's that takes it, with Dana's token and a made-up key."""

    def of(method):
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith("client.") and method in rule.methods:
                yield re.sub("<token>", invitation.token, re.sub("<key>", KEY, rule.rule))

    return of


@pytest.fixture
def few(monkeypatch):
    """So that a test need not ask a thousand times."""
    monkeypatch.setattr(limits, "POSTS_PER_TOKEN", RateLimitItemPerMinute(3))
    monkeypatch.setattr(limits, "REQUESTS_PER_NETWORK", RateLimitItemPerMinute(20))


def codes(ask, path, times):
    return [ask(path).status_code for _ in range(times)]


def test_limits_are_60_posts_and_1200_requests():
    assert limits.POSTS_PER_TOKEN.amount == 60
    assert limits.REQUESTS_PER_NETWORK.amount == 1200
    assert {limit.GRANULARITY.seconds for limit in (limits.POSTS_PER_TOKEN, limits.REQUESTS_PER_NETWORK)} == {
        60
    }


@pytest.mark.usefixtures("few")
def test_every_form_counts_for_its_token(app, cast, addresses, stranger):
    paths = list(addresses("POST"))
    assert {path.rsplit("/", 1)[1] for path in paths} >= {"opened", "again", "not-me", "erase"}
    for path in paths:
        app.extensions["limits"].storage.reset()
        found = codes(stranger.client.post, path, 4)
        assert [code == 429 for code in found] == [False] * 3 + [True], (path, found)
    other = cast.meeting(contact="Eli").token
    assert stranger.client.post(f"/f/{other}/{KEY}/erase").status_code == 404


@pytest.mark.usefixtures("few")
def test_forms_of_one_token_count_together(addresses, stranger):
    """However it is written."""
    found = [stranger.client.post(path).status_code for path in addresses("POST")]
    assert 429 not in found[:3]
    assert set(found[3:]) == {429}


@pytest.mark.usefixtures("few")
def test_a_token_written_otherwise_counts_for_the_same(invitation, stranger):
    token = invitation.token
    ways = (token, token.lower(), f"{token[:4]}-{token[4:]}", f"{token}.")
    found = [stranger.client.post(f"/f/{way}/{KEY}/erase").status_code for way in ways]
    assert [code == 429 for code in found] == [False] * 3 + [True], found


@pytest.mark.usefixtures("few")
def test_every_look_counts_for_its_network(app, addresses, stranger):
    paths = list(addresses("GET"))
    assert "/privacy" in paths
    for path in paths:
        app.extensions["limits"].storage.reset()
        found = codes(stranger.client.get, path, 21)
        assert [code == 429 for code in found] == [False] * 20 + [True], path


@pytest.mark.usefixtures("few")
def test_looks_at_unknown_tokens_count_together(stranger):
    """Whoever guesses tokens sends a new one each time."""
    found = [stranger.get(f"/f/abcd{n:022}").status_code for n in range(21)]
    assert found == [404] * 20 + [429]


@pytest.fixture
def from_network(stranger, page):
    """from_network("192.0.2.1", forwarded="...") looks at Dana's page."""

    def ask(address, **headers):
        named = {f"X-Forwarded-{name.title()}": value for name, value in headers.items()}
        return stranger.client.get(page, environ_base={"REMOTE_ADDR": address}, headers=named).status_code

    return ask


@pytest.mark.usefixtures("few")
def test_networks_do_not_count_for_each_other(from_network):
    assert [from_network("192.0.2.1") for _ in range(21)] == [200] * 20 + [429]
    assert from_network("192.0.2.2") == 200


@pytest.mark.usefixtures("few")
def test_visitor_cannot_choose_the_network(from_network):
    """Without FEEDBACK_TRUSTED_PROXIES nobody else says who the visitor is."""
    found = [from_network("192.0.2.1", **{"for": f"198.51.100.{n}"}) for n in range(21)]
    assert found == [200] * 20 + [429]


@pytest.mark.usefixtures("few")
def test_trusted_proxy_says_whose_network_it_is(app, from_network):
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1)
    found = [from_network("192.0.2.1", **{"for": f"198.51.100.{n}"}) for n in range(21)]
    assert found == [200] * 21
    # What the visitor wrote himself stands before what the proxy adds.
    again = [from_network("192.0.2.1", **{"for": f"198.51.100.{n}, 203.0.113.9"}) for n in range(21)]
    assert again == [200] * 20 + [429]


@pytest.mark.parametrize("hops", [0, 1, 2])
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_as_many_proxies_are_trusted_as_are_set(db, app, tmp_path, hops):
    settings = replace(app.extensions["feedback"].settings, instance=tmp_path, trusted_proxies=hops)
    made = create_app(settings, database=db)
    seen = []
    made.before_request(lambda: seen.append(limits.network()))
    there = {"X-Forwarded-For": "198.51.100.1, 198.51.100.2, 198.51.100.3"}
    made.test_client().get("/healthz", environ_base={"REMOTE_ADDR": "192.0.2.1"}, headers=there)
    assert seen == [["192.0.2.1", "198.51.100.3", "198.51.100.2"][hops]]
