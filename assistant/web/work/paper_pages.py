"""Documents of checks: the report of a self-check or an inspection, and the five forms of an official inspection."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from assistant import papers
from assistant.documents.measures_docx import write_measures_docx
from assistant.documents.order_docx import write_order_docx
from assistant.documents.record_docx import write_record_docx
from assistant.documents.report_docx import write_report_docx
from assistant.documents.report_xlsx import write_report_xlsx
from assistant.documents.review_docx import write_review_docx
from assistant.documents.scheme_docx import write_scheme_docx
from assistant.follow_up_forms import make_decision, make_review, measures_on_site, resumption
from assistant.inspection_forms import Record, Scheme, law_of_visits, make_order
from assistant.records import Desk, InspectionOut, NotFoundError, RecordValueError
from assistant.records.forms import HazardOut, InspectionSummary
from assistant.records.more_forms import PhotoOut
from assistant.records.work import LARGEST_PAGE
from assistant.report import CHINA, Agreement, CheckReport, Score, agreement
from assistant.web.work.site import PREFIX, Here, Site

M = TypeVar("M")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EARLIER = 6
"""Earlier checks in the trend of a report."""
TITLES = {
    "scheme": "现场检查方案",
    "record": "现场检查记录",
    "measures": "现场处理措施决定书",
    "order": "责令限期整改指令书",
    "review": "整改复查意见书",
}
REPORTS = {"self_check": "自查报告", "inspection": "检查报告"}


def build(site: Site) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/checks/{check_id}/report.docx")
    def report_docx(check_id: int, here: Here = Depends(site.reader)) -> Response:
        report = full_report(here.desk, check_id, code_url(here, here.desk.inspections.get(check_id)))
        found = None
        if report.kind == "inspection" and here.desk.viewer.official:
            found = agreement_of(here.desk, report, here.desk.inspections.get(check_id))
        return document(lambda path: write_report_docx(report, path, found), _name(report, "docx"))

    @router.get("/checks/{check_id}/report.xlsx")
    def report_xlsx(check_id: int, here: Here = Depends(site.reader)) -> Response:
        report = full_report(here.desk, check_id, code_url(here, here.desk.inspections.get(check_id)))
        return document(lambda path: write_report_xlsx(report, path), _name(report, "xlsx"))

    @router.get("/inspections/{check_id}/scheme.docx")
    def scheme(check_id: int, here: Here = Depends(site.reader)) -> Response:
        held = official(here, check_id)
        details = papers.details_of(held.details)
        firm = papers.firm_of(here.desk.enterprises.get(held.enterprise_id))
        made = Scheme(
            firm=firm,
            visit=papers.visit_of(details, on_site=False),
            checklist=held.checklist,
            law=law_of_visits(site.assistant.knowledge, held.as_of),
            note=details.note,
        )
        return form("scheme", write_scheme_docx, made, held, firm.name)

    @router.get("/inspections/{check_id}/record.docx")
    def record(check_id: int, here: Here = Depends(site.reader)) -> Response:
        held = official(here, check_id)
        details = papers.details_of(held.details)
        report = full_report(here.desk, check_id, code_url(here, held))
        visit = papers.visit_of(details, on_site=True)
        law = law_of_visits(site.assistant.knowledge, held.as_of)
        made = Record(report=report, visit=visit, law=law, told=details.told)
        return form("record", write_record_docx, made, held, report.firm.name)

    @router.get("/inspections/{check_id}/order.docx")
    def order(check_id: int, here: Here = Depends(site.reader)) -> Response:
        held = official(here, check_id)
        if held.finished_at is None:
            raise RecordValueError("这次检查还没有办结，结果还会变；请办结后再出具责令限期整改指令书。")
        details = papers.details_of(held.details)
        report = full_report(here.desk, check_id)
        made = make_order(
            report,
            papers.visit_of(details, on_site=True),
            law_of_visits(site.assistant.knowledge, held.as_of),
            due=details.order_due,
            review_place=details.review_place,
            number=details.order_number,
        )
        return form("order", write_order_docx, made, held, report.firm.name)

    @router.get("/inspections/{check_id}/measures.docx")
    def measures(check_id: int, here: Here = Depends(site.reader)) -> Response:
        held = official(here, check_id)
        details, knowledge = papers.details_of(held.details), site.assistant.knowledge
        report = full_report(here.desk, check_id)
        made = make_decision(
            report,
            papers.visit_of(details, on_site=True),
            law_of_visits(knowledge, held.as_of),
            measures_on_site(knowledge, held.as_of, details.measures),
            resume=resumption(knowledge),
            number=details.measures_number,
        )
        return form("measures", write_measures_docx, made, held, report.firm.name)

    @router.get("/inspections/{check_id}/review.docx")
    def review(check_id: int, here: Here = Depends(site.reader)) -> Response:
        held = official(here, check_id)
        if held.finished_at is None:
            raise RecordValueError("这次检查还没有办结，没有可以复查的整改；请办结并责令整改后再复查。")
        details = papers.details_of(held.details)
        report = full_report(here.desk, check_id)
        today = here.desk.work.clock().astimezone(CHINA).date()
        made = make_review(
            report,
            papers.second_visit_of(details),
            law_of_visits(site.assistant.knowledge, today),
            due=details.order_due,
            number=details.review_number,
            order_number=details.order_number,
            told=details.review_told,
        )
        return form("review", write_review_docx, made, held, report.firm.name)

    return router


def official(here: Here, check_id: int) -> InspectionOut:
    """An official inspection for an official; raise an error in Chinese for others and for self-checks."""
    if not here.desk.viewer.official:
        here.desk.viewer.require("inspect")
    held = here.desk.inspections.get(check_id)
    if held.kind != "inspection":
        raise NotFoundError(f"检查 {check_id} 是企业自查，没有执法文书；请从检查列表打开执法检查。")
    return held


def form(kind: str, write: Callable[[M, Path], None], made: M, held: InspectionOut, firm: str) -> Response:
    """One of the official forms of an inspection, named by its title and firm."""
    return document(lambda path: write(made, path), f"{TITLES[kind]}-{firm}-{held.id}.docx")


def document(write: Callable[[Path], None], name: str, media_type: str | None = None) -> Response:
    """A document that is written into a folder of its own and sent from memory."""
    with tempfile.TemporaryDirectory(prefix="hegui-") as folder:
        path = Path(folder) / f"document{Path(name).suffix}"
        write(path)
        content = path.read_bytes()
    kind = media_type or (DOCX if name.endswith(".docx") else XLSX)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}", "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)


def _name(report: CheckReport, ending: str) -> str:
    state = "" if report.finished else "（未办结）"
    return f"{REPORTS[report.kind]}{state}-{report.firm.name}-{report.number}.{ending}"


def code_url(here: Here, held: InspectionOut | InspectionSummary) -> str | None:
    """The address behind the check code (检查码): the public one, or as this request reached the server."""
    address = here.site.public or str(here.request.base_url).rstrip("/")
    return f"{address}{PREFIX}/code/{held.code}" if held.code else None


def plain_report(desk: Desk, check_id: int) -> CheckReport:
    """A check with its results only."""
    held = desk.inspections.get(check_id)
    firm = desk.enterprises.get(held.enterprise_id)
    return papers.report_of(firm, held, desk.inspections.results(check_id), _path_of(desk))


def full_report(desk: Desk, check_id: int, url: str | None = None) -> CheckReport:
    """A check with its photos, hazards and the scores of earlier ones of its kind."""
    held = desk.inspections.get(check_id)
    answers = desk.inspections.results(check_id)
    failed = {key for key, answer in answers.items() if answer.result == "noncompliant"}
    hazards = _hazards(desk, held, failed) if held.finished_at else []
    return papers.report_of(
        desk.enterprises.get(held.enterprise_id),
        held,
        answers,
        _path_of(desk),
        photos=desk.photos.of_inspection(check_id),
        hazards=[papers.hazard_of(h, desk.photos.of_hazard(h.id), _path_of(desk)) for h in hazards],
        previous=_previous(desk, held),
        code_url=url,
    )


def _path_of(desk: Desk) -> papers.PathOf:
    files = desk.photos.files

    def path_of(photo: PhotoOut) -> Path:
        return files.path(photo.sha256, photo.media_type)

    return path_of


def _hazards(desk: Desk, held: InspectionOut, failed: set[str]) -> list[HazardOut]:
    """The hazards that a check entered, and those that its failed items found standing in the ledger already."""
    own = _all(desk, inspection_id=held.id)
    known = {h.check_id for h in own}
    standing = _all(desk, enterprise_id=held.enterprise_id) if failed - known else []
    told = {h.check_id: h for h in standing if h.check_id in failed - known and h.state != "closed"}
    return [*own, *told.values()]


def _all(desk: Desk, **which: int) -> list[HazardOut]:
    found = desk.hazards.find(**which, size=LARGEST_PAGE)  # type: ignore[arg-type]
    items = list(found.items)
    for page in range(2, found.pages + 1):
        items += desk.hazards.find(**which, page=page, size=LARGEST_PAGE).items  # type: ignore[arg-type]
    return items


def _previous(desk: Desk, held: InspectionOut) -> list[Score]:
    """The scores of finished checks of the same kind before one, the newest few."""
    found = desk.inspections.find(held.enterprise_id, kind=held.kind, finished=True, size=50).items
    earlier = [s for s in found if s.id < held.id and s.score is not None][:EARLIER]
    return [plain_report(desk, s.id).score for s in earlier]


def self_check_for(desk: Desk, held: InspectionOut) -> InspectionSummary | None:
    """The firm's last self-check that was finished before an inspection was (or till now)."""
    found = desk.inspections.find(held.enterprise_id, kind="self_check", finished=True, size=50).items
    earlier = [s for s in found if s.finished_at and (held.finished_at is None or s.finished_at <= held.finished_at)]
    return max(earlier, key=lambda s: (s.finished_at, s.id), default=None)


def agreement_of(desk: Desk, report: CheckReport, held: InspectionOut) -> Agreement | None:
    """How an inspection agrees with the self-check before it; ``None`` where there is none."""
    found = self_check_for(desk, held)
    return agreement(plain_report(desk, found.id), report) if found else None
