"""/leaderboard.csv and /leaderboard/<week>.csv: the standings as a file.

The numbers of `scored`, by hand. Points of 1..5: 0, 25, 50, 75, 100.

Loyalty   Ana all fives: 100. Ben 5 3 5 3 3 5: (100 + 50 + 100 + 50 + 50 + 100) / 6 = 75. Cleo all threes: 50.
          Bob's three, all fives: 100 each. Ivo, all twos: 25. Everybody was heard just now: each vote is 1.
mu        (100 + 75 + 50 + 3 * 100 + 25) / 7 = 550 / 7 = 78.571429
S         Alice (225 + 5 * mu) / (3 + 5) = (225 + 392.857143) / 8 = 77.232143
          Bob   (300 + 392.857143) / 8 = 86.607143
          Ivo's (25  + 392.857143) / 6 = 69.642857
Range     sigma is 25 below 30 relationships: 1.2816 * 25 / sqrt(8) = 11.327851, / sqrt(6) = 13.080275
Close     86.61 - 77.23 = 9.38 < 1.2816 * 25 * sqrt(1/8 + 1/8) = 16.02: too close to call
Reads     Alice's mean |client - rep|: Ana 0, Ben 1, Cleo 2, so 1: 100 * (1 - 1/4) = 75
Calibr.   rep - client: Ana 0, Ben (-1 +1 -1 +1 +1 -1) / 6 = 0, Cleo +2: 2/3 = 0.67
Value     Alice: competency, proactivity and savvy are each (5 + 3 + 3) / 3 = 3.67; Bob 5; Ivo's 2
Liking    Alice (5 + 5 + 3) / 3 = 4.33, so 0.67 above value: no badge below 0.75. Bob 5 - 5 = 0, and value is at
          least 4.25: beyond doughnuts. Ivo's rep has too few voices for a badge.
Answered  Bob 3 of 4 invitations; asked: 3 of 4 meetings with an invitation opened
"""

import csv

from support.pages import NOBODY

COLUMNS = (
    "week,rank,movement,rep,email,team,score,low,high,voices,answered,asked,reads_the_room,calibration,"
    "doughnuts,value,badge,too_close_to_call,rank_low,rank_high"
)
BOB = "2026-W47,1,,Bob,bob@example.com,South,86.61,75.28,97.93,3.00,75.00,75.00,,,0.00,5.00,beyond doughnuts,yes,1,2"
ALICE = "2026-W47,2,,Alice,alice@example.com,North,77.23,65.90,88.56,3.00,100.00,100.00,75.00,0.67,0.67,3.67,,yes,1,2"
FORMULA = "2026-W47,,,'=cmd(),eve@example.com,North,69.64,56.56,82.72,1.00,100.00,100.00,,,0.00,2.00,,no,,"


def lines(reply) -> list[str]:
    return reply.data.decode("utf-8-sig").splitlines()


def cells(reply) -> list[dict[str, str]]:
    return list(csv.DictReader(lines(reply)))


def test_csv_numbers_match_hand_calculation(scored, sign_in):
    assert lines(sign_in("olive").get("/leaderboard.csv")) == [COLUMNS, BOB, ALICE, FORMULA]


def test_csv_begins_with_byte_order_mark(scored, sign_in):
    assert sign_in("olive").get("/leaderboard.csv").data.startswith(b"\xef\xbb\xbfweek,rank,")


def test_who_asks_seldom_has_an_empty_rank(scored, sign_in):
    for number in range(6):
        scored.meeting("alice", f"Not asked {number}")
    alice = next(row for row in cells(sign_in("olive").get("/leaderboard.csv")) if row["rep"] == "Alice")
    assert (alice["rank"], alice["score"], alice["asked"]) == ("", "77.23", "33.33")


def test_csv_is_named_after_its_week(scored, sign_in):
    reply = sign_in("olive").get("/leaderboard.csv")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="leaderboard-2026-W47.csv"'


