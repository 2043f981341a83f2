"""What changes in a database: the rows as they were, and as they are."""

import re
from collections.abc import Iterator
from typing import Any

from support.dump import TABLES

from feedback.db.engine import Database

WRITTEN = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO) \"?(\w+)", re.IGNORECASE)
COLUMNS = {table.name: tuple(column.name for column in table.columns) for table in TABLES}
KEYS = {table.name: tuple(column.name for column in table.primary_key) for table in TABLES}
Row = dict[str, Any]


class Watched:
    """The rows of a database; only the tables that were written to are read again."""

    def __init__(self, db: Database) -> None:
        self.db, self.written = db, set(COLUMNS)
        self.rows: dict[str, dict[tuple, tuple]] = {}
        self.read()

    def note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        """Note which tables a statement writes to."""
        self.written |= {name.lower() for name in WRITTEN.findall(statement)}

    def read(self) -> Iterator[tuple[str, Row | None, Row | None]]:
        """Return what changed since the last look: the table, and the row as it was and as it is."""
        changed = []
        with self.db.reading() as session:
            for table in TABLES:
                if table.name not in self.written:
                    continue
                names, keys = COLUMNS[table.name], KEYS[table.name]
                places = [names.index(key) for key in keys]
                rows = [tuple(row) for row in session.execute(table.select())]
                now = {tuple(row[place] for place in places): row for row in rows}
                before = self.rows.get(table.name, {})
                self.rows[table.name] = now
                for key in sorted({*before, *now}, key=str):
                    old, new = before.get(key), now.get(key)
                    if old != new:
                        pair = (dict(zip(names, row, strict=True)) if row else None for row in (old, new))
                        changed.append((table.name, *pair))
        self.written.clear()
        return iter(changed)
