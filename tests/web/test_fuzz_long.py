"""The same nonsense as in test_fuzz.py, many times over, on both databases."""

from web.test_fuzz import addresses, cast_of, fuzz  # noqa: F401 (a fixture)
from web.test_get_never_writes import everything  # noqa: F401 (a fixture)


def test_much_nonsense_is_never_a_failure_of_ours(served, everything, cast_of, lines):  # noqa: F811
    fuzz(served, cast_of, addresses(served, everything), lines, rounds=15)
