"""A plan of inspections keeps its bounds whatever the input, spreads evenly, and gives a reason for each unit."""

from __future__ import annotations

import datetime
import random
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.planning import Campaign, Plan, PlanUnit, Trigger, Visit, plan, refusal
from assistant.service import Assistant
from kg_build.corpus import default_folder, read_form
from kg_build.errors import UsageError
from kg_build.practice_forms import PlanningForm

RULES = read_form(
    PlanningForm, "practice/planning.yaml", (default_folder() / "practice" / "planning.yaml").read_text(encoding="utf-8")
)
LIMIT = next(b.value for b in RULES.bounds if b.kind == "yearly_limit") or 0
BEYOND = {t.id for t in RULES.triggers if t.beyond}
DISTRICT, CITY, YEAR = "宝山区应急管理局", "上海市应急管理局", 2027


def unit(name: str, level: str = "C", *, key: bool = False, tags: frozenset[str] = frozenset()) -> PlanUnit:
    return PlanUnit(name, f"{name}公司", "宝山区", level, key, tags)  # type: ignore[arg-type]


def day(year: int, month: int, of_month: int = 5) -> datetime.date:
    return datetime.date(year, month, of_month)


def made(
    *units: PlanUnit, history: list[Visit] | None = None, triggers: list[Trigger] | None = None, **options: object
) -> Plan:
    return plan(units, history or [], triggers or [], YEAR, RULES, agency=DISTRICT, **options)  # type: ignore[arg-type]


def of(result: Plan, name: str) -> list[int]:
    return [v.month for v in result.visits if v.unit.id == name]


def why_not(result: Plan, name: str) -> list[str]:
    return [o.reason for o in result.left_out if o.unit.id == name]


def test_a_unit_is_visited_as_often_as_its_level_asks() -> None:
    result = made(unit("c"), unit("d", "D"), unit("a", "A", key=True))
    assert {n: len(of(result, n)) for n in "cda"} == {"c": 1, "d": 2, "a": 1}
    assert all("次" in v.reasons[0] and v.basis for v in result.visits)


def test_two_visits_of_a_unit_lie_in_different_halves_of_the_year() -> None:
    result = made(*(unit(f"d{i}", "D") for i in range(30)))
    for i in range(30):
        first, second = of(result, f"d{i}")
        assert first <= 6 < second


def test_a_good_unit_visited_last_year_is_left_out_until_its_turn_with_the_year_said() -> None:
    result = made(unit("a", "A"), history=[Visit("a", day(2026, 3), DISTRICT)])
    assert of(result, "a") == []
    assert "2029年" in why_not(result, "a")[0]


def test_good_units_never_visited_take_turns_over_the_years() -> None:
    units = [unit(f"a{i}", "A") for i in range(600)]
    turns = [Counter(v.unit.id for v in plan(units, [], [], y, RULES, agency=DISTRICT).visits) for y in (2027, 2028, 2029)]
    assert sum(len(t) for t in turns) == 600
    assert set().union(*turns) == {u.id for u in units}
    assert all(150 < len(t) < 250 for t in turns)


def test_a_unit_that_the_city_visits_is_refused_to_the_district_with_a_sentence() -> None:
    visit = Visit("d", day(YEAR, 4), CITY)
    result = made(unit("d", "D"), history=[visit])
    assert of(result, "d") == []
    assert "市、区只由一级检查" in why_not(result, "d")[0]
    assert result.left_out[0].bound == "one_agency"
    assert result.left_out[0].basis
    assert refusal("d", day(YEAR, 9), DISTRICT, [visit], RULES) == why_not(result, "d")[0]
    assert refusal("d", day(YEAR, 9), CITY, [visit], RULES) is None


def test_a_unit_at_its_yearly_limit_is_refused_but_a_report_still_gives_a_visit_and_says_so() -> None:
    history = [Visit("d", day(YEAR, m), DISTRICT) for m in range(1, LIMIT + 1)]
    campaign = Campaign("dust", "粉尘专项", frozenset({"粉尘"}), (10,))
    report = Trigger("d", "report", day(YEAR, 6), "夜间冒烟")
    result = made(unit("d", "D", tags=frozenset({"粉尘"})), history=history, triggers=[report], campaigns=[campaign])
    [visit] = result.visits
    assert (visit.month, visit.kind, visit.beyond) == (6, "trigger", True)
    assert "夜间冒烟" in visit.reasons[0]
    assert "不受计划次数限制" in visit.reasons[0]
    assert any("次数上限" in w for w in why_not(result, "d"))
    assert refusal("d", day(YEAR, 9), DISTRICT, history, RULES) is not None


