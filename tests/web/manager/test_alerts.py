"""/alerts: what needs a manager."""

import re

from support.pages import words


def test_low_answer_shows_at_once(cast, sign_in, invitation):
    cast.seal(invitation, 5)
    cast.answer(invitation, 5, 1, 5, 5, 5, 5, comment="Late <again>")
    reply = sign_in("carol").get("/alerts")
    text = words(reply.text)
    assert "Dana Whitfield , Northwind Low rating Blind spot with Alice, 18 Nov · due 20 Nov" in text
    assert "nobody has taken it" in text
    assert "Competency 1 (guessed 5)" in text
    assert "Next: call Dana yourself within a day" in text
    assert "Integrity" not in text  # as guessed
    assert "The other 5 rated 3 or more, and guessed within one" in text
    assert "Late &lt;again&gt;" in reply.text


def test_alert_is_taken_from_the_list(cast, sign_in, invitation):
    cast.answer(invitation, 1)
    carol = sign_in("carol")
    page = carol.get("/alerts").text
    action = re.search(r'action="(/alerts/[\w-]+)"', page)[1]
    assert "I take it" in page
    assert carol.post(action, {"what": "taken"}).location == action
    page = carol.get("/alerts").text
    assert "I take it" not in page
    assert f'href="{action}#close"' in page


def test_mirror_is_hidden_before_seal(cast, sign_in, stranger, invitation, meeting):
    sign_in("alice").post(f"{meeting}/mirror", {"integrity": 5})
    cast.answer(invitation, 1)
    page = sign_in("carol").get("/alerts").text
    assert "Dana Whitfield" in page
    assert "guessed" not in page


def test_alerts_page_shows_own_teams_only(cast, sign_in):
    cast.answer(cast.meeting("alice", "Dana"), 1)
    cast.answer(cast.meeting("bob", "Eli"), 1)
    seen = {name: sign_in(name).get("/alerts").text for name in ("carol", "olive", "mallory")}
    assert {name: ("Dana" in text, "Eli" in text) for name, text in seen.items()} == {
        "carol": (True, False), "olive": (True, True), "mallory": (False, False),
    }  # fmt: skip


def test_one_client_shows_once(cast, clock, sign_in):
    """A drop that is low and was not seen coming was three alerts with the same six figures."""
    cast.answer(cast.meeting(), 5)
    clock.forward(days=1)
    cast.seal(met := cast.meeting(), 5)
    cast.answer(met, 1)
    text = words(sign_in("carol").get("/alerts").text)
    assert text.count("Dana Whitfield") == 1
    assert "Low rating Drop Blind spot" in text


def test_urgent_alert_comes_first(cast, clock, sign_in):
    cast.answer(cast.meeting("alice", "Dana"), 3)
    clock.forward(hours=1)
    cast.answer(cast.meeting("alice", "Eli"), 1)
    text = sign_in("carol").get("/alerts").text
    assert text.index("Eli") < text.index("Dana")


def test_overdue_alert_comes_before_urgent(cast, clock, sign_in):
    cast.answer(cast.meeting("alice", "Dana"), 3)
    clock.forward(days=3)
    cast.answer(cast.meeting("alice", "Eli"), 1)
    text = sign_in("carol").get("/alerts").text
    assert text.index("Dana") < text.index("Eli")


def test_overdue_alert_shows_its_due_date(cast, clock, sign_in):
    cast.answer(cast.meeting(), 1)
    clock.forward(days=3)
    assert "was due 20 Nov" in words(sign_in("carol").get("/alerts").text)


def test_page_without_alerts_says_so(cast, sign_in):
    assert "No open alerts" in sign_in("carol").get("/alerts").text


def test_rep_gets_403_for_alerts(cast, sign_in):
    assert [sign_in(name).get("/alerts").status_code for name in ("alice", "bob")] == [403, 403]


def test_post_to_alerts_is_405(cast, sign_in):
    assert sign_in("carol").post("/alerts").status_code == 405


def test_stranger_signs_in_first(cast, stranger):
    assert stranger.get("/alerts").location == "/sign-in?next=/alerts"


def test_worst_answer_shows_with_each_reason_once(cast, clock, sign_in):
    """Two bad answers, then one with a single 2."""
    for ratings in ((1, 5), (1, 5), (2, 5)):
        cast.answer(cast.meeting(), *ratings, 5, 5, 5, 5, comment=f"Late on the {clock.now:%d}th")
        clock.forward(days=1)
    text = sign_in("carol").get("/alerts").text
    assert "Late on the 19th" in text
    assert "Late on the 20th" not in text
    assert text.count(">Low rating<") == 1


def test_alert_page_links_each_doubted_answer(cast, clock, sign_in, db, stranger):
    first, bad = cast.meeting(), cast.meeting()
    cast.answer(first, 5)
    stranger.client.post(f"/f/{first.token}/not-me")
    clock.forward(days=1)
    cast.answer(bad, 1)
    carol = sign_in("carol")
    address = re.search(r"/alerts/[0-9a-f-]{36}", carol.get("/alerts").text)[0]
    page = carol.get(address).text
    links = re.findall(r'/answers/([0-9a-f-]{36})">([^<]+)</a>', page)
    assert (str(bad.id), "The whole answer") in links
    assert (str(first.id), "The answer of 18 Nov, to accept or set aside") in links


def test_erased_answer_shows_no_ratings(cast, clock, sign_in, stranger):
    invitation = cast.meeting()
    cast.answer(invitation, 1)
    stranger.client.post(f"{cast.answer_address(invitation)}/erase")
    text = words(sign_in("carol").get("/alerts").text)
    assert "Dana erased the answer on 18 Nov." in text
    assert "Integrity –" not in text
