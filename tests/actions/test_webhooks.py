"""Webhooks: what is told, once and with its cause; and what an owner does about them."""

from io import BytesIO

import pytest
from sqlmodel import col, select, update
from support.dump import dump

from feedback.actions import answers, settling
from feedback.actions.alerts import handle
from feedback.actions.answers import Submission
from feedback.actions.change import change
from feedback.actions.decisions import decide_answer
from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Invalid
from feedback.imports.run import ImportKind, import_file
from feedback.models import Alert, AlertReason, Audit, FrozenWeek, Webhook, WebhookDelivery
from feedback.models.webhook import Event
from feedback.pages.webhook_payload import payload
from feedback.sending.queue import PAUSES
from feedback.store.webhooks import due_deliveries, secret_mark
from feedback.webhooks import events, subscriptions
from feedback.webhooks.events import end_webhook

HERE = "http://127.0.0.1:9/feedback"
FOUR = {"integrity": 4, "competency": 4, "recognition": 4, "proactivity": 4}
TWO = {"savvy": 4, "chemistry": 4}


@pytest.fixture
def add(cast, clock):
    """add(*events, url=...) is a webhook of Olive's, inside the network, where that is allowed."""

    def make(*events, url=HERE, who="olive"):
        owner = cast.people[who]
        with change(cast.db, owner.organisation_id, clock()) as c:
            return subscriptions.add_webhook(c, owner.id, url, events or tuple(Event))

    return make


@pytest.fixture
def save(cast, clock):
    """save(invitation, ratings, done=...) is what one tap sends."""

    def tap(invitation, ratings, done=False, **more):
        state = Submission(ratings=ratings, done=done, **more)
        cast.submit(invitation, state)

    return tap


@pytest.fixture
def told(db):
    """told() is every (event, about_id) that waits or went out, in the order of its telling."""

    def look():
        with db.reading() as session:
            rows = session.exec(select(WebhookDelivery).order_by(WebhookDelivery.id)).all()
        return [(row.event, row.about_id) for row in rows]

    return look


@pytest.fixture
def message(cast, clock):
    """message(event, about_id) is what would be sent now."""

    def words(event, about_id):
        with cast.db.reading() as session:
            return payload(session, cast.olive.organisation_id, event, about_id, clock(), clock())

    return words


def test_answer_with_extras_is_told_once(cast, add, save, told):
    add()
    save(invitation := cast.meeting(), FOUR | TWO, done=True)
    assert told() == []
    for _ in range(2):
        save(invitation, {}, done=True, extras_sent=True)
    assert told() == [("feedback.received", invitation.id)]


def test_answer_without_extras_is_told_after_10_minutes(cast, clock, add, save, told):
    add()
    save(invitation := cast.meeting(), FOUR, done=True)
    for minutes in (9, 1, 1):
        clock.forward(minutes=minutes)
        cast.settle()
    assert told() == [("feedback.received", invitation.id)]


def test_unfinished_answer_is_told_when_settled(cast, clock, add, save, told):
    add(Event.FEEDBACK_RECEIVED)
    save(invitation := cast.meeting(), FOUR)
    clock.forward(minutes=10)
    cast.settle()
    assert told() == [("feedback.received", invitation.id)]


def test_first_message_carries_the_comment(cast, add, save, told, message):
    add(Event.FEEDBACK_RECEIVED)
    save(invitation := cast.meeting(), FOUR, done=True)
    save(
        invitation, {}, done=True, extras_sent=True, extras={"comment": "Well done", "visibility": "manager"}
    )
    assert told() == [("feedback.received", invitation.id)]
    data = message(Event.FEEDBACK_RECEIVED, invitation.id)["data"]
    assert (data["comment"], data["visibility"]) == ("Well done", "manager")


def test_change_and_erasure_are_told(cast, clock, add, save, told):
    add(Event.FEEDBACK_RECEIVED, Event.FEEDBACK_CHANGED, Event.FEEDBACK_ERASED)
    save(invitation := cast.meeting(), FOUR, done=True, extras_sent=True)
    save(invitation, {"integrity": 5})
    save(invitation, {"integrity": 5})  # nothing new
    clock.forward(seconds=1)
    with change(cast.db, invitation.organisation_id, clock()) as c:
        answers.erase_answer(c, invitation.id)
    assert [event for event, _ in told()] == ["feedback.received", "feedback.changed", "feedback.erased"]


