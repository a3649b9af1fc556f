"""The assistant for language-model agents: an MCP server with five read-only tools, over stdio or streamable HTTP.

Every result carries ``citations``: each place it names, checked against the snapshot by :mod:`assistant.verify`.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
from collections.abc import AsyncIterator, Iterable
from typing import Annotated, Any

from fastapi import FastAPI
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp_types import CallToolResult, InputRequiredResult, ToolAnnotations
from pydantic import BaseModel, Field, ValidationError
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.cases import SimilarCases
from assistant.models import Answer, Nature, PenaltyOut, ProvisionOut, penalty_out, provision_out
from assistant.service import Assistant
from assistant.verify import CitationFinding, Status, Verification
from kg_build.errors import CitationError, HeguiError

PATH = "/mcp"
_READ_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_INSTRUCTIONS = (
    "合规图谱：中国（以上海为重点）安全生产法规、标准、检查清单与案例。回答用户时只引用工具返回的条款，照抄 citation，"
    "注明强制或推荐；status 不是 ok 的引用要告诉用户原因。gist 是要点，official_text 是原文，不要混为一谈。"
    "写好的文字可交给 verify 再核对一遍。"
)
_AsOf = Annotated[str | None, Field(description="按哪一天的法律，如 2026-05-01；不填为今天。")]


class CitationCheck(BaseModel):
    """One citation of a result, checked."""

    citation: str
    status: Status
    verdict: str


class AskResult(Answer):
    """An answer with its citations checked."""

    citations: list[CitationCheck]


class ChecklistLine(BaseModel):
    """One check in short; ``basis`` and ``penalty`` are citations."""

    number: str
    scene: str
    link: str
    point: str
    ask: str
    how: list[str]
    fix: str
    severity: str
    nature: Nature
    basis: list[str]
    penalty: list[str]


class ChecklistResult(BaseModel):
    """A checklist in short, with its citations checked."""

    title: str
    as_of: str
    scenes: list[str]
    understood: list[str]
    conclusions: list[str]
    total: int
    major: int
    items: list[ChecklistLine]
    notices: list[str]
    citations: list[CitationCheck]


class CasesResult(SimilarCases):
    """Similar cases with their citations checked."""

    citations: list[CitationCheck]


class ProvisionResult(BaseModel):
    """A provision with what lies below it, what its breach costs, and how it stands on the day."""

    provision: ProvisionOut
    parts: list[ProvisionOut]
    penalty: list[PenaltyOut]
    check: CitationFinding


class _Server(MCPServer[Any]):
    """Says every error in one Chinese sentence, without the SDK's English frame."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; raise :class:`ToolError` with one Chinese sentence."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = error.__cause__
            if isinstance(cause, HeguiError):
                raise ToolError(str(cause)) from cause
            if isinstance(cause, ValidationError):
                fields = "、".join(sorted({".".join(str(p) for p in e["loc"]) for e in cause.errors()}))
                raise ToolError(f"工具 {name} 的参数 {fields} 写法有误；请对照它的输入说明改正后重试。") from cause
            if isinstance(error, UnexpectedToolError):
                raise UnexpectedToolError(f"工具 {name} 出错了，没有结果；请稍后重试，仍不行请查看服务端日志。") from cause
            known = "、".join(tool.name for tool in await self.list_tools())
            raise ToolError(f"没有名为 {name} 的工具；可用的工具：{known}。") from cause


