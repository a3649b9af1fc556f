"""Scores, findings, trend and the two-way link, from values made by hand; the law of the forms, from the snapshot."""

from __future__ import annotations

import datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assistant.inspection_forms import VisitLaw, law_of_visits, make_order
from assistant.records import forms
from assistant.report import MATCH_LABELS, Firm, Kind, Match, Outcome, Score, State, Tally, agreement, local
from assistant.service import Assistant
from kg_build.errors import UsageError
from tests.assistant.documents.made import DAY, checklist, item, provision
from tests.assistant.made_reports import FIRM, VISIT, failing, four_list, hazard, report, result


def test_only_items_that_apply_and_were_answered_count_for_the_score() -> None:
    assert Tally(compliant=3, noncompliant=1, not_applicable=50, unanswered=50).score == 75.0


def test_nothing_judged_is_no_score() -> None:
    assert Tally(not_applicable=3, unanswered=2).score is None


def test_a_list_with_one_failed_item_in_two_thousand_does_not_score_a_hundred() -> None:
    assert Tally(compliant=1999, noncompliant=1).score == 99.9


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_score_is_a_hundred_exactly_when_nothing_failed(compliant: int, failed: int) -> None:
    score = Tally(compliant=compliant, noncompliant=failed).score
    if compliant + failed == 0:
        assert score is None
    else:
        assert score is not None
        assert 0 <= score <= 100
        assert (score == 100) == (failed == 0)


def test_mandatory_and_major_items_are_scored_apart() -> None:
    score = failing().score
    assert (score.all.compliant, score.all.noncompliant, score.all.score) == (1, 3, 25.0)
    assert (score.mandatory.total, score.mandatory.score) == (3, 33.3)
    assert (score.major.total, score.major.noncompliant, score.major.score) == (1, 1, 0.0)


def test_findings_are_the_failed_items_in_order_major_first() -> None:
    assert [f.item.number for f in failing().findings] == ["1.1.2", "1.1.1", "1.1.3"]


def test_a_hazard_entered_as_major_makes_its_finding_major() -> None:
    made = failing(hazards=(hazard(check_id="item-1.1.3", major=True),))
    assert [(f.item.number, f.major) for f in made.findings][:2] == [("1.1.2", True), ("1.1.3", True)]


def test_a_finding_takes_person_day_and_words_from_the_ledger_where_the_answer_has_none() -> None:
    bare = {"item-1.1.1": result("item-1.1.1", "noncompliant", note="")}
    line = hazard(check_id="item-1.1.1", responsible="王五", due=DAY)
    (finding,) = report(four_list(), results=bare, hazards=(line,)).findings
    assert (finding.text, finding.responsible, finding.due) == ("管道积尘", "王五", DAY)
    own = {"item-1.1.1": result("item-1.1.1", "noncompliant", responsible="赵六")}
    (finding,) = report(four_list(), results=own, hazards=(line,)).findings
    assert (finding.text, finding.responsible) == ("管道积尘2毫米", "赵六")


def test_unanswered_items_are_named_and_counted_as_such() -> None:
    made = report(four_list(), {"1.1.1": "compliant"}, finished=None)
    assert [i.number for i in made.unanswered] == ["1.1.2", "1.1.3", "1.1.4"]
    assert made.score.all == Tally(compliant=1, unanswered=3)


def test_scenes_and_links_add_up_to_the_whole() -> None:
    made = failing()
    (scene,) = made.scenes
    assert scene.tally == made.score.all == scene.links[0].tally
    assert scene.major_failed == scene.links[0].major_failed == 1


def test_a_result_for_a_check_that_is_not_on_the_list_is_refused() -> None:
    with pytest.raises(ValidationError, match="对不上清单"):
        report(four_list(), results={"other": result("other", "compliant")})
    with pytest.raises(ValidationError, match="对不上清单"):
        report(four_list(), results={"item-1.1.1": result("item-1.1.2", "compliant")})


def earlier(number: int, kind: Kind, day: datetime.date, compliant: int, failed: int) -> Score:
    tally = Tally(compliant=compliant, noncompliant=failed)
    return Score(number=number, kind=kind, day=day, all=tally, mandatory=tally, major=Tally())


def test_the_trend_runs_by_day_and_compares_with_the_last_check_of_the_same_kind() -> None:
    previous = (
        earlier(3, "inspection", datetime.date(2026, 8, 1), 9, 1),
        earlier(2, "self_check", datetime.date(2026, 5, 1), 5, 5),
    )
    trend = failing(previous=previous).trend
    assert [(t.score.number, t.change, t.current) for t in trend] == [(2, None, False), (3, None, False), (7, -25.0, True)]


def test_a_moment_late_in_the_day_of_utc_is_the_next_day_in_china() -> None:
    late = datetime.datetime(2026, 11, 23, 17, 0, tzinfo=datetime.UTC)
    assert local(late).date() == datetime.date(2026, 11, 24)
    assert failing(finished=late).day == datetime.date(2026, 11, 24)
    naive = datetime.datetime(2026, 11, 23, 17, 0)
    assert local(naive) == naive


def test_a_hazard_is_overdue_after_its_last_day_until_it_is_mended() -> None:
    line = hazard(due=DAY)
    assert not line.overdue(DAY)
    assert line.overdue(DAY + datetime.timedelta(days=1))
    assert not hazard(due=DAY, state="mended").overdue(DAY + datetime.timedelta(days=1))
    assert not hazard().overdue(DAY)


def test_the_address_says_the_district_once() -> None:
    assert FIRM.place == "嘉定区某某路100号"
    assert Firm(name="甲", address="某路1号", district="宝山区").place == "宝山区　某路1号"
    assert Firm(name="甲").place == ""


