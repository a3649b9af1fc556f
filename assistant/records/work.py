"""What every kind of record shares: transactions of one viewer, saving with a log, pages of lists."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from assistant.records.base import Base, Versioned
from assistant.records.errors import ConflictError, NotFoundError, RecordValueError
from assistant.records.forms import Page, text
from assistant.records.models import (
    Answer,
    AuditLog,
    DueItem,
    Enterprise,
    Happening,
    Hazard,
    Inspection,
    Photo,
    Plan,
    PlanVisit,
    User,
)
from assistant.records.scope import Viewer, transaction

LARGEST_PAGE = 200
NAMES: dict[type[Base], str] = {
    Enterprise: "企业",
    Inspection: "检查",
    Answer: "检查结果",
    Hazard: "隐患",
    Photo: "照片",
    DueItem: "到期事项",
    Happening: "画像事项",
    Plan: "检查计划",
    PlanVisit: "计划检查",
    User: "账号",
}
_UNLOGGED = frozenset({"id", "version", "created_at", "updated_at", "checklist", "items", "password"})

Row = TypeVar("Row", bound=Base)
Saved = TypeVar("Saved", bound=Versioned)
Out = TypeVar("Out", bound=BaseModel)
Clock = Callable[[], datetime.datetime]


def now() -> datetime.datetime:
    """This moment, with the local time zone."""
    return datetime.datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Work:
    """One viewer at one database."""

    engine: Engine
    clock: Clock
    viewer: Viewer

    def reading(self) -> AbstractContextManager[Session]:
        """A transaction that only reads."""
        return transaction(self.engine, self.viewer)

    def writing(self, permission: str | None = None) -> AbstractContextManager[Session]:
        """A transaction that writes; raise :class:`DeniedError` without the permission.

        Where the permission depends on what is found, none is named and the transaction itself asks for it.
        """
        if permission is not None:
            self.viewer.require(permission)
        return transaction(self.engine, self.viewer, writes=True)

    def today(self) -> datetime.date:
        """The local day."""
        return self.clock().date()

    def add(self, session: Session, row: Saved) -> Saved:
        """Keep a new row and log it."""
        row.created_at = row.updated_at = self.clock()
        session.add(row)
        session.flush()
        changes = {name: [None, plain(getattr(row, name))] for name in _logged(row) if getattr(row, name) is not None}
        self.log(session, row, "create", changes)
        return row

    def change(self, session: Session, row: Saved, values: dict[str, Any], action: str = "update") -> Saved:
        """Change a row and log what changed; do nothing when nothing did."""
        changes = {n: [plain(getattr(row, n)), plain(v)] for n, v in values.items() if getattr(row, n) != v}
        if changes:
            for name, value in values.items():
                setattr(row, name, value)
            row.updated_at = self.clock()
            # Both go to the database together.
            self.log(session, row, action, {n: c for n, c in changes.items() if n not in _UNLOGGED})
        return row

    def log(self, session: Session, row: Any, action: str, changes: dict[str, Any]) -> None:
        """Write down who did what to a row."""
        entity = row.__tablename__
        of = row.id if entity == "enterprise" else getattr(row, "enterprise_id", None)
        told = {"at": self.clock(), "actor": self.actor(), "action": action, "entity": entity, "entity_id": row.id}
        session.add(AuditLog(**told, changes=changes, enterprise_id=of))
        session.flush()

    def actor(self) -> str:
        """The name under which this viewer's changes are logged."""
        return text(self.viewer.name, "操作人", 100, required=True) or ""

    def page(self, query: Select[Any], out: type[Out], page: int, size: int) -> Page[Out]:
        """One page of a query for one model; pages count from 1."""
        with self.reading() as session:
            total, rows = self.rows(session, query, page, size)
            items = [out.model_validate(r) for r in rows]
        return Page[out](items=items, total=total, page=page, size=size)  # type: ignore[valid-type]

    def rows(self, session: Session, query: Select[Any], page: int, size: int) -> tuple[int, list[Any]]:
        """How many rows a query has, and those of one page."""
        if page < 1 or not 1 <= size <= LARGEST_PAGE:
            raise RecordValueError(f"没有第 {page} 页（每页 {size} 条）；页码从1起，每页1到{LARGEST_PAGE}条。")
        counted = query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
        total = session.scalar(counted) or 0
        found: Iterable[Any] = session.scalars(query.limit(size).offset((page - 1) * size))
        return total, list(found)


def get(session: Session, model: type[Row], row_id: int, version: int | None = None) -> Row:
    """A row by its id, in the version the user saw (any, when none is named), if the viewer may see it."""
    identity: Any = model
    row = session.scalar(select(model).where(identity.id == row_id))
    if row is None:
        raise NotFoundError(f"没有编号为 {row_id} 的{NAMES[model]}；可能链接已经过时，请从列表重新打开。")
    if version is not None:
        same_version(getattr(row, "version", version), version, f"{NAMES[model]} {row_id} ")
    return row


def same_version(held: int, shown: int, name: str) -> None:
    """Raise :class:`ConflictError` when somebody else saved since the user looked."""
    if held != shown:
        raise ConflictError(f"{name}在你打开之后已被别人改过，这次没有保存；请刷新后重新填写。")


def _logged(row: Versioned) -> list[str]:
    return [column.key for column in row.__table__.columns if column.key not in _UNLOGGED]


def plain(value: Any) -> Any:
    """A value as the log holds it."""
    return value.isoformat() if isinstance(value, datetime.date | datetime.datetime) else value


class Part:
    """One kind of record, as one viewer works with it."""

    def __init__(self, work: Work) -> None:
        self.work = work