def test_a_report_gives_a_visit_even_where_the_other_authority_was() -> None:
    result = made(unit("c"), history=[Visit("c", day(YEAR, 2), CITY)], triggers=[Trigger("c", "report", day(YEAR, 6))])
    assert [v.kind for v in result.visits] == ["trigger"]
    assert why_not(result, "c")


def test_an_overdue_filing_takes_the_place_of_the_planned_visit_and_keeps_the_bounds() -> None:
    filing = Trigger("c", "overdue-filing", day(YEAR, 8))
    result = made(unit("c"), triggers=[filing])
    [visit] = result.visits
    assert visit.kind == "trigger"
    assert not visit.beyond
    assert visit.month >= 8
    assert made(unit("c"), triggers=[filing], history=[Visit("c", day(YEAR, 2), CITY)]).visits == ()


def test_a_campaign_is_merged_into_the_visit_of_the_year() -> None:
    campaigns = [
        Campaign("dust", "粉尘专项", frozenset({"粉尘"}), (5, 6)),
        Campaign("gas", "燃气专项", frozenset({"燃气"}), (6, 7)),
    ]
    result = made(unit("c", tags=frozenset({"粉尘", "燃气"})), campaigns=campaigns)
    [visit] = result.visits
    assert visit.month == 6
    assert set(visit.campaigns) == {"粉尘专项", "燃气专项"}
    assert any("合并" in r for r in visit.reasons)


def test_a_campaign_goes_along_with_a_visit_already_set_in_its_months() -> None:
    campaign = Campaign("dust", "粉尘专项", frozenset({"粉尘"}), (5, 6))
    result = made(unit("c", tags=frozenset({"粉尘"})), campaigns=[campaign], history=[Visit("c", day(YEAR, 5), DISTRICT)])
    assert result.visits == ()
    assert any("并入" in w for w in why_not(result, "c"))


def test_a_month_never_bears_more_than_its_capacity_and_who_does_not_fit_is_told() -> None:
    units = [unit(f"k{i}", key=True) for i in range(20)] + [unit(f"c{i}") for i in range(20)]
    result = made(*units, capacity=2)
    assert max(result.load.values()) == 2
    assert sum(result.load.values()) == 24
    assert all(of(result, f"k{i}") for i in range(20)), "key units come first"
    assert {o.bound for o in result.left_out} == {"capacity"}
    assert len(result.left_out) == 16


def test_a_month_without_capacity_gets_nothing() -> None:
    assert {v.month for v in made(*(unit(f"c{i}") for i in range(9)), capacity={3: 5, 9: 5}).visits} == {3, 9}


def test_what_is_left_of_a_year_is_planned_from_its_month() -> None:
    result = made(*(unit(f"d{i}", "D") for i in range(12)), from_month=9)
    assert min(v.month for v in result.visits) >= 9
    assert all(len(of(result, f"d{i}")) == 2 for i in range(12))


def test_visits_are_spread_evenly_over_the_months() -> None:
    rnd = random.Random(5)
    result = made(*(unit(f"u{i}", rnd.choice("ABCD"), key=rnd.random() < 0.2) for i in range(2000)))
    assert max(result.load.values()) - min(result.load.values()) <= 2


def test_the_order_of_the_input_changes_nothing() -> None:
    rnd = random.Random(7)
    units = [unit(f"u{i}", rnd.choice("ABCD"), key=rnd.random() < 0.2) for i in range(300)]
    history = [
        Visit(u.id, day(rnd.choice([2025, 2026, 2027]), rnd.randint(1, 12)), rnd.choice([CITY, DISTRICT])) for u in units
    ]
    triggers = [Trigger(u.id, rnd.choice(RULES.triggers).id, day(YEAR, rnd.randint(1, 12))) for u in units[:50]]
    first = plan(units, history, triggers, YEAR, RULES, agency=DISTRICT, capacity=25)
    for things in (units, history, triggers):
        rnd.shuffle(things)  # type: ignore[arg-type]
    assert plan(units, history, triggers, YEAR, RULES, agency=DISTRICT, capacity=25) == first


