"""The board 总览: what stands across the firms of a district, of the whole city, or of a group."""

from __future__ import annotations

import datetime

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from assistant.records import DeniedError
from assistant.web.work.site import Here, Site

SOON = datetime.timedelta(days=30)
SIDE_BY_SIDE = 50


def build(site: Site) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/board")
    def board(here: Here = Depends(site.reader)) -> HTMLResponse:
        viewer, desk, today = here.signed.viewer, here.desk, here.desk.work.today()
        if not viewer.oversees:
            raise DeniedError("总览给管几家企业的人用；请到“本企业”查看。")
        together = not viewer.sees_all and not viewer.official
        district = here.text("district") or None
        total, firms = desk.overview.side_by_side(today, page=here.page_number(), size=SIDE_BY_SIDE) if together else (0, [])
        return here.show(
            "board.html",
            together=together,
            counts=desk.overview.counts(today, today + SOON, district),
            pressing=[] if together else desk.overview.pressing(today, district),
            firms=firms,
            total=total,
            page=here.page_number(),
            size=SIDE_BY_SIDE,
            districts={} if together else desk.enterprises.districts(),
            district=district,
            today=today,
        )

    return router
