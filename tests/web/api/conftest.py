"""What the tests of the API share."""

import pytest
from support.tokens import Program, token_of


@pytest.fixture
def program(app, cast):
    """program("alice") is a program with a token of Alice's."""

    def enter(name: str, *scopes, **options: object) -> Program:
        return Program(app.test_client(), token_of(cast, name, scopes or None, **options))

    return enter
