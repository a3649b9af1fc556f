"""R and grade of a unit, worked by hand from the standard's tables, and what stops a wrong calculation."""

from __future__ import annotations

import pytest

from assistant.hazard_source import parse_amounts
from assistant.service import Assistant
from kg_build.errors import UsageError


@pytest.mark.parametrize(
    ("substances", "exposed", "s", "r", "grade"),
    [
        # q/Q = 12/10; R = 1.5 × 2 × 1.2
        (["液氨=12"], 60, 1.2, 3.6, "四级"),
        # 5/5 + 20/20: exactly two critical quantities; R = 2.0 × (4×1 + 5×20)
        (["氯=5", "氟化氢=20"], 150, 21.0, 208.0, "一级"),
        # a category of the second table: 6000/5000; R = 0.5 × 1 × 1.2
        (["乙酸丁酯=6000@W5.4"], 0, 1.2, 0.6, "四级"),
        # kilograms: 300 kg of phosgene against 0.3 t; R = 1.0 × 20 × 1
        (["光气=300kg"], 29, 1.0, 20.0, "三级"),
        # R just at a bound: 1.0 × 20 × (0.75/0.3) = 50
        (["光气=0.75"], 1, 2.5, 50.0, "二级"),
    ],
)
def test_a_unit_is_graded_as_worked_out_by_hand(
    assistant: Assistant, substances: list[str], exposed: int, s: float, r: float, grade: str
) -> None:
    found = assistant.hazard_source(substances, exposed)
    assert found.s == pytest.approx(s)
    assert (found.r_min, found.r_max) == (pytest.approx(r), pytest.approx(r))
    assert found.is_major
    assert found.grades == [grade]


def test_a_unit_at_exactly_the_critical_quantity_is_one(assistant: Assistant) -> None:
    # 1/10 of ten substances' worth: binary floats would sum to just under one.
    tenths = ["液氨=1", "环氧乙烷=1", "溴甲烷=1", "乙醚=1", "过乙酸=1", "金属钠=1", "环氧丙烷=1"]
    assert assistant.hazard_source([*tenths, "氯=1.5"], 0).s == 1
    assert assistant.hazard_source([*tenths, "氯=1.5"], 0).is_major
    assert not assistant.hazard_source([*tenths, "氯=1.499"], 0).is_major


def test_every_number_names_the_place_it_comes_from(assistant: Assistant) -> None:
    found = assistant.hazard_source(["液氨=12", "甲醇=300"], 60)
    sources = [found.alpha, *found.grade_sources, *(x for i in found.items for x in (i.critical, i.beta_min, i.beta_max))]
    known = assistant.knowledge.provision_by_id
    assert all(source.provision in known and known[source.provision].document.mandatory for source in sources)


def test_an_unknown_beta_stays_a_range_until_the_category_is_given(assistant: Assistant) -> None:
    open_ = assistant.hazard_source(["甲醇=15000"], 120)
    assert open_.r_min < open_.r_max
    assert open_.grades == ["二级", "一级"]
    assert any("甲醇" in n and "@W5.3" in n for n in open_.notices)
    told = assistant.hazard_source(["甲醇=15000@W5.3"], 120)
    assert told.r_min == told.r_max == pytest.approx(60)
    assert told.grades == ["二级"]


@pytest.mark.parametrize(("people", "alpha"), [(0, 0.5), (1, 1.0), (29, 1.0), (30, 1.2), (50, 1.5), (99, 1.5), (100, 2.0)])
def test_alpha_follows_the_number_of_people_around(assistant: Assistant, people: int, alpha: float) -> None:
    assert assistant.hazard_source(["液氨=12"], people).alpha.value == alpha


def test_below_the_critical_quantity_there_is_no_grade(assistant: Assistant) -> None:
    found = assistant.hazard_source(["液氨=9.99"], 0)
    assert (found.is_major, found.grades) == (False, [])


@pytest.mark.parametrize(
    ("substances", "words"),
    [
        (["液桉=3"], "液氨"),
        (["硝酸铵=3"], "含可燃物"),
        (["液氨"], "看不懂"),
        (["液氨=0"], "大于 0"),
        (["某物=3@W99"], "W99"),
        ([], "没有写物质"),
    ],
)
def test_what_cannot_be_computed_is_one_sentence(assistant: Assistant, substances: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        assistant.hazard_source(substances, 0)


def test_a_day_before_the_standard_has_no_figures(assistant: Assistant) -> None:
    with pytest.raises(UsageError, match="2018-01-01"):
        assistant.hazard_source(["液氨=12"], 0, "2018-01-01")


def test_a_list_in_one_text_is_read_line_by_line() -> None:
    amounts = parse_amounts(["液氨 12吨\n甲醇：800 kg；1,3-丁二烯=2"])
    assert [(a.name, a.tonnes) for a in amounts] == [("液氨", 12.0), ("甲醇", 0.8), ("1,3-丁二烯", 2.0)]
