"""Self-checks and inspections: the checklist as it was, its answers, and what follows when it is finished."""

from __future__ import annotations

import datetime
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from assistant.checklist import Checklist, ChecklistItem
from assistant.records.errors import NotFoundError, RecordValueError
from assistant.records.forms import AnswerForm, AnswerOut, InspectionOut, InspectionSummary, Kind, Page, text
from assistant.records.ledger import enter
from assistant.records.models import (
    INSPECTION_KINDS,
    OPEN_STATES,
    VISIT_STATES,
    Answer,
    Enterprise,
    Hazard,
    Inspection,
    Plan,
    PlanVisit,
)
from assistant.records.scope import Viewer
from assistant.records.tap import FINISHED, PERMISSION, WITHDRAWN, keep
from assistant.records.work import LARGEST_PAGE, Part, get, same_version
from assistant.scoring import score


@dataclass(frozen=True, slots=True)
class ScoreOut:
    """A finished check as a point of a line; ``major`` counts its failed items that may be major hazards."""

    id: int
    kind: Kind
    day: datetime.date
    score: float | None
    major: int


@dataclass(frozen=True, slots=True)
class PastVisit:
    """An inspection that was made, or a visit of an approved plan that is to come (then ``day`` is the first of its month).

    ``planned`` tells those that count against the bounds of a plan; ``trigger`` what called for a visit to come.
    """

    enterprise_id: int
    day: datetime.date
    authority: str
    planned: bool
    inspection_id: int | None = None
    visit_id: int | None = None
    trigger: str | None = None


