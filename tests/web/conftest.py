"""What the tests of the addresses share."""

import pytest
from support.dump import Moment, moment

from feedback.core.access import Reader
from feedback.store.invitations import InvitationView, invitation_by_id


@pytest.fixture
def invitation(cast) -> InvitationView:
    """Alice just met Dana."""
    return cast.meeting()


@pytest.fixture
def meeting(invitation) -> str:
    """The address of Alice's meeting with Dana."""
    return f"/meetings/{invitation.meeting_id}"


@pytest.fixture
def page(invitation) -> str:
    """Dana's address."""
    return f"/f/{invitation.token}"


@pytest.fixture
def own(cast, invitation) -> str:
    """Dana's address with the answer key, as a receipt carries it."""
    return cast.answer_address(invitation)


@pytest.fixture
def stored(db, invitation, clock):
    """stored() is what the database knows of Dana's invitation now."""

    def look() -> InvitationView:
        with db.reading() as session:
            return invitation_by_id(session, invitation.organisation_id, invitation.id, Reader.RULES, clock())

    return look


@pytest.fixture
def fork(db, clock):
    """fork() stores this moment; .restore() returns to it."""
    return lambda: _mark(db, clock)


def _mark(db, clock) -> Moment:
    return moment(db, clock)
