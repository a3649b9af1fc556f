"""Filling in a checklist, on a phone too: each tap is saved, two people see each other's answers, photos, finishing."""

from __future__ import annotations

import datetime
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from assistant.checklist import scenes_with_checks
from assistant.records import RecordValueError
from assistant.records.more_forms import PhotoOut
from assistant.web.work.site import Here, Site
from assistant.web.work.taps import answer_json

STILL_BEING_SAVED = datetime.timedelta(minutes=1)
"""Longer than a writer waits for the database; a page takes an answer it already has only once, by its version."""


def build(site: Site) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/firms/{firm_id}/check")
    def prepare(firm_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        here.desk.viewer.require("self_check")
        profile = here.desk.enterprises.profile(firm_id)
        made = site.assistant.checklist(profile.scenes, profile.text or None, only=profile.kept or None) if profile else None
        knowledge = site.assistant.knowledge
        scenes = [knowledge.label(s) for s in scenes_with_checks(knowledge)]
        firm = here.desk.enterprises.get(firm_id)
        return here.show("check_new.html", firm=firm, profile=profile, made=made, scenes=scenes)

    @router.post("/firms/{firm_id}/check")
    def begin(firm_id: int, here: Here = Depends(site.writer)) -> Response:
        scenes, profile = here.texts("scenes"), here.desk.enterprises.profile(firm_id)
        if not scenes and not profile:
            raise RecordValueError("还没有填企业情况；请先写明企业做什么，或者选要查的场景。")
        text, kept_facts = (profile.text or None, profile.kept or None) if profile else (None, None)
        wanted = scenes or (profile.scenes if profile else [])
        made = site.assistant.checklist(wanted, text, only=kept_facts, title=here.text("title") or None)
        if scenes:
            made = made.only(scenes)
        kept = here.desk.inspections.add(firm_id, "self_check", made, site.assistant.knowledge.manifest["key"])
        return here.go(f"/checks/{kept.id}")

    @router.get("/checks/{check_id}")
    def fill(check_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        inspection = here.desk.inspections.get(check_id)
        needed = "self_check" if inspection.kind == "self_check" else "inspect"
        return here.show(
            "check.html",
            inspection=inspection,
            firm=here.desk.enterprises.get(inspection.enterprise_id),
            results=here.desk.inspections.results(check_id),
            photos=here.desk.photos.of_inspection(check_id),
            open=inspection.finished_at is None and inspection.withdrawn_at is None and here.desk.viewer.may(needed),
            now=(here.desk.work.clock() - STILL_BEING_SAVED).isoformat(),
        )

    @router.get("/checks/{check_id}/changes")
    def changes(check_id: int, here: Here = Depends(site.reader)) -> Response:
        """The answers changed since a moment, so that two people at one checklist see each other's."""
        # An answer is stamped before it is committed: what was stamped but not yet to be seen must come with the next call.
        now = here.desk.work.clock() - STILL_BEING_SAVED
        since = _moment(here.text("since"))
        answers = here.desk.inspections.results(check_id).values()
        found = [answer_json(a) for a in answers if a.updated_at >= since]
        return JSONResponse({"answers": found, "now": now.isoformat()})

    @router.post("/checks/{check_id}/photo")
    async def add_photo(check_id: int, here: Here = Depends(site.writer)) -> Response:
        content, name = await here.upload("photo")
        if not content:
            raise RecordValueError("没有收到照片；请重新选择或者拍照。")
        add = here.desk.photos.add_to_check
        return JSONResponse(photo_json(await run_in_threadpool(add, check_id, here.text("check"), content, name)))

    @router.post("/photos/{photo_id}/remove")
    def remove_photo(photo_id: int, here: Here = Depends(site.writer)) -> Response:
        here.desk.photos.remove(photo_id)
        return JSONResponse({"removed": photo_id})

    @router.get("/photos/{photo_id}")
    def photo(photo_id: int, here: Here = Depends(site.reader)) -> Response:
        content, media_type = here.desk.photos.content(photo_id, small=bool(here.text("small")))
        headers = {"Cache-Control": "private, max-age=86400", "Content-Security-Policy": "default-src 'none'; sandbox"}
        return Response(content, media_type=media_type, headers=headers)

    @router.post("/checks/{check_id}/withdraw")
    def withdraw(check_id: int, here: Here = Depends(site.writer)) -> Response:
        held = here.desk.inspections.withdraw(check_id, here.version(), here.text("why"))
        return here.go(f"/firms/{held.enterprise_id}")

    @router.post("/checks/{check_id}/finish")
    def finish(check_id: int, here: Here = Depends(site.writer)) -> Response:
        held = here.desk.inspections.get(check_id)
        if held.unanswered and here.text("partly") != "on":
            raise RecordValueError(
                f"还有 {held.unanswered} 项没有结果；请查完再办结，确实只查一部分的，勾选“未查的项留空办结”。"
            )
        here.desk.inspections.finish(check_id, here.version())
        return here.go(f"/checks/{check_id}")

    return router


def photo_json(photo: PhotoOut) -> dict[str, Any]:
    """What a page needs to show a photo."""
    return {"id": photo.id, "name": photo.name, "check": photo.check_id, "by": photo.taken_by}


def _moment(value: str) -> datetime.datetime:
    try:
        found = datetime.datetime.fromisoformat(value)
    except ValueError as error:
        raise RecordValueError("时间的写法不对；请刷新页面。") from error
    return found if found.tzinfo else found.astimezone()
