"""/set-up: the first organisation, and its owner."""

from dataclasses import replace

import pytest
from support.cast import Browser
from support.dump import dump
from support.pages import words

from feedback.app import create_app

FORM = {
    "organisation": "Doughnut Partners",
    "name": "Olive Ng",
    "email": "Olive@Example.com",
    "password": "a short sentence",
    "timezone": "Europe/Berlin",
}


def test_set_up_signs_the_owner_in(stranger):
    assert stranger.get("/set-up").status_code == 200
    assert stranger.post("/set-up", FORM).location == "/"
    stranger._token = None
    assert "Olive Ng olive@example.com · owner at Doughnut Partners" in words(stranger.get("/me").text)


def test_new_owner_can_sign_in_elsewhere(app, stranger):
    stranger.post("/set-up", FORM)
    form = {"email": "olive@example.com", "password": FORM["password"]}
    assert Browser(app.test_client()).post("/sign-in", form).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("organisation", "", "What is it called?"),
        ("organisation", "  ", "This is needed."),
        ("name", "", "What are you called?"),
        ("name", "n" * 201, "200 characters"),
        ("email", "olive at example", "This is not an e-mail address"),
        ("password", "short", "A password has at least 10 characters"),
        ("password", "aaaaaaaaaaaa", "one of the first that anybody would try"),
        ("timezone", "Mars/Olympus", "is no time zone; write it like Europe/Berlin"),
    ],
)
def test_invalid_set_up_form_is_422(db, stranger, field, value, reason):
    reply = stranger.post("/set-up", {**FORM, field: value})
    assert reply.status_code == 422
    assert reason in words(reply.text)
    assert not any(dump(db).values())


def test_set_up_form_keeps_all_but_password(stranger):
    text = stranger.post("/set-up", {**FORM, "password": "my secret sentence", "timezone": "x"}).text
    assert 'value="Doughnut Partners"' in text
    assert "my secret sentence" not in text


@pytest.mark.parametrize("method", ["get", "post"])
def test_second_set_up_is_404(cast, db, stranger, method):
    before = dump(db)
    assert getattr(stranger, method)("/set-up", data=FORM).status_code == 404
    assert dump(db) == before


def test_open_sign_up_allows_another_organisation(cast, db, clock, app):
    settings = replace(app.extensions["feedback"].settings, sign_up="open")
    visitor = Browser(create_app(settings, database=db, clock=clock).test_client())
    assert visitor.post("/set-up", {**FORM, "organisation": "Third"}).status_code == 303
    visitor._token = None
    assert "owner at Third" in words(visitor.get("/me").text)
