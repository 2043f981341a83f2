"""The example organisation, filled twice at the turn of a year."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel, col
from support.keys import KEYS

from feedback import migrations
from feedback.actions.people import verify_password
from feedback.core.access import Visibility
from feedback.core.asking import Way
from feedback.core.calendar.weeks import Week, week_of
from feedback.core.gaps.analysis import GapClass, classify
from feedback.core.gaps.doughnuts import Badge
from feedback.core.scoring.leaderboard import RepStanding
from feedback.core.scoring.levels import Level, level
from feedback.db.engine import Database
from feedback.demo.fill import ExampleOrganisation, fill_example
from feedback.demo.people import PASSWORD, WEEKS, ZONE
from feedback.models import (
    Account,
    Alert,
    AlertReason,
    Feedback,
    Invitation,
    Meeting,
    Promise,
    Relationship,
    Side,
)
from feedback.pages.asked import own_asked
from feedback.pages.client import promises_due
from feedback.pages.coaching import practices_in_use
from feedback.pages.leaderboard import Leaderboard, leaderboard
from feedback.pages.meetings import recent_invitations
from feedback.pages.promises import open_promises
from feedback.store.credentials import credentials
from feedback.store.frozen_weeks import frozen_weeks
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitation_by_token
from feedback.store.people import ALL_REPS, Viewer, all_reps, teams, viewer_of
from feedback.store.relationships import stored_relationships
from feedback.store.replay import differences, orphaned_rows

# New Year's Day is a Friday, in the 53rd ISO week of the year before.
NOW = datetime(2027, 1, 1, 12, 30, tzinfo=UTC)
LIVE = week_of(NOW, ZONE)
PROACTIVITY = 3


@dataclass(frozen=True)
class Filled:
    db: Database
    example: ExampleOrganisation
    progress: list[float]

    def board(self, week: Week = LIVE) -> Leaderboard:
        with self.db.reading() as session:
            found = leaderboard(
                session,
                self.example.organisation_id,
                ALL_REPS,
                week,
                NOW,
            )
        assert found is not None
        return found

    def standings(self, week: Week = LIVE) -> dict[str, RepStanding]:
        return {row.rep.name: row.standing for row in self.board(week).rows}

    def every(self, table: type[SQLModel]) -> list:
        with self.db.reading() as session:
            return list(session.scalars(select(table)))

    def sign_in(self, email: str) -> Viewer:
        with self.db.reading() as session:
            (who,) = verify_password(credentials(session, email), PASSWORD)
            found = viewer_of(session, who.organisation_id, who.user_id)
        assert found is not None
        return found


def filled(folder) -> Iterator[Filled]:
    db = Database(f"sqlite:///{folder / 'd.sqlite3'}", KEYS)
    migrations.migrate(db)
    progress: list[float] = []
    yield Filled(db, fill_example(db, NOW, progress.append), progress)
    db.dispose()


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[Filled]:
    yield from filled(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def again(tmp_path_factory) -> Iterator[Filled]:
    yield from filled(tmp_path_factory.mktemp("again"))


def test_demo_leaderboard_has_expected_scores_and_badges(demo):
    found = demo.board()
    rows = demo.standings()
    scores = [row.standing.score.score for row in found.ranked]
    assert len(scores) == 10
    assert [row.rep.name for row in found.seldom] == ["Tom Kowalczyk"]
    assert [row.rep.name for row in found.early] == ["Priya Nair"]
    assert scores[0] == pytest.approx(90, abs=3)
    assert scores[-1] == pytest.approx(61, abs=4)
    assert {name: row.badge for name, row in rows.items() if row.badge} == {
        "Mara Lindqvist": Badge.BEYOND,
        "Ife Adeyemi": Badge.BEYOND,
        "Chloe Martin": Badge.DOUGHNUTS,
    }


def test_some_demo_reps_are_too_close(demo):
    rows = demo.standings()
    assert rows["Sam Ortega"].close
    assert not rows["Mara Lindqvist"].close
    assert not rows["Raj Patel"].close
    assert len(demo.board().runs) > 1


def test_demo_relationships_cover_all_levels(demo):
    with demo.db.reading() as session:
        found = stored_relationships(
            session, demo.example.organisation_id, col(Relationship.loyalty).is_not(None)
        )
    stands = Counter(level(each.numbers.loyalty) for each in found)
    assert stands.keys() == set(Level)
    assert stands[Level.ANTAGONISTIC] < 10 < min(stands[each] for each in Level if each != Level.ANTAGONISTIC)


def test_demo_reps_differ_in_calibration(demo):
    now, then = demo.standings(), demo.standings(LIVE.plus(-14))
    assert now["Mara Lindqvist"].calibration < -0.4
    assert now["Raj Patel"].calibration > 0.8
    assert now["Aksel Nygård"].calibration < then["Aksel Nygård"].calibration - 0.3


def test_one_demo_rep_hardly_asks(demo):
    asked = {name: row.activity.asked.percent for name, row in demo.standings().items()}
    assert asked.pop("Tom Kowalczyk") < 50 < 80 < min(asked.values())


def test_demo_rep_has_proactivity_blind_spot(demo):
    with demo.db.reading() as session:
        mine = col(Relationship.rep_id) == demo.example.rep_id
        numbers = [r.numbers for r in stored_relationships(session, demo.example.organisation_id, mine)]
    both = [n for n in numbers if n.both]
    blind = [n for n in both if classify(n.client[PROACTIVITY], n.mirror[PROACTIVITY]) is GapClass.BLIND_SPOT]
    assert len(blind) > len(both) * 0.7


def test_half_a_year_of_weeks_is_frozen(demo):
    with demo.db.reading() as session:
        weeks = frozen_weeks(session, demo.example.organisation_id)
    assert str(LIVE) == "2026-W53"
    assert weeks == [LIVE.plus(-back) for back in range(1, WEEKS + 1)]


def test_demo_lines_span_13_weeks(demo):
    lines = {row.rep.name: row.line for row in demo.board().rows}
    newcomer = lines.pop("Priya Nair")
    assert all(len(line) == 13 and None not in line for line in lines.values())
    assert all(max(line) - min(line) > 1 for line in lines.values())
    assert newcomer[0] is None
    assert newcomer[-1] is not None


def test_demo_ranks_change_in_recent_weeks(demo):
    moved = [row.movement for back in range(4) for row in demo.standings(LIVE.plus(-back)).values()]
    assert any(places and places > 0 for places in moved)


def test_demo_fine_comment_has_drop_and_blind_spot(demo):
    with demo.db.reading() as session:
        kinds = dict.fromkeys(
            session.scalars(
                select(col(AlertReason.kind))
                .join(Alert, col(Alert.id) == col(AlertReason.alert_id))
                .join(Relationship, col(Relationship.id) == col(Alert.relationship_id))
                .where(
                    col(Alert.closed_at).is_(None),
                    col(Relationship.contact_id).in_(
                        select(col(Invitation.contact_id))
                        .join(Feedback, col(Feedback.invitation_id) == col(Invitation.id))
                        .where(col(Feedback.comment) == "Fine.")
                    ),
                )
            )
        )
    assert {"fine", "drop", "blind_spot"} <= kinds.keys()


def test_demo_has_open_and_closed_alerts(demo):
    alerts = demo.every(Alert)
    waiting = [alert.severity for alert in alerts if alert.closed_at is None]
    closed = [alert for alert in alerts if alert.closed_at]
    assert 3 <= waiting.count("urgent") <= 8
    assert waiting.count("watch") >= 3
    assert {alert.outcome for alert in closed} == {"recovered", "accepted", "mistaken", "lost"}
    assert all(
        (alert.taken_by_id or alert.kind == "silence") and alert.closed_at > alert.created_at
        for alert in closed
    )


def test_demo_reps_have_practices_with_progress(demo):
    with demo.db.reading() as session:
        reps = [rep.id for rep in all_reps(session, demo.example.organisation_id)]
        found = practices_in_use(session, demo.example.organisation_id, reps, NOW)
    assert {each.assigned_by is None for each in found} == {True, False}
    assert sum(each.moved is not None for each in found) >= 3


def test_demo_has_kept_broken_and_open_promises(demo):
    ours = [promise.verdict for promise in demo.every(Promise) if promise.side == Side.REP]
    assert {"kept", "not_kept", None} <= set(ours)
    assert ours.count("kept") > ours.count("not_kept")


def test_demo_rep_has_work_waiting(demo):
    sam = demo.sign_in("sam.ortega@example.com")
    with demo.db.reading() as session:
        mine = recent_invitations(session, sam, NOW)
        promises = open_promises(session, sam, NOW.astimezone(ZONE).date(), NOW)
    waiting = [i.contact for i in mine if not i.sealed and not i.closed(NOW)]
    unread = [i.contact for i in mine if i.both_in and not i.mirror.seen_at]
    assert {"Dana Whitfield", "田中 健", "Siobhán O’Neill"} <= set(waiting)
    assert "Dana Whitfield" in unread
    assert "Dana Whitfield" in [promise.contact for promise in promises]


def test_demo_token_is_open_with_promise_due(demo):
    with demo.db.reading() as session:
        found = invitation_by_token(session.connection(), demo.example.token, None, NOW)
        promises = promises_due(session, demo.example.organisation_id, found.id, NOW)
    assert isinstance(found, InvitationView)
    assert (found.contact, found.contact_role, found.account, found.rep_id) == (
        "Dana Whitfield", "COO", "Northwind Logistics", demo.example.rep_id,
    )  # fmt: skip
    assert found.progress.taps == 0
    assert not found.closed(NOW)
    assert len(promises) == 1


def test_demo_answers_cover_languages_and_visibilities(demo):
    said = [row for row in demo.every(Feedback) if row.side == Side.CLIENT]
    assert {"de", "es", "ja"} <= {row.language for row in said if row.comment}
    assert {row.visibility for row in said} == set(Visibility)
    assert len({row.stage for row in said if row.stage}) > 2


def test_demo_asks_by_code_by_link_and_in_rooms(demo):
    with demo.db.reading() as session:
        rep = viewer_of(session, demo.example.organisation_id, demo.example.rep_id)
        own = own_asked(session, rep, NOW - timedelta(days=28), NOW)
    assert all(own.by_way[way].whole >= 3 for way in (Way.CODE, Way.LINK, Way.GROUP)), own.by_way


def test_some_demo_invitations_stay_unanswered(demo):
    answered = {row.invitation_id for row in demo.every(Feedback) if row.side == Side.CLIENT}
    silent = [i for i in demo.every(Invitation) if i.id not in answered]
    assert any(i.closes_at <= NOW for i in silent)
    assert any(i.closes_at > NOW for i in silent)


def test_demo_meetings_are_on_past_working_days(demo):
    held = [meeting.held_at.astimezone(ZONE) for meeting in demo.every(Meeting)]
    assert max(held) <= NOW
    assert min(held) > NOW - timedelta(weeks=WEEKS + 1)
    assert all(at.weekday() < 5 and 8 <= at.hour < 18 for at in held)
    assert max(row.updated_at for row in demo.every(Feedback)) <= NOW


def test_demo_numbers_equal_a_replay(demo):
    with demo.db.reading() as session:
        assert len(session.scalars(select(Relationship.id)).all()) > 30
        assert list(differences(session, demo.example.organisation_id)) == []
        assert list(orphaned_rows(session)) == []


def test_demo_manager_has_two_of_four_teams(demo):
    carol, olive = demo.sign_in("carol.brandt@example.com"), demo.sign_in("olive.hartmann@example.com")
    assert (carol.id, olive.id) == (demo.example.manager_id, demo.example.owner_id)
    assert carol.demo
    with demo.db.reading() as session:
        assert [name for _, name in teams(session, carol)] == ["Logistics", "Manufacturing"]
        assert len(teams(session, olive)) == 4
    assert len(demo.every(Account)) == 60


def test_demo_progress_grows_to_one(demo):
    assert demo.progress == sorted(demo.progress)
    assert (demo.progress[0] >= 0, demo.progress[-1]) == (True, 1.0)


def test_demo_is_the_same_every_time(demo, again):
    for back in range(WEEKS + 1):
        week = LIVE.plus(-back)
        one = [replace(row.standing, rep_id=None) for row in demo.board(week).rows]
        other = [replace(row.standing, rep_id=None) for row in again.board(week).rows]
        assert one == other