def test_failed_answer_is_told_later(cast, clock, add, save, told, monkeypatch):
    add()
    for met in (first := cast.meeting(contact="Dana"), second := cast.meeting(contact="Eli")):
        save(met, FOUR, done=True)
    clock.forward(minutes=10)
    tell = events.enqueue_event

    def fail_for_the_first(c, event, about_id):
        if about_id == first.id:
            raise OSError
        tell(c, event, about_id)

    with monkeypatch.context() as broken:
        broken.setattr(settling, "enqueue_event", fail_for_the_first)
        cast.settle()
        assert told() == [("feedback.received", second.id)]
    cast.settle()
    assert {about for _, about in told()} == {first.id, second.id}


def test_answer_erased_before_telling_is_not_told(cast, clock, add, save, told):
    add()
    save(invitation := cast.meeting(), FOUR, done=True)
    with change(cast.db, invitation.organisation_id, clock()) as c:
        answers.erase_answer(c, invitation.id)
    clock.forward(minutes=20)
    cast.settle()
    assert told() == []
    save(cast.meeting(contact="Eli"), FOUR, done=True)
    clock.forward(minutes=20)
    cast.settle()
    assert len(told()) == 1  # of another, all the same


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_decision_about_untold_erased_answer_is_untold(cast, clock, add, save, told):
    add()
    save(invitation := cast.meeting(), FOUR, done=True)
    for do in (
        lambda c: answers.dispute_answer(c, invitation.id, with_key=False),
        lambda c: answers.erase_answer(c, invitation.id),
        lambda c: decide_answer(c, invitation.id, cast.carol.id, accept=False, reason="Not hers"),
    ):
        clock.forward(seconds=1)
        with change(cast.db, invitation.organisation_id, clock()) as c:
            do(c)
    assert [event for event, _ in told()] == ["alert.opened", "alert.closed"]


def test_ended_webhook_leaves_what_waits_for_another(cast, db, clock, add):
    ended, stays = add(), add(url="http://127.0.0.1:9/another")
    cast.answer(cast.meeting("alice"), 5)
    with change(cast.db, cast.olive.organisation_id, clock()) as c:
        end_webhook(c, ended, cast.olive.id)
    with db.reading() as session:
        rows = session.exec(select(WebhookDelivery)).all()
        assert {row.webhook_id: row.given_up_at for row in rows} == {ended: clock(), stays: None}
        assert {row.id: row.ended_at for row in session.exec(select(Webhook)).all()} == {
            ended: clock(),
            stays: None,
        }


def test_opened_alert_is_told_once(cast, add, told):
    add(Event.ALERT_OPENED)
    cast.answer(cast.meeting(), 1)
    cast.answer(cast.meeting(), 1)
    with cast.db.reading() as session:
        assert told() == [
            ("alert.opened", alert.id) for alert in session.exec(select(Alert).order_by(Alert.id))
        ]


def test_closed_and_reopened_alert_are_told(cast, clock, add, told, message):
    add(Event.ALERT_CLOSED, Event.ALERT_OPENED)
    cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 2)
    ((_, alert_id),) = told()
    for _ in range(2):
        clock.forward(hours=1)
        with cast.changing() as c:
            handle.close_alert(c, alert_id, cast.carol.id, outcome="recovered", words="We met again.")
    assert told()[1:] == [("alert.closed", alert_id)]
    data = message(Event.ALERT_CLOSED, alert_id)["data"]
    assert (data["outcome"], data["closed_at"]) == ("recovered", "2026-11-18T12:00:00Z")
    with cast.changing() as c:
        handle.reopen_alert(c, alert_id, cast.carol.id)
    assert told()[2:] == [("alert.opened", alert_id)]
    assert message(Event.ALERT_OPENED, alert_id)["data"]["outcome"] is None


