"""Assistants: the tools over MCP, asked by the official client, over HTTP and over standard input and output."""

import pytest
import requests

from feedback.api.assistants import ToolRefused, ask_server
from feedback.core.api_tokens import Scope

SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def rpc(program, method: str, params: dict | None = None, **headers: str):
    """Send one message to /mcp; return its result."""
    sent = {
        "Authorization": f"Bearer {program.token}",
        "Accept": "application/json, text/event-stream",
        **headers,
    }
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
    reply = program.client.post("/mcp", json=message, headers=sent)
    return reply.json["result"] if reply.status_code == 200 else reply


def use(program, name: str, **arguments: object):
    """Use a tool; return what it says, or the words why not."""
    result = rpc(program, "tools/call", {"name": name, "arguments": arguments})
    return result["content"][0]["text"] if result["isError"] else result["structuredContent"]


@SQLITE
def test_manager_is_told_with_sample_and_range(cast, program):
    met = cast.meeting()
    cast.answer(met, 2, comment="Nobody called back")
    cast.seal(met, 5)
    carol = program("carol")
    assert {each["name"] for each in rpc(carol, "tools/list")["tools"]} == {
        "board", "relationship_brief", "alerts", "today", "find_contact", "start_meeting",
    }  # fmt: skip
    (row,) = use(carol, "board")["rows"]
    assert row["low"] < row["score"] < row["high"]
    assert row["voices"] > 0.9
    (alert,) = use(carol, "alerts")["items"]
    assert alert["comment"] == "Nobody called back"
    (call,) = use(carol, "today")["calls"]
    assert (call["contact"], call["comment"], call["voices"] > 0.9) == (
        "Dana Whitfield",
        "Nobody called back",
        True,
    )
    (between,) = use(carol, "find_contact", words="dana")["relationships"]
    known = use(carol, "relationship_brief", relationship_id=between["relationship_id"])
    assert (known["loyalty"], known["answers"], known["low"], known["high"]) == (25, 1, 25, 25)


@SQLITE
def test_rep_learns_nothing_before_the_seal(cast, program):
    first = cast.meeting()
    alice = program("alice")
    (between,) = use(alice, "find_contact", words="dana")["relationships"]
    asked = [("board", {}), ("relationship_brief", {"relationship_id": between["relationship_id"]}), ("today", {}),
             ("find_contact", {"words": "dana"})]  # fmt: skip
    before = [_shown(use(alice, name, **arguments)) for name, arguments in asked]
    cast.answer(first, 1, comment="We are leaving")
    assert [_shown(use(alice, name, **arguments)) for name, arguments in asked] == before
    cast.seal(first, 4)
    assert use(alice, *asked[1][:1], **asked[1][1])["comment"] == "We are leaving"
    assert use(alice, "alerts") == "This is not for the role of whoever made the token."


def _shown(answer):
    """Without how many clients answered, which shows at once, as on the page of the meeting."""
    for row in answer.get("rows", ()):
        del row["answered"], row["asked"]
    return answer


@SQLITE
def test_meeting_is_begun_by_a_token_that_may(cast, program):
    body = {"new_contact": {"name": "Dana", "account": "Northwind"}}
    made = use(program("alice", Scope.ASK), "start_meeting", **body)
    assert "/f/" in made["invitations"][0]["address"]
    assert "lacks the scope ask" in use(program("alice", Scope.READ), "start_meeting", **body)
    assert "role" in use(program("carol"), "start_meeting", **body)
    assert "Who did you meet?" in use(program("alice"), "start_meeting")


@SQLITE
def test_nonsense_is_refused_in_words(program, stranger):
    carol = program("carol")
    assert "no tool called" in use(carol, "bord")
    assert "week" in use(carol, "board", week="soon")
    assert "That cannot be taken" in use(carol, "board", week="2026-W99")
    assert "nothing here" in use(
        carol, "relationship_brief", relationship_id="01a21fdd-5dbe-75d0-a844-38d670e4c272"
    )
    assert "relationship_id" in use(carol, "relationship_brief", relationship_id="x")
    assert stranger.client.post("/mcp", json={}).status_code == 401
    assert stranger.client.get("/mcp").status_code == 405
    token = {"Authorization": f"Bearer {carol.token}", "Accept": "application/json, text/event-stream"}
    for body in (b"", b"{", b"[]", b'{"jsonrpc": "2.0"}', b"\xff"):
        reply = carol.client.post("/mcp", data=body, headers={**token, "Content-Type": "application/json"})
        assert reply.status_code == 400, body
    assert carol.client.post("/mcp", data=b"{}", headers=token).status_code in (400, 415)


@SQLITE
def test_works_agreement_holds_for_assistants(cast, program):
    met = cast.meeting()
    cast.answer(met, 1)
    with cast.changing() as c:
        c.organisation.works_agreement = True
    carol = program("carol")
    board = use(carol, "board")
    assert (board["rows"], board["loyalty"]) == ([], None)
    assert use(carol, "find_contact", words="dana")["relationships"] == []
    (alert,) = use(carol, "alerts")["items"]
    path = f"/relationships/{alert['relationship_id']}"
    assert "works agreement" in use(carol, "relationship_brief", relationship_id=alert["relationship_id"])
    assert [carol.get(each).status_code for each in (path, f"{path}/answers", "/relationships")] == [403] * 3


@pytest.mark.parametrize(
    ("status", "said", "words"),
    [
        (401, '{"detail": "This token is over.", "title": "Unauthorized"}', "This token is over."),
        (401, '{"title": "Unauthorized"}', "Unauthorized"),
        (404, "{}", "https://us.example answered 404."),
        (502, "<h1>Bad gateway</h1>", "https://us.example does not answer as it should (JSONDecodeError)."),
        (200, '{"result": {"isError": true, "content": [{"text": "There is no such week."}]}}', "There is no such week."),
    ],
)  # fmt: skip
def test_server_elsewhere_that_refuses_is_told_in_its_words(monkeypatch, status, said, words):
    reply, asked = requests.Response(), []
    reply.status_code, reply._content = status, said.encode()

    def post(address, **sent):
        asked.append(
            (address, sent["headers"]["Authorization"], sent["json"]["params"], sent["allow_redirects"])
        )
        return reply

    monkeypatch.setattr(requests, "post", post)
    with pytest.raises(ToolRefused) as refused:
        ask_server("https://us.example", "bd_x")("board", {"week": "2026-W47"})
    assert str(refused.value) == words
    call = {"name": "board", "arguments": {"week": "2026-W47"}}
    assert asked == [("https://us.example/mcp", "Bearer bd_x", call, False)]
