"""Agents get the same answers over MCP, read-only, structured, each citation verified, errors in one sentence."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from mcp import Client, StdioServerParameters

from assistant.mcp import add_mcp, create_mcp
from assistant.service import Assistant
from kg_build.embedding import NONE
from kg_build.snapshot import build
from tests.conftest import TODAY

TOOLS = ["ask", "checklist", "cases", "verify", "get_provision"]
Call = Callable[..., Any]


@pytest.fixture(scope="module")
def data(mini_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mcp")
    build(folder, corpus=mini_source, model=NONE, today=TODAY)
    return folder


@pytest.fixture(scope="module")
def small(data: Path) -> Assistant:
    return Assistant(data, clock=lambda: TODAY)


@pytest.fixture(scope="module")
def call(small: Assistant) -> Call:
    """Call a tool through the SDK's client; the structured result, or the text of the error."""

    def run(name: str, **arguments: Any) -> Any:
        async def inside() -> Any:
            async with Client(create_mcp(small)) as client:
                result = await client.call_tool(name, arguments)
                return result.content[0].text if result.is_error else result.structured_content  # type: ignore[union-attr]

        return anyio.run(inside)

    return run


async def _tools(server: Any) -> list[Any]:
    async with Client(server, read_timeout_seconds=200) as client:
        return list((await client.list_tools()).tools)


def test_the_tools_are_read_only_described_in_chinese_and_structured(small: Assistant) -> None:
    tools = anyio.run(_tools, create_mcp(small))
    assert [t.name for t in tools] == TOOLS
    for tool in tools:
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.destructive_hint is False
        assert tool.annotations.open_world_hint is False
        assert tool.output_schema["type"] == "object"
        assert any("\u4e00" <= c <= "\u9fff" for c in tool.description + tool.title)
        assert all(p.get("description") for p in tool.input_schema["properties"].values())


def test_ask_gives_provisions_and_each_citation_is_checked(call: Call) -> None:
    body = call("ask", question="动火要不要审批", as_of="2026-01-01")
    cited = {p["citation"] for p in body["provisions"]}
    assert "《动火新规则》第六条" in cited
    assert cited <= {c["citation"] for c in body["citations"]}
    assert {c["status"] for c in body["citations"]} <= {"ok", "place_not_collected", "repealed", "not_yet_in_force"}


def test_checklist_is_short_and_names_its_grounds(call: Call) -> None:
    body = call("checklist", scenes=["动火作业"])
    assert body["total"] == len(body["items"]) == 2
    permit = next(i for i in body["items"] if i["ask"] == "动火前是否办理审批？")
    assert (permit["severity"], permit["nature"]) == ("major", "mandatory")
    assert "《动火新规则》第六条" in permit["basis"]
    assert {c["status"] for c in body["citations"]} == {"ok"}


def test_cases_come_with_what_they_were_charged_under(call: Call) -> None:
    body = call("cases", situation="焊工没证就焊接，被罚")
    assert body["cases"][0]["id"] == "t-case"
    assert {c["citation"] for c in body["citations"]} >= {"《安全生产法》第三十条第一款"}


def test_verify_tells_a_place_that_does_not_exist(call: Call) -> None:
    body = call("verify", text="依据《安全生产法》第三百条。")
    assert (body["total"], body["wrong"]) == (1, 1)


def test_get_provision_gives_gist_text_parts_and_penalty(call: Call) -> None:
    body = call("get_provision", citation="安全生产法 第三十条")
    assert body["provision"]["official_text"].startswith("生产经营单位的特种作业人员")
    assert [p["citation"] for p in body["parts"]] == ["《安全生产法》第三十条第一款", "《安全生产法》第三十条第二款"]
    assert body["penalty"][0]["citation"] == "《安全生产法》第九十七条第（七）项"
    assert body["check"]["status"] == "ok"


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("get_provision", {"citation": "安全生产法 第三百条"}, "没有第三百条"),
        ("get_provision", {"citation": "安全生产法"}, "缺少条款位置"),
        ("get_provision", {"citation": "没有这部法 第一条"}, "不在资料库中"),
        ("ask", {"question": " "}, "问题是空的"),
        ("ask", {"question": "动火", "as_of": "昨天"}, "昨天"),
        ("ask", {"question": "动火", "limit": 0}, "limit"),
        ("ask", {}, "question"),
        ("checklist", {}, "请至少选一个场景"),
        ("verify", {"text": ""}, "没有可核对的文字"),
        ("penalty", {}, "没有名为 penalty 的工具"),
    ],
)
def test_an_error_is_one_sentence(name: str, arguments: dict[str, Any], says: str, call: Call) -> None:
    message = call(name, **arguments)
    assert isinstance(message, str)
    assert says in message
    assert message.endswith("。")
    assert "\n" not in message
    assert "Error" not in message


def test_a_data_folder_without_a_snapshot_says_what_to_do(tmp_path: Path) -> None:
    async def inside() -> Any:
        async with Client(create_mcp(Assistant(tmp_path))) as client:
            return await client.call_tool("ask", {"question": "动火"})

    result = anyio.run(inside)
    assert result.is_error
    assert "hegui build" in result.content[0].text


def test_the_server_follows_the_published_snapshot(
    mini: Path, tmp_path: Path, replace_in: Callable[[Path, str, str], None]
) -> None:
    build(tmp_path / "data", corpus=mini, model=NONE, today=TODAY)
    server = create_mcp(Assistant(tmp_path / "data", clock=lambda: TODAY))

    async def gist() -> str:
        async with Client(server) as client:
            found = await client.call_tool("get_provision", {"citation": "动火新规则 第六条"})
            return str(found.structured_content["provision"]["gist"])  # type: ignore[index]

    assert anyio.run(gist) == "动火前要办理审批并有人监护。"
    replace_in(mini / "rules" / "new.yaml", "动火前要办理审批并有人监护。", "动火要有票。")
    build(tmp_path / "data", corpus=mini, model=NONE, today=TODAY)
    assert anyio.run(gist) == "动火要有票。"


@pytest.fixture
def address(small: Assistant) -> Iterator[str]:
    """A running application with the MCP route."""
    app = FastAPI()
    add_mcp(app, small)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    server.should_exit = True
    thread.join(timeout=20)


def test_the_same_tools_answer_over_http(address: str) -> None:
    async def inside() -> Any:
        async with Client(address, read_timeout_seconds=60) as client:
            return await client.call_tool("verify", {"text": "《安全生产法》第三十条"})

    result = anyio.run(inside)
    assert [t.name for t in anyio.run(_tools, address)] == TOOLS
    assert result.structured_content["findings"][0]["status"] == "ok"


def test_http_is_stateless_and_refuses_strange_hosts(small: Assistant) -> None:
    app = FastAPI()
    add_mcp(app, small)
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    headers = {"Accept": "application/json, text/event-stream", "Host": "127.0.0.1:7860"}
    for _ in range(2):
        # The application may be started again: each start has a session manager of its own.
        with TestClient(app) as client:
            found = client.post("/mcp", json=request, headers=headers)
            assert [t["name"] for t in found.json()["result"]["tools"]] == TOOLS
            assert "mcp-session-id" not in found.headers
            assert client.post("/mcp", json=request, headers={**headers, "Host": "evil.example"}).status_code == 421


def test_the_command_serves_over_standard_input_and_output(data: Path) -> None:
    environment = {**os.environ, "HEGUI_DATA": str(data)}
    command = StdioServerParameters(command=sys.executable, args=["-m", "assistant.cli", "mcp"], env=environment)
    assert [t.name for t in anyio.run(_tools, command)] == TOOLS
