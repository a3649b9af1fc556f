"""The JSON routes give what the command line gives, and errors as one sentence."""

from __future__ import annotations

import concurrent.futures
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.api import create_api
from assistant.records import RecordStore
from assistant.service import Assistant
from assistant.web.app import create_app
from assistant.worksheet import Factors


@pytest.fixture(scope="module")
def client(assistant: Assistant) -> TestClient:
    return TestClient(create_api(assistant))


def test_ask_gives_the_same_by_get_and_post(client: TestClient) -> None:
    by_get = client.get("/api/ask", params={"q": "动火要审批吗"}).json()
    by_post = client.post("/api/ask", json={"q": "动火要审批吗"}).json()
    assert by_get == by_post
    assert len(by_get["provisions"]) == 20


def test_checklist_cases_and_stats_answer(client: TestClient) -> None:
    assert client.post("/api/checklist", json={"scenes": ["用电安全"]}).json()["total"] >= 20
    assert client.post("/api/cases", json={"q": "没测气就下污水池"}).json()["cases"]
    assert client.get("/api/stats").json()["documents"]["total"] > 10


def test_what_was_established_of_a_case_changes_its_worksheet(client: TestClient, assistant: Assistant) -> None:
    subject = "安全生产法 第三十条第一款"
    plain = client.get("/api/penalties", params={"subject": subject}).json()
    assert client.post("/api/penalties", json={"subject": subject}).json() == plain
    factors = {"rectified": True, "harm": "none", "first_time": True, "minor": True}
    told = client.post("/api/penalties", json={"subject": subject, "factors": factors}).json()
    assert told != plain
    assert told == assistant.penalties(subject, factors=Factors(**factors)).model_dump(mode="json")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/ask", {"q": ""}),
        ("/api/penalties", {"subject": "安全生产法 第三十条第一款", "factors": {"rectified": "也许"}}),
        ("/api/penalties", {"subject": "安全生产法 第三十条第一款", "factors": {"weather": "好"}}),
        ("/api/ask", {"q": "火" * 10_000}),
        ("/api/ask", {"q": "动火", "as_of": "昨天"}),
        ("/api/ask", {}),
        ("/api/ask", {"q": "动火", "limit": 0}),
        ("/api/checklist", {"scenes": ["没有的场景"]}),
        ("/api/checklist", {}),
        ("/api/cases", {"q": "😀"}),
    ],
)
def test_wrong_input_gets_one_chinese_sentence(client: TestClient, path: str, body: dict[str, object]) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == 422
    assert set(answer.json()) == {"error"}
    assert any("\u4e00" <= c <= "\u9fff" for c in answer.json()["error"])


def test_the_routes_are_documented(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    assert {"/api/ask", "/api/checklist", "/api/cases", "/api/stats"} <= set(schema["paths"])


def test_the_documentation_page_loads_nothing_from_elsewhere(assistant: Assistant, tmp_path: Path) -> None:
    page = TestClient(create_app(assistant, RecordStore.in_folder(tmp_path))).get("/docs").text
    assert "/api/ask" in page
    assert "http://" not in page
    assert "https://" not in page


def test_thirty_questions_at_once_are_all_answered(client: TestClient) -> None:
    questions = [f"动火作业第{n}问：要不要审批" for n in range(30)]
    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda q: client.post("/api/ask", json={"q": q}), questions))
    assert all(a.status_code == 200 for a in answers)
    assert [a.json()["q"] for a in answers] == questions
