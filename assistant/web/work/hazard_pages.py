"""The hazard ledger 隐患台账: the list, a hazard from found to closed, major ones reported, and the ledger as a workbook."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from assistant.checklist import scenes_with_checks
from assistant.documents.ledger_xlsx import write_ledger_xlsx
from assistant.records import HazardForm, HazardOut, Page, RecordValueError
from assistant.records.forms import StepOut
from assistant.records.inspections import day_of
from assistant.records.models import OPEN_STATES, PHOTO_STAGES, STATES
from assistant.records.more_forms import PhotoOut, Stage
from assistant.records.photos import MOST_PHOTOS
from assistant.records.work import LARGEST_PAGE
from assistant.report import Firm, HazardLine, Ledger, Photo
from assistant.web.work.grounds import cited, costs, grounds
from assistant.web.work.site import Here, Site

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS, MOST_WITH_PHOTOS = 5000, 200
REPORT_DUTY = ("安全生产法 第四十一条第二款", "隐患暂行规定 第十四条第二款")
"""Where the law says that major hazards are reported; what it says is told by the snapshot."""
# What to call a step that is taken, and the stage that photos handed in with it belong to.
STEPS: dict[tuple[str, str], tuple[str, Stage | None]] = {
    ("found", "assigned"): ("派单", None),
    ("assigned", "mended"): ("整改完成", "mended"),
    ("mended", "verified"): ("复查通过", "verified"),
    ("mended", "assigned"): ("复查不通过，退回整改", "verified"),
    ("verified", "closed"): ("销号", None),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the ledger is wanted."""

    firm: int | None
    state: str
    major: bool
    late: bool
    district: str
    q: str

    @classmethod
    def of(cls, here: Here) -> Filters:
        """As the address says; raise :class:`RecordValueError` for a state that is none."""
        state = here.text("state") or "open"
        if state not in ("open", "all", *STATES):
            raise RecordValueError(f"没有叫“{state[:20]}”的状态；请从列表里选。")
        return cls(
            firm_asked(here),
            state,
            here.text("major") == "1",
            here.text("late") == "1",
            here.text("district"),
            here.text("q"),
        )

    def find(self, here: Here, page: int, size: int) -> Page[HazardOut]:
        """One page of the hazards wanted."""
        states: Any = OPEN_STATES if self.state == "open" else () if self.state == "all" else (self.state,)
        return here.desk.hazards.find(
            self.firm,
            states=states,
            major=True if self.major else None,
            due_before=here.desk.work.today() if self.late else None,
            district=self.district or None,
            q=self.q,
            page=page,
            size=size,
        )

    def query(self) -> str:
        """The filters as the end of an address, ready for one more parameter."""
        told = {"firm": self.firm, "state": self.state, "major": int(self.major), "late": int(self.late)}
        told |= {"district": self.district, "q": self.q}
        return urlencode({k: v for k, v in told.items() if v}) + "&"


