"""Plans: kept with all their visits or not at all, approved by somebody else, each visit followed until it is done."""

from __future__ import annotations

import datetime

import pytest

from assistant.checklist import Checklist
from assistant.records import (
    AnswerForm,
    DeniedError,
    EnterpriseForm,
    EnterpriseOut,
    NotFoundError,
    PlanForm,
    RecordStore,
    RecordValueError,
    Viewer,
    VisitForm,
)
from assistant.records.more_forms import PlanOut
from tests.assistant.records.made import desk


def form(**changes: object) -> PlanForm:
    told = {"year": 2026, "title": "年度计划", "authority": "应急管理局", "district": "宝山区"}
    return PlanForm.model_validate(told | changes)


def visit(firm: int, month: int = 3) -> VisitForm:
    return VisitForm(enterprise_id=firm, month=month, reasons=["重点单位"])


@pytest.fixture
def plan(store: RecordStore, firm: EnterpriseOut) -> PlanOut:
    return desk(store).plans.add(form(), [visit(firm.id), visit(firm.id, 9)])


def test_a_plan_is_kept_with_all_its_visits_or_not_at_all(store: RecordStore, firm: EnterpriseOut) -> None:
    with pytest.raises(RecordValueError, match="1 家企业查不到"):
        desk(store).plans.add(form(), [visit(firm.id), visit(99)])
    assert desk(store).plans.find().total == desk(store).plans.visits().total == 0
    # More firms than a database takes as values of one statement.
    firms = [desk(store).enterprises.add(EnterpriseForm(name=f"第{n}厂")).id for n in range(30)]
    made = desk(store).plans.add(form(), [visit(f, 1 + n % 12) for n, f in enumerate(firms * 20)])
    assert sum(desk(store).plans.months(made.id).values()) == 600


def test_nobody_approves_a_plan_of_their_own_making(store: RecordStore, plan: PlanOut) -> None:
    with pytest.raises(RecordValueError, match="自己编制"):
        desk(store).plans.approve(plan.id, plan.version)
    approved = desk(store, "乙").plans.approve(plan.id, plan.version)
    assert (approved.state, approved.approved_by) == ("approved", "乙")
    with pytest.raises(RecordValueError, match="已经批准过"):
        desk(store, "丙").plans.approve(plan.id, approved.version)


def test_an_official_of_a_district_plans_for_that_district(store: RecordStore, firm: EnterpriseOut) -> None:
    at = store.desk(Viewer("丙", frozenset({"inspector"}), user_id=3, district="嘉定区"))
    with pytest.raises(DeniedError, match="嘉定区"):
        at.plans.add(form(), [])
    with pytest.raises(RecordValueError, match="查不到"):
        at.plans.add(form(district="嘉定区"), [visit(firm.id)])
    assert at.plans.add(form(district="嘉定区"), []).district == "嘉定区"


def test_a_visit_is_begun_with_its_inspection_and_done_with_it(
    store: RecordStore, firm: EnterpriseOut, plan: PlanOut, checklist: Checklist
) -> None:
    first, second = desk(store).plans.visits(plan.id).items
    told = (first.id, first.version)
    made = desk(store).inspections.add(firm.id, "inspection", checklist, "k", visit=told)
    begun = desk(store).plans.visit(first.id)
    assert (begun.state, begun.inspection_id) == ("started", made.id)
    with pytest.raises(RecordValueError, match="不能再开始"):
        desk(store).inspections.add(firm.id, "inspection", checklist, "k", visit=(first.id, begun.version))
    other = desk(store).enterprises.add(EnterpriseForm(name="别的厂"))
    with pytest.raises(RecordValueError, match="不是计划里那家企业"):
        desk(store).inspections.add(other.id, "inspection", checklist, "k", visit=(second.id, second.version))
    assert desk(store).inspections.find(other.id).total == 0
    desk(store).inspections.finish(made.id, made.version)
    assert desk(store).plans.visit(first.id).state == "done"


def test_an_inspection_begun_by_mistake_is_withdrawn_and_counts_nowhere(
    store: RecordStore, firm: EnterpriseOut, plan: PlanOut, checklist: Checklist
) -> None:
    made = desk(store).inspections.add(firm.id, "inspection", checklist, "k")
    with pytest.raises(RecordValueError, match="理由"):
        desk(store).inspections.withdraw(made.id, made.version, " ")
    done = desk(store).inspections.withdraw(made.id, made.version, "选错了企业")
    assert (done.withdrawn_why, done.finished_at) == ("选错了企业", None)
    assert desk(store).inspections.history(datetime.date(2000, 1, 1), firm.id) == []
    for act in (
        lambda: desk(store).inspections.finish(made.id, done.version),
        lambda: desk(store).inspections.answer(made.id, AnswerForm(check_id="t-watch", result="compliant")),
        lambda: desk(store).photos.add_to_check(made.id, "t-watch", b"x"),
    ):
        with pytest.raises(RecordValueError, match="已经撤销"):
            act()


def test_a_visit_is_dropped_only_with_a_reason(store: RecordStore, plan: PlanOut) -> None:
    first = desk(store).plans.visits(plan.id).items[0]
    with pytest.raises(RecordValueError, match="理由"):
        desk(store).plans.move_visit(first.id, first.version, "dropped", reason=" ")
    dropped = desk(store).plans.move_visit(first.id, first.version, "dropped", reason="企业已停产")
    assert dropped.reasons == ["重点单位", "取消：企业已停产"]
    assert desk(store).plans.visits(plan.id, state="planned").total == 1


def test_visits_are_added_to_a_month_that_there_is(store: RecordStore, firm: EnterpriseOut, plan: PlanOut) -> None:
    for month in (0, 13):
        with pytest.raises(RecordValueError, match="1到12"):
            desk(store).plans.add_visit(plan.id, visit(firm.id, month))
    with pytest.raises(NotFoundError):
        desk(store).plans.add_visit(77, visit(firm.id))
    desk(store).plans.add_visit(plan.id, visit(firm.id, 12))
    assert desk(store).plans.months(plan.id) == {3: 1, 9: 1, 12: 1}
