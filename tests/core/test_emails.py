"""How addresses are compared."""

import pytest

from feedback.core.emails import small_letters


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Dana@Northwind.Example ", "dana@northwind.example"),
        ("dana@straße.example", "dana@straße.example"),
        ("dana@βόλος.example", "dana@βόλος.example"),
        ("Groß@MÜLLER.example", "groß@müller.example"),
    ],
)
def test_address_is_compared_in_small_letters_and_stays_itself(typed, stored):
    assert small_letters(typed) == stored
