"""Long files go out a part at a time, and are as one."""

import csv
import io

import pytest

from feedback.web.csv import csv_parts


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 999, 1000, 1001, 1499])
def test_parts_of_a_file_are_the_file(count):
    """Rows get shorter, so that a part is shorter than the one before."""
    rows = [[str(n), "x" * (1500 - n)] for n in range(count)]
    text = "".join(csv_parts(("number", "text"), rows))
    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text.removeprefix("\ufeff")))) == [["number", "text"], *rows]
