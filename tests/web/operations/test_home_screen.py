"""/app.webmanifest, /service-worker.js and /offline: what a rep's phone keeps."""

import re


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


def test_offline_page_sets_no_cookie(stranger):
    reply = stranger.get("/offline")
    assert reply.status_code == 200
    assert "Set-Cookie" not in reply.headers


def test_post_to_home_screen_files_is_405(stranger, cast):
    paths = ("/app.webmanifest", "/service-worker.js", "/offline")
    assert [stranger.post(path).status_code for path in paths] == [405] * 3
