"""罚则 in a real browser: find a check, answer one by one, see picture and grounds, take the worksheet."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e
WAIT = 20_000


def look(page: Page, words: str) -> None:
    page.get_by_role("tab", name="罚则", exact=True).click()
    page.locator("#penalty-words").locator("input, textarea").first.fill(words)
    page.locator("#penalty-find").click()


def begin(page: Page, words: str, choice: str) -> None:
    look(page, words)
    page.locator("#penalty-subject label").filter(has_text=choice).first.click(timeout=WAIT)
    expect(page.locator("#penalty-head h2")).to_be_visible(timeout=WAIT)


def give(page: Page, answer: str) -> None:
    page.locator("#penalty-choice label").filter(has_text=answer).first.click()
    page.locator("#penalty-next").click()
    expect(page.locator("#penalty-answered")).to_contain_text(answer, timeout=WAIT)


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"))


def test_an_inspector_gets_from_a_finding_to_a_worksheet(desktop: Page, tmp_path: Path) -> None:
    begin(desktop, "安全生产法 第三十条第一款", "第三十条第一款")
    ranges = desktop.locator("#penalty-ranges")
    expect(ranges).to_contain_text("《安全生产法》第九十七条")
    expect(ranges.locator("svg .hg-dot").first).to_be_visible()
    expect(desktop.locator("#penalty-asked")).to_contain_text("责令改正以后")
    expect(desktop.locator("#penalty-asked")).to_contain_text("为什么问")
    give(desktop, "期限已过，仍没有改正")
    expect(ranges.locator("tr.hg-off")).to_contain_text("责令改正时")
    desktop.locator("#penalty-grounds-part button").first.click()
    expect(desktop.locator("#penalty-grounds")).to_contain_text("已填写：不符合", timeout=WAIT)
    desktop.locator("#penalty-make").click()
    desktop.locator("#penalty-docx").wait_for(timeout=WAIT)
    with desktop.expect_download() as waiting:
        desktop.locator("#penalty-docx").click()
    waiting.value.save_as(tmp_path / "x.docx")
    told = "".join(c.text for t in Document(str(tmp_path / "x.docx")).tables for r in t.rows for c in r.cells)
    assert "已填：期限已过，仍没有改正" in told


def test_the_last_answer_can_be_taken_back(desktop: Page) -> None:
    begin(desktop, "安全生产法 第三十条第一款", "第三十条第一款")
    give(desktop, "期限已过，仍没有改正")
    desktop.locator("#penalty-back").click()
    expect(desktop.locator("#penalty-asked")).to_contain_text("责令改正以后", timeout=WAIT)
    expect(desktop.locator("#penalty-ranges tr.hg-off")).to_have_count(0)


@pytest.mark.parametrize(
    ("words", "says"), [("", "请先写几个字"), ("zzzz qqqq", "请改用中文"), ("今天天气怎么样", "没有找到")]
)
def test_words_that_find_nothing_get_one_sentence(desktop: Page, words: str, says: str) -> None:
    look(desktop, words)
    expect(desktop.locator("#penalty-problem [role=alert]")).to_contain_text(says, timeout=WAIT)


def test_going_on_without_an_answer_is_told_so(desktop: Page) -> None:
    begin(desktop, "安全生产法 第三十条第一款", "第三十条第一款")
    desktop.locator("#penalty-next").click()
    expect(desktop.locator("#penalty-problem [role=alert]")).to_contain_text("请先选一个答案", timeout=WAIT)


def test_on_a_phone_all_of_it_is_read_without_sliding_sideways(phone: Page, outside: list[str]) -> None:
    begin(phone, "有限空间没有通风检测", "先通风")
    assert fits(phone)
    picture = phone.locator("#penalty-ranges svg.hg-fines").first
    box = picture.bounding_box()
    assert box is not None
    assert 300 <= box["width"] <= 390
    size = picture.evaluate("e => parseFloat(getComputedStyle(e.querySelector('.hg-fine-label')).fontSize)")
    assert size * box["width"] / 380 >= 10
    give(phone, "期限没到")
    for part in ("grounds", "cases", "procedure", "reasons", "credit"):
        phone.locator(f"#penalty-{part}-part button").first.click()
        expect(phone.locator(f"#penalty-{part} article").first).to_be_visible(timeout=WAIT)
        assert fits(phone), part
    assert outside == []


def test_a_link_from_a_finding_opens_its_worksheet(desktop: Page, server: str) -> None:
    desktop.goto(server + "/?check=cs-ventilate-test")
    expect(desktop.locator("#penalty-head h2")).to_be_visible(timeout=WAIT)
    expect(desktop.locator("#penalty-ranges")).to_contain_text("罚款", timeout=WAIT)
