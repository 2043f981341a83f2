"""/webhooks: which systems are told what, and what became of it."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import select
from support.dump import dump
from support.pages import NOBODY, words

from feedback.models import Webhook, WebhookDelivery
from feedback.models.encrypted import Purpose, SecretBox
from feedback.models.webhook import Event
from feedback.sending.webhooks import deliver_webhooks
from feedback.webhooks.events import enqueue_event

URL = "https://8.8.8.8/feedback?key=1"
FORM = {"url": URL, "events": ["feedback.received", "alert.opened"]}


@pytest.fixture
def olive(sign_in):
    return sign_in("olive")


@pytest.fixture
def hook(cast, olive):
    """The address of Olive's webhook, to which nobody answers."""
    return olive.post("/webhooks", FORM).location


@pytest.fixture
def row(db):
    """row(Webhook) is the only one."""

    def look(table):
        with db.reading() as session:
            return session.exec(select(table)).one()

    return look


@pytest.fixture
def told(cast, db, clock, hook, row):
    """told(3) makes three messages wait for the webhook."""

    def make(count=1):
        with cast.changing() as c:
            for _ in range(count):
                enqueue_event(c, Event.FEEDBACK_RECEIVED, cast.olive.id)

    return make


def again(hook, row):
    """Where the only message is sent again."""
    return f"{hook}/deliveries/{row(WebhookDelivery).id}"


def test_new_webhook_page_shows_the_secret(olive, hook, row):
    assert re.fullmatch(r"/webhooks/[0-9a-f-]{36}", hook)
    page = olive.get(hook).text
    assert row(Webhook).secrets[0] in page
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{32}", row(Webhook).secrets[0])
    assert "https://8.8.8.8/feedback?key=1 alert.opened, feedback.received · since 18 November 2026" in words(
        page
    )
    assert "Nothing yet. What happened before it was added is not told." in words(page)


def test_secret_without_its_key_is_said_and_replaced(olive, hook, row, db):
    stored = SecretBox(("n" * 40,)).encrypt(Purpose.WEBHOOK, "whsec_x")
    with db.writing() as session:
        session.connection().execute(text("UPDATE webhooks SET secret = :it"), {"it": stored})
    page = olive.get(hook).text
    assert "The secret cannot be read" in words(page)
    olive.post(hook, {"what": "rotate", "mark": mark(page)})
    assert len(row(Webhook).secrets) == 1
    assert row(Webhook).secrets[0] in olive.get(hook).text


def test_message_waits_while_its_secret_has_no_key(olive, hook, row, db, told, clock):
    told()
    stored = SecretBox(("n" * 40,)).encrypt(Purpose.WEBHOOK, "whsec_x")
    with db.writing() as session:
        session.connection().execute(text("UPDATE webhooks SET secret = :it"), {"it": stored})
    assert deliver_webhooks(db, False, clock) == 0
    assert row(WebhookDelivery).given_up_at is None
    assert "its secret cannot be read" in words(olive.get(hook).text)


def test_webhook_list_hides_the_secret(olive, hook, row):
    page = olive.get("/webhooks").text
    assert f"{URL} alert.opened, feedback.received Its log" in words(page)
    assert row(Webhook).secrets[0] not in page


def test_people_page_links_to_webhooks(olive):
    assert 'href="/webhooks"' in olive.get("/settings").text


def test_double_submit_makes_one_webhook(db, olive, hook):
    assert olive.post("/webhooks", FORM).location == hook
    assert len(dump(db)["webhooks"]) == 1


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({**FORM, "url": "http://8.8.8.8/"}, "An address begins with https://."),
        ({**FORM, "url": ""}, "An address has no spaces"),
        ({**FORM, "url": "https://127.0.0.1:5432/"}, "127.0.0.1 leads into a private network"),
        (
            {**FORM, "url": "https://nobody.invalid/in"},
            "nobody.invalid is not known: no server has this name.",
        ),
        ({"url": URL}, "Choose at least one."),
        ({**FORM, "events": "everything"}, "Choose from what is shown."),
    ],
)
def test_bad_webhook_form_is_422_with_reason(db, olive, form, reason):
    reply = olive.post("/webhooks", form)
    assert reply.status_code == 422
    assert reason in words(reply.text)
    assert f'value="{form["url"]}"' in reply.text
    assert reply.text.count(" checked") == len([e for e in form.get("events", []) if "." in e])
    assert dump(db)["webhooks"] == []


def test_private_target_is_accepted_if_allowed(app, olive):
    here = app.extensions["feedback"]
    app.extensions["feedback"] = replace(here, settings=replace(here.settings, private_webhooks=True))
    assert olive.post("/webhooks", {**FORM, "url": "http://127.0.0.1:5000/"}).status_code == 303


def test_webhook_log_shows_each_outcome(app, clock, db, olive, hook, told):
    told()
    assert "A client has answered, and is through with it 18 Nov, 12:00 · on its way" in words(
        olive.get(hook).text
    )
    deliver_webhooks(db, False, clock)  # what it tells of is nobody's answer
    text = words(olive.get(hook).text)
    assert "given up , tried once what it tells of is not there any more" in text


def test_waiting_message_shows_retry_and_error(db, clock, olive, hook, told, row):
    told()
    with db.writing() as session:
        line = session.exec(select(WebhookDelivery)).one()
        line.tries, line.tried_at, line.status, line.error = 2, clock(), 503, "Service Unavailable"
        line.due_at = clock.forward(minutes=5)
        clock.forward(minutes=-5)
    text = words(olive.get(hook).text)
    assert "waiting , tried 2 times; next try in 5 minutes 503 Service Unavailable Try now" in text


