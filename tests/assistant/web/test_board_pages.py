"""The pages of the board, the portrait and the trend, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from assistant.records import AnswerForm, DueForm, EnterpriseForm, Viewer
from assistant.records.inspections import ScoreOut
from assistant.service import Assistant
from assistant.web.work.portrait_pages import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, lines
from tests.assistant.records.made import small_checklist
from tests.assistant.web.ledger_place import TODAY, Place, day, made_place


@pytest.fixture
def place(assistant: Assistant, tmp_path: Path) -> Iterator[Place]:
    with made_place(assistant, tmp_path) as made:
        yield made


# --- the board --------------------------------------------------------------------------------------------------------


def test_the_board_counts_what_stands_and_names_the_most_pressing(place: Place) -> None:
    place.hazard(description="一般", responsible="李", due=day(-1))
    place.hazard(place.other, description="重大", major=True, due=day(-1))
    place.system.due.add(place.firm, DueForm(title="演练", due=day(3)))
    place.system.enterprises.set_level(place.other, "D", 40, TODAY)
    seen = place.store.desk(Viewer("x", frozenset({"inspector"}))).overview
    counts = seen.counts(TODAY, day(30))
    assert (counts.firms, counts.open, counts.major, counts.overdue, counts.due_soon) == (3, 2, 1, 2, 1)
    assert counts.levels == {"": 2, "A": 0, "B": 0, "C": 0, "D": 1}
    assert [f.firm.name for f in seen.pressing(TODAY)] == ["别家化工厂", "测试轮毂厂"]
    assert [f.firm.name for f in seen.pressing(TODAY, "嘉定区")] == ["测试轮毂厂"]
    told = place.person("officer").see("/board")
    assert "别家化工厂" in told
    assert "金山区（1 家）" in told
    within = place.person("jinshan").see("/board")
    assert "别家化工厂" in within
    assert "测试轮毂厂" not in within


def test_a_group_sees_its_firms_side_by_side(place: Place) -> None:
    made = place.system.inspections.add(place.firm, "self_check", small_checklist(), "k")
    place.system.inspections.answer_all(
        made.id,
        [AnswerForm(check_id="t-permit", result="compliant"), AnswerForm(check_id="t-watch", result="noncompliant")],
    )
    place.system.inspections.finish(made.id, made.version)
    told = place.person("group").see("/board")
    assert "测试轮毂厂" in told
    assert "测试集团" in told
    assert "别家化工厂" not in told
    assert "50</a>" in told
    assert "没有自查过" in told
    place.person("an").see("/board", 403)
    place.person("trainer").see("/board", 403)


def test_the_board_asks_the_database_a_fixed_number_of_questions(place: Place) -> None:
    asked: list[str] = []
    event.listen(place.store.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    officer = place.person("officer")

    def questions() -> int:
        asked.clear()
        officer.see("/board")
        return len(asked)

    place.hazard()
    few = questions()
    for n in range(8):
        firm = place.system.enterprises.add(EnterpriseForm(name=f"厂{n}")).id
        place.hazard(firm, major=True)
    assert questions() == few


# --- the portrait and the trend -----------------------------------------------------------------------------------------


def test_the_portrait_explains_every_point_and_officials_set_the_level(place: Place) -> None:
    hazard = place.official_finding()
    officer, an = place.person("officer"), place.person("an")
    told = an.see(f"/firms/{place.firm}/portrait")
    assert "检查发现重大事故隐患" in told
    assert f'href="/work/hazards/{hazard}"' in told
    assert "级（" in told
    assert "定为" not in told
    assert "登记事项</summary>" not in told
    assert "你的账号不能" in an.send(f"/firms/{place.firm}/portrait/happening", kind="penalty", on=TODAY)
    officer.send(f"/firms/{place.firm}/portrait/happening", kind="penalty", on=day(-5), note="沪应急罚〔2026〕1号")
    told = officer.see(f"/firms/{place.firm}/portrait")
    assert "沪应急罚〔2026〕1号" in told
    assert "受到安全生产行政处罚" in told
    assert "怎么提高" in told
    assert "没有这种事项" in officer.send(f"/firms/{place.firm}/portrait/happening", kind="self-check", on=TODAY)
    assert "记录有变化" in officer.send(f"/firms/{place.firm}/portrait/level", level="A")
    shown = re.search(r'name="level" value="(\w)"', told)
    assert shown
    officer.send(f"/firms/{place.firm}/portrait/level", level=shown.group(1))
    kept = place.system.enterprises.get(place.firm)
    assert kept.level == shown.group(1)
    assert kept.leveled_on == TODAY


def test_the_trend_shows_scores_by_kind_and_marks_major_hazards(place: Place) -> None:
    for result in ("compliant", "noncompliant"):
        made = place.system.inspections.add(place.firm, "self_check", small_checklist(), "k")
        place.system.inspections.answer(made.id, AnswerForm(check_id="t-permit", result=result))
        place.system.inspections.finish(made.id, made.version)
    an = place.person("an")
    told = an.see(f"/firms/{place.firm}/trend")
    assert told.count("<circle") == 2
    assert told.count('class="self_check bad"') == 1
    assert "全部记录 <small>2 次" in told
    assert "<circle" not in an.see(f"/firms/{place.firm}/trend?kind=inspection")
    an.see(f"/firms/{place.firm}/trend?kind=nonsense", 422)


def test_the_dots_of_the_trend_lie_in_the_picture(place: Place) -> None:
    told = [ScoreOut(n, "self_check", day(n), score, 0) for n, score in enumerate((0.0, 50.0, None, 100.0))]
    dots = lines(told)["self_check"]
    assert [d.check.id for d in dots] == [0, 1, 3]
    assert dots[0].x == LEFT
    assert dots[0].y == HEIGHT - BOTTOM
    assert dots[-1].x == WIDTH - RIGHT
    assert dots[-1].y == TOP
    assert lines([]) == {}
    assert len(lines(told[:1])["self_check"]) == 1
