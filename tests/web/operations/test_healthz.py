"""/healthz: is it alive? And is it ourselves?"""

import pytest

from feedback.core.health import answered_by_us, new_question

KEY = "k" * 40  # of the app


def test_healthz_is_ok(stranger, cast):
    reply = stranger.get("/healthz")
    assert (reply.status_code, reply.text, reply.mimetype) == (200, "ok\n", "text/plain")


def test_post_to_healthz_is_405(stranger, cast):
    assert stranger.post("/healthz").status_code == 405


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_healthz_tells_ourselves_how_it_was_asked(stranger, cast):
    nonce, question = new_question(KEY)
    passed_on = {"X-Forwarded-For": "192.0.2.1, 192.0.2.2"}
    reply = stranger.get("/healthz", query_string={"check": question}, headers=passed_on)
    answer = answered_by_us(KEY, nonce, reply.text)
    assert (answer.host, answer.scheme, answer.proxies, answer.trusted_proxies) == ("localhost", "http", 2, 0)
    assert answered_by_us(KEY, new_question(KEY)[0], reply.text) is None  # an old answer
    assert answered_by_us("o" * 40, nonce, reply.text) is None
    assert answered_by_us(KEY, nonce, question) is None  # the question, sent back


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_healthz_tells_others_nothing(stranger, cast):
    for question in (new_question("o" * 40)[1], "x", ".", "é.é", "." * 5000):
        assert stranger.get("/healthz", query_string={"check": question}).text == "ok\n"
