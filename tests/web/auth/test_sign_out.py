"""/sign-out: out of this browser, or of all of them."""

from support.dump import dump


def test_it_leads_back_to_sign_in_and_forgets(cast, sign_in):
    alice = sign_in("alice")
    assert alice.post("/sign-out").location == "/sign-in"
    assert alice.get("/meetings").location == "/sign-in?next=/meetings"


def test_other_browsers_stay_signed_in(cast, sign_in):
    phone, laptop = sign_in("alice"), sign_in("alice")
    phone.post("/sign-out")
    assert laptop.get("/meetings").status_code == 200


def test_everywhere_means_every_browser_of_that_person(cast, sign_in):
    phone, laptop, carol = sign_in("alice"), sign_in("alice"), sign_in("carol")
    phone.post("/sign-out", {"everywhere": "1"})
    assert phone.get("/meetings").status_code == laptop.get("/meetings").status_code == 302
    assert carol.get("/leaderboard").status_code == 200


def test_after_signing_out_everywhere_one_can_sign_in_again(cast, sign_in):
    sign_in("alice").post("/sign-out", {"everywhere": "1"})
    assert sign_in("alice").get("/meetings").status_code == 200


def test_whoever_is_not_signed_in_is_out_already(cast, db, stranger):
    before = dump(db)
    assert stranger.post("/sign-out", {"everywhere": "1"}).location == "/sign-in"
    assert dump(db) == before


def test_it_takes_no_get(cast, sign_in):
    alice = sign_in("alice")
    assert alice.get("/sign-out").status_code == 405
    assert alice.get("/meetings").status_code == 200
