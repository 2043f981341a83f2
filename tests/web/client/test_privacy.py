"""/privacy: what is kept, who sees it, for how long."""


def test_anybody_may_read_it(stranger):
    reply = stranger.get("/privacy")
    assert reply.status_code == 200
    assert "It is not anonymous" in reply.text
    assert "Set-Cookie" not in reply.headers


def test_it_takes_no_form(stranger, cast):
    assert stranger.post("/privacy").status_code == 405
