"""The link of a mail by which an address is left alone."""

from uuid import UUID

import pytest

from feedback.core.links import read_stop_token, stop_token

HERE, MARK = UUID("0190f5a0-0000-7000-8000-000000000001"), "ab" * 20


@pytest.mark.parametrize("secrets", [("old",), ("new", "old"), ("newest", "new", "old")])
def test_mail_that_is_older_than_the_key_is_answered(secrets):
    assert read_stop_token(secrets, stop_token("old", HERE, MARK)) == (HERE, MARK)


def test_token_of_no_key_of_ours_is_none():
    token = stop_token("old", HERE, MARK)
    assert read_stop_token(("new", "newest"), token) is None
    assert read_stop_token(("old",), token[:-1]) is None
