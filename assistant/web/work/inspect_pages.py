"""An official inspection: begun within the bounds of planning, its scheme approved, its documents, and its agreement."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from assistant import papers
from assistant.checklist import Checklist, scenes_with_checks
from assistant.documents.common import moment_text
from assistant.documents.qr import svg_qr
from assistant.documents.scheme_docx import METHODS
from assistant.follow_up_forms import measures_on_site
from assistant.inspection_forms import law_of_visits
from assistant.records import EnterpriseOut, InspectionOut, Page, ProfileOut, RecordValueError
from assistant.records.more_forms import PlanOut, VisitOut
from assistant.report import CHINA, MATCH_LABELS, OUTCOME_LABELS, agreement
from assistant.web.work import visits
from assistant.web.work.paper_pages import code_url, official, plain_report, self_check_for
from assistant.web.work.site import Here, Site

ROWS = 4
"""Inspectors that a form has room for, at least."""
DIFFERENCES = 50
DIFFERENT = ("missed", "stricter", "applicability")
"""What both judged, and not alike."""
HERE_ONLY = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})


def build(site: Site) -> APIRouter:
    """The routes."""
    router = APIRouter()
    site.templates.filters.setdefault("chinese", moment_text)

    @router.get("/firms/{firm_id}/inspect")
    def prepare(firm_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        here.desk.viewer.require("inspect")
        desk, rules = here.desk, visits.rules_of(site.assistant)
        firm, profile = desk.enterprises.get(firm_id), desk.enterprises.profile(firm_id)
        visit, plan = _visit(here, firm_id)
        last = _last(here)
        authority = plan.authority if plan else last.authority
        today = china_today(here)
        past = visits.past_of(desk, firm_id, today.year, rules, without_visit=visit.id if visit else None)
        knowledge = site.assistant.knowledge
        return here.show(
            "inspect_new.html",
            firm=firm,
            profile=profile,
            made=_made(site, profile, []) if profile else None,
            scenes=[knowledge.label(s) for s in scenes_with_checks(knowledge)],
            visit=visit,
            plan=plan,
            authority=authority,
            departments=last.departments,
            inspectors=_rows([(here.signed.viewer.name, here.signed.viewer.certificate or "")]),
            past=past,
            refused=visits.refused(firm_id, today, authority, past, rules) if authority else None,
            reasons=visits.reasons(rules),
            rules=rules,
            methods=METHODS,
            who=next(iter(law_of_visits(knowledge, today).inspectors), None),
            today=today,
            place=firm.address or "",
        )

    @router.post("/firms/{firm_id}/inspect")
    def begin(firm_id: int, here: Here = Depends(site.writer)) -> Response:
        here.desk.viewer.require("inspect")
        desk, rules = here.desk, visits.rules_of(site.assistant)
        firm, profile = desk.enterprises.get(firm_id), desk.enterprises.profile(firm_id)
        visit, plan = _visit(here, firm_id)
        details = _with_reason(here, _scheme(here, papers.Details()), rules, visit)
        if not details.authority:
            raise RecordValueError("请填写检查机关的全称；市、区是否重复检查要按它核对。")
        if not details.inspectors:
            raise RecordValueError("请至少填写一名执法人员的姓名和执法证号。")
        if plan and details.authority != plan.authority:
            raise RecordValueError(f"计划的检查机关是“{plan.authority}”；请改成它，或者不从计划开始检查。")
        day = details.starts.date() if details.starts else china_today(here)
        if details.planned:
            past = visits.past_of(desk, firm_id, day.year, rules, without_visit=visit.id if visit else None)
            if told := visits.refused(firm_id, day, details.authority, past, rules):
                raise RecordValueError(told)
        made = _checklist(site, here, firm, profile, details)
        kept = desk.inspections.add(
            firm_id,
            "inspection",
            made,
            site.assistant.knowledge.manifest["key"],
            details=details.kept(),
            visit=(visit.id, here.number("visit_version", "版本") or 0) if visit else None,
        )
        return here.go(f"/inspections/{kept.id}")

    @router.get("/inspections/{check_id}")
    def inspection(check_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        held = official(here, check_id)
        details = papers.details_of(held.details)
        law = law_of_visits(site.assistant.knowledge, held.as_of)
        url = code_url(here, held)
        return here.show(
            "inspection.html",
            held=held,
            details=details,
            firm=here.desk.enterprises.get(held.enterprise_id),
            inspectors=_rows(details.inspectors),
            lacking=details.lacking(),
            methods=METHODS,
            url=url,
            qr=svg_qr(url) if url else "",
            local_only=(urlsplit(url or "").hostname or "") in HERE_ONLY,
            who=next(iter(law.inspectors), None),
            identity=law.identity,
            major=_failed_major(here, held),
            measures=measures_on_site(site.assistant.knowledge, held.as_of, details.measures),
            earlier=self_check_for(here.desk, held),
        )

    @router.post("/inspections/{check_id}/scheme")
    def change_scheme(check_id: int, here: Here = Depends(site.writer)) -> Response:
        here.desk.viewer.require("inspect")
        held = official(here, check_id)
        if held.approved_at is not None:
            raise RecordValueError("现场检查方案已经批准，内容不能再改；现场情况的变化请写在检查记录里。")
        if held.finished_at is not None:
            raise RecordValueError("这次检查已经办结，现场检查方案不能再改。")
        before = papers.details_of(held.details)
        after = _scheme(here, before)
        if after.planned and (after.authority, _day(after, held)) != (before.authority, _day(before, held)):
            _same_bounds(site, here, held, after)
        here.desk.inspections.set_details(check_id, here.version(), after.kept())
        return here.go(f"/inspections/{check_id}?saved=1")

    @router.post("/inspections/{check_id}/site")
    def change_site(check_id: int, here: Here = Depends(site.writer)) -> Response:
        """What the record and the order say; it may be completed after the inspection was finished."""
        here.desk.viewer.require("inspect")
        held = official(here, check_id)
        known = {m.id for m in measures_on_site(site.assistant.knowledge, held.as_of)}
        told = {
            "began": moment(here, "began", "实际开始时间"),
            "ended": moment(here, "ended", "实际结束时间"),
            "accompanied": split(here.text("accompanied")),
            "told": here.text("told"),
            "order_number": here.text("order_number"),
            "order_due": here.day("order_due", "整改期限"),
            "review_place": here.text("review_place"),
            "measures": [m for m in here.texts("measures") if m in known],
            "measures_number": here.text("measures_number"),
            "reviewed": moment(here, "reviewed", "复查时间"),
            "review_number": here.text("review_number"),
            "review_told": here.text("review_told"),
        }
        after = papers.details_of({**papers.details_of(held.details).model_dump(), **told})
        here.desk.inspections.set_details(check_id, here.version(), after.kept())
        return here.go(f"/inspections/{check_id}?saved=1#site")

    @router.post("/inspections/{check_id}/approve")
    def approve(check_id: int, here: Here = Depends(site.writer)) -> Response:
        held = official(here, check_id)
        if lacking := papers.details_of(held.details).lacking():
            raise RecordValueError(f"现场检查方案还缺：{'、'.join(lacking)}；请编制人补上后再批准。")
        here.desk.inspections.approve(check_id, here.version())
        return here.go(f"/inspections/{check_id}")

    @router.get("/inspections/{check_id}/agreement")
    def agree(check_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        held = official(here, check_id)
        desk = here.desk
        wanted = here.number("with", "自查编号")
        own = desk.inspections.get(wanted) if wanted else self_check_for(desk, held)
        found = agreement(plain_report(desk, own.id), plain_report(desk, check_id)) if own else None
        pairs = [p for p in found.pairs if p.match in DIFFERENT] if found else []
        if match := here.text("match"):
            pairs = [p for p in found.pairs if p.match == match] if found else []
        order = {m: n for n, m in enumerate(MATCH_LABELS)}
        pairs.sort(key=lambda p: (order[p.match], p.item.severity != "major"))
        return here.show(
            "agreement.html",
            held=held,
            own=own,
            firm=desk.enterprises.get(held.enterprise_id),
            found=found,
            pairs=cut(pairs, here.page_number(), DIFFERENCES),
            match=match if match in MATCH_LABELS else "",
            labels=MATCH_LABELS,
            outcomes=OUTCOME_LABELS,
            choices=desk.inspections.find(held.enterprise_id, kind="self_check", finished=True, size=20).items,
        )

    return router


def china_today(here: Here) -> datetime.date:
    """The day in China."""
    return here.desk.work.clock().astimezone(CHINA).date()


def moment(here: Here, name: str, label: str) -> datetime.datetime | None:
    """A moment as a form gives it (Chinese time, no zone); raise :class:`RecordValueError` when it is none."""
    value = here.text(name)
    try:
        found = datetime.datetime.fromisoformat(value) if value else None
    except ValueError as error:
        raise RecordValueError(f"{label}“{value[:20]}”不是时间；请写成 2026-05-01 09:30 这样。") from error
    return found.astimezone(CHINA).replace(tzinfo=None) if found and found.tzinfo else found


def split(text: str) -> tuple[str, ...]:
    """The names in a field, parted by 、，, ；; or lines."""
    for mark in "，,；;\r\n":
        text = text.replace(mark, "、")
    return tuple(part.strip() for part in text.split("、") if part.strip())


def cut(items: list[Any], page: int, size: int) -> Page[Any]:
    """One page of a list that was reckoned, not read."""
    return Page[Any](items=items[(page - 1) * size : page * size], total=len(items), page=page, size=size)


def _failed_major(here: Here, held: InspectionOut) -> int:
    """How many items that may be major hazards have failed so far: measures on site can't wait for the end."""
    if held.finished_at:
        return held.failed_major or 0
    return sum(f.major for f in plain_report(here.desk, held.id).findings)


