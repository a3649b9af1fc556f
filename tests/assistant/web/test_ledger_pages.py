"""The pages of the hazard ledger and the due dates, without a browser."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import icalendar
import openpyxl
import pytest

from assistant.records import AnswerForm, DueForm, HappeningForm, PlanForm, ProfileForm, VisitForm
from assistant.service import Assistant
from tests.assistant.records.made import small_checklist
from tests.assistant.web.ledger_place import TODAY, Place, day, made_place, photo

PLANT = "铝合金轮毂抛光，打磨除尘，20人，有喷涂和天然气，叉车2台"


@pytest.fixture
def place(assistant: Assistant, tmp_path: Path) -> Iterator[Place]:
    with made_place(assistant, tmp_path) as made:
        yield made


# --- the ledger -------------------------------------------------------------------------------------------------------


def test_the_ledger_lists_by_firm_state_words_and_what_is_late(place: Place) -> None:
    late = place.hazard(description="配电箱没有接地", responsible="李", due=day(-3))
    place.hazard(description="喷漆房没有防爆灯", major=True)
    place.hazard(place.other, description="别家的隐患")
    an = place.person("an")
    told = an.see("/hazards")
    assert "配电箱没有接地" in told
    assert "喷漆房没有防爆灯" in told
    assert "别家的隐患" not in told
    assert "逾期 3 天" in told
    assert "未登记上报" in told
    assert "共 1 条" in an.see("/hazards?late=1")
    assert f"/hazards/{late}" in an.see("/hazards?late=1")
    assert "喷漆房没有防爆灯" in an.see("/hazards?major=1")
    assert "配电箱" not in an.see("/hazards?major=1")
    assert "共 1 条" in an.see("/hazards?q=配电")
    assert "共 0 条" in an.see("/hazards?state=closed")
    assert "别家的隐患" in place.person("officer").see("/hazards?district=金山区")
    an.see("/hazards?state=nonsense", 422)


def test_long_ledgers_are_paged_and_keep_their_filters(place: Place) -> None:
    for n in range(25):
        place.hazard(description=f"第{n}处积尘")
    told = place.person("an").see(f"/hazards?firm={place.firm}&q=积尘")
    assert "第 1 / 2 页，共 25 条" in told
    following = re.search(r'href="(/work/hazards\?[^"]*page=2)"', told)
    assert following
    assert "firm=" in following.group(1)
    assert "%E7%A7%AF" in following.group(1)
    assert place.person("an").see(following.group(1).removeprefix("/work").replace("&amp;", "&")).count('class="line') == 5


def test_a_firm_does_not_reach_another_firms_hazard(place: Place) -> None:
    foreign = place.hazard(place.other)
    an = place.person("an")
    an.see(f"/hazards/{foreign}", 404)
    assert "没有编号" in an.send(f"/hazards/{foreign}/step", to="assigned", responsible="我", due=day(3), version=1)
    an.see(f"/firms/{place.other}/hazards/new", 404)
    an.see(f"/firms/{place.other}/portrait", 404)


def test_a_hazard_goes_from_found_to_closed_with_a_photo(place: Place) -> None:
    an = place.person("an")
    page = an.send(
        f"/firms/{place.firm}/hazards/new",
        files=photo(),
        description="除尘风管积尘",
        major=0,
        basis="安全生产法 第三十六条第一款",
        found_on=TODAY,
    ).removeprefix("/work")
    told = an.see(page)
    assert "《安全生产法》第三十六条第一款" in told
    assert "看原文" in told
    assert "发现时的照片" in told
    assert (
        an.send(f"{page}/step", to="assigned", responsible="李班长", due=day(7), version=an.version(page)) == "/work" + page
    )
    no_photo = {"photo": ("x.jpg", b"not a photo", "image/jpeg")}
    assert "不是照片" in an.send(f"{page}/step", no_photo, to="mended", note="清了", version=an.version(page))
    assert "整改完成</button>" in an.see(page), "nothing was kept of a step whose photo is wrong"
    assert "请写明整改了什么" in an.send(f"{page}/step", to="mended", note="", version=an.version(page))
    an.send(f"{page}/step", photo(), to="mended", note="清灰，加了清扫口", version=an.version(page))
    assert "整改后的照片" in an.see(page)
    assert "退回整改要写明" in an.send(f"{page}/step", to="assigned", note="", version=an.version(page))
    an.send(f"{page}/step", to="assigned", note="拐角还有积尘", version=an.version(page))
    assert "复查不通过，退回整改" in an.see(page)
    an.send(f"{page}/step", to="mended", note="又清了", version=an.version(page))
    an.send(f"{page}/step", to="verified", version=an.version(page))
    an.send(f"{page}/step", to="closed", version=an.version(page))
    told = an.see(page)
    assert "已销号" in told
    assert 'name="to"' not in told
    assert "补照片" not in told


def test_two_people_do_not_take_the_same_step_unseen(place: Place) -> None:
    hazard = place.hazard()
    an = place.person("an")
    an.send(f"/hazards/{hazard}/step", to="assigned", responsible="李", due=day(5), version=1)
    assert "已被别人改过" in an.send(f"/hazards/{hazard}/edit", description="改", version=1)


def test_what_an_inspection_found_is_judged_by_officials(place: Place) -> None:
    hazard = place.official_finding()
    an, officer = place.person("an"), place.person("officer")
    path = f"/hazards/{hazard}"
    an.send(f"{path}/step", to="assigned", responsible="李", due=day(5), version=1)
    an.send(f"{path}/step", to="mended", note="补了作业票", version=an.version(path))
    told = an.see(path)
    assert "等执法人员复查" in told
    assert "复查通过</button>" not in told
    version = officer.version(path)
    assert "由执法人员办理" in an.send(f"{path}/step", to="verified", version=version)
    assert "由执法人员办理" in an.send(f"{path}/edit", description="小事", responsible="李", due=day(5), version=version)
    assert officer.send(f"{path}/step", to="verified", version=version) == f"/work{path}"


def test_a_firm_does_not_see_what_an_inspection_found_before_it_is_finished(place: Place) -> None:
    made = place.system.inspections.add(place.firm, "inspection", small_checklist(), "k")
    hazard = place.hazard(inspection_id=made.id, check_id="t-permit", description="没有作业票")
    an = place.person("an")
    an.see(f"/hazards/{hazard}", 404)
    assert "没有作业票" not in an.see("/hazards")
    assert f'href="/work/checks/{made.id}' in place.person("officer").see(f"/hazards/{hazard}")
    place.system.inspections.finish(made.id, made.version)
    assert "执法检查发现" in an.see(f"/hazards/{hazard}")


def test_the_report_duty_of_a_major_hazard_is_told_from_the_snapshot(place: Place, assistant: Assistant) -> None:
    hazard = place.hazard(major=True)
    an = place.person("an")
    knowledge = assistant.knowledge
    duty = knowledge.find(*knowledge.names.split("安全生产法 第四十一条第二款"))
    told = an.see(f"/hazards/{hazard}")
    assert duty.citation in told
    assert duty.gist
    assert duty.gist in told
    assert "还没有登记上报" in told
    assert "还没有到" in an.send(f"/hazards/{hazard}/report", to="区应急管理局", on=day(1), version=1)
    an.send(f"/hazards/{hazard}/report", to="嘉定区应急管理局", on=TODAY, version=1)
    assert "报给 嘉定区应急管理局" in an.see(f"/hazards/{hazard}")
    plain = place.hazard()
    assert "只有重大事故隐患才登记上报" in an.send(f"/hazards/{plain}/report", to="区局", on=TODAY, version=1)


def test_a_hazard_says_what_not_mending_costs_with_citations(place: Place, assistant: Assistant) -> None:
    check = next(c for c in assistant.knowledge.checks if assistant.penalties(c).rules)
    rule = assistant.penalties(check).rules[0]
    checklist = small_checklist()
    item = next(iter(checklist.items()))
    item.id = check
    made = place.system.inspections.add(place.firm, "self_check", checklist, "k")
    place.system.inspections.answer(made.id, AnswerForm(check_id=check, result="noncompliant"))
    place.system.inspections.finish(made.id, made.version)
    hazard = place.system.hazards.find(place.firm).items[0].id
    told = place.person("an").see(f"/hazards/{hazard}")
    assert "不改会怎样" in told
    assert rule.citation in told
    assert "不改会怎样" not in place.person("an").see(f"/hazards/{place.hazard()}")


def test_a_basis_that_names_no_provision_is_refused(place: Place) -> None:
    an = place.person("an")
    told = an.send(f"/firms/{place.firm}/hazards/new", description="某处", basis="安全生产法 第九百条")
    assert "查不到" in told
    assert place.system.hazards.find(place.firm).total == 0


def test_the_ledger_is_a_workbook(place: Place) -> None:
    place.hazard(description="=1+1", responsible="李", due=day(-1))
    place.hazard(place.other, description="别家的")
    answer = place.person("an").client.get(f"/work/hazards.xlsx?firm={place.firm}")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cells = [str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None]
    assert "=1+1" in cells
    assert "逾期" in cells
    assert "别家的" not in cells
    assert any("测试轮毂厂" in c for c in cells)
    whole = place.person("officer").client.get("/work/hazards.xlsx")
    cells = [str(c.value) for row in openpyxl.load_workbook(io.BytesIO(whole.content)).active.iter_rows() for c in row]
    assert "别家化工厂：别家的" in cells


# --- due dates --------------------------------------------------------------------------------------------------------


def test_due_dates_stand_by_what_presses(place: Place) -> None:
    for title, at in (("防雷检测", -2), ("演练", 20), ("评价", 200)):
        place.system.due.add(place.firm, DueForm(title=title, due=day(at)))
    an = place.person("an")
    told = an.see("/due")
    assert told.index("已过期 <small>") < told.index("30天以内 <small>") < told.index("30天以后 <small>")
    assert "过期 2 天" in told
    assert "还有 20 天" in told
    assert "评价" not in re.sub(r"(?s)<section class=\"card\" id=\"offered\".*", "", an.see("/due?when=soon"))
    assert "测试轮毂厂" in place.person("officer").see("/due")
    assert "防雷检测" not in place.person("jinshan").see("/due")


def test_a_duty_that_fits_is_added_with_one_tap_and_reckoned_from_when_it_was_done(place: Place) -> None:
    place.system.enterprises.add_profile(place.firm, ProfileForm(text=PLANT), 20)
    an = place.person("an")
    told = an.see(f"/due?firm={place.firm}")
    assert 'data-kind="dust-check"' in told
    assert "GB 15577-2018 4.3" in told
    assert 'data-kind="licence-production"' not in told
    an.send(f"/firms/{place.firm}/due/suggested", kind="dust-check", last=day(-10))
    an.send(f"/firms/{place.firm}/due/suggested", kind="drill-plan")
    kept = {d.kind: d for d in place.system.due.find(place.firm).items}
    assert kept["dust-check"].every_months == 3
    assert kept["dust-check"].basis == "GB 15577-2018 4.3"
    assert kept["dust-check"].due == datetime.date(2027, 2, 12)
    assert kept["drill-plan"].due == TODAY
    assert "查到证书或者记录后" in kept["drill-plan"].note
    told = an.see(f"/due?firm={place.firm}")
    assert 'data-kind="dust-check"' not in told
    assert "已经在列表里" in an.send(f"/firms/{place.firm}/due/suggested", kind="dust-check")
    assert "没有这项" in an.send(f"/firms/{place.firm}/due/suggested", kind="nonsense")


def test_a_licence_is_due_when_its_renewal_must_be_asked_for(place: Place) -> None:
    an = place.person("an")
    an.send(f"/firms/{place.firm}/due/suggested", kind="licence-trade", until=datetime.date(2027, 12, 31))
    kept = place.system.due.find(place.firm).items[0]
    assert kept.due == datetime.date(2027, 9, 30)
    assert kept.every_months == 33
    assert "有效到 2027-12-31" in kept.note


def test_done_brings_the_next_day_and_stopping_needs_a_reason(place: Place) -> None:
    an = place.person("an")
    an.send(f"/firms/{place.firm}/due/new", title="叉车检验", due=day(5), every_months=12)
    item = place.system.due.find(place.firm).items[0]
    path = f"/due/{item.id}"
    assert "还没有到" in an.send(f"{path}/done", on=day(2), version=item.version)
    an.send(f"{path}/done", on=TODAY, version=item.version)
    assert place.system.due.get(item.id).due == datetime.date(2027, 11, 23)
    an.send(f"{path}/done", on=TODAY, next=datetime.date(2028, 1, 5), version=an.version(path))
    assert place.system.due.get(item.id).due == datetime.date(2028, 1, 5)
    assert "理由不能为空" in an.send(f"{path}/stop", note="", version=an.version(path))
    an.send(f"{path}/stop", note="叉车卖了", version=an.version(path))
    assert "叉车检验" not in an.see(f"/due?firm={place.firm}")
    assert "叉车检验" in an.see(f"/due?firm={place.firm}&when=ended")


def test_a_duty_of_fifteen_days_comes_again_after_fifteen_days(place: Place) -> None:
    an = place.person("an")
    an.send(f"/firms/{place.firm}/due/suggested", kind="lift-maintenance", last=TODAY)
    item = place.system.due.find(place.firm).items[0]
    an.send(f"/due/{item.id}/done", on=TODAY, version=item.version)
    again = place.system.due.find(place.firm).items
    assert [(d.kind, d.due) for d in again] == [("lift-maintenance", day(15))]


def test_everything_dated_is_in_the_calendar_and_a_firm_is_not_told_of_planned_inspections(place: Place) -> None:
    place.system.due.add(place.firm, DueForm(title="防雷检测", due=day(9), basis="《消防法》第十六条"))
    place.hazard(responsible="李", due=day(3))
    form = PlanForm(year=2026, title="年度计划", authority="区应急管理局")
    place.system.plans.add(form, [VisitForm(enterprise_id=place.firm, month=12, reasons=["D级"])])

    def days(login: str) -> dict[str, datetime.date]:
        answer = place.person(login).client.get(f"/work/due.ics?firm={place.firm}")
        assert answer.headers["content-type"].startswith("text/calendar")
        events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
        return {str(e["SUMMARY"]): e.decoded("DTSTART") for e in events}

    seen = days("an")
    assert seen == {"防雷检测：截止": day(9), "隐患整改：除尘器没有设泄爆装置：截止": day(3)}
    assert datetime.date(2026, 12, 31) in days("officer").values()
    assert "防雷检测" in place.person("an").see("/due/print")


def test_officials_see_due_dates_but_do_not_keep_them(place: Place) -> None:
    item = place.system.due.add(place.firm, DueForm(title="防雷检测", due=day(9)))
    officer = place.person("officer")
    assert "登记完成" not in officer.see(f"/due/{item.id}")
    assert "你的账号不能" in officer.send(f"/due/{item.id}/done", on=TODAY, version=item.version)


# --- all of them ---


@pytest.mark.parametrize(
    "path", ["/hazards", "/due", "/board", "/due/print", "/hazards?late=1", "/due?when=ended", "/due?when=later"]
)
def test_every_list_shows_when_there_is_nothing(place: Place, path: str) -> None:
    assert "<h1>" in place.person("officer").see(path)


def test_words_that_look_like_code_stay_words(place: Place) -> None:
    bad = "<script>alert(1)</script>"
    hazard = place.hazard(description=bad, responsible=bad, due=day(1))
    item = place.system.due.add(place.firm, DueForm(title=bad, due=day(1), note=bad))
    place.system.happenings.add(place.firm, HappeningForm(kind="penalty", on=TODAY, note=bad))
    an = place.person("an")
    for path in ("/hazards", f"/hazards/{hazard}", "/due", f"/due/{item.id}", "/due/print", f"/firms/{place.firm}/portrait"):
        assert bad not in an.see(path)
        assert "&lt;script&gt;" in an.see(path)
    assert bad not in an.see("/hazards?q=" + bad)


def test_the_links_of_the_other_pages_lead_here(place: Place) -> None:
    place.hazard(major=True)
    an = place.person("an")
    told = an.see(f"/firms/{place.firm}")
    mine: Callable[[str], bool] = lambda a: re.search(r"/(hazards|due|portrait|trend)", a) is not None  # noqa: E731
    links = {a.replace("&amp;", "&") for a in re.findall(r'href="/work([^"]+)"', told) if mine(a)}
    assert len(links) >= 6
    for link in links:
        an.see(link)
