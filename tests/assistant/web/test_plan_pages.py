"""Plans without a browser: previewed, kept, approved, carried out, exported."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import openpyxl
import pytest

from assistant.service import Assistant
from tests.assistant.web.bureau import CITY_BUREAU, DISTRICT_BUREAU, HOSTILE, Bureau, key_firm, make_plan


@pytest.fixture
def bureau(assistant: Assistant, tmp_path: Path) -> Iterator[Bureau]:
    made = Bureau(assistant, tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def key_unit(bureau: Bureau) -> int:
    return key_firm(bureau)


def test_a_plan_is_previewed_kept_approved_by_another_and_carried_out(bureau: Bureau, key_unit: int) -> None:
    query = f"year=2027&authority={DISTRICT_BUREAU}&start=1&capacity=5"
    zhao = bureau.of("zhao")
    told = zhao.get(f"/work/plans/new?{query}").text
    assert "=重点厂" in told
    assert "别处厂" not in told
    assert bureau.system.plans.find().total == 0
    plan = make_plan(bureau, "both")
    visit = next(v for v in bureau.system.plans.visits(plan).items if v.enterprise_id == key_unit)
    start = {"visit": str(visit.id), "visit_version": str(visit.version), "starts": "2027-03-02T09:00"}
    bureau.firms.append(key_unit)
    draft = bureau.begin(firm=2, **start)
    assert "还没有批准" in draft.text
    version = bureau.system.plans.get(plan).version
    own = bureau.of("both").post(f"/work/plans/{plan}/approve", data={"version": version})
    assert "不能批准自己编制的计划" in own.text
    assert bureau.of("qian").post(f"/work/plans/{plan}/approve", data={"version": version}).status_code == 303
    assert f"/inspect?visit={visit.id}" in zhao.get(f"/work/plans/{plan}").text
    assert "计划的检查机关是" in bureau.begin(firm=2, **start, authority="上海市别的机关").text
    check = bureau.begun(firm=2, **start)
    assert bureau.system.plans.visit(visit.id).state == "started"
    assert bureau.system.plans.visit(visit.id).inspection_id == check
    again = bureau.begin(firm=2, **start)
    assert again.status_code == 409
    bureau.finish(check)
    assert bureau.system.plans.visit(visit.id).state == "done"


def test_a_visit_of_another_authoritys_approved_plan_counts_against_ours(bureau: Bureau, key_unit: int) -> None:
    plan = make_plan(bureau, "zhou", authority=CITY_BUREAU)
    bureau.firms.append(key_unit)
    allowed = bureau.of("zhao").get(f"/work/firms/{key_unit}/inspect").status_code
    assert allowed == 200
    bureau.system.plans.approve(plan, bureau.system.plans.get(plan).version)
    refused = bureau.begin(firm=2, starts="2027-02-01T09:00")
    assert refused.status_code == 422
    assert f"月 {CITY_BUREAU}" in refused.text


def test_visits_are_dropped_with_a_reason_and_added_for_a_complaint(bureau: Bureau, key_unit: int) -> None:
    plan = make_plan(bureau, "zhao")
    visit = bureau.system.plans.visits(plan).items[0]
    zhao = bureau.of("zhao")
    silent = zhao.post(f"/work/visits/{visit.id}/drop", data={"version": visit.version})
    assert "要写明理由" in silent.text
    drop = {"version": visit.version, "reason": "企业停产"}
    assert zhao.post(f"/work/visits/{visit.id}/drop", data=drop).status_code == 303
    assert bureau.system.plans.visit(visit.id).state == "dropped"
    add: Callable[..., httpx.Response] = lambda **told: zhao.post(f"/work/plans/{plan}/visits", data=told)  # noqa: E731
    assert "没有找到" in add(firm="不存在", trigger="report", month="3", note="x").text
    assert "不能为空" in add(firm="轮毂", trigger="report", month="3", note="").text
    assert "月份不能是" in add(firm="轮毂", trigger="report", month="13", note="x").text
    assert add(firm="别处厂", trigger="report", month="3", note="x").status_code == 422
    assert add(firm="轮毂", trigger="report", month="3", note=HOSTILE).status_code == 303
    made = bureau.system.plans.visits(plan, enterprise_id=bureau.firms[0]).items[-1]
    assert made.trigger == "report"
    page = zhao.get(f"/work/plans/{plan}").text
    assert "<script>alert" not in page
    assert "企业停产" in page


def test_a_workbook_of_a_plan_holds_no_formula(bureau: Bureau, key_unit: int) -> None:
    plan = make_plan(bureau, "zhao", title="=1+1")
    for path in (f"{plan}/plan.xlsx", f"preview.xlsx?year=2027&authority={DISTRICT_BUREAU}&start=1&title==1"):
        answer = bureau.of("zhao").get(f"/work/plans/{path}")
        assert answer.status_code == 200, answer.text
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
        assert any(c.value == "=重点厂" for c in cells)
        assert all(c.data_type != "f" for c in cells)


def test_a_campaign_takes_the_firms_its_words_fit(bureau: Bureau, key_unit: int) -> None:
    told = {"campaign": "金属加工专项", "words": "金属制品", "first": "4", "last": "4"}
    plan = make_plan(bureau, "zhao", **told)
    visited = {v.enterprise_id: v.month for v in bureau.system.plans.visits(plan).items}
    assert visited[bureau.firms[0]] == 4
    assert visited[key_unit] == 4
    half = bureau.of("zhao").post("/work/plans/new", data={"year": "2027", "authority": "甲", "campaign": "专项"})
    assert "同时写名称和范围" in half.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("year", "二〇二七"), ("year", "1"), ("first", "13"), ("capacity", "-1"), ("start", "0x"), ("start", "99")],
)
def test_what_cannot_be_planned_is_said_in_one_sentence(bureau: Bureau, field: str, value: str) -> None:
    form = {"year": "2027", "authority": "甲", field: value}
    answer = bureau.of("zhao").post("/work/plans/new", data=form)
    assert answer.status_code == 422
    assert bureau.system.plans.find().total == 0
