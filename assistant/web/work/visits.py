"""What the bounds of planning say of a firm: who was there this year, and whether an authority may go there by plan."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assistant import papers
from assistant.planning import PlanUnit, refusal
from assistant.planning import Visit as PlanningVisit
from assistant.portrait import portrait, scheme_of
from assistant.records import Desk, EnterpriseOut, RecordValueError
from assistant.records.forms import ProfileOut
from assistant.records.inspections import PastVisit
from assistant.records.work import LARGEST_PAGE
from assistant.service import Assistant
from kg_build.practice_forms import PlanningForm, TriggerForm

MOST_KNOWN = 20_000
"""Profiles whose labels are kept in memory."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to inspect: ``id`` as kept, whether it may go beyond the bounds of a plan, and its rule."""

    id: str
    label: str
    beyond: bool
    rule: str


@dataclass(frozen=True, slots=True)
class PastLine:
    """An inspection of this year as a page tells it; ``counts`` against the bounds."""

    past: PastVisit
    counts: bool


def rules_of(assistant: Assistant) -> PlanningForm:
    """The rules of planning in use."""
    return assistant.knowledge.practice.of(PlanningForm)


def reasons(rules: PlanningForm) -> list[Reason]:
    """The plan, then what may call for a visit outside it."""
    by_plan = Reason(papers.BY_PLAN, papers.BY_PLAN_LABEL, False, "")
    return [by_plan, *(Reason(t.id, t.label, t.beyond, t.rule) for t in rules.triggers)]


def trigger_of(kind: str, rules: PlanningForm) -> TriggerForm:
    """A trigger by its id; raise :class:`RecordValueError` for an unknown one."""
    found = next((t for t in rules.triggers if t.id == kind), None)
    if found is None:
        raise RecordValueError(f"没有这种检查事由；可选：{'、'.join(t.label for t in rules.triggers)}。")
    return found


def past_of(desk: Desk, firm_id: int, year: int, rules: PlanningForm, *, without_visit: int | None = None) -> list[PastLine]:
    """What was inspected at a firm in a year, and what approved plans still hold for it."""
    found = desk.inspections.history(datetime.date(year, 1, 1), firm_id)
    within = [p for p in found if p.day.year == year and (without_visit is None or p.visit_id != without_visit)]
    return [PastLine(p, papers.past_visit(p, rules).planned) for p in within]


def refused(firm_id: int, day: datetime.date, authority: str, past: Iterable[PastLine], rules: PlanningForm) -> str | None:
    """Why an authority may not inspect a firm by plan on a day, with the inspections that stand against it."""
    counted = [line.past for line in past if line.counts]
    sentence = refusal(str(firm_id), day, authority, [papers.past_visit(p, rules) for p in counted], rules)
    if sentence is None:
        return None
    told = "；".join(f"{_when(p)} {p.authority or '（没有写检查机关）'}" for p in counted)
    return f"{sentence}（今年已有：{told}）"


def _when(past: PastVisit) -> str:
    return f"计划{past.day.month}月" if past.visit_id else str(past.day)


def all_firms(desk: Desk, district: str | None) -> list[EnterpriseOut]:
    """Every firm (of a district) that the viewer sees."""
    found = desk.enterprises.find(district=district, size=LARGEST_PAGE)
    firms = list(found.items)
    for page in range(2, found.pages + 1):
        firms += desk.enterprises.find(district=district, page=page, size=LARGEST_PAGE).items
    # A firm changed meanwhile moves to the first page and is met twice.
    return list({f.id: f for f in firms}.values())


Matcher = Callable[[EnterpriseOut, ProfileOut | None], frozenset[str]]
"""The words of a campaign that fit a firm."""


def matcher(assistant: Assistant, words: Sequence[str], known: dict[tuple[str, ...], frozenset[str]]) -> Matcher:
    """Tell which ``words`` (industries, scenes, risk tags …) fit a firm: by its industry, what it confirmed of itself, and
    the scenes that follow from it. ``known`` keeps what was recognized, by the profile.
    """
    knowledge = assistant.knowledge

    def labels(profile: ProfileOut) -> frozenset[str]:
        key = (str(knowledge.folder), profile.text, *profile.kept, "", *profile.scenes)
        if key not in known:
            if len(known) >= MOST_KNOWN:
                known.clear()
            told = {knowledge.label(c) for k in profile.kept for c in knowledge.upward(k)} | set(profile.scenes)
            if profile.text:
                recognizer = assistant.reader.recognizer
                plant = recognizer.plant(assistant.recognize(profile.text), profile.kept or None)
                told |= {knowledge.label(c) for c in plant.concepts} | {knowledge.label(s) for s in plant.scenes}
            known[key] = frozenset(told)
        return known[key]

    def fits(firm: EnterpriseOut, profile: ProfileOut | None) -> frozenset[str]:
        told = labels(profile) if profile and words else frozenset()
        industry = firm.industry or ""
        return frozenset(w for w in words if w in industry or any(w in label for label in told))

    return fits


def units_of(
    assistant: Assistant, firms: Sequence[EnterpriseOut], profiles: dict[int, ProfileOut], fits: Matcher, day: datetime.date
) -> tuple[list[PlanUnit], int, str]:
    """The firms as planning sees them; how many have no portrait, and the level that those are taken to have: that of a
    firm of which nothing is known.
    """
    start = portrait((), scheme_of(assistant.knowledge, assistant.data), day).level
    units = [
        PlanUnit(
            id=str(f.id),
            name=f.name,
            district=f.district or "",
            level=f.level or start,  # type: ignore[arg-type]
            key=f.key_unit,
            tags=fits(f, profiles.get(f.id)),
        )
        for f in firms
    ]
    return units, sum(f.level is None for f in firms), start


def history_of(desk: Desk, year: int, rules: PlanningForm) -> list[PlanningVisit]:
    """The inspections that the frequencies look back on."""
    span = max(f.years for f in rules.frequencies)
    since = datetime.date(year - span + 1, 1, 1)
    return [papers.past_visit(p, rules) for p in desk.inspections.history(since)]
