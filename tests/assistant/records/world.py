"""Two districts, a group with subsidiaries, records of every kind, and a call of every method of a desk."""

from __future__ import annotations

import dataclasses
import datetime
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image

from assistant.records import (
    AnswerForm,
    Desk,
    DueForm,
    EnterpriseForm,
    HappeningForm,
    HazardForm,
    PlanForm,
    ProfileForm,
    RecordStore,
    UserForm,
    Viewer,
    VisitForm,
)
from tests.assistant.records.made import DUE, NOON, desk, small_checklist

OWN, SECRET = "甲厂自己的事", "还没办结的执法检查"
"""Words in every text of the firm that strangers must not see, and of what the firm itself must not see yet."""
DAY = NOON.date()
PASSWORD = "一个好记的密码2026"


@dataclass
class World:
    """Two districts, a group with subsidiaries; one of them, ``firm``, has records of every kind."""

    store: RecordStore
    firms: dict[str, int]
    ids: dict[str, int]

    def of(self, viewer: Viewer) -> Desk:
        return self.store.desk(viewer)


def picture(color: str) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (40, 30), color).save(held, "PNG")
    return held.getvalue()


def fill(store: RecordStore) -> World:
    at = desk(store, OWN)
    firms: dict[str, int] = {}
    for name, district, parent in (
        ("head", "静安区", None),
        ("firm", "宝山区", "head"),
        ("sister", "浦东新区", "head"),
        ("below", "浦东新区", "sister"),
        ("other", "浦东新区", None),
        ("other_below", "浦东新区", "other"),
    ):
        said = f"{OWN} {name}" if name == "firm" else name
        form = EnterpriseForm(name=said, district=district, parent_id=firms.get(parent or ""), address=said)
        firms[name] = (at if name == "firm" else desk(store, "局里")).enterprises.add(form).id
    ids = {"firm": firms["firm"]}
    firm = firms["firm"]
    at.enterprises.add_profile(firm, ProfileForm(text=f"{OWN}，铝合金抛光"), 20)
    checklist = small_checklist().model_copy(update={"title": OWN})
    check = at.inspections.add(firm, "self_check", checklist, "k" * 16)
    ids["check"] = check.id
    answer = at.inspections.answer(check.id, AnswerForm(check_id="t-permit", result="noncompliant", note=OWN))
    ids["answer"] = answer.id
    ids["check_photo"] = at.photos.add_to_check(check.id, "t-permit", picture("#111"), f"{OWN}.png").id
    done = at.inspections.add(firm, "self_check", checklist, "k" * 16)
    at.inspections.answer(done.id, AnswerForm(check_id="t-watch", result="noncompliant", note=OWN))
    at.inspections.finish(done.id, done.version)
    ids["hazard"] = at.hazards.add(firm, HazardForm(description=OWN, major=True, due=datetime.date(2026, 1, 1))).id
    ids["hazard_photo"] = at.photos.add_to_hazard(ids["hazard"], "found", picture("#222"), f"{OWN}.png").id
    ids["due"] = at.due.add(firm, DueForm(title=OWN, due=datetime.date(2026, 1, 1))).id
    at.happenings.add(firm, HappeningForm(kind="accident", on=DAY, note=OWN))
    fill_secret(store, firm, ids)
    form = UserForm(login="jia", name=OWN, roles=["member"], enterprise_id=firm)
    ids["account"] = at.accounts.add(form, PASSWORD, store.doorkeeper.hasher).id
    return World(store, firms, ids)


