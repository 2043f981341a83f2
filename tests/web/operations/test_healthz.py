"""/healthz: is it alive?"""


def test_healthz_is_ok(stranger, cast):
    reply = stranger.get("/healthz")
    assert (reply.status_code, reply.text, reply.mimetype) == (200, "ok\n", "text/plain")


def test_post_to_healthz_is_405(stranger, cast):
    assert stranger.post("/healthz").status_code == 405
