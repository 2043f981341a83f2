"""What the tests of the addresses share."""

import json
import logging
from dataclasses import replace

import pytest
from flask import Flask
from support.dump import Moment, moment

from feedback import logs
from feedback.app import create_app
from feedback.core.access import Reader
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitation_by_id


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


@pytest.fixture
def made(app, db, clock):
    """made(log="json") is an app with these settings: what fails is answered and logged, as on a server."""
    settings = app.extensions["feedback"].settings

    def make(**changed: object) -> Flask:
        return create_app(replace(settings, **changed), database=db, clock=clock)

    return make


@pytest.fixture
def served(made, app):
    """Put an app behind a proxy, which logs, into the place of the tests' app."""
    behind = made(log="json", trusted_proxies=1)
    app.wsgi_app = behind.wsgi_app
    return behind


@pytest.fixture
def lines(served, capfd):
    """lines() is what was written since the last call, a dict a line."""
    before = logging.root.handlers
    logs.start_logging("json")
    capfd.readouterr()
    yield lambda: [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    logging.root.handlers = before
