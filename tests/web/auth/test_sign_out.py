"""/sign-out: out of this browser, or of all of them."""

from support.dump import dump


def test_sign_out_ends_the_session(cast, sign_in):
    alice = sign_in("alice")
    assert alice.post("/sign-out").location == "/sign-in"
    assert alice.get("/meetings").location == "/sign-in?next=/meetings"


def test_other_browsers_stay_signed_in(cast, sign_in):
    phone, laptop = sign_in("alice"), sign_in("alice")
    phone.post("/sign-out")
    assert laptop.get("/meetings").status_code == 200


def test_sign_out_everywhere_ends_all_own_sessions(cast, sign_in):
    phone, laptop, carol = sign_in("alice"), sign_in("alice"), sign_in("carol")
    phone.post("/sign-out", {"everywhere": "1"})
    assert phone.get("/meetings").status_code == laptop.get("/meetings").status_code == 302
    assert carol.get("/leaderboard").status_code == 200


def test_sign_in_works_after_sign_out_everywhere(cast, sign_in):
    sign_in("alice").post("/sign-out", {"everywhere": "1"})
    assert sign_in("alice").get("/meetings").status_code == 200


def test_stranger_can_sign_out_without_effect(cast, db, stranger):
    before = dump(db)
    assert stranger.post("/sign-out", {"everywhere": "1"}).location == "/sign-in"
    assert dump(db) == before


def test_get_sign_out_is_405(cast, sign_in):
    alice = sign_in("alice")
    assert alice.get("/sign-out").status_code == 405
    assert alice.get("/meetings").status_code == 200
