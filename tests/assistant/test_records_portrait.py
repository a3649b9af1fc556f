"""Records become events of the portrait: which, on which day, and which don't."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from assistant.portrait import portrait
from assistant.records.forms import HazardOut
from assistant.records.inspections import ScoreOut
from assistant.records.ledger import Past
from assistant.records.more_forms import HappeningOut
from assistant.records_portrait import FROM_RECORDS, events, to_register
from assistant.service import Assistant
from kg_build.practice_forms import PortraitForm

TODAY = datetime.date(2026, 11, 23)
NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)


def day(offset: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=offset)


def past(*, official: bool = False, mended: int | None = None, **told: Any) -> Past:
    empty = "inspection_id check_id responsible due closed_at found_by scene basis fix reported_on reported_to"
    held: dict[str, Any] = dict.fromkeys(empty.split())
    held |= {"id": 7, "version": 1, "created_at": NOON, "updated_at": NOON, "enterprise_id": 1, "description": "没有泄爆口"}
    held |= {"major": False, "state": "assigned", "note": "", "found_on": day(-60)} | told
    return Past(HazardOut(**held), official, None if mended is None else day(mended))


def kinds(*hazards: Past) -> list[tuple[str, datetime.date]]:
    return [(e.kind, e.day) for e in events([], hazards, [], TODAY)]


def test_a_finished_self_check_counts_and_an_inspection_does_not() -> None:
    found = events([ScoreOut(1, "self_check", day(-3), 92.5, 0), ScoreOut(2, "inspection", day(-2), 60.0, 1)], [], [], TODAY)
    assert [(e.kind, e.day, e.note, e.ref) for e in found] == [("self-check", day(-3), "得分 92.5", "checks/1")]


def test_a_major_hazard_counts_by_who_found_it() -> None:
    assert kinds(past(major=True, official=True)) == [("major-hazard-found", day(-60))]
    assert kinds(past(major=True)) == []
    assert kinds(past(major=True, reported_on=day(-50))) == [("major-hazard-self", day(-50))]
    assert kinds(past(official=True)) == []


def test_a_hazard_is_overdue_until_it_is_mended() -> None:
    assert kinds(past(due=day(-1))) == [("hazard-overdue", TODAY)]
    assert kinds(past(due=TODAY)) == []
    assert kinds(past(due=day(-30), state="mended", mended=-20)) == [("hazard-overdue", day(-20))]
    assert kinds(past(due=day(-30), state="closed", mended=-30)) == []
    assert kinds(past(due=None, state="closed", mended=-30)) == []
    assert ("major-hazard-overdue", TODAY) in kinds(past(due=day(-1), major=True))


def test_only_a_major_hazard_mended_in_time_and_closed_gives_points_back() -> None:
    closed = {"major": True, "official": True, "state": "closed", "closed_at": NOON - datetime.timedelta(days=5)}
    assert ("major-hazard-closed", day(-5)) in kinds(past(**closed, due=day(-10), mended=-12))
    assert "major-hazard-closed" not in [k for k, _ in kinds(past(**closed, due=day(-20), mended=-12))]


def test_what_officials_registered_counts_and_what_lies_ahead_does_not() -> None:
    told = {"version": 1, "created_at": NOON, "updated_at": NOON, "enterprise_id": 1, "kind": "penalty", "note": "1号"}
    happenings = [HappeningOut(id=1, on=day(-1), **told), HappeningOut(id=2, on=day(1), **told)]
    assert [(e.kind, e.day, e.note) for e in events([], [], happenings, TODAY)] == [("penalty", day(-1), "1号")]


def test_the_events_named_here_are_those_of_the_scheme(assistant: Assistant) -> None:
    scheme = assistant.knowledge.practice.of(PortraitForm)
    known = {i.event for i in scheme.items}
    assert known >= FROM_RECORDS
    registered = {i.event for i in to_register(scheme)}
    assert not registered & FROM_RECORDS
    assert known - registered - FROM_RECORDS == {i.event for i in scheme.items if i.absent}


@pytest.mark.parametrize(("official", "level"), [(True, "C"), (False, "B")])
def test_a_major_hazard_holds_the_level_down_when_officials_found_it(
    assistant: Assistant, official: bool, level: str
) -> None:
    scheme = assistant.knowledge.practice.of(PortraitForm)
    hazard = past(major=True, official=official, due=day(5))
    assert portrait(events([], [hazard], [], TODAY), scheme, TODAY, since=day(-90)).level == level