def fill_secret(store: RecordStore, firm: int, ids: dict[str, int]) -> None:
    """An official inspection that is not finished, and the plan it belongs to."""
    at = desk(store, SECRET)
    checklist = small_checklist().model_copy(update={"title": f"{SECRET} {OWN}"})
    told = f"{SECRET} {OWN}"
    official = at.inspections.add(firm, "inspection", checklist, "k" * 16, details={"authority": told})
    ids["official"] = official.id
    at.inspections.answer(official.id, AnswerForm(check_id="t-permit", result="noncompliant", note=told))
    ids["official_photo"] = at.photos.add_to_check(official.id, "t-permit", picture("#333"), told).id
    gone = at.photos.add_to_check(official.id, "t-watch", picture("#444"), told)
    at.photos.remove(gone.id)
    form = HazardForm(description=told, inspection_id=official.id, check_id="t-permit", major=True)
    ids["official_hazard"] = at.hazards.add(firm, form).id
    ids["official_hazard_photo"] = at.photos.add_to_hazard(ids["official_hazard"], "found", picture("#555"), told).id
    plan = PlanForm(year=2026, title=told, authority=told, district="宝山区")
    visit = VisitForm(enterprise_id=firm, month=12, reasons=[told])
    ids["plan"] = at.plans.add(plan, [visit]).id
    ids["visit"] = at.plans.visits(ids["plan"]).items[0].id