def test_frozen_week_csv_keeps_its_numbers(scored, clock, sign_in):
    """The week is frozen as of its end, on Monday 00:00 in Berlin: 4 days and 12 hours, that is 4.5 days,
    after the answers. A voice of 1 is 2^(-4.5/90) = 0.965936 then, three are 2.897808: nobody is ranked, and
    scores lean a little more on mu. Alice: (2.897808 * 75 + 5 * mu) / 7.897808 = 77.26."""
    clock.forward(days=7)
    for contact in ("Eli", "Fay", "Gus"):
        scored.answer(scored.meeting("bob", contact), 1)
    frozen = cells(sign_in("olive").get("/leaderboard/2026-W47.csv"))
    assert [(row["rep"], row["rank"]) for row in frozen] == [("Bob", ""), ("Alice", ""), ("'=cmd()", "")]
    assert (frozen[1]["score"], frozen[1]["voices"]) == ("77.26", "2.90")


def test_voice_halves_after_90_days(cast, clock, sign_in):
    """One client gave all ones 90 days ago, three give all fives now: V = 0.5 + 3. Alone in the organisation,
    S = mu = (0.5 * 0 + 3 * 100) / 3.5 = 85.71; 1.2816 * 25 / sqrt(8.5) = 10.99 either way."""
    cast.answer(cast.meeting("alice", "Ana"), 1)
    clock.forward(days=90)
    for contact in ("Ben", "Cleo", "Eli"):
        cast.answer(cast.meeting("alice", contact), 5)
    (alice,) = cells(sign_in("carol").get("/leaderboard.csv"))
    assert [alice[name] for name in ("score", "low", "high", "voices")] == ["85.71", "74.72", "96.70", "3.50"]


def test_range_ends_at_100(cast, sign_in):
    for contact in ("Ana", "Ben", "Cleo"):
        cast.answer(cast.meeting("alice", contact), 5)
    (alice,) = cells(sign_in("carol").get("/leaderboard.csv"))
    assert (alice["score"], alice["low"], alice["high"]) == ("100.00", "88.67", "100.00")


def test_formula_in_name_is_defused(cast, sign_in):
    named = ["=1+1", "+1", "-1", "@sum(a1)"]
    for number, name in enumerate(named):
        cast.add(f"eve{number}", "rep", "North", named=name)
    names = {row["rep"] for row in cells(sign_in("olive").get("/leaderboard.csv"))}
    assert {f"'{name}" for name in named} <= names
    assert not names & set(named)


def test_formula_in_email_or_team_is_defused(cast, sign_in):
    cast.add("=eve", "rep", "+North", named="Eve")
    assert ",Eve,'=eve@example.com,'+North," in sign_in("olive").get("/leaderboard.csv").text


def test_names_are_exported_unchanged(cast, sign_in):
    named = ["Siobhán O'Brien", "李娜", "عمر الشريف", 'Eve "Evie" Ng, Jr.', "Łukasz; Żak"]
    for number, name in enumerate(named):
        cast.add(f"eve{number}", "rep", "North", named=name)
    reply = sign_in("olive").get("/leaderboard.csv")
    assert set(named) <= {row["rep"] for row in cells(reply)}


def test_csv_has_own_teams_only(scored, sign_in):
    def reps(name: str) -> list[str]:
        reply = sign_in(name).get("/leaderboard.csv")
        return [row["rep"] for row in cells(reply)]

    assert reps("carol") == ["Alice", "'=cmd()"]
    assert reps("mallory") == []
    assert reps("bob") == ["Bob"]


def test_unknown_team_is_404(scored, sign_in):
    assert sign_in("olive").get(f"/leaderboard.csv?team={NOBODY}").status_code == 404
    assert sign_in("carol").get("/leaderboard/2026-W47.csv?team=x").status_code == 404


def test_week_without_standings_is_404(cast, sign_in):
    olive = sign_in("olive")
    for week in ("2026-W48", "2026-W40", "x", "2026-W54"):
        assert olive.get(f"/leaderboard/{week}.csv").status_code == 404, week


def test_post_to_csv_is_405(cast, sign_in):
    assert sign_in("olive").post("/leaderboard.csv").status_code == 405


def test_stranger_signs_in_first(cast, stranger):
    assert stranger.get("/leaderboard.csv").location == "/sign-in?next=/leaderboard.csv"
