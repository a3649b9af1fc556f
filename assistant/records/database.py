"""Opens the record database: SQLite in WAL mode or any other by URL; migrates it; turns its errors into sentences."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from assistant.records.errors import ConflictError, RecordsError, RecordValueError

FILE = "records.sqlite3"
BUSY_SECONDS = 15.0
POOL = 40
"""Connections kept open, one for each thread that answers; a few more are opened when all are in use."""
OVERFLOW = 10
TURN = "hegui_turn"
"""The execution option that holds the queue of writers, where there is one."""
STALE = "这条记录在你打开之后已被别人改过，这次没有保存；请刷新后重新填写。"


def default_url(data: Path) -> str:
    """The URL of the records in a data folder."""
    return URL.create("sqlite", database=str((data / FILE).absolute())).render_as_string(hide_password=False)


def open_database(url: str) -> Engine:
    """An engine over migrated tables; raise :class:`RecordsError` when the database can't be used."""
    try:
        at = make_url(url)
        sqlite = at.get_backend_name() == "sqlite"
        if sqlite and at.database and at.database != ":memory:":
            Path(at.database).parent.mkdir(parents=True, exist_ok=True)
        # No ping before each use: after the database was restarted one request fails and says so, and the pool is made anew.
        options: dict[str, Any] = {}
        if sqlite:
            # Writers of one process wait in a queue; SQLite itself would let them try again and again, the unlucky for long.
            options = {"connect_args": {"timeout": BUSY_SECONDS}, "execution_options": {TURN: threading.Lock()}}
        engine = create_engine(at, pool_size=POOL, max_overflow=OVERFLOW, **options)
    except (ArgumentError, NoSuchModuleError, ImportError, OSError) as error:
        raise RecordsError(f"记录库打不开：{error}；请检查数据目录或者记录库地址。") from error
    if sqlite:
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    with translated(engine):
        _migrate(engine)
    return engine


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    # Transactions are begun by _on_begin: Python's own come too late to lock what was read.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").close()


def _on_begin(connection: Connection) -> None:
    # A transaction that reads and then writes must hold the write lock from the start, or it fails instead of waiting.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine) -> None:
    config = alembic.config.Config()
    config.set_main_option("script_location", "assistant.records:migrations")
    with engine.execution_options(writes=True).connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            # Most changes make a table anew on SQLite; rows that point to it must not be checked while it is away.
            _pragma(connection, "foreign_keys=OFF")
        with connection.begin():
            if not sqlite:
                # One process migrates, the others wait for it.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4113)")
            config.attributes["connection"] = connection
            try:
                alembic.command.upgrade(config, "head")
            except CommandError as error:
                raise RecordsError("记录库是更新版本的软件写成的，这个版本读不了；请升级软件后再打开。") from error
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RecordsError("记录库里有互相对不上的记录，没有升级；请用备份换回来，或者联系维护人员。")
        if sqlite:
            _pragma(connection, "foreign_keys=ON")


def _pragma(connection: Connection, setting: str) -> None:
    """Set what can't be set inside a transaction."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA {setting}").close()


def turn(engine: Engine) -> AbstractContextManager[object]:
    """Wait until no other thread of this process writes; at once where the database does that well itself."""
    held: AbstractContextManager[object] = engine.get_execution_options().get(TURN, contextlib.nullcontext())
    return held


def alone(session: Session) -> None:
    """Let no other transaction that asks the same go on beside this one; SQLite writes one at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(4114)"))


@contextlib.contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Database errors as Chinese sentences."""
    try:
        yield
    except StaleDataError as error:
        raise ConflictError(STALE) from error
    except IntegrityError as error:
        raise _integrity(error) from error
    except (OverflowError, DataError) as error:
        raise RecordValueError("编号、页码或者数字太大，记录库容不下；请检查后重试。") from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise RecordsError(_sentence(error, engine)) from error


def _integrity(error: IntegrityError) -> RecordsError | RecordValueError | ConflictError:
    words = str(error.orig)
    if "append-only" in words:
        return RecordsError("操作记录只能追加，不能修改或者删除。")
    if "credit_code" in words:
        return RecordValueError("已有企业使用这个统一社会信用代码；请先查一查，不要重复建档。")
    if "login" in words:
        return RecordValueError("已有账号使用这个登录名；请换一个登录名。")
    if ("answer" in words or "profile_version" in words) and "UNIQUE" in words.upper():
        return ConflictError(STALE)
    return RecordsError(f"记录不完整或者互相矛盾，没有保存（{words}）。")


def _sentence(error: Exception, engine: Engine) -> str:
    reason: Any = getattr(error, "orig", None) or error
    where = engine.url.database if engine.dialect.name == "sqlite" else engine.url.render_as_string(hide_password=True)
    if "locked" in str(reason):
        return f"记录库 {where} 正被别的程序占用，这次没有保存；请稍后再试。"
    if "not a database" in str(reason) or "malformed" in str(reason):
        return f"记录库 {where} 不是有效的数据库文件；请移走它，或者用备份换回来。"
    return f"记录库 {where} 读写失败：{reason}；请检查磁盘空间、权限和连接。"
