"""No statement of ours reads or changes a tenant's table without saying whose rows it means."""

import re
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import SQLModel

FEEDBACK = str(Path(__file__).parents[2] / "feedback")
HERE = str(Path(__file__).parents[1])


def watch(engine: Engine) -> None:
    """Fail each statement from feedback/ that names a tenant's table without its organisation; one that is meant to
    look across organisations says so with execution_options(across_organisations=True)."""
    event.listen(engine, "before_cursor_execute", _check)


def missing(statement: str) -> list[str]:
    """The tenant's tables (or their aliases) in a statement that no predicate ties to an organisation."""
    said = set(re.findall(r"\b(\w+)\.organisation_id", _conditions(statement)))
    if re.search(r"\bWHERE\b.*(?<![.\w])organisation_id", statement, re.S):
        said |= set(re.findall(r"(?:UPDATE|DELETE FROM) (\w+)", statement))
    used = re.findall(rf"(?:FROM|JOIN|UPDATE|,) ({_tables()})(?: AS (\w+))?\b", statement)
    return sorted({alias or table for table, alias in used} - said)


def _conditions(statement: str) -> str:
    """What stands behind WHERE and ON; columns that are merely read say nothing."""
    return " ".join(
        re.findall(r"\b(?:WHERE|ON)\b(.*?)(?=\bSELECT\b|\bGROUP BY\b|\bORDER BY\b|$)", statement, re.S)
    )


def _tables() -> str:
    names = (name for name, table in SQLModel.metadata.tables.items() if "organisation_id" in table.columns)
    return "|".join(sorted(names, key=len, reverse=True))


def _check(_c: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    if not re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)", statement) or not _is_ours():
        return
    if context is None or context.execution_options.get("across_organisations"):
        return
    found = missing(statement)
    if found:
        raise AssertionError(f"whose {', '.join(found)}? {statement}")


def _is_ours() -> bool:
    """Did the statement come from feedback/, rather than from a test?"""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(FEEDBACK):
            return "/migrations/" not in name
        if name.startswith(HERE) and not name.endswith("support/tenancy.py"):
            return False
        frame = frame.f_back
    return False
