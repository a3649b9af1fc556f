"""Plans of inspections and their visits."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from assistant.records.errors import DeniedError, RecordValueError
from assistant.records.forms import Page
from assistant.records.models import Enterprise, Inspection, Plan, PlanVisit
from assistant.records.more_forms import PlanForm, PlanOut, VisitForm, VisitOut, VisitState
from assistant.records.work import Part, get


class Plans(Part):
    """Plans as one viewer sees them."""

    def add(self, form: PlanForm, visits: Sequence[VisitForm]) -> PlanOut:
        """Keep a new plan with its visits, all or none."""
        values = form.values()
        viewer = self.work.viewer
        with self.work.writing("plan") as session:
            if viewer.district and viewer.district != values["district"]:
                raise DeniedError(f"你的账号只能编制{viewer.district}的检查计划；请把所在区改成{viewer.district}。")
            row = self.work.add(session, Plan(state="draft", created_by=self.work.actor(), **values))
            wanted = {v.enterprise_id for v in visits}
            # In parts: databases limit how many values one statement takes.
            ids = sorted(wanted)
            held: set[int] = set()
            for start in range(0, len(ids), 500):
                part = ids[start : start + 500]
                held |= set(session.scalars(select(Enterprise.id).where(Enterprise.id.in_(part))))
            if missing := wanted - held:
                raise RecordValueError(f"计划里有 {len(missing)} 家企业查不到（编号 {min(missing)} 等）；请刷新后重新编制。")
            moment = self.work.clock()
            session.add_all(
                PlanVisit(plan_id=row.id, state="planned", created_at=moment, updated_at=moment, **v.model_dump())
                for v in visits
            )
            session.flush()
            return PlanOut.model_validate(row)

    def get(self, plan_id: int) -> PlanOut:
        """A plan."""
        with self.work.reading() as session:
            return PlanOut.model_validate(get(session, Plan, plan_id))

    def find(self, year: int | None = None, *, page: int = 1, size: int = 20) -> Page[PlanOut]:
        """Plans, the newest first."""
        query = select(Plan).order_by(Plan.id.desc())
        return self.work.page(query if year is None else query.where(Plan.year == year), PlanOut, page, size)

    def approve(self, plan_id: int, version: int) -> PlanOut:
        """Approve a plan; nobody approves a plan of their own making."""
        with self.work.writing("review") as session:
            row = get(session, Plan, plan_id, version)
            if row.state == "approved":
                raise RecordValueError("这份计划已经批准过，不用再批准。")
            if row.created_by == self.work.actor():
                raise RecordValueError("不能批准自己编制的计划；请由另一名审核人员批准。")
            values = {"state": "approved", "approved_by": self.work.actor(), "approved_at": self.work.clock()}
            return PlanOut.model_validate(self.work.change(session, row, values, "approve"))

    def visits(
        self,
        plan_id: int | None = None,
        *,
        month: int | None = None,
        enterprise_id: int | None = None,
        state: VisitState | None = None,
        page: int = 1,
        size: int = 50,
    ) -> Page[VisitOut]:
        """Planned visits by month."""
        query = select(PlanVisit).order_by(PlanVisit.month, PlanVisit.id)
        if plan_id is not None:
            query = query.where(PlanVisit.plan_id == plan_id)
        if month is not None:
            query = query.where(PlanVisit.month == month)
        if enterprise_id is not None:
            query = query.where(PlanVisit.enterprise_id == enterprise_id)
        if state is not None:
            query = query.where(PlanVisit.state == state)
        return self.work.page(query, VisitOut, page, size)

    def months(self, plan_id: int) -> dict[int, int]:
        """How many visits each month of a plan has."""
        query = select(PlanVisit.month, func.count()).where(PlanVisit.plan_id == plan_id).group_by(PlanVisit.month)
        with self.work.reading() as session:
            return dict(session.execute(query.order_by(PlanVisit.month)).tuples().all())

    def visit(self, visit_id: int) -> VisitOut:
        """A planned visit."""
        with self.work.reading() as session:
            return VisitOut.model_validate(get(session, PlanVisit, visit_id))

    def add_visit(self, plan_id: int, form: VisitForm) -> VisitOut:
        """Add a visit to a plan, such as one that a complaint calls for."""
        with self.work.writing("plan") as session:
            get(session, Plan, plan_id)
            get(session, Enterprise, form.enterprise_id)
            if not 1 <= form.month <= 12:
                raise RecordValueError(f"月份不能是 {form.month}；请填1到12。")
            row = PlanVisit(plan_id=plan_id, state="planned", **form.model_dump())
            return VisitOut.model_validate(self.work.add(session, row))

    def move_visit(
        self, visit_id: int, version: int, state: VisitState, *, inspection_id: int | None = None, reason: str = ""
    ) -> VisitOut:
        """Begin, finish or drop a visit; dropping needs a reason."""
        with self.work.writing("plan") as session:
            row = get(session, PlanVisit, visit_id, version)
            values: dict[str, object] = {"state": state}
            if inspection_id is not None:
                if get(session, Inspection, inspection_id).enterprise_id != row.enterprise_id:
                    raise RecordValueError("这次检查不是计划里那家企业的；请核对。")
                values["inspection_id"] = inspection_id
            if state == "dropped":
                if not reason.strip():
                    raise RecordValueError("取消计划内的检查要写明理由；请补上后再保存。")
                values["reasons"] = [*row.reasons, f"取消：{reason.strip()[:200]}"]
            return VisitOut.model_validate(self.work.change(session, row, values, state))
