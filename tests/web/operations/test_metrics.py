"""GET /metrics: figures for Prometheus, for this machine and whoever has the token."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlmodel import col, select

from feedback.actions.alerts.handle import close_alert
from feedback.instance import BACKUP, WORKER, mark_done
from feedback.models import Alert, Outbox
from feedback.store.figures import QueueFigures, figures
from feedback.web import metrics

TOKEN = "scrape-" + "s" * 20
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture
def with_token(app, tmp_path, monkeypatch):
    """The app of a server that has a token, with an instance folder of its own."""
    monkeypatch.delenv(metrics.FOLDER, raising=False)  # of a server that another test started here
    context = app.extensions["feedback"]
    app.extensions["feedback"] = replace(
        context, settings=replace(context.settings, metrics_token=TOKEN, instance=tmp_path)
    )
    return tmp_path


@pytest.fixture
def told(stranger, with_token):
    """told() is what /metrics says now: values by name and labels."""

    def ask() -> dict[tuple[str, ...], float]:
        metrics._asked.clear()
        families = text_string_to_metric_families(stranger.get("/metrics").text)
        return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}

    return ask


def test_metrics_answer_this_machine(stranger, cast):
    reply = stranger.get("/metrics")
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("text/plain; version=")
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_metrics_are_404_to_others(stranger, cast, with_token):
    refused = [
        stranger.get("/metrics", environ_overrides=ELSEWHERE),
        stranger.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}),
        stranger.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}),
        stranger.get("/metrics", headers={"Via": "1.1 caddy"}),
        stranger.get("/metrics", headers={"Host": "rebound.example"}),
        stranger.get("/metrics", environ_overrides=ELSEWHERE, headers={"Authorization": "Bearer wrong"}),
        stranger.get("/metrics", environ_overrides=ELSEWHERE, headers={"Authorization": f"Basic {TOKEN}"}),
        stranger.get("/metrics", environ_overrides={"REMOTE_ADDR": "hidden"}),
    ]
    assert [reply.status_code for reply in refused] == [404] * len(refused)
    assert stranger.get("/metrics", environ_overrides=ELSEWHERE, headers=BEARER).status_code == 200
    assert stranger.post("/metrics").status_code in (400, 405)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_no_token_opens_nothing(stranger, cast):
    for sent in ("Bearer ", "Bearer None", "Bearer"):
        reply = stranger.get("/metrics", environ_overrides=ELSEWHERE, headers={"Authorization": sent})
        assert reply.status_code == 404


def test_mail_that_was_sent_waits_no_longer_and_has_not_failed(cast, clock, db):
    """Not even one that was given up while it went out."""
    for contact in ("Dana", "Eli"):
        cast.answer(cast.meeting(contact=contact), 1)
        clock.forward(minutes=1)
    with db.writing() as session:
        first, second = session.exec(select(Outbox).order_by(col(Outbox.due_at))).all()
        first.sent_at = first.given_up_at = clock()
        due_at = second.due_at
    with db.reading() as session:
        assert figures(session).queues["mails"] == QueueFigures(1, 1, 0, due_at)


def test_figures_are_those_of_the_database(cast, clock, told, with_token):
    cast.answer(cast.meeting(), 1)
    cast.answer(cast.meeting(contact="Eli"), 5)
    mark_done(with_token, WORKER, clock())
    mark_done(with_token, BACKUP, clock() - timedelta(days=1))
    clock.forward(minutes=5)
    found = told()
    assert found[("feedback_answers_settled",)] == 2
    assert (found[("feedback_alerts_open", "urgent")], found[("feedback_alerts_open", "watch")]) == (1, 0)
    assert found[("feedback_queued", "mails", "waiting")] >= 1
    assert found[("feedback_queued", "mails", "sent")] == 0
    assert found[("feedback_oldest_waiting_seconds", "mails")] > 0
    assert found[("feedback_database_bytes",)] > 10_000
    assert found[("feedback_worker_turn_timestamp_seconds",)] == (clock() - timedelta(minutes=5)).timestamp()
    assert found[("feedback_backup_timestamp_seconds",)] < clock().timestamp() - 86_000


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_requests_are_counted_by_template(stranger, page, own, told):
    counted = ("feedback_requests_total", "GET", "/f/<token>", "200")
    before = told().get(counted, 0)
    stranger.get(page)
    stranger.get(page.upper())
    stranger.client.open(page, method="BREW")
    after = told()
    assert after[counted] == before + 2
    assert after[("feedback_request_seconds_count", "/f/<token>")] >= 2
    token = page.removeprefix("/f/")
    assert [labels for labels in after if token.casefold() in str(labels).casefold()] == []
    assert {method for _, method, *_ in (k for k in after if k[0] == "feedback_requests_total")} <= {
        "GET", "POST", "HEAD", "other", "OPTIONS", "PUT", "PATCH", "DELETE",
    }  # fmt: skip


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_database_is_asked_once_a_minute(stranger, cast, monkeypatch):
    asked = []
    monkeypatch.setattr(metrics, "figures", lambda session: asked.append(1) or figures(session))
    metrics._asked.clear()
    for _ in range(3):
        assert stranger.get("/metrics").status_code == 200
    assert asked == [1]


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_silent_worker_is_not_ready(stranger, cast, clock, with_token):
    mark_done(with_token, WORKER, clock())
    clock.forward(minutes=4)
    assert stranger.get("/readyz").status_code == 200
    clock.forward(minutes=2)
    reply = stranger.get("/readyz")
    assert (reply.status_code, "worker" in reply.text) == (503, True)
    (with_token / WORKER).unlink()  # none should run here
    assert stranger.get("/readyz").status_code == 200


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_requests_are_sorted_by_how_long_they_took(told, stranger, cast):
    """Whoever is warned of slow requests names one of these limits."""
    for seconds in (0.004, 0.02, 0.2, 2, 9.9, 10.1):
        metrics.count_request("/timed", "GET", 200, seconds)
    found = {
        next(each for each in labels if each != "/timed"): count
        for (name, *labels), count in told().items()
        if name == "feedback_request_seconds_bucket" and "/timed" in labels
    }
    assert found == {
        "0.005": 1, "0.01": 1, "0.025": 2, "0.05": 2, "0.1": 2, "0.25": 3, "0.5": 3, "1.0": 3, "2.5": 4, "5.0": 4,
        "10.0": 5, "+Inf": 6,
    }  # fmt: skip


def test_alert_that_was_closed_is_not_open(cast, db, told):
    cast.answer(cast.meeting(), 1)
    cast.answer(cast.meeting(contact="Eli"), 1)
    with db.reading() as session:
        first = session.exec(select(Alert.id)).first()
    with cast.changing() as c:
        close_alert(c, first, cast.carol.id, outcome="recovered", words="Talked to them")
    assert told()[("feedback_alerts_open", "urgent")] == 1
