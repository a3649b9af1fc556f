"""Takes the pictures in docs/pictures from the running program: ``uv run python -m bench.pictures [FOLDER]``."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from bench import work_pictures
from bench.speed import free_port

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def ask(page: Page) -> None:
    """A question answered."""
    page.locator("#ask-question textarea").fill("员工进污水池清淤要办什么手续")
    page.locator("#ask-button").click()
    page.locator("#ask-grounds article").first.wait_for()


def checklist(page: Page) -> None:
    """A checklist from a profile."""
    page.get_by_role("tab", name="生成清单").click()
    page.locator("#list-profile textarea").fill("铝合金轮毂抛光，打磨除尘，20人，有喷涂和天然气")
    page.locator("#list-facts label").first.wait_for()
    page.locator("#list-button").click()
    page.locator("#list-view article").first.wait_for()
    page.locator("#list-button").evaluate("button => button.scrollIntoView()")


def cases(page: Page) -> None:
    """Similar cases."""
    page.get_by_role("tab", name="类案").click()
    page.locator("#cases-situation textarea").fill("没有检测气体就下污水池，两个人先后倒下")
    page.locator("#cases-button").click()
    page.locator("#cases-cards article").first.wait_for()


def hazard(page: Page) -> None:
    """A unit graded."""
    page.get_by_role("tab", name="重大危险源").click()
    page.locator("#hazard-substances textarea").fill("液氨=12\n甲醇=300@W5.3\n乙酸丁酯=800@W5.4")
    page.locator("#hazard-exposed input").fill("60")
    page.locator("#hazard-button").click()
    page.locator("#hazard-result article").wait_for()


def graph(page: Page) -> None:
    """A provision's neighbors."""
    page.get_by_role("tab", name="图谱与资料").click()
    box = page.locator("#library-locate textarea, #library-locate input").first
    box.fill("安全生产法第30条第一款")
    box.press("Enter")
    page.locator("#library-picture svg", has_text="第三十条第一款").wait_for()


def lesson(page: Page) -> None:
    """A lesson pack."""
    page.get_by_role("tab", name="培训", exact=True).click()
    page.locator("#train-topic textarea").fill("粉尘涉爆")
    page.locator("#train-audience textarea").fill("班组长")
    page.locator("#train-button").click()
    page.locator("#train-view .hg-card").first.wait_for()


def penalty(page: Page) -> None:
    """What a gap costs."""
    page.get_by_role("tab", name="罚则", exact=True).click()
    page.locator("#penalty-words textarea, #penalty-words input").first.fill("安全生产法 第三十条第一款")
    page.locator("#penalty-find").click()
    page.locator("#penalty-subject label").filter(has_text="第三十条第一款").first.click()
    page.locator("#penalty-ranges svg").first.wait_for()
    page.locator("#penalty-ranges svg").first.scroll_into_view_if_needed()


SCENES = {f.__name__: f for f in (ask, checklist, cases, hazard, graph, lesson, penalty)}


def take(address: str, folder: Path, code: str) -> None:
    """One picture a scene and width, then those of the working pages."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--lang=zh-CN"]
        )
        for suffix, size in (("", WIDE), ("-phone", PHONE)):
            for name, scene in SCENES.items():
                context = browser.new_context(viewport=size, locale="zh-CN", is_mobile=bool(suffix))  # type: ignore[arg-type]
                page = context.new_page()
                page.goto(address)
                page.get_by_role("tab", name="问法规").wait_for()
                page.wait_for_timeout(500)
                scene(page)
                page.wait_for_timeout(600)
                page.screenshot(path=folder / f"{name}{suffix}.png")
                context.close()
        work_pictures.take(browser, work_pictures.Place(address, code), folder)
        browser.close()


def main() -> None:
    """Serve, take the pictures, stop."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        port = free_port()
        command = [sys.executable, "-m", "assistant.cli", "serve", "--no-open", "--port", str(port), "--data", data]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(600):
                try:
                    if httpx.get(address + "/api/stats", timeout=10).status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.2)
            take(address, folder, (Path(data) / "setup-code").read_text(encoding="utf-8").strip())
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    main()
