"""The tables. ``version`` counts saves, so that two people don't overwrite each other; times are kept in UTC."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Connection, ForeignKey, Index, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from assistant.records.base import Base, OfEnterprise, Versioned, one_of
from assistant.records.errors import RecordsError

INSPECTION_KINDS = {"self_check": "企业自查", "inspection": "执法检查"}
RESULTS = {"compliant": "符合", "noncompliant": "不符合", "not_applicable": "不适用"}
STATES = {"found": "已发现", "assigned": "已派单", "mended": "已整改", "verified": "已复查", "closed": "已销号"}
OPEN_STATES = ("found", "assigned", "mended", "verified")
NEXT_STATES = {
    "found": ("assigned",),
    "assigned": ("mended",),
    # A rectification that does not pass goes back to whoever is responsible.
    "mended": ("verified", "assigned"),
    "verified": ("closed",),
    "closed": (),
}
PHOTO_STAGES = {"found": "发现时", "mended": "整改后", "verified": "复查时"}
LEVELS = ("A", "B", "C", "D")
VISIT_STATES = {"planned": "待检查", "started": "检查中", "done": "已检查", "dropped": "已取消"}
PLAN_STATES = {"draft": "草案", "approved": "已批准"}
ROLES = {
    "member": "企业人员",
    "group": "集团人员",
    "inspector": "执法人员",
    "reviewer": "审核人员",
    "trainer": "培训人员",
    "editor": "资料编辑",
    "administrator": "管理员",
}


class Enterprise(Versioned):
    """A firm that is checked. ``profile`` is what it does, in plain words; ``level`` its portrait (A best to D)."""

    __tablename__ = "enterprise"

    name: Mapped[str] = mapped_column(String(200), index=True)
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    address: Mapped[str | None] = mapped_column(String(300))
    contact: Mapped[str | None] = mapped_column(String(100))
    profile: Mapped[str | None] = mapped_column(Text)
    headcount: Mapped[int | None]
    phone: Mapped[str | None] = mapped_column(String(50))
    legal_representative: Mapped[str | None] = mapped_column(String(100))
    industry: Mapped[str | None] = mapped_column(String(100))
    district: Mapped[str | None] = mapped_column(String(50), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    key_unit: Mapped[bool] = mapped_column(default=False)
    level: Mapped[str | None] = mapped_column(String(1), index=True)
    points: Mapped[float | None]
    leveled_on: Mapped[datetime.date | None]


class ProfileVersion(OfEnterprise, Base):
    """One version of what a firm said of itself; ``kept`` lists the recognized facts (concept IRIs) it confirmed."""

    __tablename__ = "profile_version"
    __table_args__ = (UniqueConstraint("enterprise_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    kept: Mapped[list[str]]
    scenes: Mapped[list[str]]
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime.datetime]


class Inspection(OfEnterprise, Versioned):
    """One self-check or inspection: the checklist as it was then, and the snapshot and day it was made from.

    ``details`` holds what the documents of an official inspection need (authority, inspectors, departments …); ``code`` is
    the secret in the address of its check code (检查码); ``score`` and the counts are written when it is finished.
    """

    __tablename__ = "inspection"
    # Rows are wide, so that what boards count stands in the indexes themselves.
    __table_args__ = (
        one_of("kind", INSPECTION_KINDS),
        Index("ix_inspection_enterprise_id_kind", "enterprise_id", "kind", "finished_at", "score", "failed_major"),
        Index("ix_inspection_finished_at_kind", "finished_at", "kind", "enterprise_id"),
    )

    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(300))
    as_of: Mapped[datetime.date]
    snapshot_key: Mapped[str] = mapped_column(String(64))
    checklist: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    # What saving one answer needs of the checklist, which may be half a megabyte: {check id: {ask, major}}.
    items: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    total: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(100))
    finished_at: Mapped[datetime.datetime | None]
    details: Mapped[dict[str, Any] | None]
    code: Mapped[str | None] = mapped_column(String(64), unique=True)
    approved_by: Mapped[str | None] = mapped_column(String(100))
    approved_at: Mapped[datetime.datetime | None]
    score: Mapped[float | None]
    failed: Mapped[int | None]
    failed_major: Mapped[int | None]
    withdrawn_at: Mapped[datetime.datetime | None]
    withdrawn_why: Mapped[str | None] = mapped_column(String(500))


class Answer(OfEnterprise, Versioned):
    """The result of one check in one inspection."""

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("inspection_id", "check_id"),
        one_of("result", RESULTS),
        CheckConstraint("result <> 'not_applicable' OR length(trim(note)) > 0", name="justified"),
    )

    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"))
    check_id: Mapped[str] = mapped_column(String(100))
    result: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[str] = mapped_column(String(100))
    responsible: Mapped[str | None] = mapped_column(String(100))
    due: Mapped[datetime.date | None]


class Hazard(OfEnterprise, Versioned):
    """A hazard in the ledger, from found to closed; ``basis`` are the citations it rests on."""

    __tablename__ = "hazard"
    __table_args__ = (
        one_of("state", STATES),
        Index("ix_hazard_enterprise_id_state", "enterprise_id", "state", "major", "due"),
        Index("ix_hazard_state", "state", "enterprise_id", "major", "due"),
    )

    inspection_id: Mapped[int | None] = mapped_column(ForeignKey("inspection.id"), index=True)
    check_id: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text)
    major: Mapped[bool]
    state: Mapped[str] = mapped_column(String(20))
    responsible: Mapped[str | None] = mapped_column(String(100))
    due: Mapped[datetime.date | None] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime.datetime | None]
    found_on: Mapped[datetime.date | None]
    found_by: Mapped[str | None] = mapped_column(String(100))
    scene: Mapped[str | None] = mapped_column(String(100))
    basis: Mapped[list[str] | None]
    fix: Mapped[str | None] = mapped_column(Text)
    reported_on: Mapped[datetime.date | None]
    reported_to: Mapped[str | None] = mapped_column(String(200))


class HazardStep(OfEnterprise, Base):
    """One step of a hazard: who took it, when, and what was said."""

    __tablename__ = "hazard_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime.datetime]


class Photo(OfEnterprise, Base):
    """A photo of a check or of a step of a hazard; the file lies under the digest of its content."""

    __tablename__ = "photo"
    __table_args__ = (one_of("stage", PHOTO_STAGES), Index("ix_photo_inspection_id_check_id", "inspection_id", "check_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    inspection_id: Mapped[int | None] = mapped_column(ForeignKey("inspection.id"))
    check_id: Mapped[str | None] = mapped_column(String(100))
    hazard_id: Mapped[int | None] = mapped_column(ForeignKey("hazard.id"), index=True)
    stage: Mapped[str] = mapped_column(String(20))
    taken_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime.datetime]


class DueItem(OfEnterprise, Versioned):
    """Something a firm must do by a day (licence, certificate, drill …); ``kind`` is that of the practice data, if any."""

    __tablename__ = "due_item"
    __table_args__ = (
        Index("ix_due_item_due", "due", "ended_on", "enterprise_id"),
        Index("ix_due_item_enterprise_id_ended_on", "enterprise_id", "ended_on", "due"),
    )

    kind: Mapped[str | None] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    due: Mapped[datetime.date]
    every_months: Mapped[int | None]
    basis: Mapped[str | None] = mapped_column(String(300))
    responsible: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(Text, default="")
    last_done: Mapped[datetime.date | None]
    ended_on: Mapped[datetime.date | None]


class Happening(OfEnterprise, Versioned):
    """What counts in a firm's portrait besides its checks and hazards: an accident, a penalty, an award …"""

    __tablename__ = "happening"

    kind: Mapped[str] = mapped_column(String(60))
    on: Mapped[datetime.date]
    note: Mapped[str] = mapped_column(Text, default="")


