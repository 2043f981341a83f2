"""Which names at one address may be one person's."""

import pytest

from feedback.core.names import may_be_one_person


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Dana Whitfield", "Dana Whitfield", True),
        ("Dana Whitfield", "D. Whitfield", True),
        ("Dana Whitfield", "Whitfield, Dana", True),
        ("Dana Whitfield", "Whitfield", True),
        ("Dana M. Whitfield", "Dana Maria Whitfield", True),
        ("Zoë Müller", "zoe muller", True),
        ("Tom Aske", "Lena Voss", False),
        ("Tom Aske", "Lena Aske", False),
        ("Tom Aske", "L. Aske", False),
        ("Dana Whitfield", "Dana Miller", False),
        ("Dana", "...", False),
    ],
)
def test_names_of_one_address_are_compared(one, other, same):
    assert may_be_one_person(one, other) is may_be_one_person(other, one) is same