@pytest.mark.parametrize(
    ("units", "triggers", "options", "says"),
    [
        ([unit("c"), unit("c")], [], {}, "两次"),
        ([unit("c")], [Trigger("c", "rumor", day(YEAR, 1))], {}, "没有叫“rumor”"),
        ([unit("c")], [Trigger("x", "report", day(YEAR, 1))], {}, "不在名单里"),
        ([unit("c")], [], {"from_month": 13}, "13"),
        ([unit("c")], [], {"capacity": {0: 3}}, "1 到 12 月"),
    ],
)
def test_wrong_input_gets_one_clear_sentence(
    units: list[PlanUnit], triggers: list[Trigger], options: dict[str, object], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        made(*units, triggers=triggers, **options)


def test_a_plan_says_what_is_not_read_in_any_text_and_by_when_it_must_be_public(assistant: Assistant) -> None:
    rules = assistant.reader.knowledge.practice.of(PlanningForm)
    result = plan([unit("c")], [], [], YEAR, rules, agency=DISTRICT)
    assert any("没有核对到统一规定" in n for n in result.notes)
    assert any("3月底前" in n for n in result.notes)
    assert not result.visits[0].verified
    assert all(b in assistant.reader.knowledge.provision_by_id for v in result.visits for b in v.basis)


def test_ten_thousand_units_are_planned_in_a_second() -> None:
    rnd = random.Random(1)
    units = [
        unit(f"u{i:05}", rnd.choice("AABBBBCCCD"), key=rnd.random() < 0.1, tags=frozenset({"粉尘"} if i % 10 == 0 else ()))
        for i in range(10_000)
    ]
    history = [Visit(u.id, day(rnd.choice([2025, 2026, 2027]), rnd.randint(1, 12)), DISTRICT) for u in units[:4000]]
    campaign = Campaign("dust", "粉尘专项", frozenset({"粉尘"}), (5, 6, 7))
    best = 9.0
    for _ in range(5):
        started = time.process_time()
        plan(units, history, [], YEAR, RULES, agency=DISTRICT, campaigns=[campaign], capacity=600)
        best = min(best, time.process_time() - started)
    assert best < 1


NAMES = st.sampled_from([f"u{i}" for i in range(6)])
DAYS = st.dates(datetime.date(YEAR - 4, 1, 1), datetime.date(YEAR + 1, 12, 31))
UNITS = st.lists(
    st.builds(
        PlanUnit,
        id=NAMES,
        name=st.just("某公司"),
        district=st.sampled_from(["宝山区", "嘉定区"]),
        level=st.sampled_from("ABCD"),
        key=st.booleans(),
        tags=st.frozensets(st.sampled_from(["粉尘", "燃气"])),
    ),
    unique_by=lambda u: u.id,
)
VISITS = st.lists(st.builds(Visit, NAMES, DAYS, st.sampled_from([CITY, DISTRICT]), st.booleans()), max_size=15)
KINDS = st.sampled_from([t.id for t in RULES.triggers])
CAMPAIGNS = st.lists(
    st.builds(
        Campaign,
        id=st.sampled_from("abc"),
        label=st.just("专项"),
        tags=st.frozensets(st.sampled_from(["粉尘", "燃气"]), min_size=1),
        months=st.sets(st.integers(1, 12), min_size=1).map(lambda m: tuple(sorted(m))),
    ),
    max_size=3,
)
CAPACITY = st.one_of(st.none(), st.integers(0, 3), st.dictionaries(st.integers(1, 12), st.integers(0, 3)))


@settings(max_examples=300, deadline=None)
@given(
    UNITS, VISITS, st.lists(st.tuples(st.integers(0, 5), KINDS, DAYS), max_size=8), CAMPAIGNS, CAPACITY, st.integers(1, 12)
)
def test_no_input_breaks_a_bound(
    units: list[PlanUnit],
    history: list[Visit],
    called: list[tuple[int, str, datetime.date]],
    campaigns: list[Campaign],
    capacity: int | dict[int, int] | None,
    from_month: int,
) -> None:
    triggers = [Trigger(units[i % len(units)].id, kind, on) for i, kind, on in called if units]
    result = plan(
        units, history, triggers, YEAR, RULES, agency=DISTRICT, campaigns=campaigns, capacity=capacity, from_month=from_month
    )
    bound = [v for v in result.visits if not v.beyond]
    for one in units:
        before = [v for v in history if v.unit == one.id and v.planned and v.date.year == YEAR]
        mine = [v for v in bound if v.unit == one]
        if mine:
            assert len(before) + len(mine) <= LIMIT
            assert all(v.agency == DISTRICT for v in before)
            assert len({v.month for v in mine}) == len(mine)
        assert any(v.unit == one for v in bound) or any(o.unit == one for o in result.left_out), "each unit has a reason"
    for month in range(1, 13):
        there = sum(v.month == month for v in bound)
        free = capacity if isinstance(capacity, int) else 99 if capacity is None else capacity.get(month, 0)
        assert there <= free
        assert result.load[month] == sum(v.month == month for v in result.visits)
    assert all(v.month >= from_month for v in bound)
    free_triggers = {(t.unit, t.date.month) for t in triggers if t.kind in BEYOND and t.date.year == YEAR}
    assert {(v.unit.id, v.month) for v in result.visits if v.beyond} == free_triggers
    assert all(v.reasons for v in result.visits)
    assert all(o.reason.endswith("。") for o in result.left_out)
