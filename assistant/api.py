"""The JSON routes beside the page: the same answers as the command line, documented by OpenAPI at /openapi.json."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from assistant.cases import SimilarCases
from assistant.checklist import Checklist
from assistant.coverage import Coverage, coverage
from assistant.hazard_source import HazardSource
from assistant.models import Answer
from assistant.service import Assistant
from assistant.thresholds import ThresholdOut
from assistant.verify import Verification
from assistant.worksheet import Factors, PenaltyWorksheet
from kg_build.errors import HeguiError, SnapshotError

AsOf = Annotated[str | None, Query(description="按哪一天的法律，如 2026-05-01；默认今天。")]


class Question(BaseModel):
    """A question."""

    q: str = Field(description="用平常的话提问，或直接写文号和条款。")
    as_of: str | None = Field(default=None, description="按哪一天的法律，如 2026-05-01；默认今天。")
    limit: int = Field(default=20, ge=1, le=100, description="最多几条依据。")


class ChecklistRequest(BaseModel):
    """What a checklist is made from: scenes, a description of the plant, or both."""

    scenes: list[str] = Field(default=[], description="场景名称。")
    profile: str | None = Field(default=None, description="企业做什么、有什么、存什么。")
    as_of: str | None = None
    title: str | None = None


class Situation(BaseModel):
    """A situation to find similar cases for."""

    q: str = Field(description="情况描述。")
    as_of: str | None = None
    limit: int = Field(default=8, ge=1, le=50)
    shanghai: bool = Field(default=False, description="只看上海的案例。")


class TextToVerify(BaseModel):
    """A text whose citations are to be checked."""

    text: str = Field(description="报告、方案或文书的正文。")
    as_of: str | None = Field(default=None, description="按哪一天的法律，如 2026-05-01；默认今天。")


class Unit(BaseModel):
    """What stands in one unit, and who lives around it."""

    substances: list[str] = Field(description="物质=数量，如 液氨=12、甲醇=800kg、乙酸丁酯=30@W5.4；不写单位按吨。")
    exposed: int = Field(ge=0, description="厂区边界向外500米范围内的常住人口。")
    as_of: str | None = Field(default=None, description="按哪一天的标准，如 2026-05-01；默认今天。")


class Finding(BaseModel):
    """A failed check or a broken provision, and what the officer has established of the case."""

    subject: str = Field(description="检查项编号，或条款引用。")
    as_of: str | None = Field(default=None, description="按哪一天的法律，如 2026-05-01；默认今天。")
    factors: Factors = Field(default=Factors(), description="已经查明的情节；没有查明的不写，不等于“没有”。")


class ThresholdList(BaseModel):
    """Numbers of the law; ``total`` counts all that were found."""

    total: int
    thresholds: list[ThresholdOut]


class ErrorOut(BaseModel):
    """An error in one Chinese sentence."""

    error: str


_ERRORS: dict[int | str, dict[str, Any]] = {422: {"model": ErrorOut}, 503: {"model": ErrorOut}}


def _json(answer: BaseModel) -> Response:
    """An answer as JSON: written once by its own model, not validated and written again by the framework."""
    return Response(answer.model_dump_json(), media_type="application/json")


def _gives(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": model}}


def api_router(assistant: Assistant) -> APIRouter:
    """The routes under /api."""
    router = APIRouter(prefix="/api", responses=_ERRORS)

    @router.get("/ask", summary="问法规", response_model=None, responses=_gives(Answer))
    def ask_get(q: str, as_of: AsOf = None, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Response:
        return _json(assistant.ask(q, as_of, provisions=limit))

    @router.post("/ask", summary="问法规", response_model=None, responses=_gives(Answer))
    def ask(question: Question) -> Response:
        return _json(assistant.ask(question.q, question.as_of, provisions=question.limit))

    @router.post("/checklist", summary="生成清单", response_model=None, responses=_gives(Checklist))
    def checklist(wanted: ChecklistRequest) -> Response:
        return _json(assistant.checklist(wanted.scenes, wanted.profile, wanted.as_of, title=wanted.title))

    @router.post("/cases", summary="找类案", response_model=None, responses=_gives(SimilarCases))
    def cases(situation: Situation) -> Response:
        return _json(assistant.cases(situation.q, situation.as_of, limit=situation.limit, shanghai=situation.shanghai))

    @router.post("/verify", summary="核对引用", response_model=None, responses=_gives(Verification))
    def verify(wanted: TextToVerify) -> Response:
        return _json(assistant.verify(wanted.text, wanted.as_of))

    @router.post("/hazard-source", summary="算重大危险源", response_model=None, responses=_gives(HazardSource))
    def hazard_source(unit: Unit) -> Response:
        return _json(assistant.hazard_source(unit.substances, unit.exposed, unit.as_of))

    @router.get("/thresholds", summary="查法定的数")
    def thresholds(
        words: Annotated[list[str] | None, Query(description="量、对象或文件，可重复。")] = None,
        as_of: AsOf = None,
        limit: Annotated[int, Query(ge=1, le=2000)] = 50,
    ) -> ThresholdList:
        found = assistant.thresholds(words or (), as_of)
        return ThresholdList(total=len(found), thresholds=found[:limit])

    @router.get("/penalties", summary="不符合要承担什么", response_model=None, responses=_gives(PenaltyWorksheet))
    def penalties(subject: Annotated[str, Query(description="检查项编号，或条款引用。")], as_of: AsOf = None) -> Response:
        return _json(assistant.penalties(subject, as_of))

    @router.post("/penalties", summary="查明情节后要承担什么", response_model=None, responses=_gives(PenaltyWorksheet))
    def penalties_of(found: Finding) -> Response:
        return _json(assistant.penalties(found.subject, found.as_of, found.factors))

    @router.get("/coverage", summary="覆盖表", response_model=None, responses=_gives(Coverage))
    def covered() -> Response:
        return _json(coverage(assistant.knowledge))

    @router.get("/stats", summary="资料库里有什么")
    def stats() -> dict[str, Any]:
        return assistant.stats()

    return router


def create_api(assistant: Assistant) -> FastAPI:
    """The application with the JSON routes; the page is mounted into it by ``assistant.web``."""
    # The stock /docs page loads scripts from a content network; `assistant.web.docs` serves one that does not.
    app = FastAPI(title="合规图谱 JSON 接口", version="1", docs_url=None, redoc_url=None)
    app.include_router(api_router(assistant))

    app.add_exception_handler(HeguiError, lambda _, error: error_json(error))

    @app.exception_handler(RequestValidationError)
    async def _bad_request(_: Request, error: RequestValidationError) -> Response:
        where = "、".join(".".join(str(p) for p in e["loc"] if p != "body") or "请求体" for e in error.errors())
        return JSONResponse({"error": f"请求的写法有误（{where}）；请对照 /docs 改正。"}, status_code=422)

    return app


def error_json(error: HeguiError) -> Response:
    """An error as JSON: one sentence."""
    return JSONResponse({"error": str(error)}, status_code=503 if isinstance(error, SnapshotError) else 422)
