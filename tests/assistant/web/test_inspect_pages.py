"""Inspections, check codes and documents without a browser: bounds, approval, isolation, hostile text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from starlette.testclient import TestClient

from assistant.records import AnswerForm
from assistant.service import Assistant
from kg_build.practice_forms import PlanningForm
from tests.assistant.web.bureau import CITY_BUREAU, DISTRICT_BUREAU, HOSTILE, Bureau, key_firm, make_plan, words


@pytest.fixture
def bureau(assistant: Assistant, tmp_path: Path) -> Iterator[Bureau]:
    made = Bureau(assistant, tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def key_unit(bureau: Bureau) -> int:
    return key_firm(bureau)


# --- the bounds -------------------------------------------------------------------------------------------------------


def test_an_inspection_by_plan_is_refused_where_another_authority_was_this_year(bureau: Bureau) -> None:
    bureau.begun()
    told = bureau.of("zhou").get(f"/work/firms/{bureau.firms[0]}/inspect").text
    assert DISTRICT_BUREAU in told
    refused = bureau.begin("zhou", authority=CITY_BUREAU)
    assert refused.status_code == 422
    assert "市、区只由一级检查" in refused.text
    assert f"2026-11-23 {DISTRICT_BUREAU}" in refused.text
    assert bureau.system.inspections.find(bureau.firms[0]).total == 1


def test_the_yearly_limit_holds_for_what_is_planned_and_not_for_a_complaint(bureau: Bureau, assistant: Assistant) -> None:
    rules = assistant.knowledge.practice.of(PlanningForm)
    limit = next(b.value for b in rules.bounds if b.kind == "yearly_limit") or 0
    assert limit
    for _ in range(limit):
        bureau.begun()
    assert bureau.begin().status_code == 422
    assert bureau.begin(reason="overdue-filing", reason_note="第三季度没有报").status_code == 422
    unsaid = bureau.begin(reason="report")
    assert unsaid.status_code == 422
    assert "要写明事由" in unsaid.text
    beyond = bureau.begun(reason="report", reason_note="编号12")
    assert bureau.system.inspections.get(beyond).details["planned"] is False
    assert bureau.begin(reason="made-up", reason_note="x").status_code == 422
    next_year = bureau.begun(starts="2027-01-05T09:00")
    assert next_year


def test_the_inspection_begins_only_with_authority_inspector_and_scene(bureau: Bureau) -> None:
    assert "检查机关" in bureau.begin(authority=" ").text
    assert "执法人员" in bureau.begin(inspector_name=["", ""], inspector_number=["", ""]).text
    assert "请选要查的场景" in bureau.begin(scenes=[]).text
    assert "没有写姓名" in bureau.begin(inspector_name=["赵一", ""]).text
    assert "结束时间早于开始时间" in bureau.begin(ends="2026-11-22T09:00").text
    assert bureau.system.inspections.find().total == 0


# --- scheme, record, order --------------------------------------------------------------------------------------------


def test_a_scheme_is_approved_by_somebody_else_and_stays_as_approved(bureau: Bureau) -> None:
    check = bureau.begun(login="both")
    version = bureau.system.inspections.get(check).version
    own = bureau.of("both").post(f"/work/inspections/{check}/approve", data={"version": version})
    assert own.status_code == 422
    assert "不能批准自己编制" in own.text
    assert bureau.of("zhao").post(f"/work/inspections/{check}/approve", data={"version": version}).status_code == 403
    lacking = bureau.of("both").post(f"/work/inspections/{check}/scheme", data={"version": version, "authority": "甲"})
    assert lacking.status_code == 303
    version = bureau.system.inspections.get(check).version
    told = bureau.of("qian").post(f"/work/inspections/{check}/approve", data={"version": version})
    assert "还缺：执法人员" in told.text
    form = {"version": version, "authority": "甲", "inspector_name": "赵一", "inspector_number": "1", "place": "厂区"}
    saved = bureau.of("both").post(f"/work/inspections/{check}/scheme", data={**form, "starts": "2026-11-24T09:00"})
    assert saved.status_code == 303
    version = bureau.system.inspections.get(check).version
    assert bureau.of("qian").post(f"/work/inspections/{check}/approve", data={"version": version}).status_code == 303
    version = bureau.system.inspections.get(check).version
    late = bureau.of("both").post(f"/work/inspections/{check}/scheme", data={**form, "version": version})
    assert late.status_code == 422
    assert "已经批准" in late.text
    site = bureau.of("both").post(f"/work/inspections/{check}/site", data={"version": version, "told": "已告知"})
    assert site.status_code == 303
    assert bureau.system.inspections.get(check).details["authority"] == "甲"


def test_a_bound_cannot_be_evaded_by_changing_the_authority_afterwards(bureau: Bureau) -> None:
    bureau.begun()
    second = bureau.begun()
    version = bureau.system.inspections.get(second).version
    form = {"version": version, "authority": CITY_BUREAU, "inspector_name": "周市", "inspector_number": "1"}
    told = bureau.of("zhou").post(f"/work/inspections/{second}/scheme", data=form)
    assert told.status_code == 422
    assert "市、区只由一级检查" in told.text


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(bureau: Bureau) -> None:
    check = bureau.begun()
    version = bureau.system.inspections.get(check).version
    first = bureau.of("zhao").post(f"/work/inspections/{check}/site", data={"version": version, "told": "甲"})
    assert first.status_code == 303
    second = bureau.of("zhao").post(f"/work/inspections/{check}/site", data={"version": version, "told": "乙"})
    assert second.status_code == 409
    assert bureau.system.inspections.get(check).details["told"] == "甲"


def test_the_documents_say_what_was_entered_and_whether_it_is_finished(bureau: Bureau) -> None:
    check = bureau.begun(departments="应急局、消防支队", campaign="动火专项", note=HOSTILE)
    zhao = bureau.of("zhao")
    told = words(zhao.get(f"/work/inspections/{check}/scheme.docx"))
    assert "赵一（证件号码：证1）" in told
    assert "应急局、消防支队（综合查一次）" in told
    assert HOSTILE in told
    assert "尚未完成" in words(zhao.get(f"/work/inspections/{check}/record.docx"))
    assert "尚未完成" in words(zhao.get(f"/work/checks/{check}/report.docx"))
    early = zhao.get(f"/work/inspections/{check}/order.docx")
    assert early.status_code == 422
    assert "还没有办结" in early.text
    bureau.finish(check)
    version = bureau.system.inspections.get(check).version
    form = {"version": version, "order_due": "2026-12-20", "accompanied": "李四、王五"}
    assert zhao.post(f"/work/inspections/{check}/site", data=form).status_code == 303
    assert "2026年12月20日" in words(zhao.get(f"/work/inspections/{check}/order.docx"))
    record = words(zhao.get(f"/work/inspections/{check}/record.docx"))
    assert "李四、王五" in record
    assert "现场堆有可燃物" in record
    assert "尚未完成" not in record
    answer = zhao.get(f"/work/checks/{check}/report.docx")
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert "尚未完成" not in words(answer)
    book = openpyxl.load_workbook(io.BytesIO(zhao.get(f"/work/checks/{check}/report.xlsx").content))
    assert "不符合项" in book.sheetnames


def test_measures_on_site_are_drafted_before_the_end_and_the_review_after_it(bureau: Bureau) -> None:
    check = bureau.begun()
    zhao, at = bureau.of("zhao"), f"/work/inspections/{check}"
    nothing = zhao.get(f"{at}/measures.docx")
    assert nothing.status_code == 422
    assert "没有可能构成重大事故隐患" in nothing.text
    held = bureau.system.inspections.get(check)
    major = next(i for i in held.checklist.items() if i.severity == "major")
    bureau.system.inspections.answer(check, AnswerForm(check_id=major.id, result="noncompliant", note="人还在下面"))
    assert "责令撤出作业人员" in zhao.get(at).text
    form = {"version": held.version, "measures": ["evacuate", "no-such-measure"], "measures_number": "某〔2026〕3号"}
    assert zhao.post(f"{at}/site", data=form).status_code == 303
    told = words(zhao.get(f"{at}/measures.docx"))
    assert "☑ 从危险区域内撤出作业人员" in told
    assert "□ 暂时停产停业" in told
    assert "某〔2026〕3号" in told
    assert "人还在下面" in told
    assert "《安全生产法》第七十条第一款" in told
    early = zhao.get(f"{at}/review.docx")
    assert early.status_code == 422
    assert "还没有办结" in early.text
    others = [i for i in held.checklist.items() if i.id != major.id]
    bureau.system.inspections.answer_all(check, [AnswerForm(check_id=i.id, result="compliant") for i in others])
    bureau.system.inspections.finish(check, bureau.system.inspections.get(check).version)
    form = {
        "version": bureau.system.inspections.get(check).version,
        "reviewed": "2027-01-05T09:00",
        "review_told": "补看两处",
    }
    assert zhao.post(f"{at}/site", data=form).status_code == 303
    told = words(zhao.get(f"{at}/review.docx"))
    assert "2027年1月5日" in told
    assert "补看两处" in told
    assert "：已发现" in told
    assert "☑" not in told


def test_self_checks_have_reports_and_no_official_forms(bureau: Bureau, assistant: Assistant) -> None:
    made = bureau.system.inspections.add(bureau.firms[0], "self_check", assistant.checklist(["动火作业"]), "k")
    assert "安全生产自查报告" in words(bureau.of("li").get(f"/work/checks/{made.id}/report.docx"))
    assert bureau.of("zhao").get(f"/work/inspections/{made.id}/record.docx").status_code == 404


# --- who may see what -------------------------------------------------------------------------------------------------


def test_a_firm_sees_an_inspection_once_it_is_finished_and_never_the_forms(bureau: Bureau) -> None:
    check = bureau.begun()
    li = bureau.of("li")
    assert li.get(f"/work/checks/{check}/report.docx").status_code == 404
    assert li.get(f"/work/checks/{check}").status_code == 404
    bureau.finish(check)
    assert li.get(f"/work/checks/{check}/report.docx").status_code == 200
    for path in ("", "/scheme.docx", "/record.docx", "/measures.docx", "/order.docx", "/review.docx", "/agreement"):
        assert li.get(f"/work/inspections/{check}{path}").status_code == 403
    wu = bureau.of("wu")
    for path in (f"/work/checks/{check}", f"/work/checks/{check}/report.docx", f"/work/checks/{check}/report.xlsx"):
        assert wu.get(path).status_code == 404
    for path in ("/work/plans", "/work/plans/new", f"/work/firms/{bureau.firms[0]}/inspect"):
        assert li.get(path).status_code == 403
    assert bureau.begin("li").status_code == 403


def test_an_inspector_of_a_district_keeps_to_it(bureau: Bureau, key_unit: int) -> None:
    check = bureau.begun()
    sun = bureau.of("sun")
    for path in ("", "/scheme.docx", "/record.docx", "/agreement"):
        assert sun.get(f"/work/inspections/{check}{path}").status_code == 404
    assert sun.get(f"/work/firms/{bureau.firms[0]}/inspect").status_code == 404
    assert bureau.begin("sun").status_code == 404
    plan = make_plan(bureau, "zhao")
    assert bureau.system.plans.visits(plan, enterprise_id=key_unit).total == 1
    assert sun.get(f"/work/plans/{plan}").status_code == 404
    assert sun.get(f"/work/plans/{plan}/plan.xlsx").status_code == 404


# --- check codes ------------------------------------------------------------------------------------------------------


def test_a_check_code_tells_who_inspects_and_nothing_private(bureau: Bureau) -> None:
    check = bureau.begun(reason="report", reason_note="张三举报", campaign=HOSTILE, inspector_name=["赵一", HOSTILE])
    code = bureau.system.inspections.get(check).code
    anyone = TestClient(bureau.app, base_url="http://work.test")
    going = anyone.get(f"/work/code/{code}")
    assert going.status_code == 200
    for said in ("轮毂厂", DISTRICT_BUREAU, "赵一", "证1", "举报投诉", "动火作业", "检查进行中"):
        assert said in going.text
    bureau.finish(check, note="私下的备注")
    told = anyone.get(f"/work/code/{code}").text
    assert "检查已办结" in told
    first = bureau.system.inspections.get(check).checklist.items()[0]
    assert first.ask in told
    assert first.basis[0].citation in told
    for hidden in ("张三举报", "私下的备注", "021-5555", "/work/photos", "<script>alert", "<img src=x>"):
        assert hidden not in told


@pytest.mark.parametrize("code", ["x" * 32, "short", "a" * 500, "%00" * 20, "' OR 1=1 --" * 3])
def test_an_unknown_code_gives_one_sentence(bureau: Bureau, code: str) -> None:
    answer = TestClient(bureau.app, base_url="http://work.test").get(f"/work/code/{code}")
    assert answer.status_code == 404
    assert "没有这个检查码" in answer.text


# --- agreement --------------------------------------------------------------------------------------------------------


def test_the_agreement_lays_the_last_self_check_beside_the_inspection(bureau: Bureau, assistant: Assistant) -> None:
    made = bureau.system.inspections.add(bureau.firms[0], "self_check", assistant.checklist(["动火作业"]), "k")
    items = made.checklist.items()
    forms = [AnswerForm(check_id=i.id, result="compliant") for i in items]
    bureau.system.inspections.answer_all(made.id, forms)
    bureau.system.inspections.finish(made.id, made.version)
    check = bureau.begun()
    bureau.finish(check)
    told = bureau.of("zhao").get(f"/work/inspections/{check}/agreement").text
    assert "自查未发现，检查不符合" in told
    assert items[0].ask in told
    assert items[1].ask not in told
    assert f"/work/checks/{made.id}#i-{items[0].id}" in told
    share = 1000 * (len(items) - 1) // len(items) / 10
    assert f"<b>{share}</b>" in told
    assert "自查与检查的衔接" in "".join(words(bureau.of("zhao").get(f"/work/checks/{check}/report.docx")))
