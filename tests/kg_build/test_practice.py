"""The practice of supervision: what a wrong file is told, what a snapshot keeps, and that its numbers are the law's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from assistant.service import Assistant
from kg_build import practice_forms, practice_penalty_forms
from kg_build.corpus import default_folder, load
from kg_build.errors import CorpusError, SnapshotError
from kg_build.practice import FORMS, Practice
from kg_build.practice_forms import Citation, NumberForm, ObligationsForm, PeriodForm, PlanningForm, PortraitForm
from kg_build.snapshot import build
from tests.conftest import TODAY
from tests.kg_build.problems import assert_reported, problems

ROOT = Path(__file__).parents[2]
Replace = Callable[[Path, str, str], None]
PLAN = """title: 计划
bounds:
  - {kind: yearly_limit, rule: 一年不超过2次。, value: 2, refusal: 已满。, verified: false, source: 例子}
  - {kind: one_agency, rule: 一级查。, refusal: 另一级查过。, basis: [安全生产法 第三十条第一款]}
  - {kind: merge, rule: 合并。, refusal: 并入。, verified: false, source: 例子}
frequencies:
""" + "".join(
    f"  - {{level: {level}, key: {key}, visits: 1, rule: 每年1次。, verified: false, source: 例子}}\n"
    for level in "ABCD"
    for key in ("true", "false")
)
DUTIES = """title: 台账
obligations:
  - id: drill
    label: 演练
    act: 演练一次。
    period: {threshold: 动火新规则 第六条, measure: 气体检测时限}
    remind_days: 5
    applies: {activity: [动火作业]}
    basis: [动火新规则 第六条]
