"""Create, read, list and update records; each save is one transaction that also writes the audit log.

Whoever saves hands back the version that was shown; when somebody else saved in between, nothing is overwritten and
:class:`ConflictError` says so.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from assistant.checklist import Checklist, ChecklistItem
from assistant.records.database import default_url, open_database, transaction
from assistant.records.errors import ConflictError, NotFoundError, RecordValueError
from assistant.records.forms import (
    NOTE_LIMIT,
    AnswerForm,
    AnswerOut,
    AuditOut,
    EnterpriseForm,
    EnterpriseOut,
    HazardForm,
    HazardOut,
    InspectionOut,
    InspectionSummary,
    Kind,
    Page,
    State,
    text,
)
from assistant.records.models import (
    INSPECTION_KINDS,
    NEXT_STATES,
    STATES,
    Answer,
    AuditLog,
    Base,
    Enterprise,
    Hazard,
    Inspection,
    Versioned,
)

LARGEST_PAGE = 200
NAMES: dict[type[Base], str] = {Enterprise: "企业", Inspection: "检查", Answer: "检查结果", Hazard: "隐患"}
_UNLOGGED = frozenset({"id", "version", "created_at", "updated_at", "checklist"})

Row = TypeVar("Row", bound=Versioned)
Out = TypeVar("Out", bound=BaseModel)
Clock = Callable[[], datetime.datetime]


def now() -> datetime.datetime:
    """This moment, with the local time zone."""
    return datetime.datetime.now().astimezone()


class RecordStore:
    """The records behind one database URL; safe to use from several threads and processes."""

    def __init__(self, url: str, *, clock: Clock = now) -> None:
        self.engine = open_database(url)
        self.clock = clock

    @classmethod
    def in_folder(cls, data: Path, *, clock: Clock = now) -> RecordStore:
        """The records in a data folder (``records.sqlite3``), made at first use."""
        return cls(default_url(data), clock=clock)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    # --- enterprises ------------------------------------------------------------------------------------------------

    def add_enterprise(self, form: EnterpriseForm, actor: str) -> EnterpriseOut:
        """Keep a new firm."""
        values = form.values()
        with transaction(self.engine, writes=True) as session:
            return EnterpriseOut.model_validate(self._add(session, Enterprise(**values), actor))

    def enterprise(self, enterprise_id: int) -> EnterpriseOut:
        """A firm; raise :class:`NotFoundError` when there is none."""
        with transaction(self.engine) as session:
            return EnterpriseOut.model_validate(_get(session, Enterprise, enterprise_id))

    def enterprises(self, q: str = "", *, page: int = 1, size: int = 20) -> Page[EnterpriseOut]:
        """Firms whose name or credit code contains ``q``, those changed last first."""
        query = select(Enterprise).order_by(Enterprise.updated_at.desc(), Enterprise.id.desc())
        if wanted := q.strip():
            named = Enterprise.name.contains(wanted, autoescape=True)
            query = query.where(named | Enterprise.credit_code.contains(wanted.upper(), autoescape=True))
        return self._page(query, EnterpriseOut, page, size)

    def update_enterprise(self, enterprise_id: int, version: int, form: EnterpriseForm, actor: str) -> EnterpriseOut:
        """Change a firm that was shown in ``version``."""
        values = form.values()
        with transaction(self.engine, writes=True) as session:
            row = _get(session, Enterprise, enterprise_id, version)
            return EnterpriseOut.model_validate(self._change(session, row, values, actor))

    # --- inspections and answers ------------------------------------------------------------------------------------

    def add_inspection(
        self, enterprise_id: int, kind: Kind, checklist: Checklist, snapshot_key: str, actor: str
    ) -> InspectionOut:
        """Begin a self-check or an inspection with a checklist as it is now."""
        if kind not in INSPECTION_KINDS:
            raise RecordValueError(f"没有叫“{kind}”的检查类型；可选：{'、'.join(INSPECTION_KINDS)}。")
        with transaction(self.engine, writes=True) as session:
            _get(session, Enterprise, enterprise_id)
            row = Inspection(
                enterprise_id=enterprise_id,
                kind=kind,
                title=checklist.title[:300],
                as_of=checklist.as_of,
                snapshot_key=snapshot_key,
                checklist=checklist.model_dump(mode="json"),
                total=checklist.total,
                created_by=_actor(actor),
            )
            return _inspection_out(session, self._add(session, row, actor))

    def inspection(self, inspection_id: int) -> InspectionOut:
        """An inspection with its checklist."""
        with transaction(self.engine) as session:
            return _inspection_out(session, _get(session, Inspection, inspection_id))

    def inspections(self, enterprise_id: int | None = None, *, page: int = 1, size: int = 20) -> Page[InspectionSummary]:
        """Inspections (of one firm), the newest first."""
        query = select(Inspection).order_by(Inspection.id.desc())
        if enterprise_id is not None:
            query = query.where(Inspection.enterprise_id == enterprise_id)
        return self._page(query, InspectionSummary, page, size)

    def finish_inspection(self, inspection_id: int, version: int, actor: str) -> InspectionOut:
        """Close an inspection: its results can't be changed any more."""
        with transaction(self.engine, writes=True) as session:
            row = _open_inspection(session, inspection_id, version)
            self._change(session, row, {"finished_at": self.clock()}, actor, "finish")
            return _inspection_out(session, row)

    def answer(self, inspection_id: int, form: AnswerForm, actor: str) -> AnswerOut:
        """Keep or change the result of one check."""
        return self.answer_all(inspection_id, [form], actor)[0]

    def answer_all(self, inspection_id: int, forms: Sequence[AnswerForm], actor: str) -> list[AnswerOut]:
        """Keep or change several results, all or none."""
        values = [form.values() for form in forms]
        with transaction(self.engine, writes=True) as session:
            items = _items(_open_inspection(session, inspection_id))
            query = select(Answer).where(Answer.inspection_id == inspection_id)
            known = {a.check_id: a for a in session.scalars(query)}
            rows = []
            for form, columns in zip(forms, values, strict=True):
                item = items.get(form.check_id)
                if item is None:
                    raise RecordValueError(f"这次检查的清单里没有检查项 {form.check_id}；请刷新清单后再填。")
                row = known.get(form.check_id)
                _same_version(row.version if row else 0, form.version, f"检查项“{item.ask}”的结果")
                columns["answered_by"] = _actor(actor)
                if row is None:
                    made = Answer(inspection_id=inspection_id, check_id=form.check_id, **columns)
                    row = known[form.check_id] = self._add(session, made, actor)
                else:
                    self._change(session, row, columns, actor)
                rows.append(row)
            return [AnswerOut.model_validate(row) for row in rows]

    def answers(self, inspection_id: int, *, page: int = 1, size: int = LARGEST_PAGE) -> Page[AnswerOut]:
        """The results of an inspection, in the order they were first given."""
        query = select(Answer).where(Answer.inspection_id == inspection_id).order_by(Answer.id)
        return self._page(query, AnswerOut, page, size)

    # --- hazards ----------------------------------------------------------------------------------------------------

    def add_hazard(self, enterprise_id: int, form: HazardForm, actor: str) -> HazardOut:
        """Enter a hazard into a firm's ledger."""
        values = form.values()
        with transaction(self.engine, writes=True) as session:
            _get(session, Enterprise, enterprise_id)
            major = form.major
            if form.inspection_id is not None:
                inspection = _get(session, Inspection, form.inspection_id)
                if inspection.enterprise_id != enterprise_id:
                    raise RecordValueError(f"检查 {form.inspection_id} 不是这家企业的；请核对后再登记隐患。")
                item = _items(inspection).get(form.check_id or "")
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
                **values,
            )
            return HazardOut.model_validate(self._add(session, row, actor))

    def hazard(self, hazard_id: int) -> HazardOut:
        """A hazard."""
        with transaction(self.engine) as session:
            return HazardOut.model_validate(_get(session, Hazard, hazard_id))

    def hazards(
        self,
        enterprise_id: int | None = None,
        *,
        states: Sequence[State] = (),
        major: bool | None = None,
        due_before: datetime.date | None = None,
        page: int = 1,
        size: int = 20,
    ) -> Page[HazardOut]:
        """Hazards, the major ones and those due first at the top; ``due_before`` leaves only open ones that are overdue."""
        wanted: list[ColumnElement[bool]] = []
        if enterprise_id is not None:
            wanted.append(Hazard.enterprise_id == enterprise_id)
        if states:
            wanted.append(Hazard.state.in_(states))
        if major is not None:
            wanted.append(Hazard.major.is_(major))
        if due_before is not None:
            wanted += [Hazard.due < due_before, Hazard.state.in_(("found", "assigned"))]
        order = (Hazard.major.desc(), Hazard.due.is_(None), Hazard.due, Hazard.id)
        return self._page(select(Hazard).where(*wanted).order_by(*order), HazardOut, page, size)

    def update_hazard(self, hazard_id: int, version: int, form: HazardForm, actor: str) -> HazardOut:
        """Change what is said of a hazard that is not closed; where it came from stays."""
        values = form.values() | ({} if form.major is None else {"major": form.major})
        with transaction(self.engine, writes=True) as session:
            row = _get(session, Hazard, hazard_id, version)
            if row.state == "closed":
                raise RecordValueError("这条隐患已经销号，不能再改；需要时请另行登记。")
            if row.state != "found" and not (values["responsible"] and values["due"]):
                raise RecordValueError("已派单的隐患要有整改责任人和整改期限；请补上后再保存。")
            return HazardOut.model_validate(self._change(session, row, values, actor))

    def move_hazard(
        self,
        hazard_id: int,
        version: int,
        to: State,
        actor: str,
        *,
        note: str = "",
        responsible: str | None = None,
        due: datetime.date | None = None,
    ) -> HazardOut:
        """Take a hazard one step on (or back to who is responsible, when the rectification did not pass).

        Assigning needs someone responsible and a due date; mending and sending back need a note of what was done or found.
        """
        told = text(note, "说明", NOTE_LIMIT)
        with transaction(self.engine, writes=True) as session:
            row = _get(session, Hazard, hazard_id, version)
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
            if not told and (to == "mended" or (row.state, to) == ("mended", "assigned")):
                raise RecordValueError("请写明整改了什么。" if to == "mended" else "退回整改要写明复查发现的问题。")
            if to == "closed":
                values["closed_at"] = self.clock()
            return HazardOut.model_validate(self._change(session, row, values, actor, to))

    # --- audit ------------------------------------------------------------------------------------------------------

    def audit(
        self, entity: str | None = None, entity_id: int | None = None, *, page: int = 1, size: int = 50
    ) -> Page[AuditOut]:
        """Who changed what, the latest first; of one kind (``enterprise`` …) or one record where named."""
        query = select(AuditLog).order_by(AuditLog.id.desc())
        if entity is not None:
            query = query.where(AuditLog.entity == entity)
        if entity_id is not None:
            query = query.where(AuditLog.entity_id == entity_id)
        return self._page(query, AuditOut, page, size)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _add(self, session: Session, row: Row, actor: str) -> Row:
        row.created_at = row.updated_at = self.clock()
        session.add(row)
        session.flush()
        changes = {name: [None, _plain(getattr(row, name))] for name in _logged(row) if getattr(row, name) is not None}
        self._log(session, row, actor, "create", changes)
        return row

    def _change(self, session: Session, row: Row, values: dict[str, Any], actor: str, action: str = "update") -> Row:
        changes = {n: [_plain(getattr(row, n)), _plain(v)] for n, v in values.items() if getattr(row, n) != v}
        if changes:
            for name, value in values.items():
                setattr(row, name, value)
            row.updated_at = self.clock()
            session.flush()
            self._log(session, row, actor, action, changes)
        return row

    def _log(self, session: Session, row: Versioned, actor: str, action: str, changes: dict[str, Any]) -> None:
        entity = row.__tablename__
        told = {"at": self.clock(), "actor": _actor(actor), "action": action, "entity": entity, "entity_id": row.id}
        session.add(AuditLog(**told, changes=changes))
        session.flush()

    def _page(self, query: Select[Any], out: type[Out], page: int, size: int) -> Page[Out]:
        if page < 1 or not 1 <= size <= LARGEST_PAGE:
            raise RecordValueError(f"没有第 {page} 页（每页 {size} 条）；页码从1起，每页1到{LARGEST_PAGE}条。")
        with transaction(self.engine) as session:
            total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
            rows: Iterable[Any] = session.scalars(query.limit(size).offset((page - 1) * size))
            return Page[out](items=[out.model_validate(r) for r in rows], total=total, page=page, size=size)  # type: ignore[valid-type]


