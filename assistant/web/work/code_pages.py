"""Check codes (检查码): whoever scans one sees who inspects which firm, what, why, and how it ended. Nothing else."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response

from assistant import papers
from assistant.documents.common import moment_text
from assistant.records import NotFoundError, Viewer
from assistant.report import local
from assistant.web.work.paper_pages import plain_report
from assistant.web.work.site import Site

_CODE = re.compile(r"[A-Za-z0-9_-]{20,64}")


def build(site: Site) -> APIRouter:
    """The routes."""
    router = APIRouter()
    site.templates.filters["chinese"] = moment_text

    @router.get("/code/{code}")
    def code(code: str, request: Request) -> Response:
        held = site.store.by_code(code) if _CODE.fullmatch(code) else None
        if held is None:
            raise NotFoundError("没有这个检查码；请核对扫描的是不是现场检查记录上的二维码，或者向检查机关核实。")
        # The code is the permission; of what the system sees the page tells only what is named here.
        desk = site.store.desk(Viewer.of_system())
        report = plain_report(desk, held.id) if held.finished_at else None
        details = papers.details_of(held.details)
        answer = site.show(
            "code.html",
            request,
            firm=desk.enterprises.get(held.enterprise_id).name,
            authority=details.authority,
            inspectors=details.inspectors,
            departments=details.departments,
            reason=details.reason_label,
            campaign=details.campaign,
            starts=details.began or details.starts or local(held.created_at),
            ended=(details.ended or local(held.finished_at)) if held.finished_at else None,
            scenes=held.checklist.scenes,
            total=held.total,
            withdrawn=held.withdrawn_at is not None,
            as_of=held.as_of,
            tally=report.score.all if report else None,
            failed=[(f.item, f.major) for f in report.findings] if report else [],
        )
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
        return answer

    return router
