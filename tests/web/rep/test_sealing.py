"""Until the guess is sealed, the server gives a rep no trace of what the client answered.

Two worlds begin alike, down to the last id. In one the client is delighted and lets everybody know; in the
other the client gives all ones and lets only the manager see it. Whatever a rep can open must be the same in
both, byte for byte, until the guess is sealed. What happens in both worlds alike (it was opened, six taps,
done) may be seen.
"""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from support.pages import plain, six

from feedback.actions import answers, promises, sessions
from feedback.actions.answers import Submission
from feedback.actions.change import change
from feedback.actions.promises import NewPromise
from feedback.core.answer_key import new_key
from feedback.models import Organisation, Promise, Relationship
from feedback.pages.client import promises_due
from feedback.store.answered import pairs_for_managers_only

DELIGHTED = {"visibility": "rep", "comment": "Wonderful", "stage": "growing", "nps": 10}
LEAVING = {"visibility": "manager", "comment": "We are leaving", "stage": "curious", "nps": 0}
PARTS = ("/status", "/gap", "/new", "/leaderboard")
WEEKS = ("2026-W47", "2026-W48", "2026-W49")  # the meeting is held in week 48


@pytest.fixture
def history(cast, clock):
    """A week in which Alice was heard by four clients, Bob by one, and each guessed them. Dana, one of Alice's,
    was promised something. Then a week later the meeting with Dana that the story is about."""
    for rep, contacts in (("alice", ("Dana", "Eli", "Fay", "Gus")), ("bob", ("Dana",))):
        for contact in contacts:
            met = cast.meeting(rep, contact)
            cast.answer(met, 4)
            cast.seal(met, 3)
            if (rep, contact) == ("alice", "Dana"):
                with change(cast.db, met.organisation_id, clock()) as c:
                    promises.note_promise(c, met.meeting_id, met.contact_id, NewPromise(side="rep", words="Send the numbers", due_on=date(2026, 11, 20)))  # fmt: skip
    clock.forward(days=7)
    return cast.meeting("alice", "Dana")


@pytest.fixture
def two_worlds(cast, fork, history):
    """Each world in turn, as the client left it."""

    def tell():
        before = fork()
        with cast.db.reading() as session:
            (promise,) = promises_due(session, history.organisation_id, history.id, cast.clock())
        for rating, verdict, extras in ((5, "kept", DELIGHTED), (1, "not_kept", LEAVING)):
            before.restore()
            state = Submission(six(rating), extras, verdicts={promise.id: verdict}, done=True)
            cast.submit(history, state)
            yield extras

    return tell


def let_reps_see_all(cast) -> None:
    with cast.db.writing() as session:
        where = Organisation.id == cast.alice.organisation_id
        session.execute(update(Organisation).where(where).values(reps_see_all=True))


def every_page(cast, invitation) -> list[str]:
    """Every address that a rep can open, and the CSV files."""
    met = f"/meetings/{invitation.meeting_id}"
    with cast.db.reading() as session:
        theirs = select(Relationship.id).where(Relationship.rep_id == cast.alice.id).order_by(Relationship.id)
        relationships: list[UUID] = list(session.scalars(theirs))
    return [
        "/", "/meetings", "/meetings/new", "/me", met, f"{met}/status", f"{met}/mirror", f"{met}/gap", f"{met}/promises", f"{met}/hand-over", "/meetings?q=dana", "/relationships", "/relationships?q=dana",
        f"/reps/{cast.alice.id}", f"/reps/{cast.bob.id}", f"/answers/{invitation.id}", "/alerts", "/people",
        "/leaderboard", "/leaderboard.csv", *(f"/relationships/{each}{more}" for each in relationships for more in ("", "/practice")),
        *(f"/leaderboard/{week}{kind}" for week in WEEKS for kind in ("", ".csv")),
    ]  # fmt: skip


def the_week_ends(cast, clock) -> None:
    """And the next one's first write, by somebody else, freezes it."""
    clock.forward(days=7)
    with change(cast.db, cast.olive.organisation_id, clock()) as c:
        sessions.end_sessions(c, cast.olive.id)


def told_apart(one: dict, other: dict) -> list:
    """The addresses that tell two worlds apart."""
    assert one.keys() == other.keys()
    assert len([path for path, (status, *_) in one.items() if status.startswith("200")]) >= 5
    return [path for path in one if one[path] != other[path]]


