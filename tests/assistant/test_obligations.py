"""The ledger of returning duties: whom they concern, when they are due, and a calendar that other programs read."""

from __future__ import annotations

import datetime
import re

import pytest
from icalendar import Calendar

from assistant.dates import add_months
from assistant.knowledge import Knowledge
from assistant.obligations import STATUS_LABELS, Done, DueItem, Firm, calendar_file, due_list
from assistant.service import Assistant
from kg_build.practice_forms import ObligationsForm
from tests.conftest import TODAY

STAMP = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
WORKSHOP = "铝合金轮毂抛光，打磨除尘，20人，有叉车和天然气，有电工，进污水池清淤"


@pytest.fixture(scope="module")
def knowledge(assistant: Assistant) -> Knowledge:
    return assistant.reader.knowledge


@pytest.fixture(scope="module")
def rules(knowledge: Knowledge) -> ObligationsForm:
    return knowledge.practice.of(ObligationsForm)


def firm_of(assistant: Assistant, text: str, **answers: bool) -> Firm:
    recognizer = assistant.reader.recognizer
    profile = recognizer.recognize(text)
    plant = recognizer.plant(profile)
    return Firm(frozenset({*plant.concepts, *plant.scenes}), profile.headcount, answers)


def ledger(knowledge: Knowledge, firm: Firm, *done: Done, day: datetime.date = TODAY) -> dict[str, DueItem]:
    items = due_list(firm, done, day, knowledge.practice.of(ObligationsForm), knowledge.provision_by_id)
    return {f"{i.id}/{i.subject}" if i.subject else i.id: i for i in items}


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-11-05", 3, "2027-02-05"),
    ],
)
def test_months_end_where_the_month_ends(day: str, months: int, then: str) -> None:
    assert add_months(datetime.date.fromisoformat(day), months) == datetime.date.fromisoformat(then)


def test_a_workshop_gets_the_duties_of_what_it_does_and_has(assistant: Assistant, knowledge: Knowledge) -> None:
    found = ledger(knowledge, firm_of(assistant, WORKSHOP))
    assert {
        "forklift",
        "confined-space-training",
        "dust-check",
        "drill-plan",
        "fire-facilities",
        "health-electrician",
    } <= set(found)
    assert not {"licence-production", "lift-maintenance", "drill-gas"} & set(found)
    assert all(i.status == "never" for i in found.values())


def test_a_chemical_plant_gets_the_duties_of_its_licences(assistant: Assistant, knowledge: Knowledge) -> None:
    found = ledger(knowledge, firm_of(assistant, "危险化学品生产企业，反应釜，储罐，80人"))
    assert {"licence-production", "safety-evaluation", "drill-key", "manager-retraining-high-risk"} <= set(found)


def test_what_only_the_firm_can_say_is_asked_and_its_answer_prevails(assistant: Assistant, knowledge: Knowledge) -> None:
    unsure = ledger(knowledge, firm_of(assistant, WORKSHOP))["drill-fire-key"]
    assert not unsure.certain
    assert unsure.whom == "消防安全重点单位"
    assert "drill-fire-key" not in ledger(knowledge, firm_of(assistant, WORKSHOP, **{"drill-fire-key": False}))
    assert ledger(knowledge, firm_of(assistant, WORKSHOP, **{"drill-fire-key": True}))["drill-fire-key"].certain
    assert "lift-maintenance" in ledger(knowledge, Firm(answers={"lift-maintenance": True}))


def test_a_duty_is_due_the_day_before_its_period_is_full(knowledge: Knowledge) -> None:
    done = datetime.date(2026, 1, 10)
    item = ledger(knowledge, Firm(), Done("fire-facilities", done))["fire-facilities"]
    assert (item.due, item.done, item.status) == (datetime.date(2027, 1, 9), done, "ok")
    assert item.left == (item.due - TODAY).days if item.due else False


def test_a_licence_is_due_for_renewal_ahead_of_its_end(knowledge: Knowledge) -> None:
    item = ledger(knowledge, Firm(), Done("licence-trade", datetime.date(2024, 6, 1)))["licence-trade"]
    assert item.expires == datetime.date(2027, 5, 31)
    assert item.due == datetime.date(2027, 2, 28)
    assert "提前3个月申请" in item.period


def test_the_date_on_a_certificate_prevails_over_the_period(knowledge: Knowledge) -> None:
    until = datetime.date(2027, 2, 3)
    item = ledger(knowledge, Firm(), Done("forklift", datetime.date(2026, 2, 4), "叉车1号", until))["forklift/叉车1号"]
    assert (item.expires, item.due) == (until, datetime.date(2027, 1, 3))


def test_a_certificate_without_a_date_or_a_period_asks_for_its_date(knowledge: Knowledge) -> None:
    item = ledger(knowledge, Firm(), Done("special-work-certificate", datetime.date(2026, 7, 1), "张三"))
    assert item["special-work-certificate/张三"].status == "undated"
    assert item["special-work-certificate/张三"].due is None


@pytest.mark.parametrize(("ago", "status"), [(0, "ok"), (300, "ok"), (340, "soon"), (364, "soon"), (366, "overdue")])
def test_a_duty_becomes_pressing_and_then_overdue(knowledge: Knowledge, ago: int, status: str) -> None:
    done = TODAY - datetime.timedelta(days=ago)
    assert ledger(knowledge, Firm(), Done("confined-space-training", done))["confined-space-training"].status == status