class Inspections(Part):
    """Self-checks and inspections as one viewer sees them."""

    def add(
        self,
        enterprise_id: int,
        kind: Kind,
        checklist: Checklist,
        snapshot_key: str,
        *,
        details: dict[str, Any] | None = None,
        visit: tuple[int, int] | None = None,
    ) -> InspectionOut:
        """Begin a self-check or an inspection with a checklist as it is now; ``visit`` (its id, the version shown) is the
        planned visit that it carries out.
        """
        if kind not in INSPECTION_KINDS:
            raise RecordValueError(f"没有叫“{kind}”的检查类型；可选：{'、'.join(INSPECTION_KINDS)}。")
        with self.work.writing(PERMISSION[kind]) as session:
            get(session, Enterprise, enterprise_id)
            items = {i.id: {"ask": i.ask, "major": i.severity == "major"} for i in checklist.items()}
            row = Inspection(
                enterprise_id=enterprise_id,
                kind=kind,
                title=checklist.title[:300],
                as_of=checklist.as_of,
                snapshot_key=snapshot_key,
                checklist=checklist.model_dump(mode="json"),
                items=items,
                total=checklist.total,
                created_by=self.work.actor(),
                details=details or {},
                code=secrets.token_urlsafe(24) if kind == "inspection" else None,
            )
            self.work.add(session, row)
            if visit is not None:
                self._carry_out(session, row, *visit)
            return _out(session, row)

    def _carry_out(self, session: Session, row: Inspection, visit_id: int, version: int) -> None:
        visit = get(session, PlanVisit, visit_id, version)
        if visit.enterprise_id != row.enterprise_id:
            raise RecordValueError("这次检查不是计划里那家企业的；请核对。")
        if visit.state != "planned":
            raise RecordValueError(f"计划里的这次检查现在是“{VISIT_STATES[visit.state]}”，不能再开始；请刷新计划。")
        self.work.change(session, visit, {"state": "started", "inspection_id": row.id}, "started")

    def get(self, inspection_id: int) -> InspectionOut:
        """An inspection with its checklist."""
        with self.work.reading() as session:
            row = seen(session, inspection_id, self.work.viewer, with_checklist=True)
            return _out(session, row)

    def find(
        self,
        enterprise_id: int | None = None,
        *,
        kind: Kind | None = None,
        finished: bool | None = None,
        page: int = 1,
        size: int = 20,
    ) -> Page[InspectionSummary]:
        """Inspections (of one firm), the newest first."""
        query = select(Inspection).order_by(Inspection.id.desc())
        if enterprise_id is not None:
            query = query.where(Inspection.enterprise_id == enterprise_id)
        if kind is not None:
            query = query.where(Inspection.kind == kind)
        if finished is not None:
            ended = Inspection.finished_at.is_not(None)
            query = query.where(ended if finished else ~ended)
        if not self.work.viewer.official:
            # An official inspection is the authority's own work until it is finished.
            query = query.where((Inspection.kind == "self_check") | Inspection.finished_at.is_not(None))
        return self.work.page(query, InspectionSummary, page, size)

    def scores(self, enterprise_id: int, *, kind: Kind | None = None, limit: int = 120) -> list[ScoreOut]:
        """The finished checks of a firm as points of a line, the newest ``limit``, the oldest first."""
        columns = (Inspection.id, Inspection.kind, Inspection.finished_at, Inspection.score, Inspection.failed_major)
        query = select(*columns).where(Inspection.enterprise_id == enterprise_id, Inspection.finished_at.is_not(None))
        if kind is not None:
            query = query.where(Inspection.kind == kind)
        with self.work.reading() as session:
            rows = session.execute(query.order_by(Inspection.finished_at.desc()).limit(limit)).all()
        return [ScoreOut(r.id, r.kind, day_of(r.finished_at), r.score, r.failed_major or 0) for r in reversed(rows)]

    def history(self, since: datetime.date, enterprise_id: int | None = None) -> list[PastVisit]:
        """Official inspections begun since a day, and visits of approved plans that are still to come, by day.

        A visit of another authority's plan counts, whoever may see that plan: two authorities must not both go there.
        """
        plan = Plan.__table__.c
        done = select(Inspection.id, Inspection.enterprise_id, Inspection.details, Inspection.created_at)
        done = done.where(Inspection.kind == "inspection", Inspection.withdrawn_at.is_(None))
        still = select(PlanVisit, plan.year, plan.authority).join(Plan.__table__, plan.id == PlanVisit.plan_id)
        still = still.where(PlanVisit.state == "planned", plan.state == "approved", plan.year >= since.year)
        if enterprise_id is not None:
            done = done.where(Inspection.enterprise_id == enterprise_id)
            still = still.where(PlanVisit.enterprise_id == enterprise_id)
        found = []
        with self.work.reading() as session:
            for row in session.execute(done):
                told = row.details or {}
                day = str(told.get("starts") or "")[:10]
                on = datetime.date.fromisoformat(day) if day else day_of(row.created_at)
                authority, planned = str(told.get("authority") or ""), bool(told.get("planned", True))
                found.append(PastVisit(row.enterprise_id, on, authority, planned, inspection_id=row.id))
            for visit, year, authority in session.execute(still):
                on = datetime.date(year, visit.month, 1)
                found.append(PastVisit(visit.enterprise_id, on, authority, True, None, visit.id, visit.trigger))
        return sorted((v for v in found if v.day >= since), key=lambda v: (v.day, v.enterprise_id))

    def set_details(self, inspection_id: int, version: int, details: dict[str, Any]) -> InspectionOut:
        """Change what the documents of an official inspection need."""
        with self.work.writing("inspect") as session:
            row = get(session, Inspection, inspection_id, version)
            self.work.change(session, row, {"details": {**(row.details or {}), **details}}, "details")
            return _out(session, row)

    def approve(self, inspection_id: int, version: int) -> InspectionOut:
        """Approve the scheme of an official inspection; nobody approves a scheme of their own making."""
        with self.work.writing("review") as session:
            row = get(session, Inspection, inspection_id, version)
            if row.approved_at is not None:
                raise RecordValueError("这份现场检查方案已经批准过，不用再批准。")
            if row.created_by == self.work.actor():
                raise RecordValueError("不能批准自己编制的现场检查方案；请由另一名审核人员批准。")
            self.work.change(session, row, {"approved_by": self.work.actor(), "approved_at": self.work.clock()}, "approve")
            return _out(session, row)

    def finish(self, inspection_id: int, version: int) -> InspectionOut:
        """Close an inspection: its results can't be changed any more; what failed goes into the firm's ledger."""
        with self.work.writing() as session:
            row = _open(session, inspection_id, self.work.viewer, version, finishing=True)
            answers = list(session.scalars(select(Answer).where(Answer.inspection_id == row.id).order_by(Answer.id)))
            reckoned = score({a.check_id: a.result for a in answers}, {k: v["major"] for k, v in row.items.items()})
            ended = {
                "finished_at": self.work.clock(),
                "score": reckoned.score,
                "failed": reckoned.failed,
                "failed_major": reckoned.failed_major,
            }
            self.work.change(session, row, ended, "finish")
            self._to_ledger(session, row, [a for a in answers if a.result == "noncompliant"])
            done = select(PlanVisit).where(PlanVisit.inspection_id == row.id, PlanVisit.state == "started")
            for visit in session.scalars(done):
                self.work.change(session, visit, {"state": "done"}, "done")
            return _out(session, row)

    def _to_ledger(self, session: Session, row: Inspection, failed: Sequence[Answer]) -> None:
        """Each failed check as a hazard, unless the firm's ledger holds it open already."""
        if not failed:
            return
        standing = select(Hazard.check_id).where(
            Hazard.enterprise_id == row.enterprise_id, Hazard.state.in_(OPEN_STATES), Hazard.check_id.is_not(None)
        )
        if row.kind == "inspection":
            # What an official found is the authority's to verify, whatever the firm itself has on its list.
            standing = standing.join(Inspection).where(Inspection.kind == "inspection")
        known = set(session.scalars(standing))
        items = items_of(row)
        for answer in failed:
            if answer.check_id not in known:
                enter(self.work, session, row, items[answer.check_id], answer)

    def withdraw(self, inspection_id: int, version: int, why: str) -> InspectionOut:
        """Take back a check that was begun by mistake: it stays on record, but counts nowhere; its visit is open again."""
        told = text(why, "撤销的理由", 500, required=True)
        with self.work.writing() as session:
            row = _open(session, inspection_id, self.work.viewer, version, finishing=True)
            self.work.change(session, row, {"withdrawn_at": self.work.clock(), "withdrawn_why": told}, "withdraw")
            for visit in session.scalars(select(PlanVisit).where(PlanVisit.inspection_id == row.id)):
                self.work.change(session, visit, {"state": "planned", "inspection_id": None}, "planned")
            return _out(session, row)

    def answer(self, inspection_id: int, form: AnswerForm) -> AnswerOut:
        """Keep or change the result of one check."""
        return self.answer_all(inspection_id, [form])[0]

    def answer_all(self, inspection_id: int, forms: Sequence[AnswerForm]) -> list[AnswerOut]:
        """Keep or change several results, all or none."""
        return keep(self.work, inspection_id, forms)

    def answers(self, inspection_id: int, *, page: int = 1, size: int = LARGEST_PAGE) -> Page[AnswerOut]:
        """The results of an inspection, in the order they were first given."""
        with self.work.reading() as session:
            seen(session, inspection_id, self.work.viewer)
        query = select(Answer).where(Answer.inspection_id == inspection_id).order_by(Answer.id)
        return self.work.page(query, AnswerOut, page, size)

    def results(self, inspection_id: int) -> dict[str, AnswerOut]:
        """All results of an inspection by check."""
        with self.work.reading() as session:
            seen(session, inspection_id, self.work.viewer)
            rows = session.scalars(select(Answer).where(Answer.inspection_id == inspection_id))
            return {a.check_id: AnswerOut.model_validate(a) for a in rows}


