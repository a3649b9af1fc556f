"""The working pages with a day's work in them, as pictures; called by :mod:`bench.pictures`."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

PASSWORD = "一个好记的密码2026"
PLANT = "铝合金轮毂抛光，打磨除尘，20人，有喷涂和天然气"
WIDE = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@dataclass(frozen=True)
class Place:
    """A server whose records are still empty, and its setup code."""

    address: str
    code: str


def _photo(color: str) -> bytes:
    image = Image.new("RGB", (800, 600), color)
    ImageDraw.Draw(image).rectangle((200, 150, 600, 450), outline="white", width=12)
    held = io.BytesIO()
    image.save(held, "JPEG")
    return held.getvalue()


def _person(browser: Browser, kind: dict, place: Place, login: str) -> Page:  # type: ignore[type-arg]
    page = browser.new_context(**kind, locale="zh-CN").new_page()
    page.goto(place.address + "/work/login")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def _account(page: Page, place: Place, login: str, name: str, roles: tuple[str, ...], firm: str = "") -> None:
    page.goto(place.address + "/work/accounts/new")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("姓名").fill(name)
    for role in roles:
        page.get_by_label(role, exact=True).check()
    if firm:
        page.get_by_label("所属企业").select_option(label=firm)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(place.address + "/work/accounts")


def _shoot(page: Page, address: str, path: Path) -> None:
    """A picture of a page once it stands still."""
    page.goto(address)
    page.wait_for_timeout(400)
    page.screenshot(path=path)


def _tap(page: Page, item: int, label: str) -> None:
    page.locator(".item").nth(item).locator(".choices").get_by_text(label, exact=True).click()
    page.locator(".item").nth(item).locator(".state", has_text="已保存").wait_for()


def take(browser: Browser, place: Place, folder: Path) -> None:
    """Work through a day and take a picture of each page on the way, wide and on a phone."""
    firm = "上海示例轮毂有限公司"
    boss = browser.new_context(**WIDE, locale="zh-CN").new_page()  # type: ignore[arg-type]
    boss.goto(f"{place.address}/work/setup?code={place.code}")
    boss.get_by_label("企业名称").fill(firm)
    boss.get_by_label("姓名").fill("王安全")
    boss.get_by_label("登录名").fill("wang")
    boss.get_by_label("密码", exact=False).first.fill(PASSWORD)
    boss.get_by_label("再输入一次密码").fill(PASSWORD)
    boss.get_by_role("button", name="建立并登录").click()
    boss.locator("#start-check").wait_for()
    _account(boss, place, "li", "李执法", ("执法人员",))
    _account(boss, place, "zhou", "周审核", ("审核人员",))
    boss.goto(place.address + "/work")
    boss.locator("#start-check").click()
    boss.locator("#profile-text").fill(PLANT)
    boss.locator("#facts .chip").first.wait_for()
    boss.screenshot(path=folder / "work-profile.png")
    boss.locator("#profile-save").click()
    boss.locator("#begin").click()
    boss.locator("#check").wait_for()
    address = boss.url
    phone = _person(browser, PHONE, place, "wang")
    phone.goto(address)
    _tap(phone, 0, "符合")
    second = phone.locator(".item").nth(1)
    second.locator(".choices").get_by_text("不符合", exact=True).click()
    second.locator("textarea").fill("厂房屋顶是现浇混凝土，泄压面积不足")
    second.locator("[name=responsible]").fill("张厂长")
    second.locator("[name=due]").fill("2026-12-20")
    second.locator("[name=due]").blur()
    second.locator("input[type=file]").set_input_files(
        {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": _photo("#5b6b7b")}
    )
    second.locator("figure").wait_for()
    second.locator(".state", has_text="保存").wait_for()
    second.scroll_into_view_if_needed()
    phone.evaluate("window.scrollBy(0, -160)")
    phone.wait_for_timeout(600)
    phone.screenshot(path=folder / "work-check-phone.png")
    for item in (3, 4, 5):
        _tap(phone, item, "符合")
    boss.goto(address)
    boss.wait_for_timeout(500)
    boss.screenshot(path=folder / "work-check.png")
    boss.get_by_label("未查的项留空办结").check()
    boss.locator("#finish button").click()
    boss.locator(".score").wait_for()
    for page, suffix in ((boss, ""), (phone, "-phone")):
        for name, path in (("firm", "/work/firms/1"), ("ledger", "/work/hazards"), ("hazard", "/work/hazards/1")):
            _shoot(page, place.address + path, folder / f"work-{name}{suffix}.png")
    official = _person(browser, WIDE, place, "li")
    for name, path in (("board", "board"), ("inspect", "firms/1/inspect"), ("portrait", "firms/1/portrait")):
        _shoot(official, f"{place.address}/work/{path}", folder / f"work-{name}.png")
    _inspect(browser, place, official, folder)


def _inspect(browser: Browser, place: Place, desk: Page, folder: Path) -> None:
    """An inspection from its scheme to the papers, wide and on a phone, and its check code."""
    phone, reviewer = _person(browser, PHONE, place, "li"), _person(browser, WIDE, place, "zhou")
    for page in (desk, phone, reviewer):
        page.on("dialog", lambda asked: asked.accept())
    desk.goto(place.address + "/work/firms/1/inspect")
    desk.get_by_label("检查机关").fill("上海市嘉定区应急管理局")
    for number, name in enumerate(("李执法", "赵执法"), 1):
        desk.get_by_label(f"执法人员{number}姓名").fill(name)
        desk.get_by_label(f"执法人员{number}执法证号").fill(f"0900123{number}")
    desk.get_by_label("检查时间（起）").fill("2026-11-27T09:00")
    desk.get_by_label("检查地点").fill("抛光车间")
    desk.locator("#begin").click()
    desk.wait_for_url("**/work/inspections/*")
    address = desk.url
    reviewer.goto(address)
    reviewer.locator("#approve button").click()
    reviewer.locator(".steps", has_text="周审核").wait_for()
    phone.goto(address)
    phone.locator("#fill").click()
    phone.locator("#check").wait_for()
    phone.locator(".item").first.locator(".choices").get_by_text("不符合", exact=True).click()
    phone.locator(".item").first.locator("textarea").fill("抛光车间设在两层砖混楼的底层，楼上是宿舍")
    for item in (0, 1, 2):
        if item:
            _tap(phone, item, "符合")
        phone.locator(".item").nth(item).locator(".state", has_text="已保存").wait_for()
    phone.evaluate("window.scrollTo(0, 0)")
    phone.wait_for_timeout(400)
    phone.screenshot(path=folder / "work-onsite-phone.png")
    phone.get_by_label("未查的项留空办结").check()
    phone.locator("#finish button").click()
    phone.locator(".score").wait_for()
    for page, suffix in ((desk, ""), (phone, "-phone")):
        _shoot(page, address, folder / f"work-papers{suffix}.png")
        _shoot(page, address + "/agreement", folder / f"work-agreement{suffix}.png")
    phone.goto(address)
    _shoot(phone, phone.locator("#code").get_attribute("href") or "", folder / "work-code-phone.png")
