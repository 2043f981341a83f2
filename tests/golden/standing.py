"""A small world as it stands in the end, with mail server, receivers and dice of its own."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from flask import Flask
from support.cast import Cast, Clock
from support.chat_services import texts
from support.one_by_one import OneByOne

from feedback.sending.http import HttpReply
from golden.script import Script
from golden.world import BASE, Dice, World


@contextmanager
def standing(app: Flask, cast: Cast, clock: Clock, script: Script) -> Iterator[World]:
    """Give the world as it stands when all has happened, with mail server, receivers and dice of its own."""
    us = World(app, cast, clock, script)
    dice = Dice(clock)

    def post(target: Any, _addresses: object, body: bytes, _headers: dict[str, str]) -> HttpReply:
        message = json.loads(body)
        status = us.fails.get(target.host, 200 if "slack" in target.host else 202)
        words = texts(message) if target.host.startswith(("slack", "teams")) else message
        us.sent.append((f"{clock():%m-%d %H:%M} posted to {target.host}: {status}", words))
        return HttpReply(status, "ok" if status < 300 else "not now")

    def send(_settings: object, message: Any) -> None:
        heading = f"{clock():%m-%d %H:%M} mailed to {message['To']}"
        parts = [
            f"{name}: {message[name]}"
            for name in ("From", "Reply-To", "Subject", "List-Unsubscribe")
            if message[name]
        ]
        us.sent.append((heading, "\n".join([*parts, "", message.get_body(("plain",)).get_content().strip()])))

    stood_on = app.extensions["feedback"]
    settings = replace(
        stood_on.settings, base_url=BASE, smtp_url="smtp://mail.example", mail_from="us@feedback.example"
    )
    put = {
        "feedback.models.columns.uuid7": dice.uuid7,
        "feedback.core.tokens.secrets": dice,
        "feedback.actions.people.secrets": dice,
        "feedback.webhooks.subscriptions.secrets": dice,
        "feedback.sending.worker.send": send,
        "feedback.sending.worker.mark_done": lambda *_: None,
        "feedback.sending.webhooks.post_once": post,
        "feedback.sending.webhooks.addresses_of": lambda *_, **__: [],
        "feedback.sending.chat.post_once": post,
        "feedback.sending.chat.addresses_of": lambda *_, **__: [],
        "feedback.sending.rounds.ThreadPoolExecutor": OneByOne,
    }
    get_template = app.jinja_env.get_template

    def noted(name: Any, *rest: Any, **more: Any) -> Any:
        found = get_template(name, *rest, **more)
        us.rendered.add(str(found.name))
        return found

    with ExitStack() as stack:
        stack.enter_context(patch.object(app.jinja_env, "get_template", noted))
        for name, value in put.items():
            stack.enter_context(patch(name, value))
        app.extensions["feedback"] = replace(stood_on, db=cast.db, clock=clock, settings=settings)
        app.extensions["limits"].storage.reset()
        try:
            clock.now = script.began
            cast.add_organisation(script.organisation, "olive", str(script.zone))
            for happens in script.happens:
                happens(us)
            for happens in script.beside:
                clock.now = script.began
                happens(us)
            clock.now = script.ends
            yield us
        finally:
            app.extensions["feedback"] = stood_on
