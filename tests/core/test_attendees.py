"""Who of those invited to a meeting comes from outside."""

import pytest

from feedback.core.calendar.attendees import SHARED_DOMAINS, is_colleague


@pytest.mark.parametrize(
    ("email", "own", "expected"),
    [
        ("bob@house.example", {"alice@house.example"}, True),
        ("dana@client.example", {"alice@house.example"}, False),
        ("alice@gmail.com", {"alice@house.example", "alice@gmail.com"}, True),  # the rep's own
        ("dana@gmail.com", {"alice@house.example", "alice@gmail.com"}, False),  # everybody may be there
        ("bob@second.example", {"alice@house.example", "alice@second.example"}, True),
        ("bob@mail.house.example", {"alice@house.example"}, False),
    ],
)
def test_colleagues_are_of_the_same_house(email, own, expected):
    assert is_colleague(email, own) is expected


def test_a_domain_that_everybody_may_have_makes_no_colleague():
    for domain in SHARED_DOMAINS:
        assert not is_colleague(f"dana@{domain}", {f"alice@{domain}"})