def _rows(inspectors: Any) -> list[tuple[str, str]]:
    rows = [(name, number) for name, number in inspectors]
    return rows + [("", "")] * max(1, ROWS - len(rows))


def _visit(here: Here, firm_id: int) -> tuple[VisitOut | None, PlanOut | None]:
    """The planned visit that is to be carried out, and its plan."""
    wanted = here.number("visit", "计划检查编号")
    if wanted is None:
        return None, None
    visit = here.desk.plans.visit(wanted)
    if visit.enterprise_id != firm_id:
        raise RecordValueError("计划里的这次检查不是这家企业的；请从计划重新打开。")
    plan = here.desk.plans.get(visit.plan_id)
    if plan.state != "approved" and not visit.trigger:
        raise RecordValueError("这份计划还没有批准，不能按计划开始检查；请先由审核人员批准。")
    return visit, plan


def _last(here: Here) -> papers.Details:
    """What this user wrote the last time."""
    found = here.desk.inspections.find(kind="inspection", size=20).items
    own = next((s for s in found if s.created_by == here.signed.viewer.name), None)
    return papers.details_of(here.desk.inspections.get(own.id).details) if own else papers.Details()


def _scheme(here: Here, before: papers.Details) -> papers.Details:
    names = [str(v).strip() for v in here.form.getlist("inspector_name")]
    numbers = [str(v).strip() for v in here.form.getlist("inspector_number")]
    pairs = [(name, number) for name, number in zip(names, numbers, strict=False) if name or number]
    if any(not name for name, _ in pairs):
        raise RecordValueError("有执法证号没有写姓名；请补上姓名，或者删去证号。")
    told = {
        "authority": here.text("authority"),
        "inspectors": pairs,
        "departments": split(here.text("departments")),
        "campaign": here.text("campaign"),
        "reason_note": here.text("reason_note"),
        "starts": moment(here, "starts", "检查开始时间"),
        "ends": moment(here, "ends", "检查结束时间"),
        "place": here.text("place"),
        "method": tuple(m for m in here.texts("method") if m in METHODS),
        "note": here.text("note"),
    }
    return papers.details_of({**before.model_dump(), **told})


