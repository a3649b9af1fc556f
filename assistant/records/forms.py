"""What goes into and comes out of the record store."""

from __future__ import annotations

import datetime
import re
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from assistant.checklist import Checklist
from assistant.records.errors import RecordValueError

T = TypeVar("T")
Kind = Literal["self_check", "inspection"]
Result = Literal["compliant", "noncompliant", "not_applicable"]
State = Literal["found", "assigned", "mended", "verified", "closed"]
NOTE_LIMIT = 4000
# GB 32100: digits and capital letters without I, O, Z, S, V.
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


def text(value: str | None, name: str, limit: int, *, required: bool = False) -> str | None:
    """A text without blanks around it (``None`` when empty); raise :class:`RecordValueError` when it can't be kept."""
    # No database keeps the character NUL.
    plain = (value or "").replace("\x00", "").strip()
    if required and not plain:
        raise RecordValueError(f"{name}不能为空；请填写后再保存。")
    if len(plain) > limit:
        raise RecordValueError(f"{name}太长（{len(plain)} 字，最多 {limit} 字）；请写短一些。")
    return plain or None


class EnterpriseForm(BaseModel):
    """A firm as entered."""

    name: str
    credit_code: str | None = None
    address: str | None = None
    contact: str | None = None
    profile: str | None = None
    headcount: int | None = None
    phone: str | None = None
    legal_representative: str | None = None
    industry: str | None = None
    district: str | None = None
    parent_id: int | None = None
    key_unit: bool = False

    def values(self) -> dict[str, Any]:
        """The columns; raise :class:`RecordValueError` on a value that can't be kept."""
        code = (text(self.credit_code, "统一社会信用代码", 18) or "").upper() or None
        if code and not _CREDIT_CODE.fullmatch(code):
            raise RecordValueError(
                f"统一社会信用代码“{code}”不对；应是18位数字和字母（没有I、O、S、V、Z），请对照营业执照。"
            )
        if self.headcount is not None and not 0 <= self.headcount < 10_000_000:
            raise RecordValueError(f"人数不能是 {self.headcount}；请填0以上的整数，不清楚就留空。")
        return {
            "name": text(self.name, "企业名称", 200, required=True),
            "credit_code": code,
            "address": text(self.address, "地址", 300),
            "contact": text(self.contact, "联系人", 100),
            "profile": text(self.profile, "企业情况", NOTE_LIMIT),
            "headcount": self.headcount,
            "phone": text(self.phone, "电话", 50),
            "legal_representative": text(self.legal_representative, "法定代表人", 100),
            "industry": text(self.industry, "行业", 100),
            "district": text(self.district, "所在区", 50),
            "parent_id": self.parent_id,
            "key_unit": self.key_unit,
        }


class ProfileForm(BaseModel):
    """What a firm says of itself: plain text, the recognized facts it confirmed (concept IRIs), scenes added by hand."""

    text: str
    kept: list[str] = []
    scenes: list[str] = []

    def values(self) -> dict[str, Any]:
        """The columns; raise :class:`RecordValueError` when there is neither text nor scene."""
        told = text(self.text, "企业情况", NOTE_LIMIT)
        if not told and not self.scenes:
            raise RecordValueError("请用一句话写明企业做什么，或者至少选一个场景。")
        return {"text": told or "", "kept": list(self.kept), "scenes": list(self.scenes)}


class AnswerForm(BaseModel):
    """The result of one check; ``version`` is that of the answer shown to the user (0: there was none)."""

    check_id: str
    result: Result
    note: str = ""
    version: int = 0
    responsible: str | None = None
    due: datetime.date | None = None

    def values(self) -> dict[str, Any]:
        """The columns; raise :class:`RecordValueError` when "not applicable" has no reason."""
        note = text(self.note, "备注", NOTE_LIMIT)
        if self.result == "not_applicable" and not note:
            raise RecordValueError(
                f"检查项 {self.check_id} 标为“不适用”要写明理由；请在备注里写一句，例如“本厂没有这类设备”。"
            )
        failed = self.result == "noncompliant"
        return {
            "result": self.result,
            "note": note or "",
            "responsible": text(self.responsible, "整改责任人", 100) if failed else None,
            "due": self.due if failed else None,
        }


class HazardForm(BaseModel):
    """A hazard as entered; ``major`` is taken from the checklist where the check is named and nothing else is said."""

    description: str
    major: bool | None = None
    responsible: str | None = None
    due: datetime.date | None = None
    inspection_id: int | None = None
    check_id: str | None = None
    scene: str | None = None
    basis: list[str] = []
    fix: str | None = None
    found_on: datetime.date | None = None

    def values(self) -> dict[str, Any]:
        """The columns that may be changed later too."""
        return {
            "description": text(self.description, "隐患描述", NOTE_LIMIT, required=True),
            "responsible": text(self.responsible, "整改责任人", 100),
            "due": self.due,
        }


class RecordOut(BaseModel):
    """What every record carries; hand ``version`` back when saving it."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: int
    version: int
    created_at: datetime.datetime
    updated_at: datetime.datetime


class EnterpriseOut(RecordOut):
    """A firm as kept."""

    name: str
    credit_code: str | None
    address: str | None
    contact: str | None
    profile: str | None
    headcount: int | None
    phone: str | None
    legal_representative: str | None
    industry: str | None
    district: str | None
    parent_id: int | None
    key_unit: bool
    level: str | None
    points: float | None
    leveled_on: datetime.date | None


class ProfileOut(BaseModel):
    """One version of a firm's profile."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: int
    enterprise_id: int
    number: int
    text: str
    kept: list[str]
    scenes: list[str]
    created_by: str
    created_at: datetime.datetime


class InspectionSummary(RecordOut):
    """An inspection in a list: without its checklist."""

    enterprise_id: int
    kind: Kind
    title: str
    as_of: datetime.date
    snapshot_key: str
    total: int
    created_by: str
    finished_at: datetime.datetime | None
    code: str | None
    approved_by: str | None
    approved_at: datetime.datetime | None
    score: float | None
    failed: int | None
    failed_major: int | None
    withdrawn_at: datetime.datetime | None
    withdrawn_why: str | None


class InspectionOut(InspectionSummary):
    """An inspection with its checklist as it was, and how many checks have which result."""

    checklist: Checklist
    counts: dict[Result, int]
    details: dict[str, Any] = {}

    @property
    def unanswered(self) -> int:
        """Checks that have no result yet."""
        return self.total - sum(self.counts.values())


class AnswerOut(RecordOut):
    """A result as kept."""

    inspection_id: int
    check_id: str
    result: Result
    note: str
    answered_by: str
    responsible: str | None
    due: datetime.date | None


class HazardOut(RecordOut):
    """A hazard as kept."""

    enterprise_id: int
    inspection_id: int | None
    check_id: str | None
    description: str
    major: bool
    state: State
    responsible: str | None
    due: datetime.date | None
    note: str
    closed_at: datetime.datetime | None
    found_on: datetime.date | None
    found_by: str | None
    scene: str | None
    basis: list[str] | None
    fix: str | None
    reported_on: datetime.date | None
    reported_to: str | None


class StepOut(BaseModel):
    """One step of a hazard."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: int
    hazard_id: int
    state: State
    note: str
    by: str
    at: datetime.datetime


class AuditOut(BaseModel):
    """One change: each field with [before, after]."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: int
    at: datetime.datetime
    actor: str
    action: str
    entity: str
    entity_id: int
    changes: dict[str, Any]


class Page(BaseModel, Generic[T]):
    """One page of a list; pages count from 1."""

    items: list[T]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.size)
