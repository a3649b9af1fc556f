"""Journey 3 in a real browser: firm, scheme, approval, check on a phone, documents, check code, agreement; and a plan."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser, Page, expect

from assistant.records import AnswerForm, EnterpriseForm, RecordStore, UserForm, Viewer
from assistant.service import Assistant
from tests.e2e.conftest import PHONE, WIDE, Office
from tests.e2e.test_self_check import PASSWORD, WAIT, context, fits, photo, sign_in, tap

pytestmark = pytest.mark.e2e
BUREAU = "上海市嘉定区应急管理局"
SCENE = "动火作业"


def people(office: Office) -> int:
    """An inspector, a reviewer and a firm of their district with a finished self-check."""
    store = RecordStore.in_folder(office.data)
    system, hasher = store.desk(Viewer.of_system("系统")), store.doorkeeper.hasher
    store.doorkeeper.first(UserForm(login="guan", name="管理", roles=["administrator"]), PASSWORD)
    told = {"district": "嘉定区", "address": "嘉定区某某路100号", "key_unit": True, "industry": "金属制品业"}
    firm = system.enterprises.add(EnterpriseForm(name="测试轮毂厂", **told)).id  # type: ignore[arg-type]
    for login, name, role in (("zhao", "赵一", "inspector"), ("qian", "钱二", "reviewer")):
        form = UserForm(login=login, name=name, roles=[role], district="嘉定区", certificate=f"证{login}")
        system.accounts.add(form, PASSWORD, hasher)
    made = system.inspections.add(firm, "self_check", Assistant(office.data).checklist([SCENE]), "k")
    forms = [AnswerForm(check_id=i.id, result="compliant") for i in made.checklist.items()]
    system.inspections.answer_all(made.id, forms)
    system.inspections.finish(made.id, made.version)
    store.close()
    return firm


def someone(browser: Browser, office: Office, login: str, kind: dict) -> Page:
    page = context(browser, kind).new_page()
    sign_in(page, office, login)
    page.on("dialog", lambda d: d.accept())
    return page


def words(page: Page, name: str) -> str:
    with page.expect_download() as told:
        page.get_by_role("link", name=name, exact=True).click()
    assert told.value.suggested_filename.startswith(name)
    document = Document(io.BytesIO(Path(told.value.path()).read_bytes()))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_an_inspection_from_the_firm_to_the_agreement(browser: Browser, office: Office, tmp_path: Path) -> None:
    firm = people(office)
    desk, phone = someone(browser, office, "zhao", WIDE), someone(browser, office, "zhao", PHONE)
    phone.goto(f"{office.address}/work/firms/{firm}/inspect")
    assert fits(phone)
    desk.goto(f"{office.address}/work/firms/{firm}")
    desk.get_by_role("link", name="执法检查", exact=True).click()
    desk.get_by_label("检查机关").fill(BUREAU)
    desk.get_by_label("执法人员2姓名").fill("钱二")
    desk.get_by_label("执法人员2执法证号").fill("证qian")
    desk.get_by_label("检查时间（起）").fill("2026-11-27T09:00")
    desk.locator("label.chip", has_text=SCENE).first.click()
    desk.locator("#begin").click()
    desk.wait_for_url(re.compile(r"/work/inspections/\d+$"), timeout=WAIT)
    address = desk.url
    reviewer = someone(browser, office, "qian", WIDE)
    reviewer.goto(address)
    reviewer.locator("#approve button").click()
    expect(reviewer.locator(".steps")).to_contain_text("批准　钱二", timeout=WAIT)
    desk.reload()
    assert "赵一（证件号码：证zhao）" in words(desk, "现场检查方案")

    phone.goto(address)
    assert fits(phone)
    phone.locator("#fill").click()
    phone.locator("#check").wait_for()
    tap(phone, 0, "不符合")
    first = phone.locator(".item").first
    first.locator("textarea").fill("动火点旁堆有<b>纸箱</b>")
    first.locator("input[type=file]").set_input_files(photo(tmp_path / "现场.jpg"))
    expect(first.locator("figure")).to_have_count(1, timeout=WAIT)
    expect(first.locator(".state")).to_contain_text("已保存", timeout=WAIT)
    tap(phone, 1, "符合")
    expect(phone.locator(".item").nth(1).locator(".state")).to_contain_text("已保存", timeout=WAIT)
    phone.get_by_label("未查的项留空办结").check()
    phone.locator("#finish button").click()
    phone.locator(".score").wait_for()

    desk.goto(address)
    desk.get_by_label("企业陪同人员").fill("李四")
    desk.get_by_label("责令整改的期限").fill("2099-12-20")
    desk.locator("#site button").click()
    expect(desk.get_by_label("企业陪同人员")).to_have_value("李四", timeout=WAIT)
    desk.wait_for_url(re.compile("saved"), timeout=WAIT)
    assert "动火点旁堆有<b>纸箱</b>" in words(desk, "现场检查记录")
    assert "2099年12月20日" in words(desk, "责令限期整改指令书")
    code = desk.locator("#code").get_attribute("href")
    assert code
    assert desk.locator(".qr svg").is_visible()
    anyone = context(browser, PHONE).new_page()
    anyone.goto(code)
    expect(anyone.locator("main")).to_contain_text("检查已办结")
    expect(anyone.locator("main")).to_contain_text("证件号码：证zhao")
    expect(anyone.locator("main")).not_to_contain_text("纸箱")
    assert fits(anyone)
    for page in (desk, phone):
        page.goto(address)
        page.get_by_role("link", name="与企业自查对照").click()
        expect(page.locator(".pairline")).to_have_count(1, timeout=WAIT)
        expect(page.locator(".pairline")).to_contain_text("自查未发现，检查不符合")
        assert fits(page)
    desk.get_by_role("link", name="不符合", exact=True).click()
    expect(desk.locator(".item").first).to_have_attribute("data-result", "noncompliant", timeout=WAIT)


def test_a_plan_from_the_preview_to_its_first_inspection(browser: Browser, office: Office) -> None:
    people(office)
    desk, phone = someone(browser, office, "zhao", WIDE), someone(browser, office, "zhao", PHONE)
    desk.goto(f"{office.address}/work/plans")
    desk.get_by_role("link", name="编制计划").click()
    desk.get_by_label("年度").fill("2027")
    desk.get_by_label("从几月开始排").fill("1")
    desk.get_by_label("检查机关").fill(BUREAU)
    desk.locator("#reckon").click()
    expect(desk.locator("#preview .visit")).to_contain_text("测试轮毂厂", timeout=WAIT)
    phone.goto(desk.url)
    assert fits(phone)
    desk.get_by_role("button", name="保存为草案").click()
    desk.wait_for_url(re.compile(r"/work/plans/\d+$"), timeout=WAIT)
    expect(desk.get_by_role("link", name="开始检查")).to_have_count(0)
    reviewer = someone(browser, office, "qian", WIDE)
    reviewer.goto(desk.url)
    reviewer.locator("#approve button").click()
    expect(reviewer.locator(".head")).to_contain_text("已批准", timeout=WAIT)
    phone.goto(desk.url)
    assert fits(phone)
    with phone.expect_download() as told:
        phone.get_by_role("link", name="下载 Excel").click()
    assert told.value.suggested_filename.endswith(".xlsx")
    phone.get_by_role("link", name="开始检查").click()
    expect(phone.get_by_label("检查机关")).to_have_value(BUREAU, timeout=WAIT)
    phone.locator("label.chip", has_text=SCENE).first.tap()
    phone.locator("#begin").tap()
    phone.wait_for_url(re.compile(r"/work/inspections/\d+$"), timeout=WAIT)
    phone.goto(desk.url)
    expect(phone.locator(".visit")).to_contain_text("检查中", timeout=WAIT)
