"""A check that every statement of feedback/ on a tenant's table names the organisation whose rows it
means."""

import functools
import re
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import SQLModel

FEEDBACK = str(Path(__file__).parents[2] / "feedback")
HERE = str(Path(__file__).parents[1])


def watch(engine: Engine) -> None:
    """Fail each statement from feedback/ that names a tenant's table without its organisation. One that is
    meant for all organisations has execution_options(across_organisations=True)."""
    event.listen(engine, "before_cursor_execute", _check)


@functools.lru_cache(4096)
def missing(statement: str) -> list[str]:
    """Return the tenant's tables (or their aliases) in a statement that nothing ties to one organisation: neither a
    value nor, by joins, another table that a value ties."""
    used = re.findall(rf"(?:FROM|JOIN|UPDATE|,) ({_tables()})\b(?![=.])(?: AS (\w+))?", statement)
    tied = set(re.findall(r"\b(\w+)\.organisation_id (?:=|IN) [(?%:]", statement))
    tied |= (
        {"organisations"} if re.search(r"\borganisations\.(?:id|code) (?:=|IN) [(?%:]", statement) else set()
    )
    joins = re.findall(r"\b(\w+)\.organisation_id = (\w+)\.(?:organisation_id|id)\b", statement)
    joins += [(b, a) for a, b in re.findall(r"\b(\w+)\.id = (\w+)\.organisation_id\b", statement)]
    while more := {a for a, b in joins if b in tied} | {b for a, b in joins if a in tied}:
        if more <= tied:
            break
        tied |= more
    return sorted({alias or table for table, alias in used} - tied)


@functools.lru_cache(4096)
def _tables() -> str:
    names = (name for name, table in SQLModel.metadata.tables.items() if "organisation_id" in table.columns)
    return "|".join(sorted(names, key=len, reverse=True))


def _check(_c: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    found = _untied(statement)
    if not found or (context is not None and context.execution_options.get("across_organisations")):
        return
    if _is_ours():
        raise AssertionError(f"whose {', '.join(found)}? {statement}")


@functools.lru_cache(4096)
def _untied(statement: str) -> list[str]:
    """Return the tables as missing() does; none for what reads and writes no row, or nobody's."""
    if not re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)", statement):
        return []
    return [] if re.search(r"\nWHERE (0 = 1|false)(\s|$)", statement) else missing(statement)


def _is_ours() -> bool:
    """Tell whether the statement came from feedback/, rather than from a test."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(FEEDBACK):
            return "/migrations/" not in name
        if name.startswith(HERE) and not name.endswith("support/tenancy.py"):
            return False
        frame = frame.f_back
    return False
