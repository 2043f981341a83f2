"""A server that posts to chat channels of its own network, and the services there."""

from dataclasses import replace

import pytest
from sqlmodel import select
from support.chat_services import ChatReceiver

from feedback.chat.channels import Gets, NewChannel, add_channel
from feedback.core.chat import ChatTopic
from feedback.models import Alert, ChatMessage
from feedback.sending.chat import deliver_chat
from feedback.store.people import all_teams

BASE = "https://doughnuts.example"
ALL = tuple(topic.value for topic in ChatTopic)


@pytest.fixture(params=["slack", "teams"])
def service(request):
    with ChatReceiver(request.param) as service:
        yield service


@pytest.fixture
def slack():
    with ChatReceiver("slack") as service:
        yield service


@pytest.fixture(autouse=True)
def reached(app):
    """reached(base_url=None) changes the settings of a server that has a public address and writes into its own network."""

    def change_settings(**settings):
        stands_on = app.extensions["feedback"]
        app.extensions["feedback"] = replace(stands_on, settings=replace(stands_on.settings, **settings))

    change_settings(base_url=BASE, private_webhooks=True)
    return change_settings


@pytest.fixture
def channel(cast):
    """channel(service, team="North", managers_only=False) adds a channel; gives its id. It gets everything that it may."""

    def add(service, *, team=None, managers_only=True, topics=ALL, name="#managers"):
        who = cast.olive
        with cast.db.reading() as session:
            teams = {name: team_id for team_id, name in all_teams(session, who.organisation_id)}
        chosen = topics if managers_only else ("week",)
        gets = Gets(teams[team] if team else None, chosen, managers_only)
        with cast.changing() as c:
            return add_channel(c, who.id, NewChannel(service.service, name, service.url, gets), private=True)

    return add


@pytest.fixture
def send(app, clock):
    """send() is a round, half a minute later; gives how many messages went out."""

    def later(seconds=30):
        clock.forward(seconds=seconds)
        return deliver_chat(app)

    return later


@pytest.fixture
def log(db):
    """log() is what is known of all messages, in the order of the telling."""

    def look():
        with db.reading() as session:
            return session.exec(select(ChatMessage).order_by(ChatMessage.id)).all()

    return look


@pytest.fixture
def alert(cast, db):
    """alert() is the only one."""

    def look():
        with db.reading() as session:
            return session.exec(select(Alert)).one()

    return look
