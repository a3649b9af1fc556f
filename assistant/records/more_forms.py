"""What goes into and comes out of the records beside the checks: photos, due dates, happenings, plans, accounts."""

from __future__ import annotations

import datetime
import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from assistant.records.errors import RecordValueError
from assistant.records.forms import NOTE_LIMIT, RecordOut, text
from assistant.records.models import ROLES

Stage = Literal["found", "mended", "verified"]
VisitState = Literal["planned", "started", "done", "dropped"]
PASSWORD_LEAST, PASSWORD_MOST = 8, 200
_LOGIN = re.compile(r"[A-Za-z0-9_.@\-一-鿿]{2,60}")


class PhotoOut(BaseModel):
    """A photo as kept; its content lies under ``sha256``."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: int
    enterprise_id: int
    sha256: str
    media_type: str
    name: str
    size: int
    width: int
    height: int
    inspection_id: int | None
    check_id: str | None
    hazard_id: int | None
    stage: Stage
    taken_by: str
    created_at: datetime.datetime


class DueForm(BaseModel):
    """Something to do by a day; with ``every_months`` it comes again after it was done."""

    title: str
    due: datetime.date
    kind: str | None = None
    every_months: int | None = None
    basis: str | None = None
    responsible: str | None = None
    note: str = ""

    def values(self) -> dict[str, Any]:
        """The columns; raise :class:`RecordValueError` on a value that can't be kept."""
        if self.every_months is not None and not 1 <= self.every_months <= 240:
            raise RecordValueError(f"周期不能是 {self.every_months} 个月；请填1到240，一次性的事项留空。")
        return {
            "title": text(self.title, "事项", 200, required=True),
            "due": self.due,
            "kind": text(self.kind, "类别", 60),
            "every_months": self.every_months,
            "basis": text(self.basis, "依据", 300),
            "responsible": text(self.responsible, "责任人", 100),
            "note": text(self.note, "说明", NOTE_LIMIT) or "",
        }


class DueOut(RecordOut):
    """A due item as kept."""

    enterprise_id: int
    kind: str | None
    title: str
    due: datetime.date
    every_months: int | None
    basis: str | None
    responsible: str | None
    note: str
    last_done: datetime.date | None
    ended_on: datetime.date | None


class HappeningForm(BaseModel):
    """Something that counts in a firm's portrait; ``kind`` is one of the portrait scheme."""

    kind: str
    on: datetime.date
    note: str = ""

    def values(self) -> dict[str, Any]:
        """The columns."""
        return {
            "kind": text(self.kind, "画像事项", 60, required=True),
            "on": self.on,
            "note": text(self.note, "说明", NOTE_LIMIT) or "",
        }


class HappeningOut(RecordOut):
    """A happening as kept."""

    enterprise_id: int
    kind: str
    on: datetime.date
    note: str


class PlanForm(BaseModel):
    """A plan of inspections for one year."""

    year: int
    title: str
    authority: str
    district: str | None = None
    campaign: str | None = None
    notes: list[str] = []

    def values(self) -> dict[str, Any]:
        """The columns."""
        if not 2000 <= self.year <= 2100:
            raise RecordValueError(f"年度不能是 {self.year}；请填四位年份。")
        return {
            "year": self.year,
            "title": text(self.title, "计划名称", 200, required=True),
            "authority": text(self.authority, "检查机关", 200, required=True),
            "district": text(self.district, "所在区", 50),
            "campaign": text(self.campaign, "专项行动", 200),
            "notes": self.notes,
        }


class VisitForm(BaseModel):
    """One visit of a plan."""

    enterprise_id: int
    month: int
    reasons: list[str]
    trigger: str | None = None


class PlanOut(RecordOut):
    """A plan as kept."""

    year: int
    title: str
    authority: str
    district: str | None
    campaign: str | None
    state: Literal["draft", "approved"]
    notes: list[str]
    created_by: str
    approved_by: str | None
    approved_at: datetime.datetime | None


class VisitOut(RecordOut):
    """A visit of a plan as kept."""

    plan_id: int
    enterprise_id: int
    month: int
    trigger: str | None
    reasons: list[str]
    state: VisitState
    inspection_id: int | None


class UserForm(BaseModel):
    """An account as entered."""

    login: str
    name: str
    roles: list[str]
    enterprise_id: int | None = None
    district: str | None = None
    certificate: str | None = None
    active: bool = True

    def values(self) -> dict[str, Any]:
        """The columns; raise :class:`RecordValueError` on a value that can't be kept."""
        login = text(self.login, "登录名", 60, required=True) or ""
        if not _LOGIN.fullmatch(login):
            raise RecordValueError(f"登录名“{login}”不能用；请用2到60个汉字、字母、数字或者 _ . @ -。")
        unknown = [r for r in self.roles if r not in ROLES]
        if unknown or not self.roles:
            raise RecordValueError(f"角色要从这些里选至少一个：{'、'.join(ROLES.values())}。")
        if {"member", "group"}.intersection(self.roles) and self.enterprise_id is None:
            raise RecordValueError("企业人员和集团人员的账号要选定所属企业；请选好后再保存。")
        return {
            "login": login,
            "name": text(self.name, "姓名", 100, required=True),
            "roles": [r for r in ROLES if r in self.roles],
            "enterprise_id": self.enterprise_id,
            "district": text(self.district, "所在区", 50),
            "certificate": text(self.certificate, "执法证号", 50),
            "active": self.active,
        }


class UserOut(RecordOut):
    """An account as kept, without its password."""

    login: str
    name: str
    roles: list[str]
    enterprise_id: int | None
    district: str | None
    certificate: str | None
    active: bool


def password(value: str) -> str:
    """A password that may be used; raise :class:`RecordValueError` for one that is too short or too long."""
    if not PASSWORD_LEAST <= len(value) <= PASSWORD_MOST:
        raise RecordValueError(f"密码要有 {PASSWORD_LEAST} 到 {PASSWORD_MOST} 个字符；请换一个密码。")
    if len(set(value)) < 3:
        raise RecordValueError("密码太简单；请不要只用一两个重复的字符。")
    return value
