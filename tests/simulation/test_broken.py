"""What is broken on purpose can still be broken: python -m simulation.broken does it."""

import ast

import pytest

from simulation.broken import BREAKAGES, TREE, Breakage


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda each: each.name)
def test_text_to_be_broken_stands_once(breakage: Breakage):
    text = (TREE / breakage.file).read_text(encoding="utf-8")
    assert text.count(breakage.old) == 1
    ast.parse(text.replace(breakage.old, breakage.new))