def test_every_frozen_week_is_told(cast, clock, add, told):
    add(Event.STANDINGS_FROZEN)
    with change(cast.db, cast.olive.organisation_id, clock.forward(days=14)):
        pass
    with cast.db.reading() as session:
        weeks = session.exec(select(FrozenWeek).order_by(FrozenWeek.monday)).all()
    assert told() == [("standings.frozen", week.id) for week in weeks]
    assert len(weeks) == 2


def test_webhook_hears_only_its_events(cast, add, told):
    add(Event.FEEDBACK_RECEIVED)
    add(Event.STANDINGS_FROZEN, url=f"{HERE}/weeks")
    add(who="mallory")
    cast.answer(invitation := cast.meeting(), 4)
    cast.clock.forward(minutes=10)
    cast.settle()
    assert told() == [("feedback.received", invitation.id)]


def test_rolled_back_event_is_not_told(cast, add, told):
    add()

    def close_and_fail():
        with cast.changing() as c:
            events.enqueue_event(c, Event.ALERT_CLOSED, cast.olive.id)
            raise ValueError("no such outcome")

    with pytest.raises(ValueError, match="no such outcome"):
        close_and_fail()
    assert told() == []


def test_imported_history_is_not_told(cast, clock, add, told):
    add()
    past = {"rep_email": "alice@example.com", "account": "Northwind", "contact": "Dana", "contact_email": "",
            "held_at": "2026-10-01T10:00:00Z", **{f"client_{name}": "1" for name in DIMENSIONS},
            **{f"rep_{name}": "" for name in DIMENSIONS}, "nps": "", "comment": "", "stage": "", "rep_stage": ""}  # fmt: skip
    rows = f"{','.join(past)}\n{','.join(past.values())}\n"
    import_file(
        cast.db, cast.olive.organisation_id, ImportKind.HISTORY, BytesIO(rows.encode()), dry_run=False,
        now=clock(),
    )  # fmt: skip
    assert len(dump(cast.db)["feedback"]) == 1
    assert told() == []


def test_feedback_message_carries_the_answer(cast, message):
    cast.answer(invitation := cast.meeting(), 5, 4, 3, 2, 1, 5, comment="Thank you", visibility="manager")
    assert message(Event.FEEDBACK_RECEIVED, invitation.id) == {
        "type": "feedback.received",
        "timestamp": "2026-11-18T11:00:00Z",
        "data": {
            "invitation_id": str(invitation.id),
            "held_at": "2026-11-18T11:00:00Z",
            "rep": {"name": "Alice", "email": "alice@example.com"},
            "contact": "Dana Whitfield",
            "account": "Northwind",
            "ratings": dict(zip(DIMENSIONS, (5, 4, 3, 2, 1, 5), strict=True)),
            "comment": "Thank you",
            "visibility": "manager",
            "counts": "counted",
            "loyalty": 58.33,  # 25 * (20 / 6 - 1)
        },
    }


def test_mirror_is_not_in_the_message(cast, message):
    cast.seal(invitation := cast.meeting(), 5)
    before = message(Event.FEEDBACK_RECEIVED, invitation.id)
    cast.seal(other := cast.meeting(contact="Eli"), 1)
    after = message(Event.FEEDBACK_RECEIVED, other.id)
    for words in (before, after):
        del words["data"]["invitation_id"], words["data"]["contact"]
    assert before == after


def test_erased_answer_message_has_no_ratings(cast, clock, message):
    cast.answer(invitation := cast.meeting(), 5, comment="Thank you")
    with change(cast.db, invitation.organisation_id, clock()) as c:
        answers.erase_answer(c, invitation.id)
    data = message(Event.FEEDBACK_RECEIVED, invitation.id)["data"]
    assert data["counts"] == "erased"
    assert data["ratings"] == dict.fromkeys(DIMENSIONS)
    assert (data["comment"], data["loyalty"]) == (None, None)


