"""The owner's pages about webhooks: which systems are told of which events, and the log of messages."""

from functools import partial
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField

from feedback.context import app_context
from feedback.db.change import Invalid
from feedback.models.webhook import Event
from feedback.store.webhooks import delivery_log, webhook_for, webhooks
from feedback.web.context import changing, current_user, now, owner_required, read_session
from feedback.web.htmx import redirect_to, render
from feedback.web.paging import paginate_query
from feedback.web.proof import proof_required
from feedback.webhooks import subscriptions
from feedback.webhooks.events import end_webhook

pages = Blueprint("webhooks", __name__)

EVENT_WORDS = {
    Event.FEEDBACK_RECEIVED: "A client has answered, and is through with it",
    Event.FEEDBACK_CHANGED: "An answer that was told has changed",
    Event.FEEDBACK_ERASED: "A client has erased an answer that was told",
    Event.ALERT_OPENED: "An alert is opened, or becomes urgent",
    Event.ALERT_CLOSED: "An alert is closed",
    Event.STANDINGS_FROZEN: "A week is over, and its standings are final",
}


class WebhookForm(FlaskForm):
    """The form to add a webhook. The action checks the address."""

    url = StringField("Address", filters=[lambda text: (text or "").strip()])
    events = SelectMultipleField(choices=[event.value for event in EVENT_WORDS])


@pages.get("/webhooks")
@owner_required
def index() -> Response:
    return _list_page(WebhookForm(data={"events": list(Event)}))


@pages.post("/webhooks")
@owner_required
@proof_required
def create() -> Response:
    form, who = WebhookForm(), current_user()
    if not form.validate():
        return _list_page(form, {"events": "Choose from what is shown."}, 422)
    try:
        private = app_context().settings.private_webhooks
        url = subscriptions.checked_url(form.url.data, private=private) if form.events.data else form.url.data
        with changing() as c:
            webhook_id = subscriptions.add_webhook(c, who.id, url, form.events.data)
    except Invalid as error:
        return _list_page(form, error.reasons, 422)
    return redirect_to(url_for("webhooks.show", webhook_id=webhook_id))


@pages.get("/webhooks/<uuid:webhook_id>")
@owner_required
def show(webhook_id: UUID) -> Response:
    return _webhook_page(webhook_id)


@pages.post("/webhooks/<uuid:webhook_id>")
@owner_required
@proof_required
def update(webhook_id: UUID) -> Response:
    """End a webhook, or give it a new secret; `what` in the form says which."""
    found, who, what = (
        webhook_for(read_session(), current_user(), webhook_id),
        current_user(),
        request.form.get("what"),
    )
    try:
        if what == "end":
            with changing() as c:
                end_webhook(c, found.id, who.id)
        elif what == "rotate":
            mark = request.form.get("mark", "")
            with changing() as c:
                subscriptions.rotate_secret(c, found.id, who.id, mark=mark)
        else:
            raise Invalid(what="End it, or give it a new secret.")
    except Invalid as error:
        return _webhook_page(webhook_id, error.reasons, 422)
    return redirect_to(url_for("webhooks.show", webhook_id=found.id))


@pages.post("/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>")
@owner_required
def resend(webhook_id: UUID, delivery_id: UUID) -> Response:
    found, who = webhook_for(read_session(), current_user(), webhook_id), current_user()
    try:
        with changing() as c:
            known = subscriptions.resend_delivery(c, found.id, delivery_id, who.id)
    except Invalid as error:
        return _webhook_page(webhook_id, error.reasons, 422)
    if not known:
        abort(404)
    return redirect_to(url_for("webhooks.show", webhook_id=found.id))


def _list_page(form: WebhookForm, reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    return render(
        "webhooks/list.html",
        status=status,
        webhooks=webhooks(read_session(), current_user().organisation_id),
        form=form,
        private=app_context().settings.private_webhooks,
        reasons=reasons or {},
        event_words=EVENT_WORDS,
    )


def _webhook_page(webhook_id: UUID, reasons: dict[str, str] | None = None, status: int = 200) -> Response:
    found = webhook_for(read_session(), current_user(), webhook_id)
    read = partial(delivery_log, read_session(), current_user().organisation_id, found.id)
    return render(
        "webhooks/webhook.html",
        status=status,
        webhook=found,
        sheet=paginate_query(read),
        reasons=reasons or {},
        event_words=EVENT_WORDS,
        now=now(),
    )
