"""The working pages without a browser: a site with one firm and its check, and clients that are signed in or not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.records import AnswerForm, EnterpriseForm, RecordStore, UserForm, Viewer
from assistant.service import Assistant
from assistant.web.app import create_app
from tests.assistant.records.made import small_checklist

PASSWORD = "一个好记的密码2026"
HOST = "http://work.test"


@dataclass
class House:
    """The whole application over records of its own."""

    app: FastAPI
    store: RecordStore
    firm: int = 0
    check: int = 0
    hazard: int = 0
    clients: list[TestClient] = field(default_factory=list)

    def stranger(self, host: str = HOST) -> TestClient:
        """A client that nobody is signed in with."""
        # Errors of the server are to be seen as answers, as a browser sees them.
        client = TestClient(self.app, base_url=host, follow_redirects=False, raise_server_exceptions=False)
        self.clients.append(client)
        return client

    def signed_in(self, login: str, host: str = HOST) -> TestClient:
        """A client of somebody who is signed in, whose forms carry the right key."""
        client = self.stranger(host)
        answer = client.post("/work/login", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        found = re.search(r'data-form-key="([^"]+)"', client.get("/work/me").text)
        assert found
        client.headers.update({"X-Form-Key": found.group(1), "Accept": "application/json"})
        return client


def house(assistant: Assistant, data: Path, *, people: bool = True) -> House:
    """The application; with ``people`` an administrator (chief), a member (an) and an inspector (officer)."""
    store = RecordStore.in_folder(data)
    # Quick to compute; what it costs for real is tested with the accounts.
    store.doorkeeper.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    built = House(create_app(assistant, store), store)
    if not people:
        return built
    system = store.desk(Viewer.of_system("系统"))
    built.firm = system.enterprises.add(EnterpriseForm(name="测试轮毂厂", district="嘉定区")).id
    made = system.inspections.add(built.firm, "self_check", small_checklist(), "k" * 16)
    built.check = made.id
    done = system.inspections.add(built.firm, "self_check", small_checklist(), "k" * 16)
    system.inspections.answer(done.id, AnswerForm(check_id="t-permit", result="noncompliant", note="没有作业票"))
    system.inspections.finish(done.id, done.version)
    built.hazard = system.hazards.find(built.firm).items[0].id
    store.doorkeeper.first(UserForm(login="chief", name="主管", roles=["administrator"]), PASSWORD)
    for login, role, firm in (("an", "member", built.firm), ("officer", "inspector", None)):
        form = UserForm(login=login, name=login, roles=[role], enterprise_id=firm)
        system.accounts.add(form, PASSWORD, store.doorkeeper.hasher)
    return built
