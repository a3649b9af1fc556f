"""Ranges and decided amounts stand on one scale, at the right places, and hostile text stays text."""

from __future__ import annotations

import math
import re

import pytest

from assistant.charges import charges
from assistant.knowledge import Knowledge
from assistant.penalties import assess
from assistant.penalty_scale import Range, Scale, ranges, scale_of
from assistant.service import Assistant
from assistant.web.penalty_picture import EDGE, INNER, WIDTH, range_figure, range_svg
from assistant.worksheet import Charge, Factors, PenaltyWorksheet
from tests.conftest import TODAY

WELDER = "安全生产法 第三十条第一款"


@pytest.fixture(scope="module")
def knowledge(assistant: Assistant) -> Knowledge:
    return assistant.knowledge


@pytest.fixture(scope="module")
def sheet(knowledge: Knowledge) -> PenaltyWorksheet:
    return assess(knowledge, WELDER, TODAY)


@pytest.fixture(scope="module")
def unit(sheet: PenaltyWorksheet) -> Range:
    return next(r for r in ranges(sheet) if r.party == "单位" and "第九十七条" in r.citation)


def test_a_narrow_span_is_linear_and_a_wide_one_logarithmic() -> None:
    assert not scale_of([], [10_000, 100_000]).logarithmic
    assert scale_of([], [200, 200_000]).logarithmic


def test_places_on_a_scale_grow_with_the_amount() -> None:
    for scale in (Scale(0, 100_000, False), Scale(100, 1_000_000, True)):
        places = [scale.at(a) for a in (0, 200, 5_000, 50_000, 90_000, 2_000_000)]
        assert places == sorted(places)
        assert places[0] == 0
        assert places[-1] == 1
    assert Scale(0, 100_000, False).at(25_000) == 0.25
    assert math.isclose(Scale(100, 1_000_000, True).at(10_000), 0.5)


def test_the_marks_of_a_scale_are_few_and_inside() -> None:
    for low, high in ((1, 3), (200, 216_000), (5_000, 54_000), (100, 250_000_000)):
        for scale in (Scale(0, high, False), Scale(low / 2, high, True)):
            ticks = scale.ticks()
            assert ticks[0] == 0
            assert len(ticks) <= 6
            assert all(t <= high for t in ticks)


def test_bands_are_the_stages_of_the_law_on_one_scale(unit: Range) -> None:
    first, overdue = unit.bands
    assert (first.label, first.words) == ("责令改正时", "10万元以下")
    assert (overdue.label, overdue.words) == ("逾期未改正", "10万元以上20万元以下")
    assert first.start == 0
    assert first.end == overdue.start == unit.scale.at(100_000)
    assert overdue.end == unit.scale.at(200_000) < 1


def test_dots_stand_where_their_amounts_belong(unit: Range) -> None:
    assert len(unit.dots) >= 5
    assert all(dot.at == unit.scale.at(dot.charge.amount) for dot in unit.dots)
    drawn = re.findall(r'data-amount="(\d+)" cx="([\d.]+)"', range_svg(unit))
    assert len(drawn) == len(unit.dots)
    for amount, x in drawn:
        assert abs(float(x) - (EDGE + unit.scale.at(int(amount)) * INNER)) < 0.06
        assert 0 < float(x) < WIDTH


def test_equal_amounts_are_stacked_not_hidden(unit: Range) -> None:
    places = [(round(d.at, 3), d.level) for d in unit.dots]
    assert len(set(places)) == len(places)
    assert max(d.level for d in unit.dots) >= 1


def test_only_fines_under_the_article_are_drawn(sheet: PenaltyWorksheet, knowledge: Knowledge) -> None:
    assert sheet.charges
    for charge in sheet.charges:
        case = knowledge.cases[charge.case]
        article = knowledge.article_of(knowledge.provision_by_id[charge.rule]).iri
        assert article in {knowledge.article_of(knowledge.provisions[i]).iri for i in case.penalty_basis}
        if charge.party == "unit":
            assert charge.amount == case.amount


def test_a_fine_for_several_violations_or_another_item_is_never_drawn_as_alike(
    sheet: PenaltyWorksheet, knowledge: Knowledge
) -> None:
    meant = {p.id for r in sheet.rules for p in r.provisions}
    for charge in sheet.charges:
        basis = [knowledge.provisions[i].id for i in knowledge.cases[charge.case].penalty_basis]
        assert charge.alike == (set(basis) <= meant and len(basis) == 1)
        assert charge.alike or len(charge.why) > 4


def test_a_broad_article_brings_no_fine_of_another_duty_as_alike(knowledge: Knowledge) -> None:
    found = assess(knowledge, "cs-ventilate-test", TODAY)
    broad = [c for c in found.charges if "art_102" in c.rule and c.alike]
    assert all("有限空间" in "".join(knowledge.label(s) for s in knowledge.cases[c.case].scenes) for c in broad)


def test_the_fine_of_a_person_is_read_with_his_role(knowledge: Knowledge) -> None:
    persons = [c for c in assess(knowledge, "安全生产法 第九十四条第一款", TODAY).charges if c.party != "unit"]
    assert {c.party for c in persons} == {"principal"}
    assert {35_000, 25_000} & {c.amount for c in persons}


def test_no_case_gives_no_fine(knowledge: Knowledge, sheet: PenaltyWorksheet) -> None:
    assert charges([], sheet.rules, knowledge) == []


def test_established_factors_color_the_bands(knowledge: Knowledge) -> None:
    made = ranges(assess(knowledge, WELDER, TODAY, Factors(overdue=True)))
    assert [b.fits for b in made[0].bands] == [False, True]


def test_a_fine_that_is_no_amount_in_yuan_is_not_drawn(knowledge: Knowledge) -> None:
    found = assess(knowledge, "安全生产法 第九十五条", TODAY)
    assert any("上一年年收入" in s.text for r in found.rules for s in r.principal)
    assert not [r for r in ranges(found) if "第九十五条" in r.citation]


def test_a_range_without_an_upper_end_reaches_the_edge(sheet: PenaltyWorksheet) -> None:
    rule = sheet.rules[0]
    endless = rule.unit[1].model_copy(update={"fine_min": 100_000, "fine_max": None})
    made = ranges(sheet.model_copy(update={"rules": [rule.model_copy(update={"unit": [endless]})]}))
    band = made[0].bands[0]
    assert (band.end, band.open, band.words) == (1.0, True, "10万元以上")
    assert "<path" in range_svg(made[0])


def test_hostile_text_is_shown_as_text(sheet: PenaltyWorksheet) -> None:
    bad = '"><script>alert(1)</script><b>'
    rule = sheet.rules[0]
    sanction = rule.unit[0].model_copy(update={"condition": bad, "stage_label": bad})
    charge = Charge(rule=rule.id, party="unit", amount=30_000, case="x", title=bad, alike=False, why=bad)
    hostile = rule.model_copy(update={"citation": bad, "unit": [sanction]})
    made = ranges(sheet.model_copy(update={"rules": [hostile], "charges": [charge]}))
    drawn = range_figure(made[0])
    assert "<script" not in drawn
    assert "<b>alert" not in drawn
    assert "&lt;script&gt;" in drawn