"""


@pytest.fixture
def planning(mini: Path) -> Path:
    """The small corpus with a good planning.yaml."""
    path = mini / "practice" / "planning.yaml"
    path.parent.mkdir()
    path.write_text(
        PLAN + "triggers:\n  - {id: report, label: 举报, rule: 核查。, beyond: true, verified: false, source: 例子}\n",
        "utf-8",
    )
    return path


def test_a_good_file_has_no_problems(mini: Path, planning: Path) -> None:
    assert problems(mini) == []


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ("第三十条第一款", "第三百条第一款", "bounds.2.basis.1", "不存在"),
        ("安全生产法 第三十条第一款", "没有的法 第一条", "bounds.2.basis.1", "不在资料库中"),
        ("安全生产法 第三十条第一款", "动火旧规则 第五条", "bounds.2.basis.1", "不在施行"),
        ("basis: [安全生产法 第三十条第一款]", "bases: []", "bounds.2.bases", "不认识的字段"),
        ("basis: [安全生产法 第三十条第一款]", "verified: true", "bounds.2", "verified: false"),
        ("并入。, verified: false, source: 例子", "并入。, verified: false", "bounds.3", "source"),
        ("kind: merge", "kind: one_agency", "文件", "各一项"),
        ("value: 2, ", "", "bounds.1", "value"),
        ("level: B, key: true", "level: A, key: true", "文件", "各写一项"),
        ("visits: 1", "visits: 3", "文件", "上限"),
        ("beyond: true", "beyond: 也许", "triggers.1.beyond", "true 或 false"),
        ("title: 计划", "title: ''", "title", "太短"),
    ],
)
def test_a_wrong_statement_is_reported_with_file_line_and_field(
    mini: Path, planning: Path, replace_in: Replace, old: str, new: str, field: str, says: str
) -> None:
    replace_in(planning, old, new)
    assert_reported(mini, "practice/planning.yaml", field, says)


def test_a_file_of_an_unknown_name_is_refused_with_the_names_there_may_be(mini: Path, planning: Path) -> None:
    planning.rename(planning.with_name("plans.yaml"))
    assert_reported(mini, "practice/plans.yaml", "文件", "planning.yaml")


def test_what_is_called_verified_may_not_stand_on_a_provision_that_is_not(
    mini: Path, planning: Path, replace_in: Replace
) -> None:
    replace_in(planning, "安全生产法 第三十条第一款", "动火新规则 第六条")
    assert problems(mini) == []
    replace_in(mini / "rules" / "new.yaml", "- {at: 第六条,", "- {at: 第六条, verified: false,")
    assert_reported(mini, "practice/planning.yaml", "bounds.2", "没有与原文核对过")


@pytest.fixture
def duties(mini: Path, replace_in: Replace) -> Path:
    """The small corpus with a threshold and a duty whose period is that threshold."""
    threshold = "thresholds: [{measure: 气体检测时限, value: 3, unit: 年}]"
    replace_in(mini / "rules" / "new.yaml", "- {at: 第六条,", f"- {{at: 第六条, {threshold},")
    path = mini / "practice" / "obligations.yaml"
    path.parent.mkdir()
    path.write_text(DUTIES, "utf-8")
    return path


def test_a_number_may_be_that_of_a_provision_and_the_snapshot_holds_its_value(
    mini: Path, duties: Path, tmp_path: Path
) -> None:
    assert [p for p in problems(mini) if "practice/" in p] == []
    result = build(tmp_path / "data", corpus=mini, model="none", today=TODAY)
    practice = Practice.read((result.folder / "practice.json").read_text("utf-8"))
    [duty] = practice.of(ObligationsForm).obligations
    assert duty.period is not None
    assert (duty.period.value, duty.period.unit, duty.period.interval()) == (3, "年", (36, 0))
    assert duty.basis == [duty.period.threshold]
    assert duty.basis[0].endswith("/art_6")
    assert duty.applies.activity == ["https://hegui.example/activity/hot-work"]


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ("measure: 气体检测时限", "measure: 没有的量", "obligations.1.period", "应当恰好一个"),
        ("measure: 气体检测时限", "measure: 气体检测时限, value: 2, unit: 年", "obligations.1.period", "规定的是 3年"),
        ("measure: 气体检测时限", "measure: 气体检测时限, unit: 个月", "obligations.1.period", "规定的是 3年"),
        ("第六条, measure", "第五百条, measure", "obligations.1.period.threshold", "不存在"),
        (
            "{threshold: 动火新规则 第六条, measure: 气体检测时限}",
            "{value: 3, unit: 工作日}",
            "obligations.1.period",
            "工作日",
        ),
        ("{threshold: 动火新规则 第六条, measure: 气体检测时限}", "{unit: 年}", "obligations.1.period", "value"),
        ("activity: [动火作业]", "activity: [没有的作业]", "obligations.1.applies.activity", "没有的作业"),
    ],
)
def test_a_number_that_is_not_that_of_the_law_is_refused(
    mini: Path, duties: Path, replace_in: Replace, old: str, new: str, field: str, says: str
) -> None:
    replace_in(duties, old, new)
    assert_reported(mini, "practice/obligations.yaml", field, says)


@pytest.mark.parametrize(
    ("value", "unit", "span"),
    [
        (3, "年", (36, 0)),
        (6, "个月", (6, 0)),
        (1, "月", (1, 0)),
        (1, "次/半年", (6, 0)),
        (2, "次/年", (6, 0)),
        (1, "次/季度", (3, 0)),
        (15, "日", (0, 15)),
        (1, "次/周", (0, 7)),
    ],
)
def test_a_period_is_read_from_how_long_or_how_often(value: float, unit: str, span: tuple[int, int]) -> None:
    assert PeriodForm(value=value, unit=unit).interval() == span


@pytest.mark.parametrize(("value", "unit"), [(1, "工作日"), (7, "次/年"), (0, "年"), (3, "学时")])
def test_what_is_no_span_of_whole_months_or_days_is_refused(value: float, unit: str) -> None:
    with pytest.raises(ValueError, match=r"时间单位|折不成"):
        PeriodForm(value=value, unit=unit).interval()


def test_a_change_of_practice_makes_another_snapshot(mini: Path, planning: Path, replace_in: Replace) -> None:
    before = load(mini).digest
    replace_in(planning, "rule: 合并。", "rule: 合并去查。")
    assert load(mini).digest != before


def test_a_corpus_without_practice_is_built_and_says_what_is_missing(mini: Path, tmp_path: Path) -> None:
    result = build(tmp_path / "data", corpus=mini, model="none", today=TODAY)
    practice = Practice.read((result.folder / "practice.json").read_text("utf-8"))
    assert not practice.has(PlanningForm)
    with pytest.raises(SnapshotError, match=r"practice/planning\.yaml"):
        practice.of(PlanningForm)


def test_the_shipped_practice_is_whole_and_each_citation_names_a_provision(assistant: Assistant) -> None:
    knowledge = assistant.reader.knowledge
    assert set(FORMS) == {p.stem for p in (default_folder() / "practice").glob("*.yaml")}
    cited = 0
    for form in FORMS.values():
        for value in _citations(knowledge.practice.of(form)):
            assert value in knowledge.provision_by_id
            cited += 1
    assert cited > 100


def test_every_number_said_to_come_from_a_provision_is_the_number_there(assistant: Assistant) -> None:
    knowledge = assistant.reader.knowledge
    numbers = [n for form in FORMS.values() for n in _parts(knowledge.practice.of(form), NumberForm)]
    drawn = [n for n in numbers if isinstance(n, NumberForm) and n.threshold]
    assert len(drawn) > 30
    for number in drawn:
        there = {(t.measure, t.value, t.unit) for t in knowledge.provision_by_id[str(number.threshold)].thresholds}
        assert (number.measure, number.value, number.unit) in there


def test_what_is_not_read_in_a_text_says_so(assistant: Assistant) -> None:
    scheme = assistant.reader.knowledge.practice.of(PortraitForm)
    assert "本软件的默认方案，可由监管部门替换" in (scheme.note or "")
    assert all(not item.verified and item.source for item in scheme.items)
    planning = assistant.reader.knowledge.practice.of(PlanningForm)
    assert all(not f.verified and f.source for f in planning.frequencies)


@pytest.mark.parametrize(
    "form",
    [
        f
        for module in (practice_forms, practice_penalty_forms)
        for f in vars(module).values()
        if isinstance(f, type) and issubclass(f, BaseModel) and f.__module__ == module.__name__
    ],
    ids=lambda f: f.__name__,
)
def test_every_field_of_practice_is_documented(form: type[BaseModel]) -> None:
    documented = (ROOT / "docs" / "corpus.md").read_text(encoding="utf-8")
    documented = documented[documented.index("## practice") :]
    assert {f for f in form.model_fields if not re.search(rf"`[^`]*\b{f}\b[^`]*`", documented)} == set()


def test_a_broken_snapshot_is_never_published(mini: Path, planning: Path, replace_in: Replace, tmp_path: Path) -> None:
    data = tmp_path / "data"
    build(data, corpus=mini, model="none", today=TODAY)
    key = (data / "CURRENT").read_text("utf-8")
    replace_in(planning, "第三十条第一款", "第三百条第一款")
    with pytest.raises(CorpusError, match=r"planning\.yaml"):
        build(data, corpus=mini, model="none", today=TODAY)
    assert (data / "CURRENT").read_text("utf-8") == key
    assert json.loads((data / "snapshots" / key.strip() / "practice.json").read_text("utf-8"))["planning"]


def _citations(value: object) -> list[str]:
    return [str(c) for c in _parts(value, Citation)]


def _parts(value: object, kind: type) -> list[object]:
    found = [value] if isinstance(value, kind) else []
    if isinstance(value, BaseModel):
        found += [p for name in type(value).model_fields for p in _parts(getattr(value, name), kind)]
    elif isinstance(value, list):
        found += [p for child in value for p in _parts(child, kind)]
    elif isinstance(value, dict):
        found += [p for child in value.values() for p in _parts(child, kind)]
    return found
