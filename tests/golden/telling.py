"""A story on an app, a database and a clock, in which nothing is random and every action that is used is noted."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from inspect import getmembers, isfunction
from itertools import count
from random import Random
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

from flask import Flask
from sqlalchemy import event
from support.cast import Clock

from feedback import actions as package
from feedback.calendar.file import read_calendar
from feedback.db import locks
from feedback.db.engine import Database
from golden.story import Story


class OneAfterTheOther:
    """In place of UUIDv7: a running number behind the time of the story's clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.made = clock, count(1)

    def __call__(self) -> UUID:
        milliseconds, number = int(self.clock().timestamp() * 1000), next(self.made)
        return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | number)


def actions(package: ModuleType) -> dict[str, Callable[..., Any]]:
    """Return every public function of the modules of a package that are loaded, by its dotted name."""
    found = {}
    for name, module in sys.modules.items():
        if name.startswith(f"{package.__name__}."):
            for each, function in getmembers(module, isfunction):
                if function.__module__ == name and not each.startswith("_"):
                    found[f"{name.removeprefix(package.__name__ + '.')}.{each}"] = function
    return found


@contextmanager
def telling(app: Flask, db: Database, clock: Clock) -> Iterator[Story]:
    """Yield a story on this app, database and clock, where mails can be sent. It is told which actions are used, wherever they were imported to;
    rows get their ids in order, and what counts requests goes by the clock, too."""
    context = app.extensions["feedback"]
    mails = {"smtp_url": "smtp://nobody", "mail_from": "us@feedback.example", "base_url": "http://localhost"}
    app.extensions["feedback"] = replace(
        context, db=db, clock=clock, settings=replace(context.settings, **mails)
    )
    app.extensions["limits"].storage.reset()
    dice = Random("secrets")  # so that what is counted under a hash comes in one order
    story, at = Story(app, db, clock), lambda: clock().timestamp()
    time = SimpleNamespace(time=at, monotonic=at)
    put = {
        "feedback.models.columns.uuid7": OneAfterTheOther(clock),
        "secrets.randbelow": dice.randrange,
        "secrets.token_bytes": lambda size=None: dice.randbytes(size or 32),
        "feedback.web.limits.time": time,
        "feedback.web.counters.time": time,
        "feedback.calendar.reader.READER.read": read_calendar,  # in a process of its own elsewhere
    }
    wrapped = {function: _noted(story, name, function) for name, function in actions(package).items()}
    wrapped |= _locking(story)
    with ExitStack() as stack:
        for module in [m for name, m in sys.modules.items() if name.startswith("feedback.") and m]:
            for name, value in [*vars(module).items()]:
                if isfunction(value) and value in wrapped:
                    stack.enter_context(patch.object(module, name, wrapped[value]))
        for name, value in put.items():
            stack.enter_context(patch(name, value))
        event.listen(db.engine, "before_cursor_execute", story.watched.note)
        stack.callback(event.remove, db.engine, "before_cursor_execute", story.watched.note)
        try:
            yield story
        finally:
            app.extensions["feedback"] = context


def _locking(story: Story) -> dict[Callable[..., Any], Callable[..., Any]]:
    """Return what locks, by what it stands for, with a note of each lock: SQLite's writers take turns, PostgreSQL's do so by
    these alone."""
    row, key = locks.locked, locks.advisory_lock

    def locked(session: Any, table: Any, *, key_share: bool = False, **named: Any) -> Any:
        found = row(session, table, key_share=key_share, **named)
        told = f"{table.__tablename__}{', which may be added to' if key_share else ''}"
        story.locked.setdefault(told if found else f"no {table.__tablename__}")
        return found

    def advisory_lock(session: Any, name: str) -> None:
        key(session, name)
        story.locked.setdefault(f"“{story.masked(name)}”")

    return {row: locked, key: advisory_lock}


def _noted(story: Story, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        ends = story.used.setdefault(name, set())
        try:
            result = function(*arguments, **named)
        except Exception as refused:
            ends.add("refused")
            story.refused.setdefault(f"{type(refused).__name__} {refused}".strip())
            raise
        ends.add("done")
        return result

    return call
