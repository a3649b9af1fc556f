"""The journeys in a real browser: ask, make and print a checklist, find cases, browse the graph; wide screen and phone."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e
WAIT = 30_000


def ask(page: Page, question: str) -> None:
    page.locator("#ask-question textarea").fill(question)
    page.locator("#ask-button").click()


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"))


def test_a_worker_sent_into_a_sewage_pit_finds_the_rule_the_checks_and_a_fatal_case(desktop: Page) -> None:
    ask(desktop, "员工进污水池清淤要办什么手续")
    grounds = desktop.locator("#ask-grounds")
    expect(grounds).to_contain_text("有限空间规定", timeout=WAIT)
    expect(grounds.locator("article").first).to_contain_text("为什么")
    desktop.get_by_role("tab", name="该查什么").click()
    expect(desktop.locator("#ask-checks")).to_contain_text("依据", timeout=WAIT)
    desktop.get_by_role("tab", name="类似案例").click()
    expect(desktop.locator("#ask-cases")).to_contain_text("死亡", timeout=WAIT)


def test_a_cited_article_is_shown_with_its_official_text(desktop: Page) -> None:
    ask(desktop, "安生法第30条")
    card = desktop.locator("#ask-grounds article").first
    expect(card).to_contain_text("《安全生产法》第三十条", timeout=WAIT)
    card.locator("summary", has_text="看原文").first.click()
    expect(card).to_contain_text("特种作业人员必须按照国家有关规定经专门的安全作业培训")


@pytest.mark.parametrize(
    ("question", "says"), [("", "问题是空的"), ("😀😀", "没有可检索的文字"), ("what is the rule", "中文")]
)
def test_a_question_that_cannot_be_searched_gets_one_sentence(desktop: Page, question: str, says: str) -> None:
    ask(desktop, question)
    expect(desktop.locator("#ask-grounds [role=alert]")).to_contain_text(says, timeout=WAIT)


def test_script_in_a_question_is_shown_as_text(desktop: Page) -> None:
    desktop.on("dialog", lambda dialog: pytest.fail("a script ran"))
    ask(desktop, "<img src=x onerror=alert(1)>动火作业要不要审批<script>alert(2)</script>")
    expect(desktop.locator("#ask-grounds article").first).to_be_visible(timeout=WAIT)
    assert desktop.locator("#ask-grounds img").count() == 0


def make_list(page: Page) -> None:
    page.get_by_role("tab", name="生成清单").click()
    page.locator("#list-profile textarea").fill("铝合金轮毂抛光，打磨除尘，20人，有喷涂和天然气")
    expect(page.locator("#list-facts")).to_contain_text("抛光", timeout=WAIT)
    page.locator("#list-button").click()
    expect(page.locator("#list-view")).to_contain_text("粉尘涉爆除尘", timeout=WAIT)


def test_a_polishing_shop_gets_a_checklist_with_reasons_to_print(desktop: Page, tmp_path: Path) -> None:
    make_list(desktop)
    expect(desktop.locator("#list-view")).to_contain_text("粉尘涉爆企业")
    for button, suffix in (("#list-docx", ".docx"), ("#list-xlsx", ".xlsx")):
        with desktop.expect_download() as waiting:
            desktop.locator(button).click()
        path = tmp_path / f"list{suffix}"
        waiting.value.save_as(path)
        assert zipfile.is_zipfile(path)
        assert waiting.value.suggested_filename.endswith(suffix)
    words = "".join(c.text for t in Document(str(tmp_path / "list.docx")).tables for r in t.rows for c in r.cells)
    assert "粉尘" in words
    assert "第九十九条" in words or "第一百零二条" in words
    sheet = load_workbook(tmp_path / "list.xlsx").worksheets[0]
    assert sheet.max_row > 20


def test_a_fact_that_was_recognized_wrongly_can_be_taken_back(desktop: Page) -> None:
    make_list(desktop)
    before = desktop.locator("#list-view h2 + p").inner_text()
    desktop.locator("#list-facts label", has_text="抛光").first.click()
    for word in ("打磨", "除尘", "铝"):
        for label in desktop.locator("#list-facts label", has_text=word).all():
            if label.locator("input").is_checked():
                label.click()
    desktop.locator("#list-button").click()
    expect(desktop.locator("#list-view h2 + p")).not_to_have_text(before, timeout=WAIT)


def test_a_scene_is_found_by_typing_and_gets_its_list(desktop: Page) -> None:
    desktop.get_by_role("tab", name="生成清单").click()
    box = desktop.locator("#list-scenes input")
    box.click()
    box.press_sequentially("叉车")
    desktop.get_by_role("option", name="叉车与厂内运输").click()
    desktop.locator("#list-button").click()
    expect(desktop.locator("#list-view h2")).to_contain_text("叉车与厂内运输", timeout=WAIT)


def test_a_checklist_without_scene_or_profile_asks_for_one(desktop: Page) -> None:
    desktop.get_by_role("tab", name="生成清单").click()
    desktop.locator("#list-button").click()
    expect(desktop.locator("#list-view [role=alert]")).to_contain_text("场景", timeout=WAIT)


def test_a_trainer_finds_similar_cases_and_what_they_share(desktop: Page) -> None:
    desktop.get_by_role("tab", name="类案").click()
    desktop.locator("#cases-situation textarea").fill("没有检测气体就下污水池，两个人先后倒下")
    desktop.locator("#cases-button").click()
    cards = desktop.locator("#cases-cards")
    expect(cards).to_contain_text("教训", timeout=WAIT)
    expect(cards).to_contain_text("来源")
    expect(desktop.locator("#cases-common")).to_contain_text("都涉及")


def test_a_provision_and_its_neighbors_are_shown_as_a_picture(desktop: Page) -> None:
    desktop.get_by_role("tab", name="图谱与资料").click()
    box = desktop.locator("#library-locate textarea, #library-locate input").first
    box.fill("安全生产法第30条第一款")
    box.press("Enter")
    expect(desktop.locator("#library-card")).to_contain_text("《安全生产法》第三十条第一款", timeout=WAIT)
    picture = desktop.locator("#library-picture svg")
    expect(picture).to_contain_text("第九十七条第（七）项")


def compute(page: Page, substances: str, exposed: str) -> None:
    page.get_by_role("tab", name="重大危险源").click()
    page.locator("#hazard-substances textarea").fill(substances)
    page.locator("#hazard-exposed input").fill(exposed)
    page.locator("#hazard-button").click()


def test_an_ammonia_store_is_graded_with_the_source_of_each_number(desktop: Page) -> None:
    compute(desktop, "液氨=12", "60")
    result = desktop.locator("#hazard-result")
    expect(result).to_contain_text("四级重大危险源", timeout=WAIT)
    for place in ("GB 18218-2018 表1", "GB 18218-2018 表3", "GB 18218-2018 表5", "GB 18218-2018 表6"):
        expect(result).to_contain_text(place)


def test_an_unknown_substance_is_refused_with_near_names(desktop: Page) -> None:
    compute(desktop, "液桉=12", "0")
    expect(desktop.locator("#hazard-result [role=alert]")).to_contain_text("液氨", timeout=WAIT)


def test_a_unit_can_be_graded_on_a_phone(phone: Page) -> None:
    compute(phone, "液氯=4吨\n氟化氢=800kg", "150")
    expect(phone.locator("#hazard-result")).to_contain_text("重大危险源", timeout=WAIT)
    assert fits(phone)


def test_the_coverage_table_shows_every_scene(desktop: Page) -> None:
    desktop.get_by_role("tab", name="图谱与资料").click()
    desktop.get_by_role("tab", name="覆盖表").click()
    table = desktop.locator("#library-coverage table")
    expect(table).to_contain_text("动火作业", timeout=WAIT)
    assert table.locator("tr").count() >= 25
    assert fits(desktop)


def test_the_page_fits_a_phone_and_answers_there(phone: Page) -> None:
    ask(phone, "焊工证过期了还在干活，我们要罚多少")
    expect(phone.locator("#ask-grounds")).to_contain_text("第九十七条", timeout=WAIT)
    assert fits(phone)


def test_a_checklist_can_be_made_on_a_phone(phone: Page) -> None:
    phone.get_by_role("tab", name="生成清单").click()
    phone.locator("#list-profile textarea").fill("铝合金轮毂抛光，打磨除尘，20人")
    phone.locator("#list-button").click()
    expect(phone.locator("#list-view")).to_contain_text("粉尘涉爆除尘", timeout=WAIT)
    assert fits(phone)


def test_no_request_leaves_the_machine(desktop: Page, outside: list[str]) -> None:
    ask(desktop, "动火作业要不要审批")
    expect(desktop.locator("#ask-grounds article").first).to_be_visible(timeout=WAIT)
    for name in ("生成清单", "类案", "重大危险源", "图谱与资料"):
        desktop.get_by_role("tab", name=name).click()
        desktop.wait_for_timeout(300)
    assert outside == []
