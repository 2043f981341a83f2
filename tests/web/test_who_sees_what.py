"""Every address, every reader, every state of an answer: nothing shows that may not.

For each state two worlds begin alike, down to the last id, and differ only in what the client said: in one all that
can be said is bad, in the other it is good. Whoever may not see the answer (core.access says who) must be given the
same bytes in both, at every address of the url map; who may see it must be able to tell them apart.
"""

import re
from dataclasses import dataclass
from itertools import product

import pytest
from sqlmodel import col, select
from support.cast import Cast
from support.chat_services import chat_channel
from support.pages import plain
from support.tokens import carry

from feedback.actions import answers
from feedback.actions.answers import Submission
from feedback.actions.change import change
from feedback.core.access import Reader, Shows
from feedback.core.dimensions import DIMENSIONS
from feedback.models import Alert, Relationship
from feedback.models.webhook import Event
from feedback.webhooks import subscriptions

BAD, GOOD = (1,) * 6, (5,) * 6
ALMOST_AS_BAD = (2,) * 6  # urgent, too: that an urgent answer was taken back is told, and not what it said
ALIKE_FOR_ALL = "/(F/|robots|stop/|.well-known|privacy|healthz|readyz|metrics|offline|service-worker|app.web|logos|accents|demo|sign-in|sign-up|forgot-password|set-up|settings|start|try|teams|join|people|import|status|me$|me/tokens|me/passkeys|me/second-factor|tokens|api$|api/v1/(me$|openapi|people|teams)|meetings/calendar)"
BOARDS = {"/api/v1/standings", "/meetings", "/reps/<uuid:rep_id>", "/leaderboard", "/leaderboard.csv", "/leaderboard/<week_name>",
          "/leaderboard/<week_name>.csv"}  # fmt: skip
PROGRAMS = ("alice", "dave")  # who ask the API, too: the rep, and a manager of another team
READERS = {"alice": Reader.REP, "carol": Reader.MANAGER, "olive": Reader.MANAGER, "dave": None, "bob": None}


@dataclass(frozen=True)
class Told:
    """How far the client is. taps: 0..6. done: tapped Done. then: what happens to the settled answer."""

    taps: int = 6
    done: bool = True
    visibility: str = "rep"
    then: str = ""


STATES = {
    "none": Told(0, done=False),
    "two taps": Told(2, done=False),
    "six taps": Told(6, done=False),
    "done": Told(),
    "done for the manager only": Told(visibility="manager"),
    "erased": Told(then="erased"),
    "disputed by the code": Told(then="disputed"),
    "disputed by the key": Told(then="set apart"),
}
# Six seconds each; the others are like one of these, and run in `make test-long`.
IN_EVERY_RUN = {
    *product(("six taps", "done", "done for the manager only"), (False, True)),
    ("erased", True),
    ("disputed by the code", False),
}


@pytest.fixture
def world(cast, fork, invitation, sign_in):
    """world(told, sealed, closed, ratings) plays it from the same beginning; gives every page of every reader, and what
    each may see of the answer."""
    cast.add("dave", "manager", "South")
    with change(cast.db, cast.olive.organisation_id, cast.clock()) as c:
        hook = subscriptions.add_webhook(c, cast.olive.id, "https://8.8.8.8/", list(Event))
        channel = chat_channel(c, cast.olive.id)
    browsers = {name: sign_in(name) for name in READERS}
    carry(cast, {name: browsers[name] for name in PROGRAMS})
    before = fork()

    def play(told, sealed, closed, ratings):
        before.restore()
        _tell(cast, invitation, told, ratings)
        if sealed:
            cast.seal(invitation, 3)
        if closed:
            cast.clock.forward(days=14)
            tokens = {name: browser.api_token for name, browser in browsers.items()}
            browsers.update((name, sign_in(name)) for name in READERS)  # a session is too old by then
            for name, browser in browsers.items():
                browser.api_token = tokens[name]
        rules = _addresses(browsers["alice"].client.application, _ids(cast, invitation, hook, channel))
        pages = {
            name: {rule: _bare(browser.get(path)) for rule, path in rules.items()}
            for name, browser in browsers.items()
        }
        sights = {
            name: cast.reload(invitation, reader).access if reader else None
            for name, reader in READERS.items()
        }
        return pages, sights

    return play