def test_resent_message_is_due_at_once(db, clock, olive, hook, told, row):
    told()
    before = row(WebhookDelivery).id
    deliver_webhooks(db, False, clock)
    clock.forward(hours=1)
    assert olive.post(again(hook, row)).location == hook
    line = row(WebhookDelivery)
    assert (line.id, line.due_at, line.given_up_at, line.tries) == (before, clock(), None, 0)


def test_double_resend_makes_one_message(db, olive, hook, told, row):
    told()
    assert [olive.post(again(hook, row)).status_code for _ in range(2)] == [303, 303]
    assert len(dump(db)["webhook_deliveries"]) == 1


def test_webhook_log_is_paged(olive, hook, told, monkeypatch):
    monkeypatch.setattr("feedback.web.paging.ROWS", 25)
    told(30)
    first, second = words(olive.get(hook).text), words(olive.get(f"{hook}?page=2").text)
    assert (first.count("on its way"), second.count("on its way")) == (25, 5)
    assert ("Older ›" in first, "‹ Newer" in first) == (True, False)
    assert ("Older ›" in second, "‹ Newer" in second) == (False, True)


@pytest.mark.parametrize(
    ("page", "status"), [("0", 404), ("-3", 404), ("x", 404), ("9" * 40, 404), ("99", 200)]
)
def test_unknown_log_page_is_404_and_a_late_one_empty(olive, hook, page, status):
    assert olive.get(f"{hook}?page={page}").status_code == status


def mark(page: str) -> str:
    return re.search(r'name="mark" value="(\w+)"', page)[1]


def test_secret_is_rotated_once(olive, hook, row):
    old, form = row(Webhook).secrets[0], {"what": "rotate", "mark": mark(olive.get(hook).text)}
    assert [olive.post(hook, form).location for _ in range(2)] == [hook, hook]
    new, kept = row(Webhook).secrets
    page = olive.get(hook).text
    assert (kept, new in page, old in page) == (old, True, False)
    assert "Messages still carry the signature of the one before as well" in page


def test_ended_webhook_page_offers_no_forms(olive, hook, told, row):
    told()
    for _ in range(2):
        assert olive.post(hook, {"what": "end"}).location == hook
    page = olive.get(hook).text
    assert "Ended on 18 November 2026. It gets no more messages; this log stays." in words(page)
    assert "<form" not in page
    assert row(Webhook).secrets[0] not in page
    assert "Ended 18 Nov" in words(olive.get("/webhooks").text)


def test_ended_webhook_cannot_rotate_or_resend(db, olive, hook, told, row):
    told()
    form = {"what": "rotate", "mark": mark(olive.get(hook).text)}
    olive.post(hook, {"what": "end"})
    before = dump(db)
    assert [olive.post(hook, form).status_code, olive.post(again(hook, row)).status_code] == [422, 422]
    assert dump(db) == before


@pytest.mark.parametrize("what", ["", "destroy"])
def test_unknown_webhook_action_is_422(olive, hook, what):
    reply = olive.post(hook, {"what": what})
    assert reply.status_code == 422
    assert "End it, or give it a new secret." in words(reply.text)


@pytest.mark.parametrize("name", ["alice", "bob", "carol"])
def test_webhooks_are_for_owners_only(sign_in, hook, told, row, name):
    told()
    browser = sign_in(name)
    codes = [browser.get(path).status_code for path in ("/webhooks", hook)]
    codes += [browser.post(path).status_code for path in ("/webhooks", hook, again(hook, row))]
    assert codes == [403] * 5


def test_webhook_of_another_organisation_is_404(db, sign_in, hook, told, row):
    told()
    mallory, before = sign_in("mallory"), dump(db)
    codes = [mallory.get(hook).status_code, mallory.post(hook, {"what": "end"}).status_code]
    assert [*codes, mallory.post(again(hook, row)).status_code] == [404] * 3
    assert URL not in mallory.get("/webhooks").text
    assert dump(db) == before


def test_message_is_resent_under_its_own_webhook_only(db, clock, olive, hook, told, row):
    told()
    line = again(hook, row).rsplit("/", 1)[1]
    other = olive.post("/webhooks", {**FORM, "url": "https://8.8.4.4/other"}).location
    deliver_webhooks(db, False, clock)
    clock.forward(hours=1)
    before = dump(db)["webhook_deliveries"]
    assert other != hook
    assert olive.post(f"{other}/deliveries/{line}").status_code == 404
    assert dump(db)["webhook_deliveries"] == before
    assert olive.post(f"{hook}/deliveries/{line}").status_code == 303
    assert row(WebhookDelivery).due_at == clock()


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_unknown_webhook_is_404(olive, hook, which):
    codes = [olive.get(f"/webhooks/{which}").status_code, olive.post(f"/webhooks/{which}").status_code]
    codes += [olive.post(f"/webhooks/{which}/deliveries/{NOBODY}").status_code]
    assert [*codes, olive.post(f"{hook}/deliveries/{which}").status_code] == [404] * 4


def test_get_of_delivery_is_405(olive, hook):
    assert olive.get(f"{hook}/deliveries/{NOBODY}").status_code == 405


def test_stranger_signs_in_first(cast, stranger):
    assert stranger.get("/webhooks").location == "/sign-in?next=/webhooks"
    assert stranger.post("/webhooks").status_code == 302


def test_receivers_error_text_is_escaped(db, clock, olive, hook, told):
    told()
    with db.writing() as session:
        session.exec(select(WebhookDelivery)).one().error = "<script>alert(1)</script>"
    page = olive.get(hook).text
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page
