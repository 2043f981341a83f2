"""Records, which a page makes by the thousand."""

from dataclasses import replace

import pytest

from feedback.core.records import record


@record
class Place:
    rank: int
    name: str = "Alice"


def test_record_is_a_value():
    assert Place(1) == Place(1, "Alice") != Place(2)
    assert {Place(1): "first"}[Place(1)] == "first"
    assert replace(Place(1), rank=2) == Place(2)


def test_record_has_its_fields_and_no_others():
    with pytest.raises(AttributeError):
        Place(1).row = 1


def test_type_checkers_are_told_that_a_record_is_frozen():
    told = record.__dataclass_transform__
    assert (told | told["kwargs"])["frozen_default"]  # where Python keeps it differs by its version