def looks(browser, paths) -> dict[str, tuple]:
    """What the server answers: as a page, and as the part of one where htmx asks for that."""
    found = {}
    for path in paths:
        parts = [{}, {"HX-Request": "true"}] if path.endswith(PARTS) else [{}]
        for headers in parts:
            reply = browser.get(path, headers=headers)
            reply.headers.pop("Set-Cookie", None)  # a browser's first form
            reply.headers.pop("X-Request-ID", None)  # random
            reply.headers.pop("Date", None)  # the second it was asked in
            found[path, *headers] = (reply.status, sorted(reply.headers), plain(reply))
    return found


@pytest.mark.parametrize("see_all", [False, True], ids=["own row", "reps see all"])
def test_rep_sees_no_client_rating_before_sealing(cast, sign_in, history, two_worlds, see_all):
    if see_all:
        let_reps_see_all(cast)
    alice, paths = sign_in("alice"), every_page(cast, history)
    assert told_apart(*(looks(alice, paths) for _ in two_worlds())) == []


@pytest.mark.parametrize("see_all", [False, True], ids=["own row", "reps see all"])
def test_frozen_week_shows_no_rating_before_sealing(cast, clock, sign_in, history, two_worlds, see_all):
    if see_all:
        let_reps_see_all(cast)
    alice, paths, seen = sign_in("alice"), every_page(cast, history), []
    for _ in two_worlds():
        the_week_ends(cast, clock)
        seen.append(looks(alice, paths))
    assert told_apart(*seen) == []


def test_other_rep_sees_no_rating_before_sealing(cast, clock, sign_in, history, two_worlds):
    let_reps_see_all(cast)
    bob, paths, seen = sign_in("bob"), every_page(cast, history), []
    for _ in two_worlds():
        seen.append(looks(bob, paths))
        the_week_ends(cast, clock)
        seen.append(looks(bob, paths))
    assert told_apart(seen[0], seen[2]) == told_apart(seen[1], seen[3]) == []


def test_rep_sees_no_rating_while_client_taps(cast, fork, sign_in, history, stranger):
    alice, paths, before, seen = sign_in("alice"), every_page(cast, history), fork(), []
    for taps in ({"integrity": 5, "savvy": 5}, {"competency": 1, "chemistry": 1, "comment": "No"}):
        before.restore()
        stranger.client.post(f"/f/{history.token}", data=taps)
        seen.append(looks(alice, paths))
    assert told_apart(*seen) == []


def test_rep_sees_no_verdict_before_sealing(cast, fork, sign_in, history):
    """The client's word on a promise is part of the answer: not even that it is settled may show."""
    alice, paths, before, seen = sign_in("alice"), every_page(cast, history), fork(), []
    with cast.db.reading() as session:
        (promise,) = promises_due(session, history.organisation_id, history.id, cast.clock())
    for verdict in ("kept", "not_yet"):
        before.restore()
        state = Submission(six(4), verdicts={promise.id: verdict}, done=True)
        cast.submit(history, state)
        seen.append(looks(alice, paths))
    assert told_apart(*seen) == []


@pytest.mark.parametrize("promised", [True, False], ids=["a promise was due", "none was"])
def test_second_code_reveals_no_answer(cast, db, fork, history, stranger, promised):
    """The rep plays the client with another code: it asks the same whatever the client said, skipped or took back."""
    if not promised:
        with db.writing() as session:
            session.execute(delete(Promise))
    with db.reading() as session:
        due = [p.id for p in promises_due(session, history.organisation_id, history.id, cast.clock())]
    assert bool(due) is promised
    second, key, seen = cast.meeting("alice", "Dana"), new_key(), []
    before = fork()
    for verdict, extras in (("kept", DELIGHTED), ("not_kept", LEAVING), (None, {}), ("erased", LEAVING)):
        before.restore()
        words = {promise: verdict for promise in due if verdict in ("kept", "not_kept")}
        state = Submission(six(4), extras, verdicts=words, done=True)
        cast.submit(history, state)
        if verdict == "erased":
            with change(cast.db, history.organisation_id, cast.clock()) as c:
                answers.erase_answer(c, history.id)
        reply = stranger.client.post(
            f"/f/{second.token}/{key}", data={**six(5), "done": "1"}, follow_redirects=True
        )
        seen.append(reply.text)
    assert "Anything to add?" in seen[0]
    assert len(set(seen)) == 1


