"""Signing in: only our own pages can save, cookies are kept from scripts, nobody is led away, set-up happens once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from assistant.service import Assistant
from assistant.web.work import pages
from assistant.web.work.site import COOKIE, Site, safe_next
from tests.assistant.records.made import everything
from tests.assistant.web.visitors import HOST, PASSWORD, House, house


@pytest.fixture(scope="module")
def at(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = house(assistant, tmp_path_factory.mktemp("house"))
    yield built
    built.store.close()


@pytest.fixture(scope="module")
def member(at: House) -> TestClient:
    return at.signed_in("an")


def cookie(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"]


def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(at: House) -> None:
    told = {"login": "an", "password": PASSWORD}
    plain = SimpleCookie(cookie(at.stranger().post("/work/login", data=told)))[COOKIE]
    assert (plain["httponly"], plain["samesite"].lower(), plain["path"], plain["secure"]) == (True, "lax", "/", "")
    assert 0 < int(plain["max-age"]) <= 8 * 86400
    secure = SimpleCookie(cookie(at.stranger("https://work.test").post("/work/login", data=told)))[COOKIE]
    assert secure["secure"] is True


def test_signing_in_again_gives_another_secret_and_a_given_one_is_never_taken(at: House) -> None:
    client = at.stranger()
    client.cookies.set(COOKIE, "chosen-by-somebody-else")
    answer = client.post("/work/login", data={"login": "an", "password": PASSWORD})
    assert "chosen-by-somebody-else" not in cookie(answer)
    assert at.store.doorkeeper.known("chosen-by-somebody-else") is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://work.test.evil.example"},
        {"Origin": "http://work.test:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["login", "logout", "firms/new", "accounts/new", "me/password", "setup"])
def test_what_another_site_sends_is_refused(at: House, member: TestClient, headers: dict[str, str], path: str) -> None:
    before = everything(at.store)
    answer = member.post(f"/work/{path}", data={"login": "an", "password": PASSWORD, "name": "x"}, headers=headers)
    assert (answer.status_code, "不是从本站的页面发出的" in answer.text) == (403, True)
    assert everything(at.store) == before


@pytest.mark.parametrize("key", ["", "wrong", "钥匙"])
def test_a_form_without_the_right_key_saves_nothing(at: House, member: TestClient, key: str) -> None:
    before = everything(at.store)
    for path in (f"firms/{at.firm}/edit", f"checks/{at.check}/answer", f"checks/{at.check}/finish", "me/password", "logout"):
        answer = member.post(f"/work/{path}", data={"form_key": key, "name": "x"}, headers={"X-Form-Key": ""})
        assert (answer.status_code, "刷新页面" in answer.text) == (403, True), path
    assert everything(at.store) == before


def test_the_key_of_one_browser_is_no_good_in_another(at: House, member: TestClient) -> None:
    other = at.signed_in("an")
    answer = other.post(f"/work/firms/{at.firm}/edit", data={"name": "x"}, headers=dict(member.headers))
    assert answer.status_code == 403


def test_nothing_that_saves_answers_to_a_link(at: House, member: TestClient) -> None:
    before = everything(at.store)
    for path in (f"checks/{at.check}/answer", f"checks/{at.check}/finish", "logout", "photos/1/remove"):
        assert member.get(f"/work/{path}").status_code in (404, 405)
    assert everything(at.store) == before


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/work\\@evil.example", "javascript:alert(1)", "/etc", ""],
)
def test_signing_in_leads_to_no_other_site(at: House, target: str) -> None:
    answer = at.stranger().post("/work/login", data={"login": "an", "password": PASSWORD, "next": target})
    assert (answer.status_code, answer.headers["location"]) == (303, "/work")
    shown = at.stranger().get("/work/login", params={"next": target}).text
    assert "evil.example" not in shown
    assert "javascript:" not in shown


@pytest.mark.parametrize("target", ["/work/firms/1", "/work?x=//evil", "/work/firms?q=a%2F"])
def test_signing_in_leads_back_to_where_one_was(target: str) -> None:
    assert safe_next(target) == target


def test_a_header_can_not_be_slipped_into_where_one_is_led(at: House) -> None:
    answer = at.stranger().post(
        "/work/login", data={"login": "an", "password": PASSWORD, "next": "/work\r\nSet-Cookie: a=b"}
    )
    assert "a=b" not in answer.headers.get_list("set-cookie")
    assert answer.headers["location"] == "/work"


def test_who_is_not_signed_in_sees_no_page_of_records(at: House) -> None:
    client = at.stranger()
    paths = ["", "/firms", f"/firms/{at.firm}", f"/checks/{at.check}", "/hazards", "/due", "/board", "/plans", "/accounts"]
    paths += ["/audit", "/photos/1", "/me", "/firms/new", "/hazards.xlsx", "/due.ics", f"/checks/{at.check}/report.docx"]
    for path in paths:
        answer = client.get("/work" + path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/work/login?next="), path
        assert client.get("/work" + path, headers={"Accept": "application/json"}).status_code == 401, path


def test_no_route_of_the_working_pages_is_open_by_mistake(at: House, assistant: Assistant) -> None:
    """Every route but signing in, set-up and check codes asks who is there, also one that is added later."""
    free = {"/login", "/setup", "/code/{code}"}
    client = at.stranger()
    asked = []
    for build in pages.BUILDERS:
        for route in build(Site(assistant, at.store)).routes:
            if route.path in free:
                continue
            path = re.sub(r"{\w+}", "1", route.path)
            for method in route.methods:
                answer = client.request(method, f"/work{path}", headers={"Accept": "application/json"})
                assert answer.status_code == 401, (method, path, answer.status_code)
                asked.append(path)
    assert len(asked) > 40


def test_pages_say_how_they_may_be_used(at: House, member: TestClient) -> None:
    answer = member.get(f"/work/firms/{at.firm}", headers={"Accept": "text/html"})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "测试轮毂厂" in answer.text


def test_a_member_is_told_that_accounts_are_not_theirs(at: House, member: TestClient) -> None:
    for path in ("accounts", "accounts/new", "accounts/1"):
        assert member.get(f"/work/{path}").status_code in (403, 404)
    assert member.post("/work/accounts/new", data={"login": "x1", "name": "x", "roles": "administrator"}).status_code == 403


def test_a_password_that_can_not_be_used_leaves_the_account_as_it_was(at: House) -> None:
    chief = at.signed_in("chief")
    before = everything(at.store)["account"]
    told = {"login": "an", "name": "改了", "roles": "trainer", "version": "1", "password": "short"}
    assert chief.post("/work/accounts/2", data=told).status_code == 422
    assert everything(at.store)["account"] == before


# --- set-up ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def new(assistant: Assistant, tmp_path: Path) -> Iterator[House]:
    built = house(assistant, tmp_path, people=False)
    yield built
    built.store.close()


def set_up(client: TestClient, code: str, login: str = "wang") -> httpx.Response:
    told = {
        "code": code,
        "use": "firm",
        "firm": "测试厂",
        "name": "王",
        "login": login,
        "password": PASSWORD,
        "again": PASSWORD,
    }
    return client.post("/work/setup", data=told, headers={"Origin": HOST})


def test_the_first_administrator_needs_the_code_and_is_made_once(new: House) -> None:
    code = new.store.setup_code()
    assert len(code) >= 16
    assert (new.store.data / "setup-code").stat().st_mode & 0o077 == 0
    client = new.stranger()
    for wrong in ("", "x", code[:-1], code + "x", "启动码"):
        assert set_up(client, wrong).status_code == 403
    assert new.store.doorkeeper.is_new()
    assert code not in client.get("/work/setup").text
    assert set_up(client, code).status_code == 303
    before = everything(new.store)
    assert set_up(new.stranger(), code, "li").status_code == 422
    assert new.stranger().get("/work/setup").headers["location"] == "/work/login"
    assert not (new.store.data / "setup-code").exists()
    assert {k: v for k, v in everything(new.store).items() if k != "login"} == {
        k: v for k, v in before.items() if k != "login"
    }


def test_set_up_keeps_all_or_nothing(new: House) -> None:
    told = {"code": new.store.setup_code(), "use": "firm", "firm": "", "name": "王", "login": "wang"}
    answer = new.stranger().post("/work/setup", data={**told, "password": PASSWORD, "again": PASSWORD})
    assert answer.status_code == 422
    answer = new.stranger().post("/work/setup", data={**told, "firm": "厂", "password": "short", "again": "short"})
    assert answer.status_code == 422
    assert {name for name, rows in everything(new.store).items() if rows} == set()
