"""Plans of inspections: reckoned from the firms and the rules, looked at, kept, approved, and carried out visit by visit."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from assistant import planning
from assistant.planning import MONTHS, Campaign
from assistant.records import PlanForm, RecordValueError, VisitForm
from assistant.records.forms import text
from assistant.records.models import PLAN_STATES, VISIT_STATES
from assistant.records.more_forms import VisitOut
from assistant.records.work import LARGEST_PAGE
from assistant.web.work import plan_xlsx, visits
from assistant.web.work.inspect_pages import china_today, cut, split
from assistant.web.work.paper_pages import document
from assistant.web.work.site import Here, Site

SHOWN = 50
MOST_REASONS = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan is asked for: ``words`` of a campaign (industries, scenes …), ``months`` in which it may be, ``capacity``
    in visits a month (``None``: no bound), ``start`` the first month planned.
    """

    year: int
    title: str
    authority: str
    district: str
    campaign: str
    words: tuple[str, ...]
    months: tuple[int, int]
    capacity: int | None
    start: int

    @property
    def query(self) -> str:
        """As an address holds it."""
        told = {
            "year": self.year,
            "title": self.title,
            "authority": self.authority,
            "district": self.district,
            "campaign": self.campaign,
            "words": "、".join(self.words),
            "first": self.months[0],
            "last": self.months[1],
            "capacity": "" if self.capacity is None else self.capacity,
            "start": self.start,
        }
        return urlencode(told)


