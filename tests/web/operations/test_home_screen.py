"""/app.webmanifest, /service-worker.js and /offline: what a rep's phone keeps."""

import re


def test_the_manifest_names_icons_that_are_there(stranger):
    reply = stranger.get("/app.webmanifest")
    assert reply.mimetype == "application/manifest+json"
    assert {stranger.client.head(icon["src"]).status_code for icon in reply.json["icons"]} == {200}


def test_the_service_worker_keeps_files_that_are_there(stranger):
    reply = stranger.get("/service-worker.js")
    kept = re.findall(r"/static/[\w./-]+", reply.text)
    assert reply.mimetype == "text/javascript"
    assert kept
    assert {stranger.client.head(path).status_code for path in kept} == {200}


def test_the_page_for_no_network_asks_nobody_who_they_are(stranger):
    reply = stranger.get("/offline")
    assert reply.status_code == 200
    assert "Set-Cookie" not in reply.headers


def test_none_of_them_takes_a_form(stranger, cast):
    paths = ("/app.webmanifest", "/service-worker.js", "/offline")
    assert [stranger.post(path).status_code for path in paths] == [405] * 3
