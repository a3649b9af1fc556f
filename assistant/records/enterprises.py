"""Firms, the versions of their profiles, and who belongs to whom."""

from __future__ import annotations

import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant.records.errors import RecordValueError
from assistant.records.forms import EnterpriseForm, EnterpriseOut, Page, ProfileForm, ProfileOut
from assistant.records.models import Enterprise, ProfileVersion
from assistant.records.work import Part, get

DEEPEST = 20
"""How many parents a firm may have above it."""


class Enterprises(Part):
    """Firms as one viewer sees them."""

    def add(self, form: EnterpriseForm) -> EnterpriseOut:
        """Keep a new firm; an official of a district enters firms of that district, a group member subsidiaries."""
        values = form.values()
        viewer = self.work.viewer
        permission = "edit_enterprise" if "group" in viewer.roles and form.parent_id is not None else "add_enterprise"
        with self.work.writing(permission) as session:
            if viewer.official and viewer.district:
                values["district"] = viewer.district
            elif not (viewer.official or viewer.administers):
                values["key_unit"] = False
            if values["parent_id"] is not None:
                get(session, Enterprise, values["parent_id"])
            return EnterpriseOut.model_validate(self.work.add(session, Enterprise(**values)))

    def get(self, enterprise_id: int) -> EnterpriseOut:
        """A firm; raise :class:`NotFoundError` when there is none that the viewer may see."""
        with self.work.reading() as session:
            return EnterpriseOut.model_validate(get(session, Enterprise, enterprise_id))

    def find(
        self,
        q: str = "",
        *,
        level: str | None = None,
        key_unit: bool | None = None,
        district: str | None = None,
        parent_id: int | None = None,
        page: int = 1,
        size: int = 20,
    ) -> Page[EnterpriseOut]:
        """Firms whose name or credit code contains ``q``, those changed last first."""
        query = select(Enterprise).order_by(Enterprise.updated_at.desc(), Enterprise.id.desc())
        if wanted := q.strip():
            named = Enterprise.name.contains(wanted, autoescape=True)
            query = query.where(named | Enterprise.credit_code.contains(wanted.upper(), autoescape=True))
        if level is not None:
            query = query.where(Enterprise.level == level)
        if key_unit is not None:
            query = query.where(Enterprise.key_unit.is_(key_unit))
        if district is not None:
            query = query.where(Enterprise.district == district)
        if parent_id is not None:
            query = query.where(Enterprise.parent_id == parent_id)
        return self.work.page(query, EnterpriseOut, page, size)

    def update(self, enterprise_id: int, version: int, form: EnterpriseForm) -> EnterpriseOut:
        """Change a firm shown in ``version``. Where it belongs and whether it is a key unit is for officials to say."""
        values = form.values()
        with self.work.writing("edit_enterprise") as session:
            row = get(session, Enterprise, enterprise_id, version)
            if not (self.work.viewer.official or self.work.viewer.administers):
                values |= {"key_unit": row.key_unit, "district": row.district, "parent_id": row.parent_id}
            elif self.work.viewer.district:
                values["district"] = row.district
            if values["parent_id"] != row.parent_id:
                values["parent_id"] = self._parent(session, row, values["parent_id"])
            return EnterpriseOut.model_validate(self.work.change(session, row, values))

    def _parent(self, session: Session, row: Enterprise, parent_id: int | None) -> int | None:
        """The new parent of a firm, which the viewer must see; a parent that the viewer doesn't see stays."""
        table = Enterprise.__table__.c
        if row.parent_id is not None and session.scalar(select(Enterprise.id).where(Enterprise.id == row.parent_id)) is None:
            return row.parent_id
        at, steps = get(session, Enterprise, parent_id).id if parent_id is not None else None, 0
        while at is not None:
            if at == row.id or steps > DEEPEST:
                raise RecordValueError("上级企业不能是它自己或者它的下级；请重新选择。")
            at, steps = session.scalar(select(table.parent_id).where(table.id == at)), steps + 1
        return parent_id

    def set_level(self, enterprise_id: int, level: str, points: float, on: datetime.date) -> EnterpriseOut:
        """Keep the portrait that was reckoned for a firm."""
        with self.work.writing("level") as session:
            row = get(session, Enterprise, enterprise_id)
            changed = self.work.change(session, row, {"level": level, "points": points, "leveled_on": on}, "level")
            return EnterpriseOut.model_validate(changed)

    def add_profile(self, enterprise_id: int, form: ProfileForm, headcount: int | None = None) -> ProfileOut:
        """Keep a new version of what a firm does; nothing new is kept when it says the same as the last."""
        values = form.values()
        with self.work.writing("edit_enterprise") as session:
            firm = get(session, Enterprise, enterprise_id)
            last = self._last(session, enterprise_id)
            if last and (last.text, last.kept, last.scenes) == (values["text"], values["kept"], values["scenes"]):
                return ProfileOut.model_validate(last)
            row = ProfileVersion(
                enterprise_id=enterprise_id,
                number=last.number + 1 if last else 1,
                created_by=self.work.actor(),
                created_at=self.work.clock(),
                **values,
            )
            session.add(row)
            session.flush()
            told = {"profile": values["text"]} | ({"headcount": headcount} if headcount is not None else {})
            self.work.change(session, firm, told, "profile")
            return ProfileOut.model_validate(row)

    def profile(self, enterprise_id: int) -> ProfileOut | None:
        """The newest version of a firm's profile."""
        with self.work.reading() as session:
            get(session, Enterprise, enterprise_id)
            row = self._last(session, enterprise_id)
            return ProfileOut.model_validate(row) if row else None

    def profiles(self, enterprise_id: int, *, page: int = 1, size: int = 20) -> Page[ProfileOut]:
        """All versions of a firm's profile, the newest first."""
        query = select(ProfileVersion).where(ProfileVersion.enterprise_id == enterprise_id)
        return self.work.page(query.order_by(ProfileVersion.number.desc()), ProfileOut, page, size)

    def newest_profiles(self) -> dict[int, ProfileOut]:
        """The newest profile of every firm that has one, by firm."""
        newest = select(func.max(ProfileVersion.id)).group_by(ProfileVersion.enterprise_id)
        with self.work.reading() as session:
            rows = session.scalars(select(ProfileVersion).where(ProfileVersion.id.in_(newest)))
            return {row.enterprise_id: ProfileOut.model_validate(row) for row in rows}

    def _last(self, session: Session, enterprise_id: int) -> ProfileVersion | None:
        query = select(ProfileVersion).where(ProfileVersion.enterprise_id == enterprise_id)
        return session.scalar(query.order_by(ProfileVersion.number.desc()).limit(1))

    def districts(self) -> dict[str, int]:
        """How many firms each district has."""
        query = select(Enterprise.district, func.count()).where(Enterprise.district.is_not(None))
        with self.work.reading() as session:
            return {
                d or "": n for d, n in session.execute(query.group_by(Enterprise.district).order_by(Enterprise.district))
            }
