"""Many at once: whoever writes to the same thing waits, and nothing is lost, doubled or half done."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event
from time import sleep

from sqlalchemy import event
from sqlmodel import col, select
from support.dump import dump

from feedback.actions import answers, meetings
from feedback.actions.alerts import handle
from feedback.actions.answer_keys import Sender
from feedback.actions.answer_rows import locked_answer
from feedback.actions.answers import Submission
from feedback.actions.change import change
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.actions.trust import Fingerprint
from feedback.core.alerts.reasons import Kind
from feedback.core.dimensions import DIMENSIONS, count_rated
from feedback.db.change import Invalid
from feedback.db.version import read_version
from feedback.jobs.settling import settle_due
from feedback.models import Alert, AlertReason, Feedback, Standing
from feedback.models.feedback import ratings_of
from feedback.store.rep_sums import stored_sums
from feedback.store.replay import differences

HERE = "https://feedback.example"


def at_once(jobs: Iterable[Callable[[], object]]) -> list[object]:
    """Does them all in eight threads, and raises whatever one of them raised."""
    with ThreadPoolExecutor(8) as pool:
        return [done.result() for done in [pool.submit(job) for job in jobs]]


def answering(cast, invitation, dice: Random) -> Callable[[], None]:
    """A phone that sends three of the six, or all and done."""
    names = dice.sample(DIMENSIONS, dice.choice((3, 6)))
    state = Submission(
        {name: dice.randint(1, 5) for name in names}, sequence=dice.randint(1, 99), done=len(names) == 6
    )
    return lambda: cast.submit(invitation, state)


def erase(cast, invitation) -> None:
    with cast.changing() as c:
        answers.erase_answer(c, invitation.id)


def found_by_replay(cast) -> list[str]:
    with cast.db.reading() as session:
        return list(differences(session, cast.olive.organisation_id))


def test_200_answers_at_once_equal_the_replay(cast):
    dice = Random(7)
    met = [cast.meeting(contact=f"Client {n}") for n in range(10)] + [cast.meeting() for _ in range(10)]
    at_once(answering(cast, dice.choice(met), dice) for _ in range(200))
    assert found_by_replay(cast) == []
    assert len(dump(cast.db)["feedback"]) == 20
    assert len(dump(cast.db)["relationships"]) == 11  # ten clients met once, and one met ten times


def test_answers_of_one_rep_at_once_are_all_in_the_sum(cast):
    """Each of another client: nothing but the rep's row makes them wait for one another."""
    met = [cast.meeting(contact=f"Client {n}") for n in range(24)]
    at_once(lambda i=i: cast.answer(i, 4) for i in met)
    with cast.db.reading() as session:
        assert stored_sums(session, cast.olive.organisation_id)[cast.alice.id].voices.heard == 24
    assert found_by_replay(cast) == []


def test_sum_waits_for_another_write_to_the_rep(cast):
    """An answer has summed up, and is not committed when a seal, which no week counts, is about to."""
    one, other = (cast.meeting(contact=f"Client {n}") for n in range(2))
    cast.answer(other, 4)
    summed, go_on = Event(), Event()

    def hold(_session):
        summed.set()
        go_on.wait(10)

    def first():
        with cast.changing() as c:
            answers.save_answer(c, one.id, Submission(dict.fromkeys(DIMENSIONS, 4), done=True))
            event.listen(c.session, "before_commit", hold)

    def second():
        summed.wait(10)
        cast.seal(other, 4)

    def let_go():
        summed.wait(10)
        sleep(0.7)  # long enough for the second to come to the rep's row
        go_on.set()

    at_once([first, second, let_go])
    assert found_by_replay(cast) == []


