"""What a password must be."""

import pytest

from feedback.core.passwords import password_problem

TEN, LONGEST = "abcd" + "a" * 6, "abcd" + "a" * 196


@pytest.mark.parametrize("password", [TEN, LONGEST, "a short sentence", "пароль из слов"])
def test_valid_password_is_accepted(password):
    assert password_problem(password) is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "at least 10"),
        (TEN[:-1], "at least 10"),
        (LONGEST + "a", "at most 200"),
        ("abc" * 4, "first that anybody would try"),
    ],
)
def test_refused_password_has_a_reason(password, reason):
    assert reason in password_problem(password)
