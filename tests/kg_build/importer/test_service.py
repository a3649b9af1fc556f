"""An import resolves the document, compares the text with our gists, and stands beside them after the next build."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.knowledge import Knowledge
from kg_build.citation import parse_locator
from kg_build.embedding import NONE
from kg_build.errors import ImportTextError
from kg_build.importer.service import import_text
from kg_build.importer.store import read_imports
from kg_build.snapshot import build
from tests.conftest import TODAY
from tests.kg_build.importer import makers

RULE = [
    "动火作业新规则",
    "（2022年3月1日某部令第17号公布）",
    "第一章 总则",
    "第五条 本规则所称动火，是指产生明火的作业。",
    "第六条 企业动火前，必须履行审批手续，并指定专人监护。",
    "第九条 有下列情形之一的，判定为重大事故隐患：",
    "（一）无监护人的；",
    "（二）动火未经审批的。",
]


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    file = tmp_path / "新规则.txt"
    file.write_text("\n".join(RULE), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "name", ["rule-new", "动火新规则", "动火作业新规则", "《动火作业新规则》", "某部令第17号", "17号令"]
)
def test_a_document_may_be_called_by_any_of_its_names(name: str, rule: Path, mini: Path, tmp_path: Path) -> None:
    report = import_text(rule, name, tmp_path / "data", mini)
    assert (report.document, report.short, report.articles) == ("rule-new", "动火新规则", 3)


def test_the_report_says_what_met_what(rule: Path, mini: Path, tmp_path: Path) -> None:
    report = import_text(rule, "动火新规则", tmp_path / "data", mini)
    assert report.matched == ["《动火新规则》第六条", "《动火新规则》第九条第（二）项"]
    assert (report.unmatched, report.disagreements, report.warnings) == ([], [], [])
    assert report.sentence() == "已从 新规则.txt 导入《动火新规则》原文 3 条，与 2 条要点对应。"
    assert json.loads(json.dumps(report.as_dict(), ensure_ascii=False))["source"] == "新规则.txt"


def test_a_gist_without_a_place_and_a_wrong_number_are_reported(
    rule: Path, mini: Path, tmp_path: Path, replace_in: Callable[[Path, str, str], None]
) -> None:
    replace_in(mini / "rules" / "new.yaml", "动火前要办理审批并有人监护。", "动火前3小时要办理审批。")
    replace_in(rule, "（二）动火未经审批的。", "")
    report = import_text(rule, "动火新规则", tmp_path / "data", mini)
    assert report.unmatched == ["《动火新规则》第九条第（二）项"]
    assert report.disagreements == ["《动火新规则》第六条：要点里的数字 3 在原文中找不到；请与原文核对。"]
    assert "1 条要点在原文中没有位置" in report.sentence()
    assert "不一致：《动火新规则》第六条" in report.sentence()


def test_after_the_next_build_text_and_gist_stand_together(rule: Path, mini: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    import_text(rule, "动火新规则", data, mini)
    build(data, corpus=mini, model=NONE, today=TODAY)
    knowledge = Knowledge.open(data)
    found = knowledge.find("rule-new", parse_locator("第九条第（二）项"))
    assert found.official_text == "动火未经审批的。"
    assert found.official_source == "新规则.txt"
    assert found.gist == "未经审批动火的，判为重大事故隐患。"
    assert knowledge.find("rule-new", parse_locator("第五条")).official_text == "本规则所称动火，是指产生明火的作业。"


def test_a_gist_without_a_place_in_an_imported_text_does_not_stop_the_build(
    rule: Path, mini: Path, tmp_path: Path, replace_in: Callable[[Path, str, str], None]
) -> None:
    replace_in(rule, "（二）动火未经审批的。", "")
    import_text(rule, "动火新规则", tmp_path / "data", mini)
    assert build(tmp_path / "data", corpus=mini, model=NONE, today=TODAY).built


def test_a_standard_is_imported_clause_by_clause(mini: Path, tmp_path: Path) -> None:
    file = makers.write_docx(tmp_path / "GBT 1234.docx", makers.STANDARD)
    report = import_text(file, "GB/T 1234", tmp_path / "data", mini)
    assert report.articles == 14
    assert report.matched == ["GB/T 1234-2020 5.10"]
    build(tmp_path / "data", corpus=mini, model=NONE, today=TODAY)
    knowledge = Knowledge.open(tmp_path / "data")
    clause = knowledge.find("gb-1-2020", parse_locator("5.1.1"))
    assert clause.official_text is not None
    assert clause.official_text.startswith("动火作业应符合下列要求：")
    assert knowledge.find("gb-1-2020", parse_locator("5.1.1 a)")).official_text == "办理动火作业票；"


def test_a_second_import_replaces_the_first(rule: Path, mini: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    import_text(rule, "动火新规则", data, mini)
    newer = makers.write_docx(tmp_path / "修订.docx", [*RULE, "第十条 本规则自公布之日起施行。"])
    import_text(newer, "动火新规则", data, mini)
    imports, problems = read_imports(data)
    assert problems == []
    assert list(imports) == ["rule-new"]
    assert imports["rule-new"][0] == "修订.docx"
    assert len(imports["rule-new"][1]) == 4


def test_an_unknown_document_is_refused_with_near_names(rule: Path, mini: Path, tmp_path: Path) -> None:
    with pytest.raises(ImportTextError, match=r"资料库中没有“动火作业新规定”这份文件.*“动火新规则”"):
        import_text(rule, "动火作业新规定", tmp_path / "data", mini)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("document", "text", "says"),
    [
        ("安全生产法", "\n".join(RULE), "可能不是这份文件"),
        ("动火新规则", "关于动火作业新规则的解读\n问：什么是动火？\n答：明火作业。", "没有认出“第一条”这样的条文"),
        ("GB/T 1234-2020", "GB/T 1234-2020 编制说明\n一、背景", "没有认出“5.1”这样的条款号"),
    ],
)
def test_a_file_that_is_not_the_document_is_refused_and_nothing_is_written(
    document: str, text: str, says: str, mini: Path, tmp_path: Path
) -> None:
    (tmp_path / "x.txt").write_text(text, encoding="utf-8")
    with pytest.raises(ImportTextError, match=says):
        import_text(tmp_path / "x.txt", document, tmp_path / "data", mini)
    assert not (tmp_path / "data").exists()


def test_a_text_older_than_the_version_we_know_is_imported_with_a_warning(mini: Path, tmp_path: Path) -> None:
    file = tmp_path / "旧.txt"
    file.write_text("\n".join(RULE).replace("2022年3月1日", "2015年3月1日"), encoding="utf-8")
    report = import_text(file, "动火新规则", tmp_path / "data", mini)
    assert len(report.warnings) == 1
    assert "2015 年" in report.warnings[0]
    assert "注意：" in report.sentence()


@pytest.mark.skipif(not makers.REFERENCE.is_dir(), reason="the reference texts are not on this machine")
@pytest.mark.parametrize(
    ("name", "document", "articles"),
    [
        ("regulations/危险化学品安全管理条例(2013-12-07).md", "危化条例", 102),
        ("regulations/生产安全事故报告和调查处理条例(2007-04-09).md", "493号令", 46),
        ("regulations/生产安全事故应急条例(2019-02-17).md", "sc-708-2019", 35),
    ],
)
def test_the_shipped_gists_agree_with_the_real_texts(name: str, document: str, articles: int, tmp_path: Path) -> None:
    report = import_text(makers.REFERENCE / name, document, tmp_path)
    assert report.articles == articles
    assert (report.unmatched, report.disagreements, report.warnings) == ([], [], [])
    assert len(report.matched) > 25
