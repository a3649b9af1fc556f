"""A hazard from found to closed on a phone, a due date with one tap, and pages that fit the screen."""

from __future__ import annotations

import re
from pathlib import Path

import icalendar
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import PHONE, WIDE, Office
from tests.e2e.test_self_check import PLANT, WAIT, context, fits, photo, set_up, sign_in

pytestmark = pytest.mark.e2e


def test_a_hazard_is_registered_mended_and_closed_on_a_phone_and_duties_come_by_tapping(
    browser: Browser, office: Office, tmp_path: Path
) -> None:
    desk = context(browser, WIDE).new_page()
    set_up(desk, office)
    firm = re.search(r"/firms/(\d+)", desk.url)
    assert firm
    at = office.address + "/work"
    phone = context(browser, PHONE).new_page()
    sign_in(phone, office)
    phone.goto(f"{at}/hazards?firm={firm.group(1)}")
    phone.get_by_role("link", name="登记隐患").click()
    phone.get_by_label("发现了什么").fill("3号除尘器泄爆口正对通道")
    phone.get_by_label("级别").select_option("重大事故隐患")
    phone.locator("[name=photo]").set_input_files(photo(tmp_path / "前.jpg"))
    phone.locator("[name=basis]").fill("安全生产法 第九百条")
    phone.get_by_role("button", name="登记", exact=True).click()
    expect(phone.locator("form .error")).to_contain_text("查不到", timeout=WAIT)
    assert phone.get_by_label("发现了什么").input_value() == "3号除尘器泄爆口正对通道"
    phone.locator("[name=basis]").fill("安全生产法 第三十六条第一款")
    phone.get_by_role("button", name="登记", exact=True).click()
    phone.get_by_role("heading", name="3号除尘器泄爆口正对通道").wait_for(timeout=WAIT)
    assert fits(phone)
    expect(phone.locator("#report")).to_contain_text("《安全生产法》第四十一条第二款")
    phone.get_by_label("报给谁").fill("嘉定区应急管理局")
    phone.get_by_role("button", name="登记上报").click()
    expect(phone.locator("#report")).to_contain_text("已登记", timeout=WAIT)
    phone.locator("#next").get_by_label("整改责任人").fill("李班长")
    phone.locator("#next").get_by_label("整改期限").fill("2099-12-31")
    phone.get_by_role("button", name="派单").click()
    phone.get_by_label("改了什么").fill("泄爆口改到室外")
    phone.locator("#next [name=photo]").set_input_files(photo(tmp_path / "后.jpg"))
    phone.get_by_role("button", name="整改完成").click()
    expect(phone.locator("#photos img")).to_have_count(2, timeout=WAIT)
    phone.get_by_role("button", name="复查通过").click()
    phone.once("dialog", lambda dialog: dialog.accept())
    phone.get_by_role("button", name="销号").click()
    expect(phone.locator("main")).to_contain_text("已销号", timeout=WAIT)
    expect(phone.locator(".timeline li")).to_have_count(6)
    with phone.expect_download(timeout=WAIT) as held:
        phone.goto(f"{at}/hazards?firm={firm.group(1)}&state=all")
        phone.get_by_role("link", name="下载 Excel", exact=True).click()
    assert Path(held.value.path()).read_bytes()[:2] == b"PK"

    desk.goto(f"{at}/firms/{firm.group(1)}/profile")
    desk.locator("#profile-text").fill(PLANT)
    expect(desk.locator("#facts")).to_contain_text("抛光", timeout=WAIT)
    desk.locator("#profile-save").click()
    desk.locator("#begin").wait_for()
    desk.goto(f"{at}/due?firm={firm.group(1)}")
    offer = desk.locator("[data-kind=dust-check]")
    expect(offer).to_contain_text("GB 15577-2018")
    offer.get_by_role("button", name="加入").click()
    expect(desk.locator(".list")).to_contain_text("企业粉尘防爆安全检查", timeout=WAIT)
    expect(desk.locator("[data-kind=dust-check]")).to_have_count(0)
    with desk.expect_download(timeout=WAIT) as calendar:
        desk.get_by_role("link", name="下载日历").click()
    events = icalendar.Calendar.from_ical(Path(calendar.value.path()).read_bytes()).walk("VEVENT")
    assert [str(e["SUMMARY"]) for e in events] == ["企业粉尘防爆安全检查：截止"]
    for path in ("hazards", "due", "board", f"firms/{firm.group(1)}/portrait", f"firms/{firm.group(1)}/trend", "due/print"):
        for page in (phone, desk):
            page.goto(f"{at}/{path}")
            page.locator("main h1").first.wait_for()
            assert fits(page), path
