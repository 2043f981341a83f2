"""What to train: the dimension that matters most and is worst, with who could teach it."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from feedback.core.access import sees_all_teams
from feedback.core.dimensions import NO_MEANS
from feedback.core.scoring.reps import field_of_sums
from feedback.core.scoring.sums import RepSums, add_sides, side_means, side_of_at_least
from feedback.core.today import Training, training, what_matters
from feedback.pages.evidence.drivers import drivers_as_stored
from feedback.pages.evidence.frame import evidence_of
from feedback.store.people import Rep, Viewer
from feedback.store.rep_sums import field_now, sums_by_rep


def what_to_train(session: Session, viewer: Viewer, here: list[Rep], now: datetime) -> Training[UUID] | None:
    """Return what to train among the reps who are `here`; None where too little is known."""
    scoring, all_teams = viewer.scoring, sees_all_teams(viewer.role)
    mine = {rep.id for rep in here}
    sums = sums_by_rep(session, viewer.organisation_id, scoring, now, None if all_teams else mine)
    field = (
        field_of_sums(each.voices for each in sums.values())
        if all_teams
        else field_now(session, viewer.organisation_id, scoring, now)
    )
    theirs: dict[UUID, RepSums] = {rep_id: each for rep_id, each in sums.items() if rep_id in mine}
    everybody = side_of_at_least((each.client for each in theirs.values()), viewer.figures.least)
    evidence, guessed = evidence_of(session, viewer, now), NO_MEANS
    if viewer.figures.by_person:
        guessed = side_means(add_sides(each.mirror for each in theirs.values()))
    return training(
        {rep_id: each.client for rep_id, each in theirs.items()} if viewer.figures.by_person else {},
        everybody,
        what_matters(
            side_means(everybody),
            guessed,
            drivers_as_stored(evidence.sections.get("drivers"), viewer.figures.least) if evidence else None,
        ),
        guessed,
        field.sigma,
        scoring.weight(now),
    )