Case = Callable[[Desk, dict[str, int]], Any]
ANSWER = AnswerForm(check_id="t-permit", result="compliant", version=1)
CASES: dict[str, Case] = {
    "enterprises.add": lambda d, i: d.enterprises.add(EnterpriseForm(name="新厂", parent_id=i["firm"])),
    "enterprises.get": lambda d, i: d.enterprises.get(i["firm"]),
    "enterprises.find": lambda d, i: d.enterprises.find(OWN),
    "enterprises.update": lambda d, i: d.enterprises.update(i["firm"], 2, EnterpriseForm(name="改名")),
    "enterprises.set_level": lambda d, i: d.enterprises.set_level(i["firm"], "A", 1.0, DAY),
    "enterprises.add_profile": lambda d, i: d.enterprises.add_profile(i["firm"], ProfileForm(text="别的")),
    "enterprises.profile": lambda d, i: d.enterprises.profile(i["firm"]),
    "enterprises.profiles": lambda d, i: d.enterprises.profiles(i["firm"]),
    "enterprises.newest_profiles": lambda d, i: d.enterprises.newest_profiles(),
    "enterprises.districts": lambda d, i: {k: v for k, v in d.enterprises.districts().items() if k == "宝山区"},
    "inspections.add": lambda d, i: d.inspections.add(i["firm"], "self_check", small_checklist(), "k" * 16),
    "inspections.get": lambda d, i: d.inspections.get(i["check"]),
    "inspections.find": lambda d, i: d.inspections.find(),
    "inspections.scores": lambda d, i: d.inspections.scores(i["firm"]),
    "inspections.history": lambda d, i: d.inspections.history(datetime.date(2020, 1, 1)),
    "inspections.set_details": lambda d, i: d.inspections.set_details(i["official"], 1, {"authority": "别的"}),
    "inspections.approve": lambda d, i: d.inspections.approve(i["official"], 1),
    "inspections.finish": lambda d, i: d.inspections.finish(i["check"], 1),
    "inspections.withdraw": lambda d, i: d.inspections.withdraw(i["check"], 1, "别的"),
    "inspections.answer": lambda d, i: d.inspections.answer(i["check"], ANSWER),
    "inspections.answer_all": lambda d, i: d.inspections.answer_all(i["check"], [ANSWER]),
    "inspections.answers": lambda d, i: d.inspections.answers(i["check"]),
    "inspections.results": lambda d, i: d.inspections.results(i["check"]),
    "hazards.add": lambda d, i: d.hazards.add(i["firm"], HazardForm(description="别的")),
    "hazards.get": lambda d, i: d.hazards.get(i["hazard"]),
    "hazards.steps": lambda d, i: d.hazards.steps(i["hazard"]),
    "hazards.find": lambda d, i: d.hazards.find(),
    "hazards.source": lambda d, i: d.hazards.source(i["hazard"]),
    "hazards.history": lambda d, i: d.hazards.history(i["firm"], datetime.date(2020, 1, 1)),
    "hazards.counts": lambda d, i: d.hazards.counts(),
    "hazards.update": lambda d, i: d.hazards.update(i["hazard"], 1, HazardForm(description="别的")),
    "hazards.report": lambda d, i: d.hazards.report(i["hazard"], 1, "局里", DAY),
    "hazards.move": lambda d, i: d.hazards.move(i["hazard"], 1, "assigned", responsible="某", due=DUE),
    "photos.add_to_check": lambda d, i: d.photos.add_to_check(i["check"], "t-permit", picture("#999")),
    "photos.add_to_hazard": lambda d, i: d.photos.add_to_hazard(i["hazard"], "found", picture("#999")),
    "photos.remove": lambda d, i: d.photos.remove(i["check_photo"]),
    "photos.get": lambda d, i: d.photos.get(i["check_photo"]),
    "photos.content": lambda d, i: d.photos.content(i["hazard_photo"], small=True),
    "photos.of_inspection": lambda d, i: d.photos.of_inspection(i["check"]),
    "photos.of_hazard": lambda d, i: d.photos.of_hazard(i["hazard"]),
    "due.add": lambda d, i: d.due.add(i["firm"], DueForm(title="别的", due=DUE)),
    "due.update": lambda d, i: d.due.update(i["due"], 1, DueForm(title="别的", due=DUE)),
    "due.done": lambda d, i: d.due.done(i["due"], 1, DAY),
    "due.end": lambda d, i: d.due.end(i["due"], 1, "不用了"),
    "due.get": lambda d, i: d.due.get(i["due"]),
    "due.find": lambda d, i: d.due.find(),
    "happenings.add": lambda d, i: d.happenings.add(i["firm"], HappeningForm(kind="award", on=DAY)),
    "happenings.find": lambda d, i: d.happenings.find(i["firm"]),
    "plans.add": lambda d, i: d.plans.add(
        PlanForm(year=2026, title="计划", authority="局", district="浦东新区"),
        [VisitForm(enterprise_id=i["firm"], month=1, reasons=[])],
    ),
    "plans.get": lambda d, i: d.plans.get(i["plan"]),
    "plans.find": lambda d, i: d.plans.find(),
    "plans.approve": lambda d, i: d.plans.approve(i["plan"], 1),
    "plans.visits": lambda d, i: d.plans.visits(),
    "plans.months": lambda d, i: d.plans.months(i["plan"]),
    "plans.visit": lambda d, i: d.plans.visit(i["visit"]),
    "plans.add_visit": lambda d, i: d.plans.add_visit(i["plan"], VisitForm(enterprise_id=i["firm"], month=1, reasons=[])),
    "plans.move_visit": lambda d, i: d.plans.move_visit(i["visit"], 1, "dropped", reason="不去了"),
    "accounts.add": lambda d, i: d.accounts.add(UserForm(login="x1", name="某", roles=["administrator"]), PASSWORD),
    "accounts.update": lambda d, i: d.accounts.update(
        i["account"], 1, UserForm(login="jia", name="某", roles=["trainer"], active=False)
    ),
    "accounts.get": lambda d, i: d.accounts.get(i["account"]),
    "accounts.find": lambda d, i: d.accounts.find(),
    "trail.find": lambda d, i: [e for e in d.trail.find(size=200).items if OWN in str(e)],
    "overview.counts": lambda d, i: dataclasses.replace(d.overview.counts(DAY, DAY), firms=0, levels={}),
    "overview.pressing": lambda d, i: d.overview.pressing(DAY),
    "overview.side_by_side": lambda d, i: [f for f in d.overview.side_by_side(DAY)[1] if f.open or OWN in str(f)],
    "overview.names": lambda d, i: d.overview.names([i["firm"]]),
}


def viewer(role: str, firm: int | None = None, district: str | None = None) -> Viewer:
    return Viewer("丙", frozenset({role}), user_id=99, enterprise_id=firm, district=district)


STRANGERS: dict[str, Callable[[dict[str, int]], Viewer]] = {
    "a member of the parent": lambda f: viewer("member", f["head"]),
    "a member of a sister": lambda f: viewer("member", f["sister"]),
    "a group member of a sister": lambda f: viewer("group", f["sister"]),
    "a group member of another group": lambda f: viewer("group", f["other"]),
    "a member of no firm": lambda f: viewer("member"),
    "an inspector of another district": lambda f: viewer("inspector", district="浦东新区"),
    "a reviewer of another district": lambda f: viewer("reviewer", district="浦东新区"),
    "a trainer": lambda f: viewer("trainer"),
    "an editor who works at the firm": lambda f: viewer("editor", f["firm"]),
}
