"""Until the guess is sealed a rep's program is answered alike whatever the client said: the same bytes, the same tags and
lengths, in the same order, with as many statements; and its changes are refused or done alike."""

import re
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import event

from feedback.actions.answers import Submission
from feedback.api.operations import OPERATIONS
from feedback.core.access import Role
from feedback.core.dimensions import DIMENSIONS

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
SAID = (
    (5, {"visibility": "rep", "comment": "Wonderful", "stage": "growing", "nps": 10}),
    (1, {"visibility": "manager", "comment": "We are leaving", "stage": "curious", "nps": 0}),
)
TOLD = ("ETag", "Content-Length", "Content-Type", "RateLimit-Limit", "Cache-Control", "Link")


@pytest.fixture
def met(cast, clock):
    """Alice was heard by four clients and guessed them; then she meets Dana again."""
    for contact in ("Dana", "Eli", "Fay", "Gus"):
        first = cast.meeting("alice", contact)
        cast.answer(first, 4)
        cast.seal(first, 3)
    clock.forward(days=7)
    return cast.meeting("alice", "Dana")


@pytest.fixture
def worlds(cast, fork, met, program):
    """worlds(look) is what `look` returns in each of two worlds that differ in what Dana said."""
    alice, before = program("alice"), None
    alice.get("/me")  # writes down that the token is used

    def play(look):
        nonlocal before
        before = before or fork()
        found = []
        for rating, extras in SAID:
            before.restore()
            cast.submit(
                met, Submission(dict.fromkeys(DIMENSIONS, rating), extras, done=True, extras_sent=True)
            )
            found.append(look(alice))
        return found

    return play


@pytest.fixture
def counted(db):
    """counted(ask) is what `ask()` returns, and how many statements that took."""

    def count(ask):
        said = []

        def note(_connection, _cursor, text, *_more):
            said.append(text)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            return ask(), len(said)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return count


def test_nothing_that_is_read_differs(counted, met, worlds, cast):
    reads = [op for op in OPERATIONS if op.method == "GET" and Role.REP in op.roles]
    ids = {
        "meeting_id": met.meeting_id,
        "invitation_id": met.id,
        "contact_id": met.contact_id,
        "rep_id": cast.alice.id,
    }

    def look(alice):
        ids["relationship_id"] = alice.get("/relationships").json["items"][0]["id"]
        return {path: shown(alice, path) for path in (filled(op.path, ids) for op in reads)}

    def shown(alice, path):
        alice.get(path)  # what is kept in memory is there from now on
        reply, statements = counted(partial(alice.get, path))
        return reply.status_code, reply.get_data(), [reply.headers.get(name) for name in TOLD], statements

    one, two = worlds(look)
    assert len([code for code, *_ in one.values() if code == 200]) > 15
    assert [path for path in one if one[path] != two[path]] == []


def test_nothing_that_is_changed_differs(counted, met, worlds):
    here = f"/meetings/{met.meeting_id}"
    changes = (
        ("PATCH", here, {"held_at": "2026-11-25T09:00:00Z"}),
        ("PATCH", f"{here}/invitations/{met.id}", {"declined": True}),
        ("PATCH", f"{here}/invitations/{met.id}", {"gap_seen": True}),
        ("POST", f"{here}/invitations/{met.id}/ask", {"way": "mail", "email": "dana@client.example"}),
        ("POST", f"{here}/invitations/{met.id}/ask", {"way": "link"}),
        ("DELETE", f"{here}/invitations/{met.id}", None),
        ("PATCH", f"/contacts/{met.contact_id}", {"role": "Buyer"}),
        ("POST", "/meetings", {"contact_ids": [str(met.contact_id)]}),
    )

    def look(alice):
        found = []
        for method, path, body in changes:
            once = {"Idempotency_Key": f"change-{len(found)}"}
            reply, statements = counted(partial(alice.ask, method, path, body, **once))
            found.append((method, path, reply.status_code, without_ids(reply.get_data()), statements))
        return found

    one, two = worlds(look)
    assert {code for _, _, code, *_ in one} >= {200, 201, 409, 422}
    assert one == two


def filled(path: str, ids: dict[str, UUID]) -> str:
    nobody = UUID(int=0)
    return re.sub(r"<uuid:(\w+)>", lambda part: str(ids.get(part[1], nobody)), path)


def without_ids(body: bytes) -> bytes:
    """Without ids and addresses that are made anew each time."""
    return re.sub(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|/f/\w+", b"ID", body)
