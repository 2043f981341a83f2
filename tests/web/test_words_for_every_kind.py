"""Where kinds have words, each kind has its own: a message, a state or a reason that came later is not left without."""

from enum import Enum
from importlib import import_module
from pkgutil import walk_packages

import pytest

from feedback import api, chat, imports, pages, web, wording
from feedback.core.api_tokens import TokenState
from feedback.core.chat import ChatEvent
from feedback.imports.run import ImportKind

# Kinds that a table leaves out, and why.
WITHOUT = {
    "feedback.api.authentication.STATE_WORDS": {TokenState.GOOD},  # it is let in
    "feedback.chat.alert_words._TOLD": {
        ChatEvent.ALERT,
        ChatEvent.WEEK,
        ChatEvent.TEST,
    },  # no follow-up of an alert
    "feedback.imports.run._LISTS": {ImportKind.HISTORY},  # goes its own way
}


def _tables() -> dict[str, dict]:
    """Return the tables by kind, by where they stand."""
    found = {}
    for room in (api, chat, imports, pages, web, wording):
        for each in walk_packages(room.__path__, f"{room.__name__}."):
            for name, value in vars(import_module(each.name)).items():
                kinds = {type(key) for key in value} if isinstance(value, dict) else set()
                if len(kinds) == 1 and len(value) > 2 and issubclass(*kinds, Enum):
                    found.setdefault(id(value), (f"{each.name}.{name}", value))
    return dict(found.values())


TABLES = _tables()


@pytest.mark.parametrize("name", TABLES)
def test_every_kind_has_words_of_its_own(name):
    table = TABLES[name]
    (kind,) = {type(key) for key in table}
    assert set(table) == set(kind) - WITHOUT.get(name, set())
    told = [str(value) for value in table.values()]
    assert len(set(told)) == len(told)
