"""A wrong corpus file is refused with file, line and field; nothing is published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kg_build.corpus import load
from kg_build.errors import CorpusError
from kg_build.snapshot import build
from tests.conftest import TODAY
from tests.kg_build.problems import assert_reported, problems

Replace = Callable[[Path, str, str], None]


def line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line)


def test_a_good_corpus_has_no_problems(mini: Path) -> None:
    assert problems(mini) == []


def test_a_clause_number_keeps_its_zero(mini: Path) -> None:
    standard = next(r for r in load(mini).rules if r.document.id == "gb-1-2020")
    assert standard.provisions[0].at == "5.10"


@pytest.mark.parametrize(
    ("file", "old", "new", "field", "says"),
    [
        ("rules/law.yaml", "[第九十七条第（七）项]", "[第九十七条第（九）项]", "penalty", "不存在"),
        ("rules/law.yaml", "at: 第三十条第一款", "at: 第三百条", "at", "官方文本中没有"),
        ("rules/law.yaml", "at: 第三十条第一款", "at: 五点一", "at", "看不懂的条款位置"),
        ("rules/law.yaml", "tags: [特种作业]", "tags: [没有的标签]", "tags", "没有的标签"),
        ("rules/law.yaml", "max: 100000}", "max: 150000}", "gist", "150000"),
        ("rules/law.yaml", "处10万元以上20万元以下", "处10万元以上25万元以下", "gist", "250000"),
        ("rules/new.yaml", "replaces: [动火旧规则]", "replaces: [动火旧规则]\n  binds: [没有的行业]", "binds", "没有的行业"),
        ("rules/old.yaml", "id: rule-old", "id: rule-new", "id", "重复"),
        ("checks/hot-work.yaml", "id: t-watch", "id: t-permit", "id", "重复"),
        ("checks/hot-work.yaml", "动火新规则 第六条", "动火新规则 第六十条", "basis", "第六十条"),
        ("checks/hot-work.yaml", "动火新规则 第六条", "没有的文件 第六条", "basis", "不在资料库中"),
        ("checks/hot-work.yaml", "basis: [GB/T 1234-2020 5.10]", "basis: [动火旧规则 第五条]", "basis", "都不在施行"),
        ("checks/hot-work.yaml", ", 动火新规则 第九条第（二）项]", "]", "severity", "重大事故隐患"),
        ("checks/hot-work.yaml", "scene: 动火作业", "scene: 没有的场景", "scene", "没有的场景"),
        ("cases/cases.yaml", "安全生产法 第三十条第一款", "安全生产法 第一百二十条", "violated", "不存在"),
        (
            "cases/cases.yaml",
            "violated: [安全生产法 第三十条第一款]",
            "violated: [动火旧规则 第五条]",
            "violated",
            "不在施行",
        ),
        ("asked/hot-work.yaml", "动火新规则 第六条", "动火新规则 第六十条", "answered_by", "第六十条"),
        ("asked/hot-work.yaml", "gap-hot-work-01", "gap-hot-work-09", "topic", "gap-hot-work-09"),
        ("asked/hot-work.yaml", "接火盆多宽才兜得住火星", "临时焊个支架也要先批吗", "q", "重复"),
        ("cases/cases.yaml", "type: enforcement", "type: no_penalty", "type", "non_penalty_ground"),
    ],
)
def test_a_wrong_statement_is_reported_with_file_line_and_field(
    mini: Path, replace_in: Replace, file: str, old: str, new: str, field: str, says: str
) -> None:
    replace_in(mini / file, old, new)
    assert_reported(mini, file, field, says)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("rules/law.yaml", "    heading: 特种作业持证\n    gist:", "    heading: 特种作业持证\n    gits:", "不认识的字段"),
        ("rules/law.yaml", "modality: duty", "modality: dutty", "只能是"),
        ("rules/law.yaml", "  published: 2021-06-10\n", "", "缺少必填字段"),
        ("rules/law.yaml", "in_force: 2021-09-01", "in_force: 去年九月", "应当是日期"),
        ("rules/law.yaml", "    modality: duty", "    modality: duty\n    modality: duty", "重复出现"),
        ("rules/law.yaml", "aliases: [安生法]", "aliases: [安生法", "YAML 写法有误"),
        ("cases/cases.yaml", 'url: "https://example.org/a"', 'url: "example.org/a"', "写法不符合要求"),
    ],
)
def test_a_badly_written_file_is_reported_with_its_line(
    mini: Path, replace_in: Replace, file: str, old: str, new: str, says: str
) -> None:
    replace_in(mini / file, old, new)
    with pytest.raises(CorpusError) as caught:
        load(mini)
    assert any(p.startswith(file) and "第 " in p and says in p for p in caught.value.problems), caught.value.problems


def test_the_line_reported_is_the_line_of_the_field(mini: Path, replace_in: Replace) -> None:
    path = mini / "rules" / "law.yaml"
    replace_in(path, "max: 100000}", "max: 150000}")
    (found,) = problems(mini)
    assert f"第 {line_of(path, 'gist: 有所列情形')} 行" in found


def test_all_files_problems_are_reported_at_once(mini: Path, replace_in: Replace) -> None:
    replace_in(mini / "rules/law.yaml", "modality: duty", "modality: dutty")
    replace_in(mini / "rules/old.yaml", "modality: duty", "modality: dutty")
    with pytest.raises(CorpusError) as caught:
        load(mini)
    assert {p.split(" ")[0] for p in caught.value.problems} == {"rules/law.yaml", "rules/old.yaml"}


def test_a_missing_corpus_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="找不到资料目录"):
        load(tmp_path / "nowhere")


def test_a_wrong_corpus_is_not_published(mini: Path, replace_in: Replace, tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = build(data, corpus=mini, model="none", today=TODAY)
    replace_in(mini / "checks/hot-work.yaml", "动火新规则 第六条", "动火新规则 第六十条")
    with pytest.raises(CorpusError):
        build(data, corpus=mini, model="none", today=TODAY)
    assert (data / "CURRENT").read_text().strip() == first.key


def test_the_shipped_corpus_has_no_problems() -> None:
    from kg_build.corpus import default_folder

    assert problems(default_folder()) == []