def test_alert_message_carries_all_reasons(cast, add, told, message):
    add(Event.ALERT_OPENED)
    cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 2)
    cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 1)  # makes the watch alert urgent
    ((_, alert_id),) = {each for each in told() if message(*each)["data"]["kind"] == "low"}
    data = message(Event.ALERT_OPENED, alert_id)["data"]
    assert data["due_at"] > data["opened_at"]
    assert {**data, "due_at": None} == {
        "alert_id": str(alert_id), "kind": "low", "severity": "urgent", "opened_at": "2026-11-18T11:00:00Z",
        "due_at": None, "closed_at": None, "outcome": None,
        "rep": {"name": "Alice", "email": "alice@example.com"}, "contact": "Dana Whitfield",
        "account": "Northwind",
        "reasons": [
            {"kind": "low", "severity": severity, "since": "2026-11-18T11:00:00Z"} for severity in ("watch", "urgent")
        ],
    }  # fmt: skip


def test_alert_message_leaves_out_what_holds_no_more(cast, db, clock, add, told, message):
    add(Event.ALERT_OPENED)
    cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 1)
    ((_, alert_id),) = {each for each in told() if message(*each)["data"]["kind"] == "low"}

    def reasons():
        return [each["kind"] for each in message(Event.ALERT_OPENED, alert_id)["data"]["reasons"]]

    assert reasons() == ["low"]
    with db.writing() as session:
        session.execute(
            update(AlertReason).where(col(AlertReason.alert_id) == alert_id).values(struck_at=clock())
        )
    assert reasons() == []


def test_week_message_lists_ranked_first(cast, clock, add, told, message):
    add(Event.STANDINGS_FROZEN)
    for name in ("Dana", "Eli", "Fay", "Gus"):
        cast.answer(cast.meeting("bob", contact=name), 5)
    with change(cast.db, cast.olive.organisation_id, clock.forward(days=7)):
        pass
    data = message(*told()[0])["data"]
    assert data["week"] == "2026-W47"
    bob, alice = data["standings"]
    assert (bob["rank"], bob["rep"], alice["rank"]) == (1, {"name": "Bob", "email": "bob@example.com"}, None)
    assert bob.keys() == {"rank", "rep", "score", "low", "high", "voices"}
    assert 0 <= bob["low"] < bob["score"] <= bob["high"] <= 100


def test_missing_subject_makes_no_message(cast, message):
    assert [message(event, cast.olive.id) for event in Event] == [None] * len(Event)


def test_at_most_five_per_webhook_are_due(cast, clock, add):
    add(Event.ALERT_CLOSED)
    add(Event.ALERT_CLOSED, url=f"{HERE}/other")
    with cast.changing() as c:
        for _ in range(7):
            events.enqueue_event(c, Event.ALERT_CLOSED, cast.olive.id)
    with cast.db.reading() as session:
        assert len(due_deliveries(session, clock())) == 10


def test_webhook_added_twice_is_one(cast, add):
    assert add() == add()
    assert len(dump(cast.db)["webhooks"]) == 1


def test_same_url_with_other_events_is_refused(add):
    add(Event.ALERT_OPENED)
    with pytest.raises(Invalid, match="told already"):
        add(Event.ALERT_CLOSED)


def test_organisation_has_at_most_10_webhooks(add):
    for n in range(10):
        add(url=f"{HERE}/{n}")
    with pytest.raises(Invalid, match="There are 10 already"):
        add()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://8.8.8.8/", "https://"),
        ("ftp://8.8.8.8/", "https://"),
        ("feedback.example", "https://"),
        ("https://", "names no server"),
        ("https://8.8.8.8:0/", "names no server"),
        ("https://8.8.8.8:99999/", "not an address"),
        ("https://[8.8.8.8/", "not an address"),
        ("https://me:secret@8.8.8.8/", "Leave name and password out"),
        ("https://8.8.8.8/ü", "no letters with accents"),
        ("https://8.8.8.8/a b", "no spaces"),
        ("https://8.8.8.8/\r\nX: y", "no spaces"),
        ("https://nobody.invalid/", "nobody.invalid is not known"),
        ("https://127.0.0.1/", "private network"),
        ("https://2130706433/", "private network"),
        ("https://localhost/", "private network"),
        ("https://10.0.0.8/", "private network"),
        ("https://169.254.169.254/latest", "private network"),
        ("https://[::1]/", "private network"),
        ("https://[::ffff:10.0.0.8]/", "private network"),
    ],
)
def test_non_public_url_is_refused(url, reason):
    with pytest.raises(Invalid) as refused:
        subscriptions.checked_url(url, private=False)
    assert reason in refused.value.reasons["url"]


