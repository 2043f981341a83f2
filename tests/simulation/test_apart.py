"""An organisation that changes something of another is found at that very step."""

import pytest
from sqlalchemy import update

from feedback.models import Team
from simulation.life import Found, Stage
from simulation.organisation import QUIET
from simulation.world import World


def test_what_one_organisation_writes_of_another_is_found(stage: Stage):
    def let_alpha_write(world: World) -> None:
        beta = world.organisations[1]

        def write() -> None:
            with beta.changing() as c:
                c.session.execute(update(Team).where(Team.organisation_id == beta.id).values(name="Theirs"))

        world.after(60, "Alpha: a filter was forgotten", write)

    with pytest.raises(Found, match="what one organisation did changed another"):
        stage.live(1, 0.02, sizes=(QUIET,), before=let_alpha_write)