def _with_reason(here: Here, details: papers.Details, rules: Any, visit: VisitOut | None) -> papers.Details:
    """The reason as chosen (a planned visit has its own), and whether the bounds of a plan hold for it."""
    kind = (visit.trigger or papers.BY_PLAN) if visit else here.text("reason")
    if kind == papers.BY_PLAN:
        return details.model_copy(update={"reason": kind, "reason_label": papers.BY_PLAN_LABEL, "planned": True})
    trigger = visits.trigger_of(kind, rules)
    if not details.reason_note:
        raise RecordValueError(f"“{trigger.label}”要写明事由，例如编号、日期和涉及的问题；不要写举报人的信息。")
    told = {"reason": kind, "reason_label": trigger.label, "planned": not trigger.beyond}
    return details.model_copy(update=told)


def _day(details: papers.Details, held: InspectionOut) -> datetime.date:
    return details.starts.date() if details.starts else held.created_at.astimezone(CHINA).date()


def _same_bounds(site: Site, here: Here, held: InspectionOut, after: papers.Details) -> None:
    """Refuse another authority or year for which the bounds would have refused the inspection at its beginning."""
    rules, day = visits.rules_of(site.assistant), _day(after, held)
    past = visits.past_of(here.desk, held.enterprise_id, day.year, rules)
    others = [line for line in past if line.past.inspection_id != held.id]
    if told := visits.refused(held.enterprise_id, day, after.authority, others, rules):
        raise RecordValueError(told)


def _made(site: Site, profile: ProfileOut, scenes: list[str], title: str | None = None) -> Checklist:
    wanted = scenes or profile.scenes
    made = site.assistant.checklist(wanted, profile.text or None, only=profile.kept or None, title=title)
    return made.only(scenes) if scenes else made


def _checklist(
    site: Site, here: Here, firm: EnterpriseOut, profile: ProfileOut | None, details: papers.Details
) -> Checklist:
    """The list of the chosen scenes, narrowed by the profile where there is one; the whole profile's without a choice."""
    scenes = here.texts("scenes")
    if not scenes and not profile:
        raise RecordValueError("这家企业还没有填企业情况；请选要查的场景。")
    title = here.text("title") or f"{details.campaign or '安全生产'}检查"
    if profile is None:
        return site.assistant.checklist(scenes, title=title)
    return _made(site, profile, scenes, title)
