"""What the tests of inspections and plans are made of: a site over two districts, and people of each kind."""

from __future__ import annotations

import datetime
import io
import re
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from docx import Document
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from assistant.records import AnswerForm, EnterpriseForm, RecordStore, UserForm, Viewer
from assistant.service import Assistant
from assistant.web.work import pages
from assistant.web.work.site import Site, mount
from kg_build.errors import HeguiError

NOON = datetime.datetime(2026, 11, 23, 4, 0, tzinfo=datetime.UTC)
PASSWORD = "一个好记的密码2026"
HOSTILE = "<script>alert(1)</script>\"'><img src=x>"
DISTRICT_BUREAU, CITY_BUREAU = "上海市嘉定区应急管理局", "上海市应急管理局"
PEOPLE: tuple[tuple[str, str, list[str], int | None, str | None], ...] = (
    ("li", "李四", ["member"], 0, None),
    ("wu", "吴六", ["member"], 1, None),
    ("zhao", "赵一", ["inspector"], None, "嘉定区"),
    ("qian", "钱二", ["reviewer"], None, "嘉定区"),
    ("both", "双全", ["inspector", "reviewer"], None, "嘉定区"),
    ("sun", "孙三", ["inspector"], None, "宝山区"),
    ("zhou", "周市", ["inspector"], None, None),
)


class Bureau:
    """A site over two firms in two districts, and people of each kind."""

    def __init__(self, assistant: Assistant, folder: Path) -> None:
        self.store = RecordStore.in_folder(folder, clock=lambda: NOON)
        # Quick to compute; what it costs for real is tested with the accounts.
        self.store.doorkeeper.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.app = FastAPI()
        site = Site(assistant, self.store)
        mount(self.app, site, pages.BUILDERS)

        @self.app.exception_handler(HeguiError)
        def _sentence(request: Request, error: HeguiError) -> Any:
            return site.error(request, error)

        self.system = self.store.desk(Viewer.of_system("系统"))
        named = (("轮毂厂", "嘉定区", "金属制品业"), ("别处厂", "宝山区", "纺织业"))
        self.firms = [
            self.system.enterprises.add(EnterpriseForm(name=n, district=d, industry=i, phone="021-5555")).id
            for n, d, i in named
        ]
        for login, name, roles, firm, district in PEOPLE:
            told = UserForm(login=login, name=name, roles=roles, district=district, certificate=f"证{login}")
            told.enterprise_id = None if firm is None else self.firms[firm]
            self.system.accounts.add(told, PASSWORD, self.store.doorkeeper.hasher)
        self.clients: dict[str, TestClient] = {}

    def of(self, login: str) -> TestClient:
        if login not in self.clients:
            client = TestClient(self.app, base_url="http://work.test", follow_redirects=False)
            assert client.post("/work/login", data={"login": login, "password": PASSWORD}).status_code == 303
            found = re.search(r'data-form-key="([^"]+)"', client.get("/work/me").text)
            assert found
            client.headers.update({"X-Form-Key": found.group(1)})
            self.clients[login] = client
        return self.clients[login]

    def begin(self, login: str = "zhao", firm: int = 0, **told: Any) -> httpx.Response:
        form = {
            "authority": DISTRICT_BUREAU,
            "inspector_name": ["赵一", "钱二"],
            "inspector_number": ["证1", "证2"],
            "reason": "plan",
            "scenes": ["动火作业"],
            "starts": "2026-11-23T09:00",
            "place": "打磨车间",
        } | told
        return self.of(login).post(f"/work/firms/{self.firms[firm]}/inspect", data=form)

    def begun(self, **told: Any) -> int:
        answer = self.begin(**told)
        assert answer.status_code == 303, answer.text
        return int(answer.headers["location"].rsplit("/", 1)[1])

    def finish(self, check_id: int, note: str = "现场堆有可燃物", by: str = "zhao") -> None:
        held = self.system.inspections.get(check_id)
        items = held.checklist.items()
        forms = [AnswerForm(check_id=items[0].id, result="noncompliant", note=note)]
        forms += [AnswerForm(check_id=i.id, result="compliant") for i in items[1:]]
        self.system.inspections.answer_all(check_id, forms)
        self.system.inspections.finish(check_id, self.system.inspections.get(check_id).version)


def words(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    document = Document(io.BytesIO(answer.content))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def make_plan(bureau: Bureau, login: str, **told: Any) -> int:
    form = {"year": "2027", "authority": DISTRICT_BUREAU, "capacity": "5", "start": "1"} | told
    answer = bureau.of(login).post("/work/plans/new", data=form)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rsplit("/", 1)[1])


def key_firm(bureau: Bureau) -> int:
    """A key unit of the district, which every plan visits."""
    form = EnterpriseForm(name="=重点厂", district="嘉定区", key_unit=True, industry="金属制品业")
    return bureau.system.enterprises.add(form).id
