"""As test_api_conforms.py, many times over: all that is allowed, and all that is not, for each of the cast."""

import pytest
from support.conformance import Conformance

from web.api.test_api_conforms import NAMES, known  # noqa: F401 (a fixture)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_api_conforms_however_often_it_is_asked(app, program, known, name):  # noqa: F811
    assert Conformance(app).find_faults(program(name), known, 20, slice(None)) > 2000