def build(site: Site) -> APIRouter:
    """The routes."""
    router = APIRouter()
    known: dict[tuple[str, ...], frozenset[str]] = {}

    @router.get("/plans")
    def plans(here: Here = Depends(site.reader)) -> HTMLResponse:
        here.desk.viewer.require("plan")
        year = here.number("year", "年度")
        found = here.desk.plans.find(year, page=here.page_number())
        return here.show("plans.html", found=found, year=year, states=PLAN_STATES)

    @router.get("/plans/new")
    def new(here: Here = Depends(site.reader)) -> HTMLResponse:
        here.desk.viewer.require("plan")
        asked = _asked(here) if here.text("year") else None
        result = _reckon(site, here, asked, known) if asked else None
        month = here.number("month", "月份")
        planned = [v for v in result[0].visits if month in (None, v.month)] if result else []
        left = list(result[0].left_out) if result else []
        page = here.page_number()
        today = china_today(here)
        return here.show(
            "plan_new.html",
            asked=asked,
            result=result[0] if result else None,
            notes=result[1] if result else [],
            summary=_summary(result[0]) if result else [],
            tab="left" if here.text("tab") == "left" else "visits",
            visits=cut(planned, page, SHOWN),
            left=cut(left, page, SHOWN),
            month=month,
            today=today,
            districts=here.desk.enterprises.districts(),
            own=here.desk.viewer.district,
            cite=lambda ids: _cited(site, ids),
        )

    @router.post("/plans/new")
    def keep(here: Here = Depends(site.writer)) -> Response:
        here.desk.viewer.require("plan")
        asked = _asked(here)
        result, notes = _reckon(site, here, asked, known)
        if not result.visits:
            raise RecordValueError("这样排没有一次检查，没有可以保存的计划；请改条件后再排。")
        form = PlanForm(
            year=asked.year,
            title=asked.title,
            authority=asked.authority,
            district=asked.district or None,
            campaign=asked.campaign or None,
            notes=[*notes, *(f"没有列入 {n} 家次：{reason}" for reason, n in _summary(result)[:MOST_REASONS])],
        )
        made = [VisitForm(enterprise_id=int(v.unit.id), month=v.month, reasons=_reasons(site, v)) for v in result.visits]
        return here.go(f"/plans/{here.desk.plans.add(form, made).id}")

    @router.get("/plans/preview.xlsx")
    def preview_xlsx(here: Here = Depends(site.reader)) -> Response:
        here.desk.viewer.require("plan")
        asked = _asked(here)
        result, notes = _reckon(site, here, asked, known)
        firms = {f.id: f for f in visits.all_firms(here.desk, asked.district or None)}
        rows = [plan_xlsx.Line(v.month, firms[int(v.unit.id)], _reasons(site, v), "拟列入", None) for v in result.visits]
        left = [(firms[int(o.unit.id)], o.reason) for o in result.left_out]
        return document(lambda path: plan_xlsx.write(path, asked.title, notes, rows, left), f"{asked.title}（预览）.xlsx")

    @router.get("/plans/{plan_id}")
    def plan(plan_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        here.desk.viewer.require("plan")
        desk, month = here.desk, here.number("month", "月份")
        rules = visits.rules_of(site.assistant)
        held = desk.plans.get(plan_id)
        found = desk.plans.visits(plan_id, month=month, page=here.page_number(), size=SHOWN)
        return here.show(
            "plan.html",
            plan=held,
            found=found,
            firms={v.enterprise_id: desk.enterprises.get(v.enterprise_id) for v in found.items},
            months=desk.plans.months(plan_id),
            month=month,
            states=PLAN_STATES,
            triggers=rules.triggers,
            labels={t.id: t.label for t in rules.triggers},
            today=china_today(here),
        )

    @router.get("/plans/{plan_id}/plan.xlsx")
    def plan_xlsx_of(plan_id: int, here: Here = Depends(site.reader)) -> Response:
        here.desk.viewer.require("plan")
        held = here.desk.plans.get(plan_id)
        firms = {f.id: f for f in visits.all_firms(here.desk, None)}
        rows = [
            plan_xlsx.Line(v.month, firms[v.enterprise_id], v.reasons, VISIT_STATES[v.state], v.inspection_id)
            for v in _all_visits(here, plan_id)
            if v.enterprise_id in firms
        ]
        notes = [f"检查机关：{held.authority}", f"状态：{PLAN_STATES[held.state]}", *held.notes]
        return document(lambda path: plan_xlsx.write(path, held.title, notes, rows, []), f"{held.title}.xlsx")

    @router.post("/plans/{plan_id}/approve")
    def approve(plan_id: int, here: Here = Depends(site.writer)) -> Response:
        here.desk.plans.approve(plan_id, here.version())
        return here.go(f"/plans/{plan_id}")

    @router.post("/plans/{plan_id}/visits")
    def add_visit(plan_id: int, here: Here = Depends(site.writer)) -> Response:
        """A visit that a complaint, an alarm or the like calls for."""
        here.desk.viewer.require("plan")
        rules, held = visits.rules_of(site.assistant), here.desk.plans.get(plan_id)
        trigger = visits.trigger_of(here.text("trigger"), rules)
        note = text(here.text("note"), "事由说明", 200, required=True)
        firm_id, month = _firm(here), here.number("month", "月份") or 0
        if month not in MONTHS:
            raise RecordValueError(f"月份不能是 {month}；请填1到12。")
        if not trigger.beyond:
            past = visits.past_of(here.desk, firm_id, held.year, rules)
            if told := visits.refused(firm_id, datetime.date(held.year, month, 1), held.authority, past, rules):
                raise RecordValueError(told)
        told_why = [f"{china_today(here)} {trigger.label}：{note}", trigger.rule]
        form = VisitForm(enterprise_id=firm_id, month=month, reasons=told_why, trigger=trigger.id)
        here.desk.plans.add_visit(plan_id, form)
        return here.go(f"/plans/{plan_id}?month={month}")

    @router.post("/visits/{visit_id}/drop")
    def drop(visit_id: int, here: Here = Depends(site.writer)) -> Response:
        here.desk.viewer.require("plan")
        held = here.desk.plans.visit(visit_id)
        if held.state != "planned":
            raise RecordValueError("只有还没有开始的检查可以取消；请刷新计划。")
        here.desk.plans.move_visit(visit_id, here.version(), "dropped", reason=here.text("reason"))
        return here.go(f"/plans/{held.plan_id}?month={held.month}")

    return router


def _asked(here: Here) -> Asked:
    """What is asked for; raise :class:`RecordValueError` for what can't be planned."""
    year = here.number("year", "年度") or 0
    authority = text(here.text("authority"), "检查机关", 200, required=True) or ""
    district = here.desk.viewer.district or here.text("district")
    campaign, words = text(here.text("campaign"), "专项检查", 200) or "", split(here.text("words"))
    first, last = here.number("first", "专项开始月份") or 1, here.number("last", "专项结束月份") or 12
    start, capacity = here.number("start", "起排月份") or 1, here.number("capacity", "每月能安排的次数")
    if not 2000 <= year <= 2100:
        raise RecordValueError(f"年度不能是 {year}；请填四位年份。")
    if not 1 <= first <= last <= 12:
        raise RecordValueError("专项检查的月份要在1到12之间，开始不晚于结束。")
    if bool(campaign) != bool(words):
        raise RecordValueError("专项检查要同时写名称和范围（行业或者场景的词）；不是专项的两个都留空。")
    title = text(here.text("title"), "计划名称", 200) or f"{authority}{year}年度{campaign}检查计划"[:200]
    return Asked(year, title, authority, district, campaign, words, (first, last), capacity, start)


Known = dict[tuple[str, ...], frozenset[str]]


def _reckon(site: Site, here: Here, asked: Asked, known: Known) -> tuple[planning.Plan, list[str]]:
    """The plan, and what its reader must know."""
    desk, assistant = here.desk, site.assistant
    rules = visits.rules_of(assistant)
    firms = visits.all_firms(desk, asked.district or None)
    fits = visits.matcher(assistant, asked.words, known)
    profiles = desk.enterprises.newest_profiles() if asked.words else {}
    units, unleveled, start = visits.units_of(assistant, firms, profiles, fits, china_today(here))
    campaigns = []
    if asked.words:
        months = tuple(range(asked.months[0], asked.months[1] + 1))
        campaigns = [Campaign("campaign", asked.campaign, frozenset(asked.words), months)]
    result = planning.plan(
        units,
        visits.history_of(desk, asked.year, rules),
        (),
        asked.year,
        rules,
        agency=asked.authority,
        campaigns=campaigns,
        capacity=asked.capacity,
        from_month=asked.start,
    )
    notes = [f"共 {len(units)} 家单位，列入检查 {len(result.visits)} 次，另有 {len(result.left_out)} 家次没有列入。"]
    if campaigns:
        notes.append(f"专项检查“{asked.campaign}”范围内 {sum(bool(u.tags) for u in units)} 家（{'、'.join(asked.words)}）。")
    if unleveled:
        notes.append(f"有 {unleveled} 家还没有画像，按没有记录时的等级（{start}级）排；请尽快补做画像。")
    return result, [*notes, *result.notes]


def _summary(result: planning.Plan) -> list[tuple[str, int]]:
    """Why units were left out, the most frequent first."""
    return Counter(o.reason for o in result.left_out).most_common()


def _cited(site: Site, ids: Any) -> str:
    known = site.assistant.knowledge.provision_by_id
    return "、".join(known[i].citation for i in ids if i in known)


def _reasons(site: Site, visit: planning.PlannedVisit) -> list[str]:
    """The reasons of a visit with what they rest on."""
    cited = _cited(site, visit.basis)
    loose = "" if visit.verified else "（频次是默认值，没有核对到统一规定）"
    return [*visit.reasons, *([f"依据：{cited}{loose}"] if cited else [])]


def _all_visits(here: Here, plan_id: int) -> list[VisitOut]:
    found = here.desk.plans.visits(plan_id, size=LARGEST_PAGE)
    items = list(found.items)
    for page in range(2, found.pages + 1):
        items += here.desk.plans.visits(plan_id, page=page, size=LARGEST_PAGE).items
    return items


def _firm(here: Here) -> int:
    """The firm that is named, in full or so that only one fits."""
    named = text(here.text("firm"), "企业", 200, required=True) or ""
    found = here.desk.enterprises.find(named, size=20)
    exact = [f for f in found.items if named in (f.name, f.credit_code)]
    if len(exact) == 1 or found.total == 1:
        return (exact or found.items)[0].id
    if not found.total:
        raise RecordValueError(f"没有找到“{named}”；请写企业名称或者统一社会信用代码。")
    listed = "、".join(f.name for f in found.items[:5])
    raise RecordValueError(f"有 {found.total} 家企业符合“{named}”：{listed}{'等' if found.total > 5 else ''}；请写全名称。")
