"""Duties become due items, due items become a calendar."""

from __future__ import annotations

import datetime

import icalendar
import pytest

from assistant.due_dates import calendar_items, every_months, firm_of, following, form_of, suggestions
from assistant.obligations import Firm, calendar_file
from assistant.records.forms import ProfileOut
from assistant.records.more_forms import DueOut
from assistant.service import Assistant
from kg_build.errors import UsageError
from kg_build.practice_forms import ObligationsForm

TODAY = datetime.date(2026, 11, 23)
NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)


def profile(text: str, kept: list[str] | None = None, scenes: list[str] | None = None) -> ProfileOut:
    told = {"kept": kept or [], "scenes": scenes or []}
    return ProfileOut(id=1, enterprise_id=1, number=1, text=text, created_by="甲", created_at=NOON, **told)


def due(**told: object) -> DueOut:
    held: dict[str, object] = {"id": 3, "version": 1, "created_at": NOON, "updated_at": NOON, "enterprise_id": 1}
    held |= {"kind": None, "title": "某事", "due": TODAY, "every_months": None, "basis": None, "responsible": None}
    return DueOut(**{**held, "note": "", "last_done": None, "ended_on": None, **told})  # type: ignore[arg-type]


def offered(assistant: Assistant, firm: Firm, *held: str) -> set[str]:
    return {s.item.id for s in suggestions(assistant.knowledge, firm, held, TODAY)}


def test_what_a_firm_does_decides_what_is_offered(assistant: Assistant) -> None:
    polisher = firm_of(assistant, profile("铝合金轮毂抛光，打磨除尘"), 20)
    shop = firm_of(assistant, profile("服装店，卖衣服"), 5)
    assert "dust-check" in offered(assistant, polisher)
    assert "dust-check" not in offered(assistant, shop)
    assert "dust-check" not in offered(assistant, polisher, "dust-check")


def test_only_the_facts_that_were_confirmed_count(assistant: Assistant) -> None:
    text = "铝合金轮毂抛光，打磨除尘，叉车2台"
    forklift = [f.concept for f in assistant.recognize(text).facts() if f.label == "叉车"]
    kept = firm_of(assistant, profile(text, kept=forklift), 20)
    assert "forklift" in offered(assistant, kept)
    assert "dust-check" not in offered(assistant, kept)
    by_scene = firm_of(assistant, profile("", scenes=["有限空间作业"]), None)
    assert "confined-space-training" in offered(assistant, by_scene)


def test_a_period_is_reckoned_less_what_the_application_is_due_ahead(assistant: Assistant) -> None:
    rules = {r.id: r for r in assistant.knowledge.practice.of(ObligationsForm).obligations}
    for rule in rules.values():
        months = every_months(rule)
        whole = rule.period.interval() if rule.period else (0, 0)
        assert months is None or (1 <= months <= whole[0] and not whole[1])
        assert rule.ahead is None or months is None or months < whole[0]
    assert every_months(rules["lift-maintenance"]) is None


def test_without_a_date_a_duty_is_due_today_and_says_so(assistant: Assistant) -> None:
    form = form_of(assistant.knowledge, "drill-plan", TODAY, None, None)
    assert form.due == TODAY
    assert "没有登记过上次的日期" in form.note
    dated = form_of(assistant.knowledge, "drill-plan", TODAY, TODAY, None)
    assert dated.due == datetime.date(2027, 11, 22)
    assert "没有登记过" not in dated.note


def test_a_duty_that_is_none_or_was_done_tomorrow_is_refused(assistant: Assistant) -> None:
    with pytest.raises(UsageError, match="没有这项"):
        form_of(assistant.knowledge, "nonsense", TODAY, None, None)
    with pytest.raises(UsageError, match="还没有到"):
        form_of(assistant.knowledge, "drill-plan", TODAY, TODAY + datetime.timedelta(days=1), None)


def test_every_duty_can_be_kept(assistant: Assistant) -> None:
    for rule in assistant.knowledge.practice.of(ObligationsForm).obligations:
        for last in (None, TODAY):
            values = form_of(assistant.knowledge, rule.id, TODAY, last, None).values()
            assert values["title"] == rule.label
            assert bool(values["basis"]) == bool(rule.basis)


def test_what_follows_is_what_the_certificate_says_or_the_period(assistant: Assistant) -> None:
    knowledge = assistant.knowledge
    assert following(knowledge, due(), TODAY, None) is None
    assert following(knowledge, due(every_months=12), TODAY, None) is None
    stated = following(knowledge, due(every_months=12, title="叉车"), TODAY, datetime.date(2028, 1, 1))
    assert stated is not None
    assert (stated.title, stated.due, stated.every_months) == ("叉车", datetime.date(2028, 1, 1), 12)
    days = following(knowledge, due(kind="lift-maintenance"), TODAY, None)
    assert days is not None
    assert days.due == TODAY + datetime.timedelta(days=15)


def test_a_calendar_keeps_its_events_apart_and_moves_them_when_imported_again(assistant: Assistant) -> None:
    def uids(at: datetime.date) -> dict[str, datetime.date]:
        items = calendar_items([due(due=at), due(id=4, due=at)], [], [(3, at, "计划检查")], {}, TODAY, assistant.knowledge)
        content = calendar_file(items, owner="firm-1", name="试", stamp=NOON)
        return {str(e["UID"]): e.decoded("DTSTART") for e in icalendar.Calendar.from_ical(content).walk("VEVENT")}

    first, later = uids(TODAY), uids(TODAY + datetime.timedelta(days=9))
    assert len(first) == 3
    assert first.keys() == later.keys()
    assert first != later