def _tell(cast: Cast, invitation, told: Told, ratings) -> None:
    if told.taps:
        said = {
            "comment": "We are leaving" if ratings == BAD else "Well done, all",
            "stage": "curious",
            "nps": 1,
        }
        state = Submission(
            dict(list(zip(DIMENSIONS, ratings, strict=True))[: told.taps]),
            {"visibility": told.visibility, **(said if told.done else {})},
            done=told.done,
            extras_sent=told.done,
        )
        cast.submit(invitation, state)
    with cast.changing() as c:
        if told.then == "erased":
            answers.erase_answer(c, invitation.id)
        elif told.then:
            answers.dispute_answer(c, invitation.id, with_key=told.then == "set apart")


def _ids(cast: Cast, invitation, hook, channel) -> dict[str, object]:
    with cast.db.reading() as session:
        mine = session.exec(select(Relationship)).one()
        alert = session.exec(select(Alert.id).order_by(col(Alert.created_at))).first()
    account = cast.reload(invitation).contact_id
    return {
        "meeting_id": invitation.meeting_id, "invitation_id": invitation.id, "relationship_id": mine.id,
        "rep_id": cast.alice.id, "alert_id": alert or invitation.id, "account_id": account, "outcome_id": account, "entry_id": account, "calendar_id": account, "webhook_id": hook, "channel_id": channel,
        "user_id": cast.alice.id, "contact_id": account, "job_id": invitation.id, "kind": "people",
        "promise_id": invitation.id, "week_name": "2026-W47", "token": invitation.token, "key": "3479CDFGHJKMNPQRTVWXY3", "ticket": "x",
    }  # fmt: skip


def _addresses(app, ids) -> dict[str, str]:
    """Every address that can be opened, with this meeting's ids in it, by rule; but for those that know of no meeting."""
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
    return {
        rule: re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(ids[part[1]]), rule)
        for rule in rules
        if not re.match(ALIKE_FOR_ALL, rule)
    }


def _bare(reply) -> tuple[int, str | None, bytes]:
    """Without ids that are made anew each time."""
    assert "/sign-in" not in reply.headers.get("Location", "")
    return (
        reply.status_code,
        # of the API it is a hash of what is answered, with ids that are made anew
        reply.headers.get("ETag") if reply.mimetype != "application/json" else None,
        re.sub(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b"ID", plain(reply)),
    )


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("state", "sealed"),
    [
        pytest.param(*case, marks=[] if case in IN_EVERY_RUN else pytest.mark.long)
        for case in product(STATES, (False, True))
    ],
)
def test_hidden_answer_changes_no_byte(world, state, sealed):
    told = STATES[state]
    other = ALMOST_AS_BAD if told.then else GOOD
    one, sights = world(told, sealed, False, BAD)
    two, _ = world(told, sealed, False, other)
    for name, pages in one.items():
        differs = {rule for rule in pages if pages[rule] != two[name][rule]}
        access = sights[name]
        if (
            access is None
        ):  # of another team: a score starts from the whole organisation's mean, and nothing else shows
            assert differs <= BOARDS, name
        elif access.shows is Shows.ANSWER:
            assert differs, f"{name} may see it, and cannot tell the two apart: this proves nothing"
        else:
            assert differs == set(), name


@pytest.mark.parametrize("visibility", ["rep", "manager"])
def test_unsealed_manager_only_answer_stays_with_manager(world, visibility):
    """What was meant for the rep, too, is part of the rep's numbers then, and of nothing else."""
    told = Told(visibility=visibility)
    one, _ = world(told, False, True, BAD)
    two, _ = world(told, False, True, GOOD)
    assert one["carol"] != two["carol"]
    alices = [path for path in one["alice"] if one["alice"][path] != two["alice"][path]]
    assert bool(alices) is (visibility == "rep")
    assert not any(b"leaving" in body or b"Well done" in body for _, _, body in one["alice"].values())
