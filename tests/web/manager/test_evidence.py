"""The page of evidence: whose figures it shows, and when they are worked out."""

from sqlmodel import select

from feedback.core.evidence.warnings import Period
from feedback.jobs import evidence
from feedback.jobs.daily import run_daily
from feedback.models import EvidenceFigures, TeamManager
from feedback.store.evidence import wanted_evidence


def work_out(cast) -> int:
    return evidence.run_evidence(cast.db, cast.clock)


def test_figures_are_worked_out_once_a_day(cast, sign_in):
    owner = sign_in("olive")
    assert "being worked out" in owner.get("/evidence").text
    run_daily(cast.db, cast.olive.organisation_id, cast.clock())
    assert work_out(cast) == 1
    assert "Figures of 18" in owner.get("/evidence").text
    run_daily(cast.db, cast.olive.organisation_id, cast.clock.forward(hours=3))
    assert work_out(cast) == 0
    run_daily(cast.db, cast.olive.organisation_id, cast.clock.forward(hours=10))
    assert work_out(cast) == 1
    with cast.db.reading() as session:
        assert not wanted_evidence(session)


def test_figures_of_other_teams_are_not_shown(cast, sign_in):
    run_daily(cast.db, cast.olive.organisation_id, cast.clock())
    work_out(cast)
    carol = sign_in("carol")
    assert "Figures of 18" in carol.get("/evidence").text
    with cast.changing() as c:  # Carol no longer looks after North
        mine = c.session.exec(select(TeamManager).where(TeamManager.user_id == cast.carol.id)).one()
        c.session.delete(mine)
    assert "being worked out" in carol.get("/evidence").text


def test_failing_section_holds_up_no_other(cast, sign_in, monkeypatch):
    def fails(session, scope):
        raise ZeroDivisionError

    monkeypatch.setitem(evidence.SECTIONS, "drivers", fails)
    run_daily(cast.db, cast.olive.organisation_id, cast.clock())
    work_out(cast)
    page = sign_in("olive").get("/evidence").text
    assert "could not be worked out" in page
    assert "Did we warn" in page


def test_period_that_is_none_is_404(cast, sign_in):
    owner = sign_in("olive")
    assert [owner.get(f"/evidence?period={each}").status_code for each in (*Period, "week", "")] == [
        200
    ] * 3 + [404] * 2
    assert sign_in("alice").get("/evidence").status_code == 403


def test_rows_of_who_left_go(cast):
    with cast.changing() as c:
        c.session.add(EvidenceFigures(organisation_id=c.organisation_id, figures={}))
    run_daily(cast.db, cast.olive.organisation_id, cast.clock())
    work_out(cast)
    with cast.db.reading() as session:
        kept = {
            row.id
            for row in session.exec(
                select(EvidenceFigures).where(EvidenceFigures.organisation_id == cast.olive.organisation_id)
            )
        }
    assert kept == {cast.olive.organisation_id, cast.carol.id}
