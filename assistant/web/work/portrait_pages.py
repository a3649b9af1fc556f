"""The portrait 企业画像, every point explained, what officials register for it, and how its checks went over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from assistant.dates import add_months
from assistant.portrait import Portrait, portrait, scheme_of
from assistant.records import HappeningForm, RecordValueError
from assistant.records.forms import Kind
from assistant.records.inspections import ScoreOut, day_of
from assistant.records.models import INSPECTION_KINDS
from assistant.records_portrait import events, longest, to_register
from assistant.web.work.grounds import of_provisions
from assistant.web.work.site import Here, Site
from kg_build.practice_forms import PortraitForm

MOST_CHECKS = 400
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 260, 40, 16, 16, 34


@dataclass(frozen=True, slots=True)
class Dot:
    """A finished check in the picture."""

    x: float
    y: float
    check: ScoreOut


def build(site: Site) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/firms/{firm_id}/portrait")
    def show(firm_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        scheme = scheme_of(site.assistant.knowledge, site.assistant.data)
        made = _portrait(here, firm_id, scheme)
        counting = [p for p in made.points if p.counts]
        return here.show(
            "portrait.html",
            firm=here.desk.enterprises.get(firm_id),
            made=made,
            scheme=scheme,
            counting=counting,
            silent=[p for p in made.points if not p.counts],
            basis=lambda point: of_provisions(site.assistant.knowledge, point.basis),
            registered=here.desk.happenings.find(firm_id, page=here.page_number(), size=20),
            labels={i.event: i.label for i in scheme.items},
            kinds=to_register(scheme),
            today=here.desk.work.today(),
        )

    @router.post("/firms/{firm_id}/portrait/happening")
    def register(firm_id: int, here: Here = Depends(site.writer)) -> Response:
        on, kind = here.day("on", "日期"), here.text("kind")
        if on is None:
            raise RecordValueError("请填发生的日期。")
        scheme = scheme_of(site.assistant.knowledge, site.assistant.data)
        if kind not in {i.event for i in to_register(scheme)}:
            raise RecordValueError("画像方案里没有这种事项；请从列表里选。")
        here.desk.happenings.add(firm_id, HappeningForm(kind=kind, on=on, note=here.text("note")))
        return here.go(f"/firms/{firm_id}/portrait")

    @router.post("/firms/{firm_id}/portrait/level")
    def set_level(firm_id: int, here: Here = Depends(site.writer)) -> Response:
        """Keep the level that the records come to today."""
        made = _portrait(here, firm_id, scheme_of(site.assistant.knowledge, site.assistant.data))
        if here.text("level") != made.level:
            raise RecordValueError(f"打开页面以后记录有变化，现在算出来是{made.label}；请刷新页面核对后再定级。")
        here.desk.enterprises.set_level(firm_id, made.level, made.total, made.day)
        return here.go(f"/firms/{firm_id}/portrait")

    @router.get("/firms/{firm_id}/trend")
    def trend(firm_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        kind = here.text("kind") or None
        if kind is not None and kind not in INSPECTION_KINDS:
            raise RecordValueError("没有这种检查；请从列表里选。")
        wanted: Kind | None = kind  # type: ignore[assignment]
        scores = here.desk.inspections.scores(firm_id, kind=wanted)
        return here.show(
            "trend.html",
            firm=here.desk.enterprises.get(firm_id),
            kind=kind,
            found=here.desk.inspections.find(firm_id, kind=wanted, page=here.page_number(), size=20),
            lines=lines(scores),
            scores=scores,
            box=(WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM),
        )

    return router


def lines(scores: Sequence[ScoreOut]) -> dict[str, list[Dot]]:
    """The scored checks by kind, as dots of a picture :data:`WIDTH` × :data:`HEIGHT`: days to the right, 0 to 100 upward."""
    scored = [s for s in scores if s.score is not None]
    if not scored:
        return {}
    first, last = min(s.day for s in scored), max(s.day for s in scored)
    span = max(1, (last - first).days)
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    found: dict[str, list[Dot]] = {}
    for s in scored:
        across = (s.day - first).days / span if last > first else 0.5
        dot = Dot(round(LEFT + wide * across, 1), round(TOP + high * (1 - (s.score or 0) / 100), 1), s)
        found.setdefault(s.kind, []).append(dot)
    return found


def _portrait(here: Here, firm_id: int, scheme: PortraitForm) -> Portrait:
    desk, today = here.desk, here.desk.work.today()
    firm = desk.enterprises.get(firm_id)
    facts = events(
        desk.inspections.scores(firm_id, kind="self_check", limit=MOST_CHECKS),
        desk.hazards.history(firm_id, add_months(today, -longest(scheme))),
        desk.happenings.find(firm_id).items,
        today,
    )
    opened = min([day_of(firm.created_at), *(e.day for e in facts)])
    return portrait(facts, scheme, today, since=opened)