def test_each_subject_has_its_own_date_and_the_newest_record_counts(knowledge: Knowledge) -> None:
    found = ledger(
        knowledge,
        Firm(),
        Done("safety-valve", datetime.date(2026, 1, 1), "阀1"),
        Done("safety-valve", datetime.date(2024, 1, 1), "阀1"),
        Done("safety-valve", datetime.date(2025, 1, 1), "阀2"),
        Done("safety-valve", TODAY + datetime.timedelta(days=1), "阀2"),
    )
    assert found["safety-valve/阀1"].due == datetime.date(2026, 12, 31)
    assert found["safety-valve/阀2"].status == "overdue"


def test_the_most_pressing_comes_first(knowledge: Knowledge, rules: ObligationsForm) -> None:
    done = [
        Done("fire-check", datetime.date(2026, 9, 1)),
        Done("fire-facilities", datetime.date(2026, 11, 1)),
        Done("drill-site", datetime.date(2026, 6, 1)),
    ]
    items = due_list(Firm(), done, TODAY, rules, knowledge.provision_by_id)
    order = list(STATUS_LABELS)
    assert [order.index(i.status) for i in items] == sorted(order.index(i.status) for i in items)
    assert items[0].id == "fire-check"


def test_every_duty_has_its_basis_or_says_that_it_was_not_checked(knowledge: Knowledge, rules: ObligationsForm) -> None:
    everything = Firm(answers={o.id: True for o in rules.obligations})
    items = due_list(everything, [], TODAY, rules, knowledge.provision_by_id)
    assert len(items) == len(rules.obligations)
    for item in items:
        assert item.basis if item.verified else item.source
        assert all(re.match(r"《.+》|[A-Z/]+", b.citation) for b in item.basis)
        assert item.period


def test_periods_are_those_of_the_law_as_a_reader_would_look_them_up(knowledge: Knowledge, rules: ObligationsForm) -> None:
    spans = {o.id: o.period.interval() for o in rules.obligations if o.period}
    # 应急预案管理办法 33, 35; 消防法 16; 有限空间规定 9; 危险化学品安全法 39; TSG 81-2022; 上海市消防条例 46; 特设条例 27
    assert spans["drill-plan"] == spans["fire-facilities"] == spans["confined-space-training"] == (12, 0)
    assert spans["drill-site"] == spans["drill-key"] == spans["drill-fire-key"] == spans["lightning-hazardous"] == (6, 0)
    assert spans["plan-review"] == spans["safety-evaluation"] == spans["licence-production"] == (36, 0)
    assert spans["forklift"] == spans["health-electrician"] == (24, 0)
    assert spans["equipment-self-check"] == spans["fire-check"] == (1, 0)
    assert spans["lift-maintenance"] == (0, 15)
    amounts = {o.id: (o.amount.value, o.amount.unit) for o in rules.obligations if o.amount}
    assert amounts["manager-retraining"] == (12, "学时")
    assert amounts["manager-retraining-high-risk"] == (16, "学时")


def items_with_dates(knowledge: Knowledge) -> list[DueItem]:
    return list(
        ledger(
            knowledge,
            Firm(),
            Done("licence-trade", datetime.date(2024, 6, 1)),
            Done("safety-valve", datetime.date(2026, 1, 1), "二号储气罐；编号A,1\n北侧"),
            Done("fire-check", datetime.date(2026, 9, 1)),
            Done("special-work-certificate", datetime.date(2026, 7, 1), "张三"),
        ).values()
    )


def test_a_calendar_is_read_back_as_it_was_meant(knowledge: Knowledge) -> None:
    items = items_with_dates(knowledge)
    raw = calendar_file(items, owner="firm-7", name="某厂安全期限", stamp=STAMP)
    calendar = Calendar.from_ical(raw)
    events = calendar.walk("VEVENT")
    dated = [i for i in items if i.due]
    assert len(events) == len(dated) == 3
    assert str(calendar["X-WR-CALNAME"]) == "某厂安全期限"
    for event in events:
        item = next(i for i in dated if str(event["SUMMARY"]).startswith(i.title.split("\n")[0]))
        assert event.decoded("DTSTART") == item.due
        assert type(event.decoded("DTSTART")) is datetime.date
        assert event.decoded("DTEND") == item.due + datetime.timedelta(days=1) if item.due else False
        assert event.decoded("DTSTAMP") == STAMP
        assert item.act in str(event["DESCRIPTION"])
        assert all(b.citation in str(event["DESCRIPTION"]) for b in item.basis)
        [alarm] = event.walk("VALARM")
        assert alarm.decoded("TRIGGER") == datetime.timedelta(hours=9) - datetime.timedelta(days=item.remind_days)
        assert str(alarm["ACTION"]) == "DISPLAY"
    valve = next(e for e in events if "二号储气罐" in str(e["SUMMARY"]))
    assert "二号储气罐；编号A,1\n北侧" in str(valve["SUMMARY"])


def test_long_chinese_lines_are_folded_within_75_octets_and_no_character_is_cut(knowledge: Knowledge) -> None:
    raw = calendar_file(items_with_dates(knowledge), owner="firm-7", name="某厂安全期限", stamp=STAMP)
    assert raw.endswith(b"\r\n")
    lines = raw.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode("utf-8")
    assert b"DTSTART;VALUE=DATE:20270228" in raw


def test_a_file_made_again_has_the_same_uids_and_another_firm_has_others(knowledge: Knowledge) -> None:
    def uids(owner: str, done: datetime.date) -> list[str]:
        items = ledger(knowledge, Firm(answers={}), Done("fire-facilities", done)).values()
        raw = calendar_file(items, owner=owner, name="期限", stamp=STAMP)
        return [str(e["UID"]) for e in Calendar.from_ical(raw).walk("VEVENT")]

    first = uids("firm-7", datetime.date(2025, 3, 1))
    assert first == uids("firm-7", datetime.date(2026, 3, 1))
    assert set(first).isdisjoint(uids("firm-8", datetime.date(2025, 3, 1)))
    assert len(set(first)) == len(first)
