"""All rows of the records as lines of JSON, read at one moment: what one kind of database gave, any other takes back."""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Iterable, Iterator
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, Date, Engine, Table, func, insert, null, select, text, update

from assistant.records.base import Base, UtcDateTime
from assistant.records.database import translated
from assistant.records.errors import RecordValueError
from assistant.records.models import Login

BATCH = 500
LONGEST_LINE = 64 * 2**20
"""Bytes of one row; the largest checklists take half a megabyte."""
# Who is signed in is nobody's record: after a restore everybody signs in again.
TABLES: dict[str, Table] = {t.name: t for t in Base.metadata.sorted_tables if t is not Login.__table__}


def revisions() -> list[str]:
    """The versions of the tables that this software knows, the newest first."""
    config = Config()
    config.set_main_option("script_location", "assistant.records:migrations")
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


@contextlib.contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the records as they are now, whatever others save meanwhile; nobody waits for it."""
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with translated(engine), engine.execution_options(**options).connect() as connection, connection.begin():
        # The moment is that of the first statement.
        connection.execute(select(func.count()).select_from(next(iter(TABLES.values()))))
        yield connection


def dump(connection: Connection, table: Table) -> Iterator[bytes]:
    """The rows of a table by its key, one line of JSON each."""
    found = connection.execution_options(yield_per=BATCH).execute(select(table).order_by(*table.primary_key.columns))
    for row in found.mappings():
        told = {name: _plain(value) for name, value in row.items()}
        yield json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date | datetime.datetime) else value


def parse(line: bytes, table: Table) -> dict[str, Any]:
    """A row as written by :func:`dump`; raise :class:`RecordValueError` for anything else.

    Columns that are newer than the line are left empty where that is allowed.
    """
    wrong = RecordValueError(f"备份里 {table.name} 的一行读不了；文件可能已损坏，请换一份备份。")
    try:
        told = json.loads(line)
    except ValueError as error:
        raise wrong from error
    if not isinstance(told, dict) or set(told) - set(table.columns.keys()):
        raise wrong
    row: dict[str, Any] = {}
    for column in table.columns:
        value = told.get(column.name)
        if value is None and not column.nullable:
            raise wrong
        row[column.name] = _typed(value, column.type, wrong)
    return row


def _typed(value: Any, kind: Any, wrong: RecordValueError) -> Any:
    if isinstance(kind, JSON):
        return null() if value is None else value
    if value is None:
        return None
    try:
        if isinstance(kind, UtcDateTime):
            return datetime.datetime.fromisoformat(value)
        if isinstance(kind, Date):
            return datetime.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise wrong from error
    if not isinstance(value, kind.python_type) and not (kind.python_type is float and isinstance(value, int)):
        raise wrong
    return value


def rows_held(connection: Connection) -> int:
    """How many rows the tables hold together."""
    return sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES.values())


def clear(connection: Connection) -> None:
    """Empty all tables of a PostgreSQL database, within the transaction."""
    connection.execute(text("SET LOCAL lock_timeout = '10s'"))
    names = ", ".join(f'"{name}"' for name in (*TABLES, Login.__tablename__))
    connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))


def load(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    """Put rows into an empty table, within the transaction."""
    own = [c.name for c in table.columns for key in c.foreign_keys if key.column.table is table]
    later: list[dict[str, Any]] = []
    batch: list[dict[str, Any]] = []
    for line in lines:
        row = parse(line, table)
        for name in own:
            # Rows may point to later ones of the same table.
            if row[name] is not None:
                later.append({"id": row["id"], "name": name, "value": row[name]})
                row[name] = None
        batch.append(row)
        if len(batch) == BATCH:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
    for one in later:
        connection.execute(update(table).where(table.c.id == one["id"]).values({one["name"]: one["value"]}))


def count_on(connection: Connection) -> None:
    """Let new rows of a PostgreSQL database be numbered after those that were put in."""
    for table in TABLES.values():
        if "id" in table.columns:
            highest = f'SELECT max(id) FROM "{table.name}"'
            sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
            connection.execute(text(f"SELECT setval({sequence}, coalesce(({highest}), 1), ({highest}) IS NOT NULL)"))
