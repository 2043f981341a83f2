"""What a chat service's answer means, as whom a channel reads, and names on one line."""

from datetime import timedelta

import pytest

from feedback.core.access import Role, chat_role, sees_alerts
from feedback.core.chat import ChatService, ReplyKind, meaning_of, wait_asked_for
from feedback.core.text import isolated, one_line

SLACK, TEAMS = ChatService.SLACK, ChatService.TEAMS
ANSWERS = [
    (SLACK, 200, "ok", ReplyKind.SENT, ""),
    (SLACK, 200, "<html>Please sign in to this network</html>", ReplyKind.LATER, ""),
    (SLACK, 429, "rate_limited", ReplyKind.LATER, "rate_limited"),
    (SLACK, 500, "rollup_error", ReplyKind.LATER, "rollup_error"),
    (SLACK, 302, "", ReplyKind.LATER, ""),
    (SLACK, 408, "", ReplyKind.LATER, ""),
    (SLACK, 400, "invalid_blocks", ReplyKind.NEVER, "invalid_blocks"),
    (SLACK, 400, "no_active_hooks", ReplyKind.GONE, "no_active_hooks"),
    (SLACK, 403, "invalid_token", ReplyKind.GONE, "invalid_token"),
    (SLACK, 403, "action_prohibited", ReplyKind.REFUSED, "action_prohibited"),
    (SLACK, 404, "no_service", ReplyKind.GONE, "no_service"),
    (SLACK, 410, "channel_is_archived", ReplyKind.GONE, "channel_is_archived"),
    (TEAMS, 202, "", ReplyKind.SENT, ""),
    (TEAMS, 299, "", ReplyKind.SENT, ""),
    (TEAMS, 300, "", ReplyKind.LATER, ""),
    (TEAMS, 413, "", ReplyKind.NEVER, ""),
    (TEAMS, 401, '{"error": {"code": "DirectApiAuthorizationRequired"}}', ReplyKind.REFUSED, "DirectApiAuthorizationRequired"),
    (TEAMS, 400, '{"error": {"code": "WorkflowTriggerIsNotEnabled"}}', ReplyKind.GONE, "WorkflowTriggerIsNotEnabled"),
    (TEAMS, 404, "[" * 2000, ReplyKind.GONE, ""),
    (TEAMS, 502, '{"error": "bad"}', ReplyKind.LATER, ""),
]  # fmt: skip


@pytest.mark.parametrize(("service", "status", "body", "kind", "code"), ANSWERS)
def test_answer_means_what_the_service_says(service, status, body, kind, code):
    found = meaning_of(service, status, body)
    assert (found.kind, found.code) == (kind, code)


def test_nothing_that_a_service_repeats_is_kept():
    """A word of the message, or its address, is no code."""
    for body in (
        "Dana Whitfield said 1",
        "https://example.com/services/T0/x4Kq",
        '{"error": {"code": "Dana W"}}',
    ):
        assert meaning_of(SLACK, 400, body).code == ""


def test_pause_is_as_asked_and_at_most_a_day():
    assert wait_asked_for("30") == timedelta(seconds=30)
    assert wait_asked_for("99999999") == timedelta(days=1)
    for other in (None, "", "-5", "soon", "٣", "9" * 5000, "Wed, 18 Nov 2026 11:00:00 GMT"):
        assert wait_asked_for(other) == timedelta(0)


def test_channel_reads_as_a_rep_unless_managers_alone_read_it():
    assert (
        chat_role(managers_only=False, of_a_team=False)
        == chat_role(managers_only=False, of_a_team=True)
        == Role.REP
    )
    assert chat_role(managers_only=True, of_a_team=True) == Role.MANAGER
    assert chat_role(managers_only=True, of_a_team=False) == Role.OWNER
    assert [role for role in Role if sees_alerts(role)] == [Role.MANAGER, Role.OWNER]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("  Dana\r\nWhitfield\t", "Dana Whitfield"),
        ("Dana \u202eevil\u2066", "Dana evil"),  # turns the direction of what follows
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner inside a word stays
        ("x" * 30, "x" * 19 + "…"),
        ("x" * 18 + "e\u0301e\u0301", "x" * 18 + "…"),  # no letter is parted from its accent
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("\x00", ""),
    ],
)
def test_name_is_one_line_without_tricks(name, line):
    assert one_line(name, 20) == line


def test_name_from_right_to_left_is_set_apart():
    assert isolated("دانة") == "\u2068دانة\u2069"
    assert isolated("Dana") == "Dana"
