"""Whatever tells figures of single persons asks first, itself, whether they may be told, before it asks the database: that
no page leads there under a works agreement is no promise."""

from importlib import import_module
from unittest.mock import Mock

import pytest

from feedback.core.access import Role, WorksAgreement, figure_access

TELL = (
    "store.relationships.relationship_to_practise", "pages.accounts.account_for", "pages.accounts.accounts_among",
    "pages.account_list.accounts", "pages.explanation.score_page", "pages.explanation.relationship_page",
    "pages.coaching.coaching_list", "pages.brief.brief", "pages.rep.rep_page", "pages.relationship_list.relationship_list",
    "pages.relationship_list.every_relationship", "pages.relationship_list.relationships_with",
)  # fmt: skip


@pytest.mark.parametrize("name", TELL)
def test_figures_of_a_person_are_refused_before_anything_is_asked(name):
    module, _, function = name.rpartition(".")
    tell = getattr(import_module(f"feedback.{module}"), function)
    carol = Mock(figures=figure_access(Role.MANAGER, works_agreement=True))
    session = Mock()
    given = {"session": session, "viewer": carol, "chosen": Mock(viewer=carol, session=session)}
    wanted = tell.__code__.co_varnames[: tell.__code__.co_argcount]
    with pytest.raises(WorksAgreement):
        tell(*[given.get(each, Mock()) for each in wanted])
    assert session.mock_calls == []
