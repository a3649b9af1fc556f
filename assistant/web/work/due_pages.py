"""Due dates 到期事项: what a firm must do by when, what it probably must do too, as a list, on paper and in a calendar."""

from __future__ import annotations

import datetime

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from assistant.due_dates import Suggestion, calendar_items, firm_of, following, form_of, suggestions
from assistant.obligations import calendar_file
from assistant.records import DueForm, RecordValueError
from assistant.records.forms import HazardOut, Page
from assistant.records.more_forms import DueOut
from assistant.records.work import LARGEST_PAGE
from assistant.web.work.hazard_pages import attachment, firm_asked
from assistant.web.work.site import Here, Site

SOON = datetime.timedelta(days=30)
WHEN = {"all": "全部", "late": "已过期", "soon": "30天以内", "later": "30天以后", "ended": "已办结或停用"}
MOST_PRINTED = 1000
MOST_IN_CALENDAR = 2000


def build(site: Site) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/due")
    def due(here: Here = Depends(site.reader)) -> HTMLResponse:
        firm_id, when, today = firm_asked(here), here.text("when") or "all", here.desk.work.today()
        found = _find(here, firm_id, when, here.page_number(), 50)
        firm = here.desk.enterprises.get(firm_id) if firm_id else None
        offered = _offered(here, firm_id) if firm_id and here.desk.viewer.may("duty") and found.page == 1 else []
        return here.show(
            "due.html",
            found=found,
            when=when,
            WHEN=WHEN,
            firm=firm,
            profile=here.desk.enterprises.profile(firm_id) if firm_id else None,
            names={} if firm else here.desk.overview.names([d.enterprise_id for d in found.items]),
            groups=_grouped(found.items, today),
            offered=offered,
            today=today,
        )

    @router.get("/due/print")
    def on_paper(here: Here = Depends(site.reader)) -> HTMLResponse:
        firm_id, today = firm_asked(here), here.desk.work.today()
        items = _all(here, firm_id, MOST_PRINTED)
        names = here.desk.overview.names([d.enterprise_id for d in items])
        firm = here.desk.enterprises.get(firm_id) if firm_id else None
        return here.show("due_print.html", firm=firm, groups=_grouped(items, today), names=names, today=today)

    @router.get("/due.ics")
    def calendar(here: Here = Depends(site.reader)) -> Response:
        firm_id, desk = firm_asked(here), here.desk
        today = desk.work.today()
        due_items = _all(here, firm_id, MOST_IN_CALENDAR)
        hazards = _hazards(here, firm_id)
        visits = _visits(here, firm_id, today)
        names = (
            {}
            if firm_id
            else desk.overview.names([*(d.enterprise_id for d in due_items), *(h.enterprise_id for h in hazards)])
        )
        items = calendar_items(due_items, hazards, visits, names, today, site.assistant.knowledge)
        title = desk.enterprises.get(firm_id).name if firm_id else "合规图谱"
        owner = f"firm-{firm_id}" if firm_id else f"user-{desk.viewer.user_id}"
        content = calendar_file(items, owner=owner, name=f"{title} 安全生产日程", stamp=desk.work.clock())
        return attachment(content, f"到期事项-{today}.ics", "text/calendar; charset=utf-8")

    @router.get("/firms/{firm_id}/due/new")
    def new(firm_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        here.desk.viewer.require("duty")
        return here.show("due_item.html", firm=here.desk.enterprises.get(firm_id), d=None, today=here.desk.work.today())

    @router.post("/firms/{firm_id}/due/new")
    def add(firm_id: int, here: Here = Depends(site.writer)) -> Response:
        here.desk.due.add(firm_id, _form(here))
        return here.go(f"/due?firm={firm_id}")

    @router.post("/firms/{firm_id}/due/suggested")
    def add_suggested(firm_id: int, here: Here = Depends(site.writer)) -> Response:
        """Add a duty that fits the firm; with one tap, or from when it was last done."""
        kind = here.text("kind")
        if kind in {d.kind for d in _all(here, firm_id, LARGEST_PAGE)} and here.text("again") != "1":
            raise RecordValueError("这一项已经在列表里；请刷新页面。")
        last, until = here.day("last", "上次完成的日期"), here.day("until", "有效期")
        form = form_of(site.assistant.knowledge, kind, here.desk.work.today(), last, until)
        if subject := here.text("subject"):
            form = form.model_copy(update={"title": f"{form.title}（{subject}）"})
        here.desk.due.add(firm_id, form)
        return here.go(f"/due?firm={firm_id}")

    @router.get("/due/{item_id}")
    def item(item_id: int, here: Here = Depends(site.reader)) -> HTMLResponse:
        held = here.desk.due.get(item_id)
        firm = here.desk.enterprises.get(held.enterprise_id)
        return here.show("due_item.html", firm=firm, d=held, today=here.desk.work.today())

    @router.post("/due/{item_id}/edit")
    def edit(item_id: int, here: Here = Depends(site.writer)) -> Response:
        held = here.desk.due.get(item_id)
        form = _form(here).model_copy(update={"kind": held.kind})
        here.desk.due.update(item_id, here.version(), form)
        return here.go(f"/due/{item_id}")

    @router.post("/due/{item_id}/done")
    def done(item_id: int, here: Here = Depends(site.writer)) -> Response:
        on, following_day = here.day("on", "完成日期"), here.day("next", "下次到期日")
        if on is None:
            raise RecordValueError("请填完成的日期。")
        if following_day is not None and following_day <= on:
            raise RecordValueError(f"下次到期日 {following_day} 要晚于完成的日期 {on}；请核对。")
        kept = here.desk.due.done(item_id, here.version(), on, here.text("note"))
        again = following(site.assistant.knowledge, kept, on, following_day)
        if again is not None and kept.ended_on is None:
            here.desk.due.update(kept.id, kept.version, again)
        elif again is not None:
            here.desk.due.add(kept.enterprise_id, again)
        return here.go(f"/due?firm={kept.enterprise_id}")

    @router.post("/due/{item_id}/stop")
    def stop(item_id: int, here: Here = Depends(site.writer)) -> Response:
        kept = here.desk.due.end(item_id, here.version(), here.text("note"))
        return here.go(f"/due?firm={kept.enterprise_id}")

    return router


def _find(here: Here, firm_id: int | None, when: str, page: int, size: int) -> Page[DueOut]:
    today = here.desk.work.today()
    spans: dict[str, tuple[datetime.date | None, datetime.date | None]] = {
        "all": (None, None),
        "late": (None, today),
        "soon": (today, today + SOON),
        "later": (today + SOON, None),
        "ended": (None, None),
    }
    if when not in spans:
        raise RecordValueError("没有这一类到期事项；请从列表里选。")
    since, before = spans[when]
    return here.desk.due.find(firm_id, since=since, before=before, ended=when == "ended", page=page, size=size)


def _all(here: Here, firm_id: int | None, most: int) -> list[DueOut]:
    found = here.desk.due.find(firm_id, size=LARGEST_PAGE)
    items = list(found.items)
    for page in range(2, min(found.pages, -(-most // LARGEST_PAGE)) + 1):
        items.extend(here.desk.due.find(firm_id, page=page, size=LARGEST_PAGE).items)
    return items


def _grouped(items: list[DueOut], today: datetime.date) -> list[tuple[str, list[DueOut]]]:
    """The items under what presses: overdue, within 30 days, later, ended."""
    found: dict[str, list[DueOut]] = {label: [] for key, label in WHEN.items() if key != "all"}
    for d in items:
        key = "ended" if d.ended_on else "late" if d.due < today else "soon" if d.due < today + SOON else "later"
        found[WHEN[key]].append(d)
    return [(label, held) for label, held in found.items() if held]


def _offered(here: Here, firm_id: int) -> list[Suggestion]:
    desk, assistant = here.desk, here.site.assistant
    held = {d.kind for d in _all(here, firm_id, LARGEST_PAGE) if d.kind}
    held |= {d.kind for d in desk.due.find(firm_id, ended=True, size=LARGEST_PAGE).items if d.kind}
    firm = firm_of(assistant, desk.enterprises.profile(firm_id), desk.enterprises.get(firm_id).headcount)
    return suggestions(assistant.knowledge, firm, held, desk.work.today())


def _hazards(here: Here, firm_id: int | None) -> list[HazardOut]:
    found = here.desk.hazards.find(firm_id, states=("found", "assigned"), size=LARGEST_PAGE)
    items = list(found.items)
    for page in range(2, min(found.pages, MOST_IN_CALENDAR // LARGEST_PAGE) + 1):
        items += here.desk.hazards.find(firm_id, states=("found", "assigned"), page=page, size=LARGEST_PAGE).items
    return items


def _visits(here: Here, firm_id: int | None, today: datetime.date) -> list[tuple[int, datetime.date, str]]:
    """Planned inspections of this year that are still to come, at the end of their month; a firm is not told of them."""
    if not here.desk.viewer.official:
        return []
    found = []
    for plan in here.desk.plans.find(today.year, size=20).items:
        visits = here.desk.plans.visits(plan.id, enterprise_id=firm_id, state="planned", size=LARGEST_PAGE).items
        names = here.desk.overview.names([v.enterprise_id for v in visits])
        for v in visits:
            following_month = datetime.date(plan.year + v.month // 12, v.month % 12 + 1, 1)
            last = following_month - datetime.timedelta(days=1)
            found.append((v.id, last, f"计划检查：{names.get(v.enterprise_id, '')}（{plan.title}）"))
    return found


def _form(here: Here) -> DueForm:
    due = here.day("due", "到期日")
    if due is None:
        raise RecordValueError("请填到期的日期。")
    return DueForm(
        title=here.text("title"),
        due=due,
        every_months=here.number("every_months", "周期（月数）"),
        basis=here.text("basis") or None,
        responsible=here.text("responsible") or None,
        note=here.text("note"),
    )
