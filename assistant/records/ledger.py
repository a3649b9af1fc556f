"""The hazard ledger: each hazard from found to closed, with who took which step."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from assistant.checklist import ChecklistItem
from assistant.records.errors import DeniedError, RecordValueError
from assistant.records.forms import NOTE_LIMIT, HazardForm, HazardOut, Page, State, StepOut, text
from assistant.records.models import (
    NEXT_STATES,
    OPEN_STATES,
    STATES,
    Answer,
    Enterprise,
    Hazard,
    HazardStep,
    Inspection,
)
from assistant.records.work import Part, Work, get


def enter(work: Work, session: Session, inspection: Inspection, item: ChecklistItem, answer: Answer) -> Hazard:
    """Enter a failed check into the ledger; it is assigned at once where the answer says to whom and until when."""
    row = Hazard(
        enterprise_id=inspection.enterprise_id,
        inspection_id=inspection.id,
        check_id=item.id,
        description=answer.note or f"不符合：{item.ask}",
        major=item.severity == "major",
        state="assigned" if answer.responsible and answer.due else "found",
        note="",
        responsible=answer.responsible,
        due=answer.due,
        found_on=work.today(),
        found_by=answer.answered_by,
        scene=item.scene,
        basis=[b.citation for b in item.basis],
        fix=item.fix,
    )
    work.add(session, row)
    step(work, session, row, f"检查项：{item.ask}")
    return row


def step(work: Work, session: Session, row: Hazard, note: str) -> None:
    """Write down that a hazard came to its present state."""
    told = {"state": row.state, "note": note, "by": work.actor(), "at": work.clock()}
    session.add(HazardStep(enterprise_id=row.enterprise_id, hazard_id=row.id, **told))
    session.flush()


@dataclass(frozen=True, slots=True)
class Past:
    """A hazard with whether an official inspection found it and the day it was last mended."""

    hazard: HazardOut
    official: bool
    mended_on: datetime.date | None


@dataclass(frozen=True, slots=True)
class Source:
    """The check that a hazard came from."""

    id: int
    title: str
    official: bool


class Hazards(Part):
    """The ledger as one viewer sees it."""

    def add(self, enterprise_id: int, form: HazardForm) -> HazardOut:
        """Enter a hazard into a firm's ledger."""
        from assistant.records.inspections import items_of, seen

        values = form.values()
        with self.work.writing("hazard") as session:
            get(session, Enterprise, enterprise_id)
            major, item = form.major, None
            if form.inspection_id is not None:
                inspection = seen(session, form.inspection_id, self.work.viewer)
                if inspection.enterprise_id != enterprise_id:
                    raise RecordValueError(f"检查 {form.inspection_id} 不是这家企业的；请核对后再登记隐患。")
                item = items_of(inspection).get(form.check_id or "")
                if form.check_id and item is None:
                    raise RecordValueError(f"这次检查的清单里没有检查项 {form.check_id}；请核对后再登记隐患。")
                if major is None and item is not None:
                    major = item.severity == "major"
            row = Hazard(
                enterprise_id=enterprise_id,
                inspection_id=form.inspection_id,
                check_id=form.check_id,
                major=bool(major),
                state="found",
                note="",
                found_on=form.found_on or self.work.today(),
                found_by=self.work.actor(),
                scene=text(form.scene, "场景", 100) or (item.scene if item else None),
                basis=form.basis or ([b.citation for b in item.basis] if item else None),
                fix=text(form.fix, "整改要求", NOTE_LIMIT) or (item.fix if item else None),
                **values,
            )
            self.work.add(session, row)
            step(self.work, session, row, "")
            return HazardOut.model_validate(row)

    def get(self, hazard_id: int) -> HazardOut:
        """A hazard."""
        with self.work.reading() as session:
            return HazardOut.model_validate(get(session, Hazard, hazard_id))

    def source(self, hazard_id: int) -> Source | None:
        """The check that a hazard came from, if any."""
        columns = (Inspection.id, Inspection.title, Inspection.kind)
        query = select(*columns).join(Hazard, Hazard.inspection_id == Inspection.id).where(Hazard.id == hazard_id)
        with self.work.reading() as session:
            row = session.execute(query).one_or_none()
        return Source(row.id, row.title, row.kind == "inspection") if row else None

    def steps(self, hazard_id: int) -> list[StepOut]:
        """The steps a hazard has taken, the first first."""
        with self.work.reading() as session:
            get(session, Hazard, hazard_id)
            rows = session.scalars(select(HazardStep).where(HazardStep.hazard_id == hazard_id).order_by(HazardStep.id))
            return [StepOut.model_validate(r) for r in rows]

    def find(
        self,
        enterprise_id: int | None = None,
        *,
        states: Sequence[State] = (),
        major: bool | None = None,
        due_before: datetime.date | None = None,
        inspection_id: int | None = None,
        district: str | None = None,
        q: str = "",
        page: int = 1,
        size: int = 20,
    ) -> Page[HazardOut]:
        """Hazards, the major ones and those due first at the top; ``due_before`` leaves only open ones that are overdue."""
        wanted: list[ColumnElement[bool]] = []
        if enterprise_id is not None:
            wanted.append(Hazard.enterprise_id == enterprise_id)
        if inspection_id is not None:
            wanted.append(Hazard.inspection_id == inspection_id)
        if district is not None:
            wanted.append(Hazard.enterprise_id.in_(select(Enterprise.id).where(Enterprise.district == district)))
        if states:
            wanted.append(Hazard.state.in_(states))
        if major is not None:
            wanted.append(Hazard.major.is_(major))
        if due_before is not None:
            wanted += [Hazard.due < due_before, Hazard.state.in_(("found", "assigned"))]
        if words := q.strip():
            wanted.append(Hazard.description.contains(words, autoescape=True))
        order = (Hazard.major.desc(), Hazard.due.is_(None), Hazard.due, Hazard.id)
        return self.work.page(select(Hazard).where(*wanted).order_by(*order), HazardOut, page, size)

    def history(self, enterprise_id: int, since: datetime.date) -> list[Past]:
        """What a firm's hazards since a day came to: whose finding each was, and when it was last mended."""
        mended = (
            select(HazardStep.hazard_id, func.max(HazardStep.at).label("at"))
            .where(HazardStep.enterprise_id == enterprise_id, HazardStep.state == "mended")
            .group_by(HazardStep.hazard_id)
            .subquery()
        )
        query = (
            select(Hazard, Inspection.kind, mended.c.at)
            .outerjoin(Inspection, Inspection.id == Hazard.inspection_id)
            .outerjoin(mended, mended.c.hazard_id == Hazard.id)
            .where(Hazard.enterprise_id == enterprise_id)
            .where((Hazard.found_on >= since) | (Hazard.due >= since) | (Hazard.state != "closed"))
        )
        with self.work.reading() as session:
            return [
                Past(HazardOut.model_validate(row), kind == "inspection", at.astimezone().date() if at else None)
                for row, kind, at in session.execute(query.order_by(Hazard.id))
            ]

    def counts(self, enterprise_id: int | None = None, *, today: datetime.date | None = None) -> dict[str, int]:
        """How many hazards stand in each state; ``open``, ``major`` (open) and ``overdue`` beside."""
        day = today or self.work.today()
        of = [Hazard.enterprise_id == enterprise_id] if enterprise_id is not None else []
        overdue = Hazard.due < day
        with self.work.reading() as session:
            states = session.execute(select(Hazard.state, func.count()).where(*of).group_by(Hazard.state))
            found: dict[str, int] = dict(states.tuples().all())
            standing = [*of, Hazard.state.in_(OPEN_STATES)]
            major = select(func.count(Hazard.id)).where(*standing, Hazard.major.is_(True))
            late = select(func.count(Hazard.id)).where(*of, Hazard.state.in_(("found", "assigned")), overdue)
            found["open"] = sum(n for s, n in found.items() if s in OPEN_STATES)
            found["major"] = session.scalar(major) or 0
            found["overdue"] = session.scalar(late) or 0
            return found

    def update(self, hazard_id: int, version: int, form: HazardForm) -> HazardOut:
        """Change what is said of a hazard that is not closed; where it came from stays."""
        values = form.values() | ({} if form.major is None else {"major": form.major})
        with self.work.writing("hazard") as session:
            row = get(session, Hazard, hazard_id, version)
            if row.state == "closed":
                raise RecordValueError("这条隐患已经销号，不能再改；需要时请另行登记。")
            if row.state != "found" and not (values["responsible"] and values["due"]):
                raise RecordValueError("已派单的隐患要有整改责任人和整改期限；请补上后再保存。")
            self._official_only(session, row, {"major", "due", "description"} & _changed(row, values))
            return HazardOut.model_validate(self.work.change(session, row, values))

    def report(self, hazard_id: int, version: int, to: str, on: datetime.date) -> HazardOut:
        """Write down that a major hazard was reported to an authority."""
        with self.work.writing("hazard") as session:
            row = get(session, Hazard, hazard_id, version)
            if not row.major:
                raise RecordValueError("只有重大事故隐患才登记上报；一般隐患在台账里治理和销号。")
            values = {"reported_on": on, "reported_to": text(to, "上报给谁", 200, required=True)}
            return HazardOut.model_validate(self.work.change(session, row, values, "report"))

    def move(
        self,
        hazard_id: int,
        version: int,
        to: State,
        *,
        note: str = "",
        responsible: str | None = None,
        due: datetime.date | None = None,
    ) -> HazardOut:
        """Take a hazard one step on (or back to who is responsible, when the rectification did not pass).

        Assigning needs someone responsible and a due date; mending and sending back need a note of what was done or found.
        What an official inspection found is verified and closed by officials.
        """
        told = text(note, "说明", NOTE_LIMIT)
        with self.work.writing("hazard") as session:
            row = get(session, Hazard, hazard_id, version)
            if to not in NEXT_STATES[row.state]:
                steps = "或者".join(f"“{STATES[s]}”" for s in NEXT_STATES[row.state])
                after = f"下一步只能是{steps}" if steps else "流程已经走完"
                raise RecordValueError(f"这条隐患现在是“{STATES[row.state]}”，{after}。")
            values: dict[str, Any] = {"state": to, "note": told or ""}
            if to == "assigned":
                values["responsible"] = text(responsible, "整改责任人", 100) or row.responsible
                values["due"] = due or row.due
                if not (values["responsible"] and values["due"]):
                    raise RecordValueError("派单要写明整改责任人和整改期限；请补上后再保存。")
                self._official_only(session, row, {"due"} & _changed(row, values) if row.due else set())
            if not told and (to == "mended" or (row.state, to) == ("mended", "assigned")):
                raise RecordValueError("请写明整改了什么。" if to == "mended" else "退回整改要写明复查发现的问题。")
            if to in ("verified", "closed") or row.state == "mended":
                self._official_only(session, row, {"state"})
            if to == "closed":
                values["closed_at"] = self.work.clock()
            self.work.change(session, row, values, to)
            step(self.work, session, row, told or "")
            return HazardOut.model_validate(row)

    def _official_only(self, session: Session, row: Hazard, what: set[str]) -> None:
        """Refuse a firm what only the authority that found the hazard may do."""
        if not what or self.work.viewer.official or row.inspection_id is None:
            return
        if session.scalar(select(Inspection.kind).where(Inspection.id == row.inspection_id)) == "inspection":
            raise DeniedError("这条隐患是执法检查发现的，期限、定级、复查和销号由执法人员办理；请整改后等候复查。")


def _changed(row: Hazard, values: dict[str, Any]) -> set[str]:
    return {name for name, value in values.items() if getattr(row, name) != value}