@pytest.mark.parametrize("url", ["https://8.8.8.8/feedback?key=1", "https://[2606:4700::1111]:8443/"])
def test_public_url_is_accepted(url):
    assert subscriptions.checked_url(url, private=False) == url


def test_rotation_keeps_one_previous_secret(cast, clock, add):
    hook, who = add(), cast.olive

    def secrets():
        with cast.db.reading() as session:
            return session.get(Webhook, (who.organisation_id, hook)).secrets

    (first,) = secrets()
    for _ in range(2):  # twice: a double click
        with change(cast.db, who.organisation_id, clock()) as c:
            subscriptions.rotate_secret(c, hook, who.id, mark=secret_mark(first))
    second, kept = secrets()
    assert kept == first != second
    with change(cast.db, who.organisation_id, clock()) as c:
        subscriptions.rotate_secret(c, hook, who.id, mark=secret_mark(second))
    assert secrets()[1:] == (second,)


def test_webhook_changes_are_audited(cast, clock, add):
    who, hook = cast.olive, add()
    with cast.db.reading() as session:
        secret = session.get(Webhook, (who.organisation_id, hook)).secrets[0]
    with change(cast.db, who.organisation_id, clock()) as c:
        subscriptions.rotate_secret(c, hook, who.id, mark=secret_mark(secret))
    for _ in range(2):
        with change(cast.db, who.organisation_id, clock()) as c:
            end_webhook(c, hook, who.id)
    with cast.db.reading() as session:
        rows = session.exec(select(Audit).where(Audit.what.startswith("webhook")).order_by(Audit.id)).all()
    done = [(row.what, row.user_id, row.about_id) for row in rows]
    assert done == [(f"webhook.{what}", who.id, hook) for what in ("added", "secret_rotated", "ended")]


def test_ended_webhook_gets_no_deliveries(cast, clock, add, told):
    who, hook = cast.olive, add(Event.FEEDBACK_RECEIVED)
    cast.answer(cast.meeting(), 4)
    clock.forward(minutes=10)
    cast.settle()
    with change(cast.db, who.organisation_id, clock()) as c:
        end_webhook(c, hook, who.id)
    cast.answer(cast.meeting(contact="Eli"), 4)
    clock.forward(minutes=10)
    cast.settle()
    with cast.db.reading() as session:
        assert due_deliveries(session, clock()) == []
    assert len(told()) == 1


def test_ended_webhook_gets_not_even_what_waits(cast, clock, add):
    """As when it ends at the very moment in which a message is queued."""
    who, hook = cast.olive, add(Event.FEEDBACK_RECEIVED)
    cast.answer(cast.meeting(), 4)
    clock.forward(minutes=10)
    cast.settle()
    with cast.db.reading() as session:
        assert [each.webhook_id for each in due_deliveries(session, clock())] == [hook]
    with cast.db.writing() as session:
        session.get_one(Webhook, (who.organisation_id, hook)).ended_at = clock()
    with cast.db.reading() as session:
        assert due_deliveries(session, clock()) == []


def test_ended_webhook_cannot_rotate_or_resend(cast, clock, add):
    who, hook = cast.olive, add(Event.FEEDBACK_RECEIVED)
    with change(cast.db, who.organisation_id, clock()) as c:
        end_webhook(c, hook, who.id)
    with pytest.raises(Invalid, match="ended"), change(cast.db, who.organisation_id, clock()) as c:
        subscriptions.rotate_secret(c, hook, who.id, mark="")
    with pytest.raises(Invalid, match="ended"), change(cast.db, who.organisation_id, clock()) as c:
        subscriptions.resend_delivery(c, hook, who.id, who.id)


def test_retry_pauses_grow_over_two_days():
    assert list(PAUSES) == sorted(PAUSES)
    assert 44 <= sum(pause.total_seconds() for pause in PAUSES) / 3600 <= 50
