"""Due dates come again after they were done, and end only with a reason; what counts in a portrait has happened."""

from __future__ import annotations

import datetime

import pytest

from assistant.dates import add_months
from assistant.records import ConflictError, DueForm, EnterpriseOut, HappeningForm, RecordStore, RecordValueError
from tests.assistant.records.made import NOON, desk

TODAY = NOON.date()


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-11-23", 12, "2027-11-23"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-08-31", 240, "2046-08-31"),
    ],
)
def test_months_are_counted_as_calendars_do(day: str, months: int, then: str) -> None:
    assert add_months(datetime.date.fromisoformat(day), months) == datetime.date.fromisoformat(then)


def test_what_comes_again_is_due_anew_from_the_day_it_was_done(store: RecordStore, firm: EnterpriseOut) -> None:
    at = desk(store).due
    made = at.add(firm.id, DueForm(title="防雷检测", due=datetime.date(2026, 11, 1), every_months=6))
    done = at.done(made.id, made.version, datetime.date(2026, 11, 20), "检测报告已存档")
    assert (done.due, done.last_done) == (datetime.date(2027, 5, 20), datetime.date(2026, 11, 20))
    assert (done.ended_on, done.note) == (None, "检测报告已存档")
    with pytest.raises(ConflictError):
        at.done(made.id, made.version, TODAY)
    with pytest.raises(RecordValueError, match="还没有到"):
        at.done(made.id, done.version, TODAY + datetime.timedelta(days=1))


def test_what_was_due_once_ends_when_it_is_done(store: RecordStore, firm: EnterpriseOut) -> None:
    at = desk(store).due
    made = at.add(firm.id, DueForm(title="安全评价", due=datetime.date(2026, 12, 1)))
    at.done(made.id, made.version, TODAY)
    assert at.find(firm.id).total == 0
    assert [d.title for d in at.find(firm.id, ended=True).items] == ["安全评价"]


def test_ending_needs_a_reason(store: RecordStore, firm: EnterpriseOut) -> None:
    at = desk(store).due
    made = at.add(firm.id, DueForm(title="锅炉检验", due=datetime.date(2026, 12, 1), every_months=12))
    with pytest.raises(RecordValueError, match="理由"):
        at.end(made.id, made.version, "  ")
    ended = at.end(made.id, made.version, "锅炉已拆除")
    assert (ended.ended_on, ended.note) == (TODAY, "锅炉已拆除")
    assert [e.action for e in desk(store).trail.find("due_item", made.id).items] == ["end", "create"]


def test_the_most_pressing_stands_first(store: RecordStore, firm: EnterpriseOut) -> None:
    at = desk(store).due
    for day in (20, 5, 12):
        at.add(firm.id, DueForm(title=f"第{day}日", due=datetime.date(2026, 12, day)))
    assert [d.title for d in at.find().items] == ["第5日", "第12日", "第20日"]
    assert [d.title for d in at.find(before=datetime.date(2026, 12, 12)).items] == ["第5日"]
    assert [d.title for d in at.find(since=datetime.date(2026, 12, 12)).items] == ["第12日", "第20日"]
    for months in (0, -1, 241):
        with pytest.raises(RecordValueError, match="周期"):
            at.add(firm.id, DueForm(title="x", due=TODAY, every_months=months))


def test_what_counts_in_a_portrait_has_happened(store: RecordStore, firm: EnterpriseOut) -> None:
    at = desk(store).happenings
    with pytest.raises(RecordValueError, match="还没有到"):
        at.add(firm.id, HappeningForm(kind="accident", on=TODAY + datetime.timedelta(days=1)))
    at.add(firm.id, HappeningForm(kind="accident", on=datetime.date(2025, 3, 1)))
    at.add(firm.id, HappeningForm(kind="award", on=TODAY))
    assert [h.kind for h in at.find(firm.id).items] == ["award", "accident"]