def build(site: Site) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/hazards")
    def ledger(here: Here = Depends(site.reader)) -> HTMLResponse:
        wanted = Filters.of(here)
        found = wanted.find(here, here.page_number(), 20)
        firm = here.desk.enterprises.get(wanted.firm) if wanted.firm else None
        return here.show(
            "hazards.html",
            found=found,
            wanted=wanted,
            firm=firm,
            names={} if firm else here.desk.overview.names([h.enterprise_id for h in found.items]),
            districts=here.desk.enterprises.districts() if here.signed.viewer.oversees and not firm else {},
            today=here.desk.work.today(),
        )

    @router.get("/hazards.xlsx")
    def download(here: Here = Depends(site.reader)) -> Response:
        wanted, with_photos = Filters.of(here), here.text("photos") == "1"
        content = _workbook(here, wanted, with_photos)
        return attachment(content, f"隐患台账-{here.desk.work.today()}.xlsx", XLSX)

    @router.get("/firms/{firm_id}/hazards/new")
    def new(firm_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        here.desk.viewer.require("hazard")
        knowledge = site.assistant.knowledge
        return here.show(
            "hazard_new.html",
            firm=here.desk.enterprises.get(firm_id),
            scenes=[knowledge.label(s) for s in scenes_with_checks(knowledge)],
            today=here.desk.work.today(),
        )

    @router.post("/firms/{firm_id}/hazards/new")
    async def add(firm_id: int, here: Here = Depends(site.writer)) -> Response:
        content, name = await here.upload("photo")
        made = await run_in_threadpool(_register, here, firm_id, content, name)
        return here.go(f"/hazards/{made}")

    @router.get("/hazards/{hazard_id}")
    def hazard(hazard_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        desk, knowledge, day = here.desk, site.assistant.knowledge, here.desk.work.today()
        held = desk.hazards.get(hazard_id)
        check = desk.hazards.source(hazard_id)
        official = check is not None and check.official
        rules, criminal, amounts = costs(site.assistant, held.check_id)
        return here.show(
            "hazard.html",
            h=held,
            firm=desk.enterprises.get(held.enterprise_id),
            check=check,
            official=official,
            steps=_timeline(desk.hazards.steps(hazard_id)),
            photos=_by_stage(desk.photos.of_hazard(hazard_id)),
            grounds=grounds(knowledge, held.basis or [], day),
            duty=grounds(knowledge, REPORT_DUTY, day) if held.major else [],
            costs=rules,
            criminal=criminal,
            amounts=amounts,
            may=desk.viewer.may("hazard"),
            may_judge=desk.viewer.may("hazard") and (desk.viewer.official or not official),
            today=day,
        )

    @router.post("/hazards/{hazard_id}/step")
    async def step(hazard_id: int, here: Here = Depends(site.writer)) -> Response:
        content, name = await here.upload("photo")
        await run_in_threadpool(_step, here, hazard_id, content, name)
        return here.go(f"/hazards/{hazard_id}")

    @router.post("/hazards/{hazard_id}/photo")
    async def photo(hazard_id: int, here: Here = Depends(site.writer)) -> Response:
        content, name = await here.upload("photo")
        stage = here.text("stage")
        if not content:
            raise RecordValueError("没有收到照片；请重新选择或者拍照。")
        if stage not in PHOTO_STAGES:
            raise RecordValueError("请选照片是发现时、整改后还是复查时拍的。")
        add_photo = here.desk.photos.add_to_hazard
        await run_in_threadpool(add_photo, hazard_id, stage, content, name)  # type: ignore[arg-type]
        return here.go(f"/hazards/{hazard_id}")

    @router.post("/hazards/{hazard_id}/edit")
    def edit(hazard_id: int, here: Here = Depends(site.writer)) -> Response:
        major = here.text("major")
        form = HazardForm(
            description=here.text("description"),
            responsible=here.text("responsible") or None,
            due=here.day("due", "整改期限"),
            major=major == "1" if major else None,
        )
        here.desk.hazards.update(hazard_id, here.version(), form)
        return here.go(f"/hazards/{hazard_id}")

    @router.post("/hazards/{hazard_id}/report")
    def report(hazard_id: int, here: Here = Depends(site.writer)) -> Response:
        on = here.day("on", "上报日期")
        if on is None:
            raise RecordValueError("请填上报的日期。")
        if on > here.desk.work.today():
            raise RecordValueError(f"上报日期 {on} 还没有到；请填实际上报的日期。")
        here.desk.hazards.report(hazard_id, here.version(), here.text("to"), on)
        return here.go(f"/hazards/{hazard_id}")

    return router


def firm_asked(here: Here) -> int | None:
    """The firm that a list is asked for; who has but one needs not say which."""
    viewer, asked = here.signed.viewer, here.number("firm", "企业编号")
    return asked if asked is not None or viewer.oversees else viewer.enterprise_id


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """A file to keep."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def _register(here: Here, firm_id: int, content: bytes, name: str) -> int:
    responsible, due = here.text("responsible") or None, here.day("due", "整改期限")
    found_on = here.day("found_on", "发现日期")
    if found_on and found_on > here.desk.work.today():
        raise RecordValueError(f"发现日期 {found_on} 还没有到；请填实际发现的日期。")
    form = HazardForm(
        description=here.text("description"),
        major=here.text("major") == "1",
        responsible=responsible,
        due=due,
        scene=here.text("scene") or None,
        basis=cited(here.site.assistant.knowledge, here.text("basis")),
        fix=here.text("fix") or None,
        found_on=found_on,
    )
    if content:
        here.desk.viewer.require("hazard")
        here.desk.photos.files.keep(content)
    made = here.desk.hazards.add(firm_id, form)
    if content:
        here.desk.photos.add_to_hazard(made.id, "found", content, name)
    if responsible and due:
        here.desk.hazards.move(made.id, made.version, "assigned")
    return made.id


def _step(here: Here, hazard_id: int, content: bytes, name: str) -> None:
    """Take a step, with a photo. What may be wrong with the photo is found out before the step is kept."""
    desk, to = here.desk, here.text("to")
    desk.viewer.require("hazard")
    held = desk.hazards.get(hazard_id)
    if to not in STATES:
        raise RecordValueError("没有这一步；请刷新页面后重试。")
    stage = STEPS.get((held.state, to), ("", None))[1]
    if content and stage:
        if sum(p.hazard_id == hazard_id for p in desk.photos.of_hazard(hazard_id)) >= MOST_PHOTOS:
            raise RecordValueError(f"这条隐患已有 {MOST_PHOTOS} 张照片，不能再加；请不带照片提交。")
        desk.photos.files.keep(content)
    responsible, due = here.text("responsible") or None, here.day("due", "整改期限")
    note, version = here.text("note"), here.version()
    desk.hazards.move(hazard_id, version, to, note=note, responsible=responsible, due=due)  # type: ignore[arg-type]
    if content and stage:
        desk.photos.add_to_hazard(hazard_id, stage, content, name)


def _timeline(steps: list[StepOut]) -> list[tuple[str, StepOut]]:
    """Each step with what to call it."""
    told, before = [], ""
    for step in steps:
        told.append((STEPS.get((before, step.state), (STATES[step.state], None))[0], step))
        before = step.state
    return told


def _by_stage(photos: list[PhotoOut]) -> dict[str, list[PhotoOut]]:
    return {stage: [p for p in photos if p.stage == stage] for stage in PHOTO_STAGES}


def _workbook(here: Here, wanted: Filters, with_photos: bool) -> bytes:
    first = wanted.find(here, 1, LARGEST_PAGE)
    most = MOST_WITH_PHOTOS if with_photos else MOST_ROWS
    if first.total > most:
        raise RecordValueError(f"有 {first.total} 条，一次最多下载 {most} 条；请先按企业、状态或者文字筛选，再下载。")
    rows = [*first.items, *(h for n in range(2, first.pages + 1) for h in wanted.find(here, n, LARGEST_PAGE).items)]
    desk = here.desk
    if wanted.firm:
        held = desk.enterprises.get(wanted.firm)
        firm, names = Firm.model_validate(held.model_dump(include=set(Firm.model_fields))), {}
    else:
        names = desk.overview.names([h.enterprise_id for h in rows])
        firm = Firm(name=wanted.district or desk.viewer.district or "全部企业")
    lines = tuple(_line(here, h, names.get(h.enterprise_id), with_photos) for h in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.xlsx"
        write_ledger_xlsx(Ledger(firm=firm, as_of=desk.work.today(), hazards=lines), path)
        return path.read_bytes()


def _line(here: Here, hazard: HazardOut, firm: str | None, with_photos: bool) -> HazardLine:
    shown: dict[str, tuple[Photo, ...]] = {"found": (), "mended": ()}
    if with_photos:
        files = here.desk.photos.files
        for stage, photos in _by_stage(here.desk.photos.of_hazard(hazard.id)).items():
            shown[stage] = tuple(
                Photo(
                    path=files.path(p.sha256, p.media_type),
                    caption=f"{PHOTO_STAGES[p.stage]}，{p.taken_by}",
                    taken_at=p.created_at,
                    sha256=p.sha256,
                )
                for p in photos
            )
    kept = hazard.model_dump(include={"id", "major", "state", "responsible", "due", "found_on", "note", "check_id"})
    return HazardLine(
        **kept,
        description=f"{firm}：{hazard.description}" if firm else hazard.description,
        closed_on=day_of(hazard.closed_at) if hazard.closed_at else None,
        reported=hazard.reported_on,
        photos_before=shown["found"],
        photos_after=(*shown["mended"], *shown.get("verified", ())),
    )
