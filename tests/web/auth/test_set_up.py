"""/set-up: the first organisation, and its owner."""

import re
import socket
import stat

import pytest
from click.testing import CliRunner
from support.cast import Browser
from support.dump import dump
from support.pages import words

from feedback.cli import main
from feedback.config import SET_UP_CODE, set_up_code

FORM = {
    "organisation": "Doughnut Partners",
    "name": "Olive Ng",
    "email": "Olive@Example.com",
    "password": "a short sentence",
    "timezone": "Europe/Berlin",
}


@pytest.fixture
def settings(app):
    return app.extensions["feedback"].settings


@pytest.fixture
def form(settings) -> dict[str, str]:
    """The form as somebody fills it in who reads the console."""
    return {**FORM, "code": set_up_code(settings)}


def test_set_up_signs_the_owner_in(stranger, form):
    assert stranger.get("/set-up").status_code == 200
    assert stranger.post("/set-up", form).location == "/start"
    stranger._token = None
    assert "Olive Ng olive@example.com · owner at Doughnut Partners" in words(stranger.get("/me").text)


def test_new_owner_can_sign_in_elsewhere(app, stranger, form):
    stranger.post("/set-up", form)
    who = {"email": "olive@example.com", "password": FORM["password"]}
    assert Browser(app.test_client()).post("/sign-in", who).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("organisation", "", "Enter its name."),
        ("organisation", "  ", "This is needed."),
        ("name", "", "Enter your name."),
        ("name", "n" * 201, "200 characters"),
        ("email", "olive at example", "This is not an e-mail address"),
        ("password", "short", "A password has at least 12 characters"),
        ("password", "aaaaaaaaaaaa", "one of the first that anybody would try"),
        ("timezone", "Mars/Olympus", "is no time zone; write it like Europe/Berlin"),
    ],
)
def test_invalid_set_up_form_is_422(db, stranger, form, field, value, reason):
    reply = stranger.post("/set-up", {**form, field: value})
    assert reply.status_code == 422
    assert reason in words(reply.text)
    assert not any(rows for name, rows in dump(db).items() if name != "counters")


def test_set_up_form_keeps_all_but_password(stranger, form):
    text = stranger.post("/set-up", {**form, "password": "my secret sentence", "timezone": "x"}).text
    assert 'value="Doughnut Partners"' in text
    assert "my secret sentence" not in text


@pytest.mark.parametrize("method", ["get", "post"])
def test_second_set_up_is_404(cast, db, stranger, method):
    before = dump(db)
    assert getattr(stranger, method)("/set-up", data=FORM).status_code == 404
    assert dump(db) == before


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_back_button_after_it_leads_on(cast, sign_in):
    assert sign_in("olive").get("/set-up").location == "/"


@pytest.mark.parametrize("code", ["", "x", "3333-3333-3333", "wrong, surely"])
def test_wrong_code_sets_nothing_up(db, stranger, form, code):
    reply = stranger.post("/set-up", {**form, "code": code})
    assert reply.status_code == 422
    assert "This is not the code of this server." in words(reply.text)
    for name in ("organisation", "name", "email", "timezone"):
        assert f'value="{FORM[name]}"' in reply.text
    assert f'value="{code}"' in reply.text
    assert dump(db)["organisations"] == []


@pytest.mark.parametrize("spell", [str.lower, "  {} ".format, lambda code: code.replace("-", " ")])
def test_code_is_accepted_in_any_spelling(stranger, form, spell):
    assert stranger.post("/set-up", {**form, "code": spell(form["code"])}).status_code == 303


def test_ten_wrong_codes_are_too_many(stranger, form):
    codes = [stranger.post("/set-up", {**form, "code": "wrong"}).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]
    assert stranger.post("/set-up", form).status_code == 429
    elsewhere = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    assert stranger.post("/set-up", form, **elsewhere).status_code == 303


def test_right_code_with_other_mistakes_is_not_counted(stranger, form):
    codes = {stranger.post("/set-up", {**form, "name": ""}).status_code for _ in range(12)}
    assert codes == {422}


def test_code_is_the_same_for_all_processes_and_private(settings):
    assert set_up_code(settings) == set_up_code(settings)
    assert re.fullmatch(r"(\w{4}-){2}\w{4}", set_up_code(settings))
    assert stat.S_IMODE((settings.instance / SET_UP_CODE).stat().st_mode) == 0o600


def test_half_written_code_is_none(settings, stranger, form):
    (settings.instance / SET_UP_CODE).write_text("")
    assert stranger.post("/set-up", {**form, "code": ""}).status_code == 422
    (settings.instance / SET_UP_CODE).unlink()


def test_code_is_deleted_once_it_is_used(settings, stranger, form):
    assert (settings.instance / SET_UP_CODE).exists()
    assert stranger.post("/set-up", form).status_code == 303
    assert not (settings.instance / SET_UP_CODE).exists()


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """serve(*commands before) is what `feedback serve` prints on an own folder; it serves nothing."""
    monkeypatch.setenv("FEEDBACK_INSTANCE", str(tmp_path))
    monkeypatch.delenv("FEEDBACK_DATABASE_URL", raising=False)
    monkeypatch.setattr("feedback.serving.processes.serve_until_stopped", lambda *_, **__: None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return lambda: CliRunner().invoke(main, ["serve", "--port", str(port)]).output


def test_serve_prints_address_and_code(tmp_path, serve):
    code = re.search(r"http://127.0.0.1:\d+/set-up asks for the code (\S+)", serve())[1]
    assert code == (tmp_path / SET_UP_CODE).read_text()
    assert code in serve()  # and again after a restart


def test_serve_prints_no_code_when_set_up(tmp_path, serve):
    CliRunner().invoke(main, ["set-up", "--organisation", "A", "--name", "O", "--email", "o@example.com",
                              "--password-file", "-"], input="a short sentence")  # fmt: skip
    printed = serve()
    assert "http://127.0.0.1" in printed
    assert "code" not in printed
    assert not (tmp_path / SET_UP_CODE).exists()