def seen(
    session: Session,
    inspection_id: int,
    viewer: Viewer,
    *,
    with_checklist: bool = False,
    with_items: bool = False,
    lock: Literal["answer", "finish"] | None = None,
) -> Inspection:
    """An inspection that the viewer may see; a firm sees official inspections once they are finished.

    With ``lock`` it stays as it is until the transaction ends: answers go in side by side, but none while somebody finishes.
    """
    query = select(Inspection).where(Inspection.id == inspection_id)
    if lock is not None:
        # SQLite writes one transaction at a time anyway.
        query = query.with_for_update(read=lock == "answer", key_share=lock == "finish")
    large = [column for column, wanted in ((Inspection.checklist, with_checklist), (Inspection.items, with_items)) if wanted]
    row = session.scalar(query.options(*map(undefer, large)))
    if row is None or (row.kind == "inspection" and row.finished_at is None and not viewer.official):
        raise NotFoundError(f"没有编号为 {inspection_id} 的检查；可能链接已经过时，请从列表重新打开。")
    return row


def _open(
    session: Session, inspection_id: int, viewer: Viewer, version: int | None = None, *, finishing: bool = False
) -> Inspection:
    """An inspection that the viewer may fill in, and that is not finished nor will be before this transaction ends."""
    row = seen(session, inspection_id, viewer, with_items=True, lock="finish" if finishing else "answer")
    viewer.require(PERMISSION[row.kind])
    if version is not None:
        same_version(row.version, version, f"检查 {inspection_id} ")
    if row.finished_at is not None:
        raise RecordValueError(FINISHED)
    if row.withdrawn_at is not None:
        raise RecordValueError(WITHDRAWN)
    return row


def _out(session: Session, row: Inspection) -> InspectionOut:
    results = Counter(session.scalars(select(Answer.result).where(Answer.inspection_id == row.id)))
    summary = InspectionSummary.model_validate(row).model_dump()
    told = {"checklist": row.checklist, "counts": dict(results), "details": row.details or {}}
    return InspectionOut.model_validate({**summary, **told})


def items_of(row: Inspection) -> dict[str, ChecklistItem]:
    """The items of an inspection's checklist by their check."""
    return {item.id: item for item in Checklist.model_validate(row.checklist).items()}


def day_of(moment: datetime.datetime) -> datetime.date:
    """The local day of a moment."""
    return moment.astimezone().date()
