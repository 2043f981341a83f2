"""/demo/<ticket>: the printed addresses of the example organisation sign in at once."""

import pytest
from itsdangerous import URLSafeSerializer
from sqlalchemy import update
from support.pages import NOBODY

from feedback.models import Organisation
from feedback.web.auth import demo_tickets


@pytest.fixture
def ticket(app):
    """ticket(person) is what `feedback demo` would print for them."""
    tickets = demo_tickets(app.extensions["feedback"].settings)
    return lambda person: tickets.dumps([str(person.organisation_id), str(person.id)])


@pytest.fixture
def example(cast, db):
    with db.writing() as session:
        ours = Organisation.id == cast.olive.organisation_id
        session.execute(update(Organisation).where(ours).values(demo=True))


@pytest.mark.usefixtures("example")
def test_demo_ticket_signs_in(cast, stranger, ticket):
    assert stranger.get(f"/demo/{ticket(cast.carol)}").location == "/"
    assert stranger.get("/").location == "/leaderboard"


@pytest.mark.usefixtures("example")
def test_ticket_of_real_organisation_is_404(cast, stranger, ticket):
    assert stranger.get(f"/demo/{ticket(cast.mallory)}").status_code == 404
    assert stranger.get("/").location == "/sign-in"


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize("value", ["x", "", [NOBODY], ["x", "y"], [NOBODY, NOBODY]], ids=str)
def test_ticket_for_nobody_is_404(app, stranger, value):
    tickets = demo_tickets(app.extensions["feedback"].settings)
    assert stranger.get(f"/demo/{tickets.dumps(value)}").status_code == 404


@pytest.mark.usefixtures("example")
def test_forged_ticket_is_404(cast, stranger):
    forged = URLSafeSerializer("k" * 41, salt="demo sign-in").dumps(
        [str(cast.carol.organisation_id), str(cast.carol.id)]
    )
    assert stranger.get(f"/demo/{forged}").status_code == 404
    assert stranger.get("/demo/x").status_code == 404


def test_post_to_demo_is_405(cast, stranger):
    assert stranger.post("/demo/x").status_code == 405
