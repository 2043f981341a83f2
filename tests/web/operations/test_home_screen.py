"""/app.webmanifest, /service-worker.js and /offline: what a rep's phone keeps."""

import inspect
import re

SIGNS_IN = re.compile(r"(?<!def )\b(enter|finish|start_session|switch_session|end_session)\(")
SAME_PERSON = {"/me/password"}  # whose session is a new one, and whose pages stay


def test_manifest_icons_exist(stranger):
    reply = stranger.get("/app.webmanifest")
    assert reply.mimetype == "application/manifest+json"
    assert {stranger.client.head(icon["src"]).status_code for icon in reply.json["icons"]} == {200}


def test_service_worker_caches_existing_files(stranger):
    reply = stranger.get("/service-worker.js")
    kept = re.findall(r"/static/[\w./-]+", reply.text)
    assert reply.mimetype == "text/javascript"
    assert kept
    assert {stranger.client.head(path).status_code for path in kept} == {200}


def test_phone_forgets_its_codes_on_every_way_to_sign_in(app, stranger):
    worker = stranger.get("/service-worker.js").text
    posted = re.compile(re.search(r"CHANGES_HANDS = /(.+)/;", worker)[1].replace("\\/", "/"))
    ways = {
        (method, re.sub(r"<[^>]+>", "x", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in {"GET", "POST"} & rule.methods
        if SIGNS_IN.search(inspect.getsource(inspect.unwrap(app.view_functions[rule.endpoint])))
    }
    by_post = {path for method, path in ways if method == "POST"} - SAME_PERSON
    assert {"/sign-in", "/join/x", "/new-password/x", "/sign-in/passkey", "/me/organisation"} <= by_post
    assert {path for path in by_post if not posted.search(path)} == set()
    assert posted.search("/meetings/x/hand-over")
    assert {path for method, path in ways if method == "GET"} == {"/demo/x"}
    assert "/^\\/demo\\//.test(url.pathname)" in worker


def test_offline_page_sets_no_cookie(stranger):
    reply = stranger.get("/offline")
    assert reply.status_code == 200
    assert "Set-Cookie" not in reply.headers


def test_post_to_home_screen_files_is_405(stranger, cast):
    paths = ("/app.webmanifest", "/service-worker.js", "/offline")
    assert [stranger.post(path).status_code for path in paths] == [405] * 3
