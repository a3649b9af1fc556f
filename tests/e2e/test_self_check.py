"""Journey 2 in a real browser: first set-up, a profile in plain words, a checklist filled in on a phone, what follows."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import PHONE, WIDE, Office

pytestmark = pytest.mark.e2e
WAIT = 30_000
PLANT = "铝合金轮毂抛光，打磨除尘，20人，有喷涂和天然气"
PASSWORD = "一个好记的密码2026"


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"))


def photo(path: Path, size: tuple[int, int] = (1600, 1200)) -> Path:
    held = io.BytesIO()
    Image.new("RGB", size, "#a33").save(held, "JPEG")
    path.write_bytes(held.getvalue())
    return path


def set_up(page: Page, office: Office, firm: str = "测试轮毂厂") -> None:
    """Make the first account and the firm, or sign in where another test has made them."""
    if not (office.data / "setup-code").exists():
        sign_in(page, office)
        return
    page.goto(office.address + f"/work/setup?code={office.setup_code}")
    page.get_by_label("企业名称").fill(firm)
    page.get_by_label("姓名").fill("王安全")
    page.get_by_label("登录名").fill("wang")
    page.get_by_label("密码", exact=False).first.fill(PASSWORD)
    page.get_by_label("再输入一次密码").fill(PASSWORD)
    page.get_by_role("button", name="建立并登录").click()
    page.get_by_role("heading", name=firm).wait_for()


def sign_in(page: Page, office: Office, login: str = "wang") -> None:
    page.goto(office.address + "/work/login")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)


def begin(page: Page) -> None:
    page.locator("#start-check").click()
    page.locator("#profile-text, #begin").first.wait_for()
    if page.locator("#profile-text").count():
        page.locator("#profile-text").fill(PLANT)
        expect(page.locator("#facts")).to_contain_text("抛光", timeout=WAIT)
        page.locator("#profile-save").click()
    page.locator("#begin").click()
    page.locator("#check").wait_for()


def tap(page: Page, item: int, label: str) -> None:
    page.locator(".item").nth(item).locator(".choices").get_by_text(label, exact=True).click()


def context(browser: Browser, kind: dict) -> BrowserContext:
    return browser.new_context(**kind, locale="zh-CN", accept_downloads=True)


def test_a_phone_fills_in_a_checklist_and_nothing_is_lost_when_it_is_closed(
    browser: Browser, busy_office: Office, tmp_path: Path
) -> None:
    desk = context(browser, WIDE).new_page()
    set_up(desk, busy_office)
    begin(desk)
    address = desk.url
    phone = context(browser, PHONE).new_page()
    sign_in(phone, busy_office)
    phone.goto(address)
    assert fits(phone)
    tap(phone, 0, "符合")
    tap(phone, 1, "不符合")
    second = phone.locator(".item").nth(1)
    second.locator("textarea").fill("除尘器没有泄爆口")
    second.locator("[name=responsible]").fill("李班长")
    second.locator("[name=due]").fill("2026-12-31")
    second.locator("[name=due]").blur()
    second.locator("input[type=file]").set_input_files(photo(tmp_path / "现场.jpg"))
    expect(second.locator("figure")).to_have_count(1, timeout=WAIT)
    tap(phone, 2, "不适用")
    third = phone.locator(".item").nth(2)
    expect(third.locator(".state")).to_contain_text("写明不适用的理由")
    third.locator("textarea").fill("本厂没有这类设备")
    expect(third.locator(".state")).to_contain_text("已保存", timeout=WAIT)
    expect(second.locator(".state")).to_contain_text("已保存", timeout=WAIT)
    phone.close()
    again = context(browser, PHONE).new_page()
    sign_in(again, busy_office)
    again.goto(address)
    expect(again.locator(".item").nth(1).locator("textarea")).to_have_value("除尘器没有泄爆口")
    expect(again.locator(".item").nth(1).locator("[name=due]")).to_have_value("2026-12-31")
    expect(again.locator(".item").nth(2)).to_have_attribute("data-result", "not_applicable")
    expect(again.locator("#progress")).to_contain_text("已查 3 /")


def test_two_people_at_one_checklist_do_not_overwrite_each_other(browser: Browser, busy_office: Office) -> None:
    first = context(browser, WIDE).new_page()
    set_up(first, busy_office)
    begin(first)
    second = context(browser, WIDE).new_page()
    sign_in(second, busy_office)
    second.goto(first.url)
    tap(first, 0, "符合")
    expect(first.locator(".item").first.locator(".state")).to_contain_text("已保存", timeout=WAIT)
    tap(second, 0, "不符合")
    told = second.locator(".item").first.locator(".error")
    expect(told).to_contain_text("还没有保存", timeout=WAIT)
    told.get_by_role("button", name="用我的").click()
    expect(second.locator(".item").first.locator(".state")).to_contain_text("已保存", timeout=WAIT)
    looks_again(first)
    expect(first.locator(".item").first).to_have_attribute("data-result", "noncompliant", timeout=WAIT)
    # While one writes, the other's answer does not change the field under the fingers; it comes when the field is left.
    tap(second, 1, "不符合")
    expect(second.locator(".item").nth(1).locator(".state")).to_contain_text("已保存", timeout=WAIT)
    mine = first.locator(".item").nth(1)
    mine.locator(".more").evaluate("part => { part.hidden = false; }")
    mine.locator("textarea").focus()
    with first.expect_response("**/changes?*"):
        looks_again(first)
    expect(mine).to_have_attribute("data-result", "")
    mine.locator("textarea").blur()
    expect(mine).to_have_attribute("data-result", "noncompliant")


def looks_again(page: Page) -> None:
    """As when a phone is taken out of the pocket."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_what_was_tapped_without_network_is_saved_when_it_is_back(browser: Browser, busy_office: Office) -> None:
    on_site = context(browser, PHONE)
    phone = on_site.new_page()
    set_up(phone, busy_office)
    begin(phone)
    on_site.set_offline(True)
    tap(phone, 0, "符合")
    expect(phone.locator("#save-state")).to_contain_text("还没有存到服务器", timeout=WAIT)
    on_site.set_offline(False)
    expect(phone.locator(".item").first.locator(".state")).to_contain_text("已保存", timeout=WAIT)
    expect(phone.locator("#save-state")).to_be_empty()


def test_a_finished_self_check_is_scored_and_what_failed_is_in_the_ledger(browser: Browser, busy_office: Office) -> None:
    page = context(browser, WIDE).new_page()
    set_up(page, busy_office)
    begin(page)
    tap(page, 0, "符合")
    tap(page, 1, "不符合")
    expect(page.locator(".item").nth(1).locator(".state")).to_contain_text("已保存", timeout=WAIT)
    page.locator("#finish button").click()
    expect(page.locator("#finish .error")).to_contain_text("项没有结果", timeout=WAIT)
    page.get_by_label("未查的项留空办结").check()
    page.locator("#finish button").click()
    expect(page.locator(".score")).to_contain_text("50", timeout=WAIT)
    page.goto(busy_office.address + "/work")
    expect(page.locator(".tiles")).to_contain_text("1")
    expect(page.get_by_text("要抓紧的隐患").locator("..")).to_contain_text("不符合", timeout=WAIT)
