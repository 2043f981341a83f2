"""Reads of one row that are compiled once, and then given to the driver.

Of a client's page SQLAlchemy's way through an execution (cache key, context, result, row) was half of the work, and of
a tap a third. What is left of it here is what decides: the text, and how each type goes in and comes out.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Select


class CompiledRead:
    """A statement that reads at most one row, with bound parameters."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._by_dialect: WeakKeyDictionary[Dialect, _Compiled] = WeakKeyDictionary()

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Return the first row, a named tuple of the columns' labels; None where there is none. values: of each bound
        parameter. Raises what `connection.execute` does: what the driver cannot do, SQLAlchemy is asked to do, which
        knows a lost connection from a wrong value, and lets go of it."""
        dialect = connection.dialect
        compiled = self._by_dialect.get(dialect)
        if compiled is None:
            compiled = self._by_dialect[dialect] = _Compiled(self._statement, dialect)
        try:
            cursor = connection.connection.cursor()
            text, parameters = compiled.text, compiled.parameters(values)
            for told in connection.engine.dispatch.before_cursor_execute:
                told(connection, cursor, text, parameters, None, False)
            cursor.execute(text, parameters)
            found = cursor.fetchone()
            row = None if found is None else compiled.row(found, cursor)
            cursor.close()
        except dialect.loaded_dbapi.Error:
            row = connection.execute(self._statement, values).first()
            return None if row is None else compiled.make(*row)
        return row


class _Compiled:
    """The statement as one dialect says it."""

    def __init__(self, statement: Select[*tuple[Any, ...]], dialect: Dialect) -> None:
        made: Any = statement.compile(dialect=dialect)
        binds = [
            (name, bound)
            for bound, name in made.bind_names.items()
            if bound not in made.literal_execute_params
        ]
        wanted = [name for name, bound in binds if bound.required]
        # what is a part of the text, such as a separator, is written into it with a value for every parameter
        whole = made.construct_expanded_state(dict.fromkeys(wanted))
        self.text: str = whole.statement
        self._dialect, self._columns = dialect, statement.selected_columns
        self._out: list[tuple[int, Callable[[Any], Any]]] | None = None
        self.make: Any = namedtuple("Row", self._columns.keys())  # type: ignore[misc]  # the columns are the statement's
        self._order: list[str] | None = whole.positiontup
        into = {name: _bind(bound.type, dialect) for name, bound in binds}
        self._given = [(name, into[name]) for name in wanted]
        fixed = {name: bound.effective_value for name, bound in binds if not bound.required}
        self._fixed = {
            name: convert(value) if (convert := into[name]) else value for name, value in fixed.items()
        }

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """Return the values as the driver takes them."""
        given = self._fixed | {
            name: convert(values[name]) if convert else values[name] for name, convert in self._given
        }
        return given if self._order is None else tuple([given[name] for name in self._order])

    def row(self, found: Any, cursor: Any) -> Any:
        """Return the driver's row with each value as the application knows it."""
        if self._out is None:
            self._out = self._converters(cursor.description)
        values = list(found)
        for n, convert in self._out:
            values[n] = convert(values[n])
        return self.make(*values)

    def _converters(self, described: Sequence[Any]) -> list[tuple[int, Callable[[Any], Any]]]:
        """Return which values are converted, and how; described: the columns, as the driver tells them."""
        impls = (column.type.dialect_impl(self._dialect) for column in self._columns)
        each = ((n, impl.result_processor(self._dialect, described[n][1])) for n, impl in enumerate(impls))
        return [(n, convert) for n, convert in each if convert]


def _bind(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    convert: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return convert
