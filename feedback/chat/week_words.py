"""What a channel is told of a week, in the language of the organisation; and the test message."""

from feedback.chat.card import LONGEST_LINE, Card, CardPart, ChatLink, called
from feedback.core.text import one_line
from feedback.pages.chat import PostedWeek
from feedback.pages.leaderboard import Leaderboard, LeaderboardRow
from feedback.pages.team_summary import TeamStanding, TeamSummary
from feedback.pages.weekly_mail import WeeklyMail
from feedback.wording.filters import percent, voices, whole
from feedback.wording.i18n import app_text
from feedback.wording.summary import sentences

FIRST_PLACES = 3
MOST_TEAMS = 10


def week_card(posted: PostedWeek, base_url: str, least: int) -> Card:
    """Return the message about a week that is over. least: of how many reps a figure of a group comes at least."""
    number = posted.week.number
    link = ChatLink(app_text("Open the leaderboard"), f"{base_url}/leaderboard/{posted.week}")
    told = posted.managers
    if told and told.board:
        title = app_text("Week %(number)s: who brings more than doughnuts", number=number)
        return Card(title, (_in_short(told), *_places(told.board)), link)
    if told and told.summary:
        title = app_text("Week %(number)s: your teams' figures", number=number)
        return Card(title, (_in_short(told), _groups(told.summary, least)), link)
    title = app_text("Week %(number)s is over", number=number)
    places = _places(posted.reps) if posted.reps else ()
    return Card(title, places or (CardPart("", (app_text("Each rep finds their own line there."),)),), link)


def test_card(organisation: str, channel: str, base_url: str) -> Card:
    """Return the message by which an owner sees that a channel is reached."""
    line = app_text(
        "Messages of %(organisation)s arrive in “%(channel)s”. Nothing needs to be done.",
        organisation=called(organisation),
        channel=called(channel),
    )
    return Card(
        app_text("A test"), (CardPart("", (line,)),), ChatLink(app_text("Open Beyond Doughnuts"), base_url)
    )


def _in_short(told: WeeklyMail) -> CardPart:
    """Return what the leaderboard begins with, each sentence with its sample, and the counts."""
    found = sentences(told.summary) if told.summary else []
    said = [one_line(f"{each.words}{each.rep}{each.rest}", LONGEST_LINE) for each in found]
    lines = said or [app_text("Too early to say anything about loyalty.")]
    if told.board:
        lines += _counts(told.board)
    late = app_text("Alerts overdue: %(count)s", count=told.late)
    return CardPart("", (*lines, f"{late} {app_text('of %(count)s open', count=told.waiting)}"))


def _counts(board: Leaderboard) -> list[str]:
    found = []
    if board.answered.whole:
        values = {"share": percent(board.answered), "whole": board.answered.whole}
        found.append(app_text("%(share)s of %(whole)s invitations were answered.", **values))
    if board.gaps.whole:
        values = {"share": percent(board.gaps), "whole": board.gaps.whole}
        found.append(app_text("%(share)s of %(whole)s relationships have a real gap.", **values))
    return found


def _places(board: Leaderboard) -> tuple[CardPart, ...]:
    """Return the first places, and which of them are too close to call; nothing where no rank is told."""
    first = [row for row in board.ranked if row.standing.rank is not None][:FIRST_PLACES]
    if not (first and board.told_ranks):
        return ()
    last_rank = max(row.standing.rank or 0 for row in first)
    close = [_close(*run) for run in board.runs if run[0] <= last_rank]
    return (CardPart(app_text("First places"), (*(_place(row) for row in first), *close)),)


def _place(row: LeaderboardRow) -> str:
    standing = row.standing
    said = app_text(
        "%(score)s from %(voices)s voices",
        score=whole(standing.score.score),
        voices=voices(standing.score.voices),
    )
    return f"{standing.rank}. {called(row.rep.name)}: {said}"


def _close(first: int, last: int) -> str:
    if last == first + 1:
        return app_text("Ranks %(first)s and %(last)s are too close to call.", first=first, last=last)
    return app_text("Ranks %(first)s to %(last)s are too close to call.", first=first, last=last)


def _groups(summary: TeamSummary, least: int) -> CardPart:
    lines = [_team(team) for team in summary.teams[:MOST_TEAMS]] or [
        app_text("Figures appear once clients of at least %(least)s reps have answered.", least=least)
    ]
    agreed = app_text(
        "A works agreement applies: each figure comes from at least %(least)s reps.", least=least
    )
    return CardPart(app_text("Teams"), (*lines, agreed))


def _team(team: TeamStanding) -> str:
    return app_text(
        "%(team)s: loyalty %(loyalty)s of %(voices)s voices, asked %(asked)s, answered %(answered)s",
        team=called(team.name),
        loyalty=whole(team.loyalty),
        voices=whole(team.voices),
        asked=percent(team.asked),
        answered=percent(team.answered),
    )
