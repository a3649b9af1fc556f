"""What the tests of the ledger, due dates, board and portrait are made of: a site over a few firms, and people signed in."""

from __future__ import annotations

import contextlib
import datetime
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

from assistant.records import AnswerForm, EnterpriseForm, HazardForm, RecordStore, UserForm, Viewer
from assistant.service import Assistant
from assistant.web.work import pages
from assistant.web.work.site import Site, mount
from kg_build.errors import HeguiError
from tests.assistant.records.made import NOON, small_checklist

TODAY = NOON.date()
PASSWORD = "一个好记的密码2026"


@dataclass
class Place:
    """A site with a group of two firms and one outside it, and people of each kind."""

    app: FastAPI
    store: RecordStore
    parent: int
    firm: int
    other: int
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def system(self) -> Any:
        return self.store.desk(Viewer.of_system("系统"))

    def person(self, login: str) -> Person:
        if login not in self.people:
            self.people[login] = self._sign_in(login)
        return self.people[login]

    def _sign_in(self, login: str) -> Person:
        client = TestClient(self.app, base_url="http://work.test", follow_redirects=False)
        assert client.post("/work/login", data={"login": login, "password": PASSWORD}).status_code == 303
        told = client.get("/work/me").text
        found = re.search(r'data-form-key="([^"]+)"', told)
        assert found
        return Person(client, found.group(1))

    def hazard(self, firm: int | None = None, **told: Any) -> int:
        form = HazardForm(description=told.pop("description", "除尘器没有设泄爆装置"), **told)
        return int(self.system.hazards.add(firm or self.firm, form).id)

    def official_finding(self, *, major: bool = True) -> int:
        """A hazard that an official inspection found."""
        made = self.system.inspections.add(self.firm, "inspection", small_checklist(), "k")
        check = "t-permit" if major else "t-watch"
        self.system.inspections.answer(made.id, AnswerForm(check_id=check, result="noncompliant", note="没有作业票"))
        self.system.inspections.finish(made.id, made.version)
        return int(self.system.hazards.find(self.firm, inspection_id=made.id).items[0].id)


@dataclass
class Person:
    """Somebody signed in."""

    client: TestClient
    key: str

    def see(self, path: str, status: int = 200) -> str:
        answer = self.client.get("/work" + path)
        assert answer.status_code == status, answer.text
        return answer.text

    def send(self, path: str, files: dict[str, Any] | None = None, **form: Any) -> str:
        """Where a form leads to, or the sentence why not."""
        told = {"form_key": self.key, **{k: str(v) for k, v in form.items()}}
        answer = self.client.post("/work" + path, data=told, files=files, headers={"Accept": "application/json"})
        if answer.status_code == 303:
            return urlsplit(answer.headers["location"]).path
        return str(answer.json()["error"])

    def version(self, path: str) -> str:
        found = re.search(r'name="version" value="(\d+)"', self.see(path))
        assert found
        return found.group(1)


@contextlib.contextmanager
def made_place(assistant: Assistant, folder: Path) -> Iterator[Place]:
    """The site over a new record store in ``folder``."""
    store = RecordStore.in_folder(folder, clock=lambda: NOON)
    app = FastAPI()
    site = Site(assistant, store)
    mount(app, site, pages.BUILDERS)
    app.add_exception_handler(HeguiError, lambda request, error: site.error(request, error))  # type: ignore[arg-type]
    system = store.desk(Viewer.of_system("系统"))
    parent = system.enterprises.add(EnterpriseForm(name="测试集团", district="嘉定区")).id
    firm = system.enterprises.add(EnterpriseForm(name="测试轮毂厂", district="嘉定区", parent_id=parent, headcount=20)).id
    other = system.enterprises.add(EnterpriseForm(name="别家化工厂", district="金山区")).id
    # Quick to reckon: these passwords guard nothing.
    hasher = store.doorkeeper.hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    for login, roles, enterprise, district in (
        ("an", ["member"], firm, None),
        ("group", ["group"], parent, None),
        ("officer", ["inspector"], None, None),
        ("jinshan", ["inspector"], None, "金山区"),
        ("trainer", ["trainer"], None, None),
    ):
        form = UserForm(login=login, name=login, roles=roles, enterprise_id=enterprise, district=district)
        system.accounts.add(form, PASSWORD, hasher)
    yield Place(app, store, parent, firm, other)
    store.close()


def photo() -> dict[str, Any]:
    held = io.BytesIO()
    Image.new("RGB", (80, 60), "#a33").save(held, "JPEG")
    return {"photo": ("现场.jpg", held.getvalue(), "image/jpeg")}


def day(offset: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=offset)