def _get(session: Session, model: type[Row], row_id: int, version: int | None = None) -> Row:
    """A row by its id, in the version the user saw (any, when none is named)."""
    row = session.get(model, row_id)
    if row is None:
        raise NotFoundError(f"没有编号为 {row_id} 的{NAMES[model]}；可能链接已经过时，请从列表重新打开。")
    if version is not None:
        _same_version(row.version, version, f"{NAMES[model]} {row_id} ")
    return row


def _same_version(held: int, shown: int, name: str) -> None:
    if held != shown:
        raise ConflictError(f"{name}在你打开之后已被别人改过，这次没有保存；请刷新后重新填写。")


def _open_inspection(session: Session, inspection_id: int, version: int | None = None) -> Inspection:
    row = _get(session, Inspection, inspection_id, version)
    if row.finished_at is not None:
        raise RecordValueError("这次检查已经办结，结果不能再改；需要时请另做一次检查。")
    return row


def _inspection_out(session: Session, row: Inspection) -> InspectionOut:
    results = Counter(session.scalars(select(Answer.result).where(Answer.inspection_id == row.id)))
    summary = InspectionSummary.model_validate(row).model_dump()
    return InspectionOut.model_validate({**summary, "checklist": row.checklist, "counts": dict(results)})


def _items(inspection: Inspection) -> dict[str, ChecklistItem]:
    return {item.id: item for item in Checklist.model_validate(inspection.checklist).items()}


def _actor(actor: str) -> str:
    return text(actor, "操作人", 100, required=True) or ""


def _logged(row: Versioned) -> list[str]:
    return [column.key for column in row.__table__.columns if column.key not in _UNLOGGED]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date | datetime.datetime) else value
