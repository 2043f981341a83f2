"""The tables against what Citus asks of tables that are spread over machines by organisation, and deploy/citus.sql
against the tables."""

import re
from pathlib import Path

from sqlalchemy import Table, UniqueConstraint
from sqlmodel import SQLModel

import feedback.models  # noqa: F401 (fills the metadata)

SCRIPT = (Path(__file__).parent.parent / "deploy" / "citus.sql").read_text()
TENANT = "organisation_id"
REFERENCE = {"organisations"}  # whole on every node
LOCAL = {"counters", "sign_ups"}  # on the coordinator alone


def distributed() -> list[Table]:
    return [table for table in SQLModel.metadata.sorted_tables if TENANT in table.columns]


def uniques(table: Table) -> list[list[str]]:
    """The columns of everything that has to be unique in a table."""
    found = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    return [
        list(each.columns.keys()) for each in [*found, *(index for index in table.indexes if index.unique)]
    ]


def test_every_table_is_distributed_reference_or_local():
    others = {table.name for table in SQLModel.metadata.sorted_tables} - {
        table.name for table in distributed()
    }
    assert others == REFERENCE | LOCAL


def test_every_key_of_a_distributed_table_has_its_organisation():
    assert [table.name for table in distributed() if TENANT not in table.primary_key.columns] == []
    found = {table.name: uniques(table) for table in distributed()}
    assert sum(map(len, found.values())) > 15
    assert [(name, keys) for name, each in found.items() for keys in each if TENANT not in keys] == []


def test_foreign_keys_stay_on_one_shard():
    """Between distributed tables a foreign key pairs the one's organisation with the other's; else it points at a table
    that every node has. None points from what every node has to what one has."""
    keys = [key for table in SQLModel.metadata.sorted_tables for key in table.foreign_key_constraints]
    pairs = {key: [(e.parent.name, e.column.name) for e in key.elements] for key in keys}
    assert len(keys) > 50
    names = {table.name for table in distributed()}
    for key, columns in pairs.items():
        if key.referred_table.name in names:
            assert (TENANT, TENANT) in columns, (key.table.name, columns)
        else:
            assert key.referred_table.name in REFERENCE, (key.table.name, columns)
        assert key.table.name in names, key.table.name


def test_no_key_changes_the_organisation():
    """Citus refuses ON UPDATE, and SET NULL, where they would touch the column that says where a row is."""
    keys = [key for table in distributed() for key in table.foreign_key_constraints]
    assert {(key.ondelete, key.onupdate) for key in keys} == {(None, None)}


def test_citus_script_names_every_table():
    spread = re.findall(r"^SELECT create_distributed_table\('(\w+)', 'organisation_id', colocate_with => '(\w+)'\);$",
                        SCRIPT, re.M)  # fmt: skip
    names = [name for name, _ in spread]
    assert sorted(names) == sorted(table.name for table in distributed())
    assert [group for _, group in spread] == ["none", *[names[0]] * (len(names) - 1)]
    assert set(re.findall(r"^SELECT create_reference_table\('(\w+)'\);$", SCRIPT, re.M)) == REFERENCE
    assert {name for name in LOCAL if f"`{name}`" not in SCRIPT} == set()


def test_citus_script_goes_in_the_order_of_keys():
    """A table is spread after those that it points at."""
    place = {name: number for number, name in enumerate(re.findall(r"_table\('(\w+)'", SCRIPT))}
    late = [(table.name, key.referred_table.name) for table in distributed() for key in table.foreign_key_constraints
            if place[key.referred_table.name] > place[table.name]]  # fmt: skip
    assert late == []
