"""What only the whole corpus can show: each proof finds what was broken, with file, line and field."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kg_build.corpus import default_folder, load
from kg_build.errors import CorpusError
from kg_build.soundness import orphan_tags
from kg_build.vocabulary import Vocabulary, load_graph, ontology_folder
from tests.kg_build.problems import assert_reported, problems

Replace = Callable[[Path, str, str], None]
NEW, HOT, TIERS = "rules/new.yaml", "checks/hot-work.yaml", "rules/tiers.yaml"
ARTICLE = "安全生产法 第九十七条第（七）项"


@pytest.mark.parametrize(
    ("file", "old", "new", "field", "says"),
    [
        # a criterion must say whom it binds, where, which duty it breaks, what punishes it
        (NEW, "industries: [工贸], ", "", "major_hazard", "行业"),
        (NEW, "scenes: [动火作业], ", "", "major_hazard", "场景"),
        (NEW, "cites: [第六条], ", "", "major_hazard", "违反的义务"),
        (NEW, f"cites: [第六条], penalty: [{ARTICLE}]}}", "cites: [第六条]}", "major_hazard", "处罚"),
        (NEW, "industries: [工贸]", "industries: [没有的行业]", "industries", "没有的行业"),
        # a check must reach the data of a penalty, or say why there is none
        (HOT, "    unpunished: 依据是推荐性标准。\n", "", "penalty", "没有现行罚则数据"),
        (HOT, "severity: major\n", "severity: major\n    unpunished: 没有\n", "unpunished", "不应再写"),
        # the same question in other words
        (HOT, "ask: 是否安排看火人？", "ask: 动火前，是否办理审批", "ask", "同一件事"),
        (HOT, "tags: [动火]\n", "tags: [动火]\n    also: [{scene: 没有, link: 甲, point: 乙}]\n", "also", "没有"),
        # tiers and lists name penal provisions that exist
        (TIERS, f"of: {ARTICLE}, tier: 一档", "of: 安全生产法 第九百条, tier: 一档", "discretion", "第九百条"),
        (TIERS, f"of: [{ARTICLE}], cond", "of: [安全生产法 第九百条], cond", "leniency", "第九百条"),
    ],
)
def test_what_is_unsound_is_reported_with_file_line_and_field(
    mini: Path, replace_in: Replace, file: str, old: str, new: str, field: str, says: str
) -> None:
    replace_in(mini / file, old, new)
    assert_reported(mini, file, field, says)


def test_a_duty_punished_only_by_what_is_repealed_is_reported(mini: Path, replace_in: Replace) -> None:
    replace_in(mini / "rules/old.yaml", "modality: duty", "modality: penalty")
    replace_in(
        mini / "rules/new.yaml",
        "penalty: [安全生产法 第九十七条第（七）项]}\n  - {at",
        "penalty: [动火旧规则 第五条]}\n  - {at",
    )
    assert any("都已失效" in p for p in problems(mini))


def test_a_repealed_document_that_nothing_replaces_is_reported(mini: Path, replace_in: Replace) -> None:
    replace_in(mini / NEW, "  replaces: [动火旧规则]\n", "")
    (found,) = problems(mini)
    assert found.startswith("rules/old.yaml 第 ")
    assert "ended_by" in found


def test_two_cases_of_one_source_must_say_which_is_which(mini: Path) -> None:
    path = mini / "cases" / "cases.yaml"
    text = path.read_text(encoding="utf-8")
    second = text.split("cases:\n")[1].replace("t-case", "t-case-2")
    path.write_text(text + second, encoding="utf-8")
    assert any("source.part" in p for p in problems(mini))
    told = text.replace("title: 典型案例,", "title: 典型案例, part: 案例一,") + second.replace(
        "title: 典型案例,", "title: 典型案例, part: 案例二,"
    )
    path.write_text(told, encoding="utf-8")
    assert problems(mini) == []


def test_a_repealed_document_may_say_what_ended_it(mini: Path, replace_in: Replace) -> None:
    replace_in(mini / "rules/new.yaml", "  replaces: [动火旧规则]\n", "")
    replace_in(mini / "rules/old.yaml", "  checked:", "  ended_by: 某部公告2022年第1号\n  checked:")
    assert problems(mini) == []


@pytest.mark.parametrize(("number", "sound"), [(30, True), (45, False)])
def test_numbers_are_held_to_a_text_that_is_not_shipped(mini: Path, number: int, sound: bool) -> None:
    folder = mini / "figures"
    folder.mkdir()
    (folder / "limits.json").write_text(json.dumps({"第十条": [number, 60]}), encoding="utf-8")
    found = [p for p in problems(mini) if "30 在原文中找不到" in p]
    assert bool(found) is not sound
    # The gist and the threshold each say 30.
    assert len(found) == (0 if sound else 2)


def test_a_damaged_file_of_figures_is_one_sentence(mini: Path) -> None:
    (mini / "figures").mkdir()
    (mini / "figures" / "limits.json").write_text("[1, 2", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"figures/limits\.json"):
        load(mini)


def test_no_tag_of_the_ontology_is_an_orphan() -> None:
    assert orphan_tags(load(default_folder()), Vocabulary(load_graph(ontology_folder()))) == []


def test_an_orphan_tag_is_found(mini: Path) -> None:
    found = orphan_tags(load(mini), Vocabulary(load_graph(ontology_folder())))
    assert any("“火花探测”没有任何条款" in p for p in found)
    assert not any("“动火”" in p for p in found)