class Plan(Versioned):
    """A plan of inspections of one authority for one year."""

    __tablename__ = "plan"
    __table_args__ = (one_of("state", PLAN_STATES),)

    year: Mapped[int] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(String(200))
    authority: Mapped[str] = mapped_column(String(200))
    district: Mapped[str | None] = mapped_column(String(50), index=True)
    campaign: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    notes: Mapped[list[str]]
    created_by: Mapped[str] = mapped_column(String(100))
    approved_by: Mapped[str | None] = mapped_column(String(100))
    approved_at: Mapped[datetime.datetime | None]


class PlanVisit(OfEnterprise, Versioned):
    """One planned inspection of one firm, with its reasons."""

    __tablename__ = "plan_visit"
    __table_args__ = (one_of("state", VISIT_STATES),)

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    month: Mapped[int]
    trigger: Mapped[str | None] = mapped_column(String(60))
    reasons: Mapped[list[str]]
    state: Mapped[str] = mapped_column(String(20))
    inspection_id: Mapped[int | None] = mapped_column(ForeignKey("inspection.id"))


class User(Versioned):
    """An account. ``enterprise_id`` binds members and group members to their firm, ``district`` officials to theirs."""

    __tablename__ = "account"

    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[str]]
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    district: Mapped[str | None] = mapped_column(String(50))
    certificate: Mapped[str | None] = mapped_column(String(50))
    active: Mapped[bool]
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime.datetime | None]


class Login(Base):
    """A browser that is signed in; only the digest of its secret is kept."""

    __tablename__ = "login"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime]


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
    # Of whom; none for accounts and plans.
    enterprise_id: Mapped[int | None] = mapped_column(index=True)


@event.listens_for(AuditLog, "before_update")
@event.listens_for(AuditLog, "before_delete")
def _append_only(_mapper: Mapper[AuditLog], _connection: Connection, _target: AuditLog) -> None:
    raise RecordsError("操作记录只能追加，不能修改或者删除。")