def test_one_device_and_seals_at_once_do_not_deadlock(cast):
    """The third answer from a device writes to the relationships of the first two, which their rep seals just then."""
    phone = Sender(fingerprint=Fingerprint(device="d" * 64, network="n", browser="b"))
    for n in range(6):
        met = [cast.meeting(contact=f"Client {n}-{k}") for k in range(3)]
        for invitation in met[:2]:
            cast.submit(invitation, Submission(dict.fromkeys(DIMENSIONS, 4), done=True), phone)
        third = lambda i=met[2]: cast.submit(i, Submission(dict.fromkeys(DIMENSIONS, 4), done=True), phone)  # noqa: E731
        at_once([third, *(lambda i=i: cast.seal(i, 4) for i in met)])
        cast.clock.forward(days=31)  # what was said before is no trace any more
    assert found_by_replay(cast) == []


def test_every_change_at_once_is_counted(cast):
    with cast.db.reading() as session:
        before = read_version(session, cast.olive.organisation_id)
    at_once(lambda n=n: cast.meeting(("alice", "bob")[n % 2], f"Client {n}") for n in range(24))
    with cast.db.reading() as session:
        assert read_version(session, cast.olive.organisation_id) == before + 24


def test_seal_and_answer_at_once_both_count(cast):
    met = [cast.meeting(contact=f"Client {n}") for n in range(10)]
    at_once(
        job
        for i in met
        for job in (
            lambda i=i: cast.answer(i, 1),
            lambda i=i: cast.seal(i, 4),
        )
    )
    assert found_by_replay(cast) == []
    reasons = [row for row in dump(cast.db)["alert_reasons"] if "blind_spot" in row]
    assert len(reasons) == 10  # whoever came second saw both sides
    assert len(dump(cast.db)["alerts"]) == 10


def test_submits_at_once_make_one_meeting(cast):
    def press():
        who = cast.alice
        with change(cast.db, who.organisation_id, cast.clock()) as c:
            return meetings.start_meeting(c, who.id, NewMeeting(new_contact=NewContact("Dana", "Northwind"), form_key="pressed"))  # fmt: skip

    assert len(set(at_once([press] * 8))) == 1
    assert len(dump(cast.db)["meetings"]) == len(dump(cast.db)["invitations"]) == 1


def test_contact_added_by_two_reps_is_stored_once(cast):
    def meet(who, key):
        with change(cast.db, who.organisation_id, cast.clock()) as c:
            return meetings.start_meeting(c, who.id, NewMeeting(new_contact=NewContact("Dana", "Northwind"), form_key=key))  # fmt: skip

    at_once([lambda: meet(cast.alice, "a"), lambda: meet(cast.bob, "b")] * 2)
    assert (len(dump(cast.db)["contacts"]), len(dump(cast.db)["accounts"])) == (1, 1)
    assert found_by_replay(cast) == []


def test_eight_bad_answers_at_once_open_one_alert(cast):
    met = [cast.meeting() for _ in range(8)]
    at_once(lambda i=i: cast.answer(i, 1) for i in met)
    assert len(dump(cast.db)["alerts"]) == 1
    assert len([row for row in dump(cast.db)["alert_reasons"] if "low" in row]) == 8


def test_concurrent_settling_settles_once(cast):
    met = [cast.meeting(contact=f"Client {n}", email=f"client{n}@example.org") for n in range(6)]
    for invitation in met:
        cast.answer(invitation, 1, done=False)
    cast.clock.forward(minutes=10)
    done, sender = Submission(done=True), Sender(receipts=HERE)
    at_once(
        [
            *(lambda: settle_due(cast.db, cast.clock(), HERE) for _ in range(2)),
            *(lambda i=i: cast.submit(i, done, sender) for i in met),
        ]
    )
    assert found_by_replay(cast) == []
    assert len(dump(cast.db)["alerts"]) == 6
    assert len([row for row in dump(cast.db)["alert_reasons"] if "low" in row]) == 6
    assert len([row for row in dump(cast.db)["outbox"] if "receipt" in row]) == 6


