"""The owner's pages about chat channels: what is posted where, and what came of it."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectMultipleField, StringField

from feedback.chat import channels as actions
from feedback.chat.addresses import change_address, check_address
from feedback.chat.channels import Gets, NewChannel
from feedback.context import app_context
from feedback.core.chat import ChatEvent, ChatTopic, PauseCause
from feedback.db.change import Change, Invalid
from feedback.store.chat import channel_for, channels, last_messages, message_log
from feedback.store.people import teams
from feedback.web.context import changing, current_user, now, owner_required, read_session
from feedback.web.htmx import redirect_to, render
from feedback.web.paging import paginate_query
from feedback.web.proof import ask_for_proof, proof_required
from feedback.wording.labels import SERVICE_NAMES

pages = Blueprint("chat", __name__)

TOPIC_WORDS = {
    ChatTopic.ALERTS: "Urgent alerts, who takes them, and how they end",
    ChatTopic.WEEK: "The weekly board, on Mondays at 07:00",
}
CHAT_EVENT_WORDS = {
    ChatEvent.ALERT: "Urgent alert",
    ChatEvent.TAKEN: "Alert taken",
    ChatEvent.CLOSED: "Alert closed",
    ChatEvent.REOPENED: "Alert opened again",
    ChatEvent.WEEK: "Weekly board",
    ChatEvent.TEST: "Test",
}
PAUSE_WORDS = {
    PauseCause.OWNER: "Paused by an owner. What happens meanwhile is not posted afterwards.",
    PauseCause.GONE: "{service} answers that this address no longer works: the webhook or workflow was removed or switched "
    "off, or its channel archived. If it was switched off, switch it on and go on here. Otherwise make a new one there and "
    "give this channel its address.",
    PauseCause.REFUSED: "{service} lets nobody post at this address. Ask whoever administers {service} to allow the "
    "webhook or workflow, then go on here.",
}


class ChannelForm(FlaskForm):
    """The form to add a channel, and to change what it gets. The actions check what was typed."""

    service = StringField()
    name = StringField("Name")
    url = StringField("Its address")
    team = StringField()
    topics = SelectMultipleField(choices=[topic.value for topic in ChatTopic])
    managers_only = BooleanField()

    @property
    def gets(self) -> Gets:
        """Return what was chosen. Raises Invalid."""
        try:
            team_id = UUID(self.team.data) if self.team.data else None
        except ValueError:
            raise Invalid(team="Choose a team from the list.") from None
        return Gets(team_id, self.topics.data or [], bool(self.managers_only.data))


@pages.get("/chat")
@owner_required
def index() -> Response:
    """Show all channels, each with what was posted last."""
    return _list_page(ChannelForm(data={"topics": [ChatTopic.WEEK.value]}))


@pages.post("/chat")
@owner_required
@proof_required
def create() -> Response:
    form, who = ChannelForm(), current_user()
    try:
        wanted = NewChannel(form.service.data or "", form.name.data or "", form.url.data or "", form.gets)
        private = app_context().settings.private_webhooks
        check_address(wanted.url, private=private)
        with changing() as c:
            channel_id = actions.add_channel(c, who.id, wanted, private=private)
    except Invalid as error:
        return _list_page(form, error.reasons, 422)
    return redirect_to(url_for("chat.show", channel_id=channel_id))


@pages.get("/chat/<uuid:channel_id>")
@owner_required
def show(channel_id: UUID) -> Response:
    return _channel_page(channel_id)


@pages.post("/chat/<uuid:channel_id>")
@owner_required
def update(channel_id: UUID) -> Response:
    """Test a channel, change what it gets, pause it, go on, or remove it; `what` in the form says which."""
    channel_for(read_session(), current_user(), channel_id)
    what = request.form.get("what", "")
    if what == "change" and (asked := ask_for_proof()):  # more may be told there than before
        return asked
    try:
        if what not in _DOINGS:
            raise Invalid(what="Choose what is to be done with the channel.")
        with changing() as c:
            _DOINGS[what](c, channel_id, current_user().id)
    except Invalid as error:
        return _channel_page(channel_id, error.reasons, 422)
    return redirect_to(
        url_for("chat.index") if what == "remove" else url_for("chat.show", channel_id=channel_id)
    )


@pages.post("/chat/<uuid:channel_id>/address")
@owner_required
@proof_required
def move(channel_id: UUID) -> Response:
    """Give a channel another address."""
    form, who = ChannelForm(), current_user()
    channel_for(read_session(), who, channel_id)
    url, private = form.url.data or "", app_context().settings.private_webhooks
    try:
        check_address(url, private=private)
        with changing() as c:
            change_address(
                c, channel_id, who.id, url, managers_only=bool(form.managers_only.data), private=private
            )
    except Invalid as error:
        return _channel_page(channel_id, error.reasons, 422)
    return redirect_to(url_for("chat.show", channel_id=channel_id))


def _change_gets(c: Change, channel_id: UUID, user_id: UUID) -> None:
    actions.change_channel(c, channel_id, user_id, ChannelForm().gets)


def _pause(c: Change, channel_id: UUID, user_id: UUID) -> None:
    actions.pause_channel(c, channel_id, PauseCause.OWNER, user_id)


_DOINGS = {
    "test": actions.post_test,
    "change": _change_gets,
    "pause": _pause,
    "resume": actions.resume_channel,
    "remove": actions.remove_channel,
}


def _list_page(form: ChannelForm, reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    ours = current_user().organisation_id
    return render(
        "chat/list.html",
        status=status,
        channels=channels(read_session(), ours),
        last=last_messages(read_session(), ours),
        form=form,
        reasons=reasons or {},
        **_words(),
    )


def _channel_page(channel_id: UUID, reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    found = channel_for(read_session(), current_user(), channel_id)
    read = partial(message_log, read_session(), current_user().organisation_id, found.id)
    chosen = {
        "team": str(found.team_id or ""),
        "topics": [topic.value for topic in found.topics],
        "managers_only": found.managers_only,
    }
    typed = request.form.get("what") == "change" or request.endpoint == "chat.move"
    return render(
        "chat/channel.html",
        "chat/_messages.html",
        status=status,
        channel=found,
        sheet=paginate_query(read),
        form=ChannelForm() if typed else ChannelForm(formdata=None, data=chosen),
        reasons=reasons or {},
        why=PAUSE_WORDS[found.paused_because].format(service=SERVICE_NAMES[found.service])
        if found.paused_because
        else "",
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "teams": teams(read_session(), current_user()),
        "base_url": app_context().settings.base_url,
        "topic_words": TOPIC_WORDS,
        "chat_event_words": CHAT_EVENT_WORDS,
        "service_names": SERVICE_NAMES,
        "now": now(),
    }