def create_mcp(assistant: Assistant) -> MCPServer[Any]:
    """The MCP server over an assistant; it follows the published snapshot."""
    server = _Server(
        name="hegui",
        title="合规图谱",
        instructions=_INSTRUCTIONS,
        version=importlib.metadata.version("hegui"),
        log_level="WARNING",
    )

    @server.tool(title="问法规", annotations=_READ_ONLY)
    def ask(
        question: Annotated[str, Field(description="用平常的话提问，或直接写文号和条款。")],
        as_of: _AsOf = None,
        limit: Annotated[int, Field(ge=1, le=50, description="最多几条依据。")] = 8,
    ) -> AskResult:
        """用平常的话问安全生产法规：返回适用的条款（要点、原文、强制或推荐、为什么）、检查项和案例。

        answered 为 false 时资料库没有直接依据，nearest 里的条款不能当作依据。
        """
        answer = assistant.ask(question, as_of, provisions=limit, checks=5, cases=3)
        cited = [*answer.provisions]
        for check in answer.checks:
            cited += check.basis
        for case in answer.cases:
            cited += [*case.violated, *case.corresponds, *case.penalty_basis]
        return AskResult(**dict(answer), citations=_checked(assistant, (p.citation for p in cited), as_of))

    @server.tool(title="生成检查清单", annotations=_READ_ONLY)
    def checklist(
        scenes: Annotated[list[str], Field(description="场景名称，如 有限空间作业；可不填。")] = [],  # noqa: B006
        profile: Annotated[str | None, Field(description="用平常的话写企业做什么、有什么、存什么。")] = None,
        as_of: _AsOf = None,
    ) -> ChecklistResult:
        """按场景和（或）企业情况生成检查清单：每项写明查什么、怎么查、怎么改、依据、罚则和是否重大事故隐患。"""
        made = assistant.checklist(scenes, profile, as_of)
        lines = [
            ChecklistLine(
                number=item.number,
                scene=item.scene,
                link=item.link,
                point=item.point,
                ask=item.ask,
                how=item.how,
                fix=item.fix,
                severity=item.severity,
                nature=item.nature,
                basis=[p.citation for p in item.basis],
                penalty=[p.citation for p in item.penalty],
            )
            for item in made.items()
        ]
        named = [citation for line in lines for citation in (*line.basis, *line.penalty)]
        return ChecklistResult(
            title=made.title,
            as_of=made.as_of.isoformat(),
            scenes=made.scenes,
            understood=made.understood,
            conclusions=made.conclusions,
            total=made.total,
            major=made.major,
            items=lines,
            notices=made.notices,
            citations=_checked(assistant, named, as_of),
        )

    @server.tool(title="找类案", annotations=_READ_ONLY)
    def cases(
        situation: Annotated[str, Field(description="用平常的话写出情况，如 没测气就下污水池，死了人。")],
        as_of: _AsOf = None,
        limit: Annotated[int, Field(ge=1, le=20, description="最多几件。")] = 5,
        shanghai: Annotated[bool, Field(description="只看上海的案例。")] = False,
    ) -> CasesResult:
        """找与一种情况相似的执法、事故、刑事和不予处罚案例：事实、违反的条款、代价、教训和来源。"""
        found = assistant.cases(situation, as_of, limit=limit, shanghai=shanghai)
        cited = [p.citation for case in found.cases for p in (*case.violated, *case.corresponds, *case.penalty_basis)]
        return CasesResult(**dict(found), citations=_checked(assistant, cited, as_of))

    @server.tool(title="核对引用", annotations=_READ_ONLY)
    def verify(
        text: Annotated[str, Field(description="报告、方案、文书或自己写的回答。")], as_of: _AsOf = None
    ) -> Verification:
        """核对一段文字里的每处法规和标准引用：是否存在、当日是否施行、强制还是推荐、被什么替代；未收录的说明无法核对。"""
        return assistant.verify(text, as_of)

    @server.tool(title="查一条条款", annotations=_READ_ONLY)
    def get_provision(
        citation: Annotated[str, Field(description="如 安全生产法 第四十一条第二款 或 GB 30871-2022 5.3.2。")],
        as_of: _AsOf = None,
    ) -> ProvisionResult:
        """取一条条款：要点、原文、下面的款项、罚则，以及当日是否施行、强制还是推荐。"""
        return _provision(assistant, citation, as_of)

    return server


def _provision(assistant: Assistant, citation: str, as_of: str | None) -> ProvisionResult:
    knowledge = assistant.knowledge
    document, locator = knowledge.names.split(citation)
    checked = assistant.verify(citation, as_of)
    finding = next((f for f in checked.findings if f.document == knowledge.documents[document].short), None)
    if finding is None or finding.exists is False:
        raise CitationError(finding.verdict if finding else f"看不懂引用“{citation}”；请写成“文件简称 第N条”。")
    provision, day = knowledge.find(document, locator), checked.as_of
    below = knowledge.below(provision)
    penal = dict.fromkeys(iri for p in (provision, *below) for iri in p.penalized_by)
    return ProvisionResult(
        provision=provision_out(provision, knowledge, day),
        parts=[provision_out(p, knowledge, day) for p in below[1:]],
        penalty=[penalty_out(knowledge.provisions[i], knowledge, day) for i in penal if i in knowledge.provisions],
        check=finding,
    )


def _checked(assistant: Assistant, citations: Iterable[str], as_of: str | None) -> list[CitationCheck]:
    """Each citation once, with what :mod:`assistant.verify` says of it."""
    names = list(dict.fromkeys(citations))
    if not names:
        return []
    findings = assistant.verify("。\n".join(names), as_of).findings
    by_line = {f.line: f for f in reversed(findings)}
    return [
        CitationCheck(citation=name, status=by_line[n].status, verdict=by_line[n].verdict)
        for n, name in enumerate(names, 1)
        if n in by_line
    ]


class _Endpoint:
    """Forwards to the session manager of the running application: one cannot be started twice."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is None:
            raise RuntimeError("the application's lifespan has not been started")
        await self.app(scope, receive, send)


def add_mcp(app: FastAPI, assistant: Assistant, host: str = "127.0.0.1") -> None:
    """Serve MCP at ``/mcp`` of ``app`` (streamable HTTP, stateless); call it before anything is mounted at ``/``.

    On a loopback ``host`` requests under other host names are refused, against DNS rebinding.
    """
    endpoint = _Endpoint()
    app.router.routes.insert(0, Route(PATH, endpoint=endpoint))
    inner = app.router.lifespan_context

    @contextlib.asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[Any]:
        server = create_mcp(assistant)
        endpoint.app = server.streamable_http_app(
            streamable_http_path=PATH, stateless_http=True, json_response=True, host=host
        )
        try:
            async with server.session_manager.run(), inner(application) as state:
                yield state
        finally:
            endpoint.app = None

    app.router.lifespan_context = lifespan


def run_stdio(assistant: Assistant) -> None:
    """Serve MCP on standard input and output until the client goes away."""
    create_mcp(assistant).run("stdio")
