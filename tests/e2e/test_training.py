"""A trainer's journey in a real browser: make a pack, take its files, answer the quiz, walk through the site."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Page, expect
from pptx import Presentation

pytestmark = pytest.mark.e2e
WAIT = 60_000


def make(page: Page, topic: str, audience: str) -> None:
    page.get_by_role("tab", name="培训", exact=True).click()
    page.locator("#train-topic textarea").fill(topic)
    page.locator("#train-audience textarea").fill(audience)
    page.locator("#train-button").click()


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"))


def download(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download(timeout=WAIT) as found:
        page.locator(button).click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    assert zipfile.is_zipfile(path)
    return path


def take_the_quiz(page: Page) -> None:
    """Answer the first two questions and hand in."""
    page.get_by_role("tab", name="做测验").click()
    expect(page.locator("#train-stem")).to_contain_text("第 1 / 10 题")
    for number in (1, 2):
        expect(page.locator("#train-stem")).to_contain_text(f"第 {number} / 10 题", timeout=WAIT)
        page.locator("#train-one input:visible, #train-several input:visible").first.click()
        page.locator("#train-next").click()
    expect(page.locator("#train-stem")).to_contain_text("已答 2 题", timeout=WAIT)
    page.locator("#train-back").click()
    expect(page.locator("#train-stem")).to_contain_text("第 2 / 10 题", timeout=WAIT)
    page.locator("#train-done").click()
    marks = page.locator("#train-marks")
    expect(marks.locator("h3")).to_contain_text("共 10 题", timeout=WAIT)
    expect(marks.locator("h3")).to_contain_text("8 题没有作答")
    expect(marks.locator("article")).to_have_count(10)
    for article in marks.locator("article").all():
        expect(article).to_contain_text("正确答案")
        expect(article).to_contain_text("依据：")


def inspect_the_site(page: Page) -> None:
    """Mark the first two observations and hand in."""
    page.get_by_role("tab", name="模拟检查").click()
    expect(page.locator("#train-site")).to_contain_text("没有写到的视为没有做到")
    boxes = page.locator("#train-ticked input")
    count = boxes.count()
    assert count >= 4
    for number in (0, 1):
        boxes.nth(number).click()
    page.locator("#train-judge").click()
    verdict = page.locator("#train-verdict")
    expect(verdict.locator("h3")).to_contain_text("处隐患找对", timeout=WAIT)
    expect(verdict.locator("article")).to_have_count(count)
    first = verdict.locator("article").first
    assert first.locator(".hg-badge").first.inner_text() in ("找对", "误判")
    expect(first).to_contain_text("依据")


def test_a_trainer_makes_a_pack_takes_its_files_and_tries_it(desktop: Page, outside: list[str], tmp_path: Path) -> None:
    make(desktop, "粉尘涉爆", "班组长")
    view = desktop.locator("#train-view")
    expect(view).to_contain_text("学习目标", timeout=WAIT)
    expect(view.locator(".hg-case")).to_have_count(5)
    expect(view.locator(".hg-tree").first).to_contain_text("直接原因")
    expect(view.locator(".hg-time").first).to_contain_text("后果")
    lesson = Document(str(download(desktop, "#train-docx", tmp_path)))
    assert "“粉尘涉爆”安全培训教案" in [p.text for p in lesson.paragraphs]
    slides = Presentation(str(download(desktop, "#train-pptx", tmp_path)))
    assert "“粉尘涉爆”安全培训" in slides.slides[0].shapes.title.text_frame.text
    paper = "\n".join(p.text for p in Document(str(download(desktop, "#train-quiz", tmp_path))).paragraphs)
    keyed = "\n".join(p.text for p in Document(str(download(desktop, "#train-keys", tmp_path))).paragraphs)
    assert "答案：" not in paper
    assert "答案：" in keyed
    take_the_quiz(desktop)
    inspect_the_site(desktop)
    assert fits(desktop)
    assert outside == []


def test_a_trainee_answers_and_inspects_on_a_phone(phone: Page, tmp_path: Path) -> None:
    make(phone, "叉车", "叉车司机")
    expect(phone.locator("#train-view")).to_contain_text("学习目标", timeout=WAIT)
    assert fits(phone)
    download(phone, "#train-docx", tmp_path)
    take_the_quiz(phone)
    assert fits(phone)
    inspect_the_site(phone)
    assert fits(phone)


def test_a_topic_that_cannot_be_taught_gets_one_sentence(desktop: Page) -> None:
    make(desktop, "？？", "")
    expect(desktop.locator("#train-said [role=alert]")).to_be_visible(timeout=WAIT)
    expect(desktop.locator("#train-docx")).to_be_hidden()
