"""What a password must be."""

import pytest

from feedback.core.passwords import password_problem

TEN, LONGEST = "abcd" + "a" * 6, "abcd" + "a" * 196


@pytest.mark.parametrize("password", [TEN, LONGEST, "a short sentence", "пароль из слов"])
def test_ten_characters_of_four_kinds_will_do(password):
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
def test_a_refused_password_comes_with_its_reason(password, reason):
    assert reason in password_problem(password)
