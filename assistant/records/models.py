"""The tables. ``version`` counts saves, so that two people don't overwrite each other; times are kept in UTC."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, declared_attr, mapped_column

from assistant.records.errors import RecordsError

INSPECTION_KINDS = {"self_check": "企业自查", "inspection": "执法检查"}
RESULTS = {"compliant": "符合", "noncompliant": "不符合", "not_applicable": "不适用"}
STATES = {"found": "已发现", "assigned": "已派单", "mended": "已整改", "verified": "已复查", "closed": "已销号"}
NEXT_STATES = {
    "found": ("assigned",),
    "assigned": ("mended",),
    # A rectification that does not pass goes back to whoever is responsible.
    "mended": ("verified", "assigned"),
    "verified": ("closed",),
    "closed": (),
}


class UtcDateTime(TypeDecorator[datetime.datetime]):
    """A moment, always aware: SQLite itself forgets time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        """Keep it as naive UTC."""
        return value.astimezone(datetime.UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        """Give it back as aware UTC."""
        return value.replace(tzinfo=datetime.UTC) if value else None


def _one_of(column: str, values: dict[str, str]) -> CheckConstraint:
    listed = ", ".join(f"'{v}'" for v in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Base(DeclarativeBase):
    """Base of all tables; constraints get names, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime.datetime: UtcDateTime, dict[str, Any]: JSON}


class Versioned(Base):
    """What every changeable record has; a save that finds another version than it read fails."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    created_at: Mapped[datetime.datetime]
    updated_at: Mapped[datetime.datetime]

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.version}


class Enterprise(Versioned):
    """A firm that is checked. ``profile`` is what it does, in plain words."""

    __tablename__ = "enterprise"

    name: Mapped[str] = mapped_column(String(200), index=True)
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    address: Mapped[str | None] = mapped_column(String(300))
    contact: Mapped[str | None] = mapped_column(String(100))
    profile: Mapped[str | None] = mapped_column(Text)
    headcount: Mapped[int | None]


class Inspection(Versioned):
    """One self-check or inspection: the checklist as it was then, and the snapshot and day it was made from."""

    __tablename__ = "inspection"
    __table_args__ = (_one_of("kind", INSPECTION_KINDS),)

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(300))
    as_of: Mapped[datetime.date]
    snapshot_key: Mapped[str] = mapped_column(String(64))
    checklist: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    total: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(100))
    finished_at: Mapped[datetime.datetime | None]


class Answer(Versioned):
    """The result of one check in one inspection."""

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("inspection_id", "check_id"),
        _one_of("result", RESULTS),
        CheckConstraint("result <> 'not_applicable' OR length(trim(note)) > 0", name="justified"),
    )

    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"))
    check_id: Mapped[str] = mapped_column(String(100))
    result: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[str] = mapped_column(String(100))


class Hazard(Versioned):
    """A hazard in the ledger, from found to closed."""

    __tablename__ = "hazard"
    __table_args__ = (_one_of("state", STATES),)

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    inspection_id: Mapped[int | None] = mapped_column(ForeignKey("inspection.id"), index=True)
    check_id: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text)
    major: Mapped[bool]
    state: Mapped[str] = mapped_column(String(20), index=True)
    responsible: Mapped[str | None] = mapped_column(String(100))
    due: Mapped[datetime.date | None] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime.datetime | None]


class AuditLog(Base):
    """Who changed what, when: ``changes`` maps each field to [before, after]. Rows are added, never changed or removed."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime.datetime]
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(30))
    entity: Mapped[str] = mapped_column(String(30))
    entity_id: Mapped[int] = mapped_column(index=True)
    changes: Mapped[dict[str, Any]]


@event.listens_for(AuditLog, "before_update")
@event.listens_for(AuditLog, "before_delete")
def _append_only(_mapper: Mapper[AuditLog], _connection: Connection, _target: AuditLog) -> None:
    raise RecordsError("操作记录只能追加，不能修改或者删除。")