def test_results_and_states_are_those_of_the_records() -> None:
    assert set(get_args(Outcome)) == set(get_args(forms.Result))
    assert set(get_args(State)) == set(get_args(forms.State))
    assert set(get_args(Kind)) == set(get_args(forms.Kind))
    assert set(get_args(Match)) == set(MATCH_LABELS)


# --- the two-way link ----------------------------------------------------------------------------------------------------


def test_agreement_tells_for_each_check_how_firm_and_inspectors_judged() -> None:
    both = [item(f"1.1.{n}") for n in range(1, 7)]
    own = report(
        checklist([*both, item("1.1.8")]),
        {
            "1.1.1": "compliant",
            "1.1.2": "compliant",
            "1.1.3": "noncompliant",
            "1.1.4": "not_applicable",
            "1.1.5": "not_applicable",
            "1.1.8": "compliant",
        },
    )
    theirs = report(
        checklist([*both, item("1.1.7")]),
        {
            "1.1.1": "compliant",
            "1.1.2": "noncompliant",
            "1.1.3": "compliant",
            "1.1.4": "noncompliant",
            "1.1.5": "compliant",
            "1.1.6": "compliant",
            "1.1.7": "compliant",
        },
        kind="inspection",
    )
    found = agreement(own, theirs)
    assert {p.item.number: p.match for p in found.pairs} == {
        "1.1.1": "same",
        "1.1.2": "missed",
        "1.1.3": "stricter",
        "1.1.4": "missed",
        "1.1.5": "applicability",
        "1.1.6": "incomplete",
        "1.1.7": "only_inspection",
        "1.1.8": "only_self_check",
    }
    assert found.share == 20.0
    assert sum(found.counts.values()) == 8
    assert found.notes == ()


def test_agreement_without_a_check_judged_by_both_has_no_share() -> None:
    assert agreement(report(four_list()), failing(kind="inspection")).share is None


def test_agreement_says_when_the_two_rest_on_the_law_of_different_days() -> None:
    other = failing(kind="inspection", as_of=DAY + datetime.timedelta(days=30))
    assert "依据可能不同" in agreement(failing(), other).notes[0]


def test_agreement_needs_a_self_check_and_an_inspection_of_one_firm() -> None:
    with pytest.raises(UsageError, match="一次企业自查对一次执法检查"):
        agreement(failing(), failing())
    with pytest.raises(UsageError, match="不是同一家企业"):
        agreement(failing(firm=Firm(name="甲")), failing(kind="inspection", firm=Firm(name="乙")))
    renamed = FIRM.model_copy(update={"name": "新名称"})
    assert agreement(failing(firm=renamed), failing(kind="inspection")).share == 100.0
    other = FIRM.model_copy(update={"credit_code": "91310114MA1GT1AB3D"})
    with pytest.raises(UsageError, match="不是同一家企业"):
        agreement(failing(firm=other), failing(kind="inspection"))


# --- orders --------------------------------------------------------------------------------------------------------------


def test_an_order_demands_only_what_mandatory_rules_demand() -> None:
    order = make_order(failing(kind="inspection"), VISIT, VisitLaw(), due=DAY)
    assert [(i.number, i.check_number, i.major) for i in order.items] == [(1, "1.1.2", True), (2, "1.1.1", False)]
    assert order.advice == ("1.1.3 管道积尘2毫米",)
    assert all(b.nature == "mandatory" for i in order.items for b in i.basis)


def test_an_order_names_the_duty_before_the_criterion_and_no_ground_that_is_not_in_force() -> None:
    old = provision(id="old", citation="《旧规定》第一条", in_force=False)
    criterion = provision(id="c", citation="《判定标准》第一条", major_hazard=True)
    made = report(checklist([item("1.1.1", basis=[criterion, old, provision()])]), {"1.1.1": "noncompliant"})
    (one,) = make_order(made, VISIT, VisitLaw()).items
    assert [b.citation for b in one.basis] == ["《有限空间规定》第十五条", "《判定标准》第一条"]


def test_an_order_takes_the_day_of_the_answer_and_else_the_common_one() -> None:
    results = dict(failing().results)
    results["item-1.1.1"] = result("item-1.1.1", "noncompliant", due=DAY + datetime.timedelta(days=3))
    common = DAY + datetime.timedelta(days=10)
    order = make_order(failing(results=results), VISIT, VisitLaw(), due=common)
    assert {i.check_number: i.deadline for i in order.items} == {
        "1.1.1": DAY + datetime.timedelta(days=3),
        "1.1.2": common,
    }


def test_there_is_no_order_without_a_breach_and_none_whose_day_is_past() -> None:
    with pytest.raises(UsageError, match="没有以强制性规定为依据的不符合项"):
        make_order(report(four_list(), {"1.1.3": "noncompliant"}), VISIT, VisitLaw())
    with pytest.raises(UsageError, match="早于检查日期"):
        make_order(failing(), VISIT, VisitLaw(), due=DAY - datetime.timedelta(days=1))


def test_the_law_of_the_forms_is_in_the_snapshot_and_verified(assistant: Assistant) -> None:
    law = law_of_visits(assistant.knowledge, DAY)
    quoted = [p for group in law.model_fields_set for p in getattr(law, group)]
    assert all(getattr(law, group) for group in VisitLaw.model_fields)
    assert all(p.in_force and p.verified for p in quoted)
    assert law.review[0].citation == "《行政复议法》第二十条第一款"
    assert "六十日" in (law.review[0].gist or "")
    assert "六个月" in (law.suit[0].gist or "")


def test_a_provision_not_in_force_on_the_day_is_not_quoted(assistant: Assistant) -> None:
    assert law_of_visits(assistant.knowledge, datetime.date(2023, 6, 1)).review == ()
