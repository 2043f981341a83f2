"""Texts that people wrote, made safe to print."""

import pytest

from feedback.core.text import safe_cell, unsafe_cell


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_begins_a_formula(first):
    assert safe_cell(f"{first}SUM(A1)") == f"'{first}SUM(A1)"
    assert unsafe_cell(safe_cell(f"{first}SUM(A1)")) == f"{first}SUM(A1)"


@pytest.mark.parametrize("text", ["Dana = Whitfield", "", "'quoted'", "3-4"])
def test_other_cells_stay_as_they_are(text):
    assert safe_cell(text) == unsafe_cell(text) == text