def test_erasing_while_settling_leaves_no_answer(cast, clock):
    met = [cast.meeting(contact=f"Client {n}") for n in range(8)]
    for invitation in met:
        cast.answer(invitation, 1, done=False, comment="Late again")
    clock.forward(minutes=10)
    jobs = [lambda i=i: erase(cast, i) for i in met]
    at_once([*jobs[:4], *(lambda: settle_due(cast.db, clock(), None) for _ in range(3)), *jobs[4:]])
    assert found_by_replay(cast) == []
    with cast.db.reading() as session:
        said = session.exec(select(Feedback)).all()
        standing = session.exec(select(AlertReason).where(col(AlertReason.struck_at).is_(None))).all()
    assert all(row.erased_at and row.comment is None and not count_rated(ratings_of(row)) for row in said)
    assert {reason.kind for reason in standing} <= {Kind.UNUSUAL}


def test_assigning_and_answering_at_once_do_not_deadlock(cast, db):
    """Each takes the relationship before its alert."""

    def assign(alert_id):
        with cast.changing() as c, suppress(Invalid):
            handle.assign_practice(c, alert_id, cast.carol.id, dimension="savvy", number=1)

    for _ in range(10):
        cast.answer(cast.meeting(), 1)
        met = cast.meeting()
        with db.reading() as session:
            alert_id = session.exec(select(Alert.id).where(col(Alert.closed_at).is_(None))).one()
        at_once([lambda alert_id=alert_id: assign(alert_id), lambda met=met: cast.answer(met, 1)])
        cast.clock.forward(days=1)
    assert found_by_replay(cast) == []


def test_meetings_with_the_same_people_at_once_do_not_deadlock(cast):
    people = [cast.meeting(contact=f"Client {n}").contact_id for n in range(6)]

    def meet(contact_ids):
        with cast.changing() as c:
            meetings.start_meeting(c, cast.alice.id, NewMeeting(contact_ids=contact_ids))

    at_once(lambda order=order: meet(people[::order]) for _ in range(12) for order in (1, -1))
    assert found_by_replay(cast) == []
    assert len(dump(cast.db)["meetings"]) == 6 + 24


def test_freezing_waits_for_what_is_being_written(cast, clock):
    """A meeting is started in the last seconds of a week, and its transaction ends in the next one."""
    clock.now = datetime(
        2026, 11, 22, 22, 59, 50, tzinfo=UTC
    )  # Sunday, ten seconds before midnight in Berlin
    started, go_on = Event(), Event()

    def meet():
        with cast.changing() as c:
            meetings.start_meeting(c, cast.alice.id, NewMeeting(new_contact=NewContact("Dana", "Northwind")))
            started.set()
            go_on.wait(10)

    def freeze():
        started.wait(10)
        with change(cast.db, cast.olive.organisation_id, clock() + timedelta(seconds=20)):
            pass

    def let_go():
        started.wait(10)
        sleep(0.5)  # long enough for the freeze to run ahead, if it would
        go_on.set()

    at_once([meet, freeze, let_go])
    with cast.db.reading() as session:
        alice = session.exec(select(Standing).where(col(Standing.rep_id) == cast.alice.id)).one()
    assert (alice.meetings, alice.invitations) == (1, 1)


def test_freezing_and_settling_at_once_do_not_deadlock(cast, clock):
    """An answer is held in the last second of a week, and more is written after another has frozen the week."""
    met = cast.meeting()
    cast.answer(met, 4, done=False)
    clock.now = datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)
    held = Event()

    def last_of_the_week():
        with cast.changing() as c:
            locked_answer(c, met.id)
            held.set()
            sleep(0.5)  # long enough for the other to have frozen the week, and to wait for the answer
            c.audit(None, "looked")  # an insert, which waits for whoever holds the organisation

    def first_of_the_next():
        held.wait(10)
        with change(cast.db, cast.olive.organisation_id, clock() + timedelta(seconds=2)) as c:
            locked_answer(c, met.id)

    at_once([last_of_the_week, first_of_the_next])
    assert [row for row in dump(cast.db)["audit"] if "looked" in row]
    assert len(dump(cast.db)["weeks"]) == 1
