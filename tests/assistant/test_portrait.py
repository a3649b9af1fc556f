"""A portrait explains each point, forgets what is old, and says what would lift the level."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.portrait import LEVELS, Event, Portrait, portrait, scheme_of
from assistant.service import Assistant
from kg_build.corpus import default_folder, read_form
from kg_build.errors import UsageError
from kg_build.practice_forms import PortraitForm
from tests.conftest import TODAY

SHIPPED = (default_folder() / "practice" / "portrait.yaml").read_text(encoding="utf-8")
SCHEME = read_form(PortraitForm, "practice/portrait.yaml", SHIPPED)
ITEMS = {item.event: item for item in SCHEME.items}


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


def of(*events: Event, since: datetime.date | None = None) -> Portrait:
    return portrait(events, SCHEME, TODAY, since=since)


def point(result: Portrait, item: str) -> float:
    return sum(p.points for p in result.points if p.item == item)


def test_a_unit_without_records_starts_where_the_scheme_says() -> None:
    result = of()
    assert (result.total, result.level) == (SCHEME.start, "B")
    assert "可由监管部门替换" in (result.note or "")


def test_the_total_is_the_start_and_every_point_shown() -> None:
    result = of(Event("penalty", ago(30)), Event("self-check", ago(10)), Event("standard-2", ago(200)))
    assert result.total == SCHEME.start + sum(p.points for p in result.points)
    for shown in result.points:
        assert shown.why.endswith("。")
        assert shown.label
        assert shown.event is None or shown.until is not None


def test_an_event_stops_counting_when_its_months_are_over_and_this_is_said() -> None:
    months = ITEMS["penalty"].months
    result = of(Event("penalty", TODAY.replace(year=TODAY.year - months // 12)))
    [old] = [p for p in result.points if p.item == "penalty"]
    assert not old.counts
    assert f"已满{months}个月" in old.why
    day_before = portrait([old.event], SCHEME, TODAY - datetime.timedelta(days=1)) if old.event else None
    assert day_before is not None
    assert point(day_before, "penalty") == ITEMS["penalty"].points


def test_an_item_counts_up_to_its_limit_and_the_newest_first() -> None:
    result = of(*(Event("penalty", ago(10 * i), ref=str(i)) for i in range(1, 6)))
    assert point(result, "penalty") == -(ITEMS["penalty"].limit or 0)
    left = [p for p in result.points if p.item == "penalty" and not p.counts]
    assert [p.event.ref for p in left if p.event] == ["4", "5"]
    assert all("上限" in p.why for p in left)


def test_of_a_group_only_the_best_counts() -> None:
    result = of(Event("standard-3", ago(10)), Event("standard-1", ago(400)), Event("standard-2", ago(20)))
    assert point(result, "standard-1") == ITEMS["standard-1"].points
    assert point(result, "standard-2") == point(result, "standard-3") == 0


def test_a_grave_event_holds_the_level_down_whatever_the_points() -> None:
    good = [
        Event("standard-1", ago(10)),
        *(Event("self-check", ago(i)) for i in range(1, 5)),
        *(Event("drill", ago(i)) for i in (1, 2, 3)),
    ]
    result = of(*good, Event("major-hazard-found", ago(5)))
    assert result.total >= SCHEME.levels[0].least - 5
    assert result.level == "C"
    assert "不高于C级" in result.capped[0]
    assert of(*good, Event("dishonest-list", ago(5))).level == "D"


def test_mending_a_major_hazard_gives_back_a_part_of_what_it_took_and_no_more() -> None:
    found, mended = Event("major-hazard-found", ago(60)), Event("major-hazard-closed", ago(20))
    assert of(found).total < of(found, mended).total < of().total
    assert of(mended).total == of().total


def test_a_clean_year_counts_only_once_the_record_is_a_year_old() -> None:
    assert point(of(since=ago(100)), "clean-year") == 0
    assert point(of(since=ago(400)), "clean-year") == ITEMS["clean-year"].points
    stained = of(Event("penalty", ago(100)), since=ago(400))
    assert point(stained, "clean-year") == 0
    assert "受到安全生产行政处罚" in next(p.why for p in stained.points if p.item == "clean-year")


def test_each_lift_is_what_the_points_become() -> None:
    events = [
        Event("penalty", ago(300)),
        Event("penalty", ago(20)),
        Event("hazard-overdue", ago(10)),
        Event("accident-general", ago(500)),
    ]
    result = of(*events)
    assert result.lifts
    by_time = [lift for lift in result.lifts if lift.day]
    for lift in by_time:
        assert lift.day is not None
        then = portrait(events, SCHEME, lift.day)
        assert (then.total, then.level) == (result.total + lift.gain, lift.level)
    last = result.lifts[-1]
    assert LEVELS.index(last.level) < LEVELS.index(result.level)
    checked = of(*events, Event("self-check", TODAY))
    assert any(lift.gain == checked.total - result.total and "自查" in lift.text for lift in result.lifts)
    assert result.to_next is not None


def test_the_best_portrait_needs_no_lift() -> None:
    best = [Event(e, ago(1)) for e in ("standard-1", "drill", "training", "self-check")]
    result = of(*best, since=ago(800))
    assert result.level == "A"
    assert (result.to_next, result.total) == (None, SCHEME.top)
    assert result.lifts == ()


def test_what_the_scheme_does_not_know_or_lies_ahead_is_told_not_counted() -> None:
    unknown, ahead = Event("rumor", ago(3)), Event("penalty", TODAY + datetime.timedelta(days=3))
    result = of(unknown, ahead)
    assert set(result.ignored) == {unknown, ahead}
    assert result.total == SCHEME.start


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.builds(
            Event, st.sampled_from(sorted(ITEMS)), st.dates(datetime.date(2019, 1, 1), TODAY), ref=st.text("ab", max_size=2)
        ),
        max_size=25,
    ),
    st.randoms(),
)
def test_no_input_leaves_the_scale_and_order_changes_nothing(events: list[Event], rnd: object) -> None:
    result = of(*events)
    assert SCHEME.bottom <= result.total <= SCHEME.top
    assert len([p for p in result.points if p.event]) == len([e for e in events if not ITEMS[e.kind].absent])
    rnd.shuffle(events)  # type: ignore[attr-defined]
    assert of(*events) == result
    for kind, item in ITEMS.items():
        if item.limit is not None:
            assert abs(point(result, kind)) <= item.limit
    earned = next(level.level for level in SCHEME.levels if result.total >= level.least)
    assert LEVELS.index(result.level) >= LEVELS.index(earned)
    assert (result.level != earned) == bool(result.capped)


def test_a_local_file_replaces_the_scheme(assistant: Assistant, tmp_path: Path) -> None:
    knowledge = assistant.reader.knowledge
    assert scheme_of(knowledge, tmp_path) == knowledge.practice.of(PortraitForm)
    local = tmp_path / "practice" / "portrait.yaml"
    local.parent.mkdir()
    local.write_text(SHIPPED.replace("start: 80", "start: 70"), encoding="utf-8")
    scheme = scheme_of(knowledge, tmp_path)
    assert portrait([], scheme, TODAY).total == 70
    assert all(b in knowledge.provision_by_id for item in scheme.items for b in item.basis)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("start: 80", "start: 200", "起始分"),
        ("least: 75", "least: 95", "递减"),
        ("points: -20", "points: 零", "应当是数"),
        ("worst: C", "worst: E", "A"),
        ("安全生产法 第六十六条", "安全生产法 第六百条", "第六百条"),
        ("event: obstruct", "event: penalty", "重复"),
        ("needs: major-hazard-found", "needs: nothing", "nothing"),
        ("title: ", "titel: ", "不认识的字段"),
    ],
)
def test_a_wrong_local_file_is_told_with_its_place(
    assistant: Assistant, tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert old in SHIPPED
    local = tmp_path / "practice" / "portrait.yaml"
    local.parent.mkdir()
    local.write_text(SHIPPED.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError, match=says) as told:
        scheme_of(assistant.reader.knowledge, tmp_path)
    assert "portrait.yaml" in str(told.value)
