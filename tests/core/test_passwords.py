"""What a password must be."""

import pytest

from feedback.core.passwords import password_problem, password_strength

TWELVE, LONGEST = "blue tea cup", "blue tea cup" + "a" * 188


@pytest.mark.parametrize("password", [TWELVE, LONGEST, "a short sentence", "пароль из слов"])
def test_valid_password_is_accepted(password):
    assert password_problem(password) is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "at least 12"),
        (TWELVE[:-1], "at least 12"),
        (LONGEST + "a", "at most 200"),
        *(
            (easy, "first that anybody would try")
            for easy in (
                "abc" * 4,
                "passwordpassword",
                "Password2024!!",
                "P@ssw0rd12345",
                "123456789012",
                "qwertyuiopas",
                "abcdefghijklmnop",
                "!!letmein2026!!",
                "98765432109876",
            )
        ),
    ],
)
def test_refused_password_has_a_reason(password, reason):
    assert reason in password_problem(password)


def test_what_others_know_is_no_password():
    own = ("Alice Ng", "alice.ng@example.com", "Doughnut Partners")
    for password in ("alice.ng@example.com", "DoughnutPartners1", "Alice-Doughnut-26", "alice doughnut 1"):
        assert "little more than your name" in password_problem(password, own), password
    assert password_problem("alice likes green tea", own) is None


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("blue tea cup", "good enough"),
        ("a short sentence", "strong"),
        ("four words are very long", "very strong"),
    ],
)
def test_strength_is_said_in_words(password, words):
    assert password_strength(password).startswith(words)


def test_longer_word_that_others_know_is_taken_out_first():
    """Or "Dough" would leave five times "nut", which looks like a password."""
    assert "little more than your name" in password_problem(
        "doughnut" * 4 + "dough", ("Dough", "Doughnut Ltd")
    )
