"""/healthz: is it alive?"""


def test_it_is(stranger, cast):
    reply = stranger.get("/healthz")
    assert (reply.status_code, reply.text, reply.mimetype) == (200, "ok\n", "text/plain")


def test_it_takes_no_form(stranger, cast):
    assert stranger.post("/healthz").status_code == 405
