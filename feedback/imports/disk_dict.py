"""A dictionary that may outgrow memory, for the duration of one import."""

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b

CACHE_KB = 4_096


class DiskDict:
    """Keys and values in a temporary SQLite database, which moves to the disk as it grows and is deleted when
    it is closed. For one thread, without transactions."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{CACHE_KB}"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE TABLE entries (key BLOB PRIMARY KEY, value) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def get(self, key: bytes) -> bytes | None:
        """Return the value under a key; None when there is none."""
        row = self._db.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone()
        return bytes(row[0]) if row else None

    def put(self, key: bytes, value: bytes = b"") -> None:
        """Store a value under a key, in place of any before."""
        self._db.execute("INSERT OR REPLACE INTO entries VALUES (?, ?)", (key, value))

    def drop(self, key: bytes) -> None:
        """Delete a key and its value."""
        self._db.execute("DELETE FROM entries WHERE key = ?", (key,))

    def row_before(self, key: bytes, row: int) -> int | None:
        """Return the row number stored under this key; None when there was none, and then store `row`."""
        if self._db.execute("INSERT OR IGNORE INTO entries VALUES (?, ?)", (key, row)).rowcount:
            return None
        return int(self._db.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone()[0])

    def rows_before(self, rows: Sequence[tuple[bytes, int]]) -> dict[int, int]:
        """Store the number of each row (key, row) under its key, as row_before does. Return, by row, which row had its
        key before."""
        changed = self._db.total_changes
        self._db.executemany("INSERT OR IGNORE INTO entries VALUES (?, ?)", rows)
        if self._db.total_changes - changed == len(rows):
            return {}
        found = {row: self.row_before(key, row) for key, row in rows}
        return {row: first for row, first in found.items() if first is not None and first != row}

    def count(self, keys: Iterable[bytes]) -> None:
        """Add 1 under each of the keys."""
        self._db.executemany(
            "INSERT INTO entries VALUES (?, 1) ON CONFLICT DO UPDATE SET value = value + 1",
            ((key,) for key in keys),
        )

    def counts(self, after: bytes, limit: int) -> list[tuple[bytes, int]]:
        """Return the next `limit` keys after `after`, in order, with how often each was counted."""
        rows = self._db.execute(
            "SELECT key, value FROM entries WHERE key > ? ORDER BY key LIMIT ?", (after, limit)
        )
        return [(bytes(key), int(number)) for key, number in rows]

    def close(self) -> None:
        """Delete the dictionary."""
        self._db.close()


def digest(*parts: bytes) -> bytes:
    """Return a short key for long ones. Parts that could run into one another must be of fixed length, except
    the last."""
    return blake2b(b"".join(parts), digest_size=16).digest()
