"""The year's plan of inspections: who is visited in which month and why, and why each other unit is left out.

The rules stand in corpus/practice/planning.yaml: how many visits a unit may have, that city and district do not both visit
it, how often a level is visited, and what gives a visit outside the plan. Nothing here reads a clock or a database; the same
input in any order gives the same plan.
"""

from __future__ import annotations

import datetime
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kg_build.errors import UsageError
from kg_build.practice_forms import BoundForm, FrequencyForm, Level, PlanningForm, SourcedForm, TriggerForm

Kind = Literal["plan", "campaign", "trigger"]
MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class PlanUnit:
    """A unit under supervision: its level of the portrait, whether it is a key unit 重点单位, and tags for campaigns."""

    id: str
    name: str
    district: str
    level: Level
    key: bool = False
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Visit:
    """An inspection of a unit, done or already set, by an authority. One outside the plan (``planned`` false) by a report or
    an alarm counts against no bound.
    """

    unit: str
    date: datetime.date
    agency: str
    planned: bool = True


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something that calls for a visit outside the plan: ``kind`` is an id of the triggers in planning.yaml."""

    unit: str
    kind: str
    date: datetime.date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A special campaign 专项检查: units with any of ``tags`` are visited in one of ``months``."""

    id: str
    label: str
    tags: frozenset[str]
    months: tuple[int, ...] = tuple(MONTHS)


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit of the plan with its reasons; ``basis`` are ids of provisions, ``verified`` that all its rules are."""

    unit: PlanUnit
    month: int
    kind: Kind
    reasons: tuple[str, ...]
    basis: tuple[str, ...]
    verified: bool
    beyond: bool = False
    campaigns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A visit that is not in the plan, and why in one sentence; a unit may stand here and still have other visits."""

    unit: PlanUnit
    reason: str
    basis: tuple[str, ...]
    bound: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of one authority for one year; ``load`` counts the visits of each month."""

    year: int
    agency: str
    visits: tuple[PlannedVisit, ...]
    left_out: tuple[LeftOut, ...]
    load: Mapping[int, int]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Desk:
    """What is already set while a plan grows."""

    rules: PlanningForm
    agency: str
    year: int
    months: tuple[int, ...]
    capacity: Mapping[int, int] | None
    load: Counter[int] = field(default_factory=Counter)
    visits: list[PlannedVisit] = field(default_factory=list)
    left: list[LeftOut] = field(default_factory=list)

    bounds: dict[str, BoundForm] = field(default_factory=dict)
    frequencies: dict[tuple[Level, bool], FrequencyForm] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bounds = {b.kind: b for b in self.rules.bounds}
        self.frequencies = {(f.level, f.key): f for f in self.rules.frequencies}

    def open(self, months: Iterable[int]) -> list[int]:
        return [m for m in months if self.capacity is None or self.load[m] < self.capacity.get(m, 0)]

    def add(
        self,
        unit: PlanUnit,
        month: int,
        kind: Kind,
        reasons: Sequence[str],
        rules: Sequence[SourcedForm],
        *,
        beyond: bool = False,
        campaigns: tuple[str, ...] = (),
    ) -> None:
        self.load[month] += 1
        basis = tuple(dict.fromkeys(str(b) for r in rules for b in r.basis))
        verified = all(r.verified for r in rules)
        self.visits.append(PlannedVisit(unit, month, kind, tuple(reasons), basis, verified, beyond, campaigns))

    def leave(self, unit: PlanUnit, reason: str, rule: SourcedForm | None = None, bound: str | None = None) -> None:
        self.left.append(LeftOut(unit, reason, tuple(str(b) for b in rule.basis) if rule else (), bound))


def plan(
    units: Sequence[PlanUnit],
    history: Iterable[Visit],
    triggers: Iterable[Trigger],
    year: int,
    rules: PlanningForm,
    *,
    agency: str,
    campaigns: Sequence[Campaign] = (),
    capacity: int | Mapping[int, int] | None = None,
    from_month: int = 1,
) -> Plan:
    """The plan of ``agency`` for ``year``.

    ``capacity`` is the number of visits that a month can bear (one for all or by month; without one the visits are only
    spread evenly). ``from_month`` plans what is left of a year. Key units come first, then D before A. A trigger that may go
    beyond the yearly limit always gives its visit. Raise :class:`UsageError` for a unit written twice, a trigger of an
    unknown kind or unit, or a month that is none.
    """
    by_id = _by_id(units)
    desk = _desk(rules, agency, year, capacity, from_month)
    past: dict[str, list[Visit]] = defaultdict(list)
    for visit in history:
        past[visit.unit].append(visit)
    counting = _triggered(by_id, triggers, desk)
    for unit in sorted(units, key=lambda u: (not u.key, "DCBA".index(u.level), zlib.crc32(u.id.encode()), u.id)):
        _plan_unit(unit, past.get(unit.id, []), counting.get(unit.id, []), campaigns, desk)
    order = {"trigger": 0, "campaign": 1, "plan": 2}
    visits = sorted(desk.visits, key=lambda v: (v.month, order[v.kind], v.unit.district, v.unit.id))
    left = sorted(desk.left, key=lambda o: (o.unit.district, o.unit.id, o.reason))
    return Plan(year, agency, tuple(visits), tuple(left), {m: desk.load[m] for m in MONTHS}, _notes(desk))


def refusal(unit: str, day: datetime.date, agency: str, history: Iterable[Visit], rules: PlanningForm) -> str | None:
    """Why ``agency`` may not visit a unit by plan on ``day`` (the bound's sentence), or ``None`` when it may."""
    planned = [v for v in history if v.unit == unit and v.planned and v.date.year == day.year]
    bound = _broken({b.kind: b for b in rules.bounds}, [v.agency != agency for v in planned], 1)
    return bound.refusal if bound else None


def _broken(bounds: Mapping[str, BoundForm], planned: Sequence[bool], more: int) -> BoundForm | None:
    """The bound that ``more`` visits of a unit would break; ``planned`` holds for each visit of the year whether another
    authority makes it.
    """
    if any(planned):
        return bounds["one_agency"]
    limit = bounds["yearly_limit"]
    return limit if more and len(planned) + more > (limit.value or 0) else None


def _by_id(units: Iterable[PlanUnit]) -> dict[str, PlanUnit]:
    found: dict[str, PlanUnit] = {}
    for unit in units:
        if unit.id in found:
            raise UsageError(f"单位“{unit.name}”（编号 {unit.id}）在名单里出现了两次；请去掉一个。")
        found[unit.id] = unit
    return found


def _desk(rules: PlanningForm, agency: str, year: int, capacity: int | Mapping[int, int] | None, from_month: int) -> _Desk:
    if from_month not in MONTHS:
        raise UsageError(f"起排月份 {from_month} 不是 1 到 12 的月份。")
    if isinstance(capacity, int):
        capacity = dict.fromkeys(MONTHS, capacity)
    if capacity is not None and any(m not in MONTHS or n < 0 for m, n in capacity.items()):
        raise UsageError("每月能安排的次数要按 1 到 12 月写，且不能是负数。")
    return _Desk(rules, agency, year, tuple(m for m in MONTHS if m >= from_month), capacity)


def _triggered(
    by_id: Mapping[str, PlanUnit], triggers: Iterable[Trigger], desk: _Desk
) -> dict[str, list[tuple[Trigger, TriggerForm]]]:
    """Set the visits that bounds do not hold back; give the triggers that must keep the bounds, by unit."""
    forms = {t.id: t for t in desk.rules.triggers}
    free: dict[tuple[str, int], list[tuple[Trigger, TriggerForm]]] = defaultdict(list)
    counting: dict[str, list[tuple[Trigger, TriggerForm]]] = defaultdict(list)
    for trigger in sorted(triggers, key=lambda t: (t.date, t.unit, t.kind, t.note)):
        if trigger.kind not in forms:
            known = "、".join(f"{t.id}（{t.label}）" for t in forms.values())
            raise UsageError(f"没有叫“{trigger.kind}”的计划外检查情形；可用：{known}。")
        if trigger.unit not in by_id:
            raise UsageError(f"计划外检查情形所说的单位“{trigger.unit}”不在名单里；请先把它加入名单。")
        if trigger.date.year == desk.year:
            form = forms[trigger.kind]
            if form.beyond:
                free[trigger.unit, trigger.date.month].append((trigger, form))
            else:
                counting[trigger.unit].append((trigger, form))
    for (unit, month), found in sorted(free.items()):
        reasons = [_why_triggered(t, f) + "不受计划次数限制，也不占计划次数。" for t, f in found]
        desk.add(by_id[unit], month, "trigger", reasons, [f for _, f in found], beyond=True)
    return counting


def _why_triggered(trigger: Trigger, form: TriggerForm) -> str:
    note = f"（{trigger.note}）" if trigger.note else ""
    return f"{trigger.date:%Y-%m-%d} {form.label}{note}：{form.rule}"


def _plan_unit(
    unit: PlanUnit,
    past: Sequence[Visit],
    counting: Sequence[tuple[Trigger, TriggerForm]],
    campaigns: Sequence[Campaign],
    desk: _Desk,
) -> None:
    """Set the visits of one unit that must keep the bounds: triggers first, then campaigns, last what the frequency asks."""
    this_year = [v for v in past if v.planned and v.date.year == desk.year]
    state = _State(unit, [v.agency != desk.agency for v in this_year], max((v.date for v in past), default=None))
    elsewhere = _broken(desk.bounds, state.planned, 0)
    if elsewhere is not None:
        desk.leave(unit, elsewhere.refusal, elsewhere, elsewhere.kind)
        return
    frequency, merge = desk.frequencies[unit.level, unit.key], desk.bounds["merge"]
    wanted, why_not = _due(unit, past, frequency, desk.year)
    asked = wanted
    for trigger, form in counting:
        call = _Call(
            "trigger", tuple(m for m in desk.months if m >= trigger.date.month), _why_triggered(trigger, form), form
        )
        asked -= _place(call, state, (frequency, merge) if asked > 0 else None, desk)
    meant = [c for c in campaigns if c.tags & unit.tags]
    for months, together in _together(meant, desk.months) if meant else ():
        why = f"属于专项检查{'、'.join(f'“{c.label}”' for c in together)}的范围。"
        if {*state.taken, *(v.date.month for v in this_year)}.intersection(months):
            desk.leave(unit, why + merge.refusal, merge, merge.kind)
            continue
        call = _Call("campaign", months, why, merge, tuple(c.label for c in together))
        asked -= _place(call, state, (frequency, merge) if asked > 0 else None, desk)
    if not wanted and not state.taken:
        desk.leave(unit, why_not or frequency.rule, frequency)
    for _ in range(max(0, asked)):
        apart = _apart(desk.months, wanted, state.taken) if wanted > 1 else ()
        _place(_Call("plan", desk.months, frequency.rule, frequency, preferred=apart), state, None, desk)


@dataclass(frozen=True, slots=True)
class _Call:
    """What calls for a visit, and in which months it may be."""

    kind: Kind
    months: tuple[int, ...]
    why: str
    rule: SourcedForm
    campaigns: tuple[str, ...] = ()
    preferred: tuple[int, ...] = ()


@dataclass(slots=True)
class _State:
    """What is set for one unit: of its other visits this year whether another authority makes them, and the months taken."""

    unit: PlanUnit
    planned: list[bool]
    last: datetime.date | None
    taken: set[int] = field(default_factory=set)


def _place(call: _Call, state: _State, serves: tuple[FrequencyForm, BoundForm] | None, desk: _Desk) -> bool:
    """Set a visit in the emptiest month open to it, or say why not; ``serves``: what the frequency asks is done with it."""
    unit, taken = state.unit, state.taken
    bound = _broken(desk.bounds, state.planned, len(taken) + 1)
    if bound is not None:
        desk.leave(unit, bound.refusal if call.kind == "plan" else call.why + bound.refusal, bound, bound.kind)
        return False
    if not call.months:
        desk.leave(unit, f"{call.why.rstrip('。')}，但可排的月份已经过去。")
        return False
    free = [m for m in desk.open(call.preferred) if m not in taken] or [m for m in desk.open(call.months) if m not in taken]
    if not free:
        why = f"{call.why.rstrip('。')}，但可排的月份次数已满；请增加人手或者调整每月次数。"
        desk.leave(unit, why, None, "capacity")
        return False
    least = min(desk.load[m] for m in free)
    emptiest = [m for m in free if desk.load[m] == least]
    # Among equally full months the one farthest from the unit's other visits.
    month = min(emptiest, key=lambda m: (-_distance(m, state.last, desk.year, taken), m))
    reasons, rules = [call.why], [call.rule]
    if serves:
        reasons.append(f"{serves[0].rule}{serves[1].rule}")
        rules.extend(serves)
    desk.add(unit, month, call.kind, reasons, rules, campaigns=call.campaigns)
    taken.add(month)
    return True


def _due(unit: PlanUnit, past: Sequence[Visit], frequency: FrequencyForm, year: int) -> tuple[int, str | None]:
    """How many visits the frequency asks for this year, and why none."""
    what = f"{unit.level}级{'重点' if unit.key else '一般'}单位"
    years = sorted(v.date.year for v in past if v.planned and v.date.year <= year)
    within = [y for y in years if y > year - frequency.years]
    missing = max(0, frequency.visits - len(within))
    if frequency.visits == 0:
        return 0, f"{what}按规则不排日常检查；有举报、预警、交办等情形时另行启动。"
    if not missing:
        again = within[0] + frequency.years
        return 0, f"{frequency.rule}{within[-1]}年已有检查，下次排在{again}年；有举报、预警、交办等情形时另行启动。"
    if frequency.years > 1 and not years:
        # Units never visited take turns, so that not all of them fall into the first year.
        turn = (zlib.crc32(unit.id.encode()) - year) % frequency.years
        if turn:
            return 0, f"{frequency.rule}还没有查过，按轮次排在{year + turn}年；有举报、预警、交办等情形时另行启动。"
    return missing, None


def _together(campaigns: Sequence[Campaign], months: Collection[int]) -> list[tuple[tuple[int, ...], list[Campaign]]]:
    """Campaigns that one visit can serve, with the months they share."""
    groups: list[tuple[tuple[int, ...], list[Campaign]]] = []
    for campaign in sorted(campaigns, key=lambda c: (len(c.months), c.id)):
        own = tuple(m for m in campaign.months if m in months)
        for i, (shared, members) in enumerate(groups):
            common = tuple(m for m in shared if m in own)
            if common:
                groups[i] = (common, [*members, campaign])
                break
        else:
            groups.append((own, [campaign]))
    return groups


def _apart(months: Sequence[int], parts: int, taken: Collection[int]) -> tuple[int, ...]:
    """The months in those of ``parts`` stretches of about the same length in which nothing is set yet."""
    stretch = {m: i * parts // len(months) for i, m in enumerate(months)}
    used = {stretch[m] for m in taken if m in stretch}
    return tuple(m for m in months if stretch[m] not in used)


def _distance(month: int, last: datetime.date | None, year: int, taken: Collection[int]) -> int:
    """Months from the nearest other visit of the unit, at most a year."""
    gaps = [abs(month - t) for t in taken]
    if last is not None:
        gaps.append(abs((year - last.year) * 12 + month - last.month))
    return min([12, *gaps])


def _notes(desk: _Desk) -> tuple[str, ...]:
    unread = [b for b in desk.rules.bounds if not b.verified]
    notes = [f"没有核对到统一规定：{b.rule}{b.source or ''}" for b in unread]
    if any(not f.verified for f in desk.rules.frequencies):
        notes.append("各级检查频次是默认值，监管部门公布了自己的频次就按公布的改。")
    if desk.rules.publish_by and desk.rules.publish_by.value:
        notes.append(f"年度执法检查计划要在{desk.rules.publish_by.value:g}月底前向社会公布。")
    return tuple(notes)