def test_refused_seal_reveals_no_answer(cast, sign_in, history, two_worlds):
    alice, path = sign_in("alice"), f"/meetings/{history.meeting_id}/mirror"
    tries = [{"done": "1"}, {"savvy": "9"}, {"savvy": "3"}]
    delighted, leaving = ([plain(alice.post(path, form)) for form in tries] for _ in two_worlds())
    assert delighted == leaving


def test_rep_sees_the_answer_once_sealed(cast, sign_in, history, two_worlds):
    alice, met = sign_in("alice"), f"/meetings/{history.meeting_id}"
    paths, seen = [f"{met}/gap", "/meetings", "/leaderboard.csv", f"/reps/{cast.alice.id}"], []
    for _ in two_worlds():
        cast.seal(history, 3)
        seen.append(looks(alice, paths))
    assert {path for path, *_ in told_apart(*seen)} == set(paths)


def test_frozen_week_appears_once_sealed(cast, clock, sign_in, history):
    alice = sign_in("alice")
    cast.answer(history, 5)
    the_week_ends(cast, clock)
    assert alice.get("/leaderboard/2026-W48.csv").status_code == 404
    cast.seal(history, 3)
    assert alice.get("/leaderboard/2026-W48.csv").status_code == 200


def test_closed_unsealed_answer_hides_its_comment(cast, clock, sign_in, history, two_worlds):
    met = f"/meetings/{history.meeting_id}"
    for said in two_worlds():
        clock.forward(days=15)
        alice = sign_in("alice")
        pages = [alice.get(f"{met}{page}").text for page in ("", "/status", "/mirror")]
        assert said["comment"] not in "".join(pages)
        assert alice.get(f"{met}/gap").location.startswith(f"{met}/mirror")


def test_manager_sees_the_answer_before_sealing(cast, sign_in, history, two_worlds):
    carol = sign_in("carol")
    delighted, leaving = (carol.get("/leaderboard.csv").text for _ in two_worlds())
    assert ("Alice" in delighted, "Alice" in leaving) == (True, True)
    assert delighted != leaving


@pytest.fixture
def for_managers_only(cast, fork):
    """Return what `look` sees of an invitation whose client rated all 5, and of the same rated 1, told managers only."""

    def seen(hidden, look):
        before, found = fork(), []
        for rating in (5, 1):
            before.restore()
            cast.answer(hidden, rating, visibility="manager")
            found.append(look())
        return found

    return seen


def test_manager_only_answer_is_known_as_such_once_nobody_can_guess_it(cast, db, invitation):
    """Until then it must show in nothing, and so in what a page costs neither."""
    cast.answer(invitation, 2, visibility="manager")

    def pairs():
        with db.reading() as session:
            where = session, invitation.organisation_id, [cast.alice.id]
            return pairs_for_managers_only(*where, cast.clock())

    before = pairs()
    cast.seal(invitation, 4)
    assert (before, pairs()) == (set(), {(cast.alice.id, invitation.contact_id)})


def test_manager_only_answer_needs_three_voices(cast, for_managers_only, sign_in):
    """Two clients whose answers Alice knows, and one that wants only the manager to know."""
    known = cast.meeting("alice", "Eli")
    cast.answer(known, 4)
    cast.seal(known, 4)
    hidden = cast.meeting("alice", "Dana")
    cast.seal(hidden, 3)
    alice = sign_in("alice")
    seen = for_managers_only(hidden, lambda: looks(alice, every_page(cast, hidden)))
    assert told_apart(*seen) == []


def test_unsealed_answer_is_no_third_voice(cast, for_managers_only, sign_in):
    known = cast.meeting("alice", "Eli")
    cast.answer(known, 4)
    cast.seal(known, 4)
    cast.answer(cast.meeting("alice", "Fay"), 4)
    hidden = cast.meeting("alice", "Dana")
    cast.seal(hidden, 3)
    alice = sign_in("alice")
    seen = for_managers_only(hidden, lambda: looks(alice, every_page(cast, hidden)))
    assert told_apart(*seen) == []


def test_manager_only_answer_counts_among_three(cast, for_managers_only, sign_in):
    for contact in ("Eli", "Fay"):
        known = cast.meeting("alice", contact)
        cast.answer(known, 4)
        cast.seal(known, 4)
    hidden = cast.meeting("alice", "Dana")
    cast.seal(hidden, 3)
    alice = sign_in("alice")
    best, worst = for_managers_only(hidden, lambda: alice.get("/leaderboard.csv").data)
    assert best != worst
