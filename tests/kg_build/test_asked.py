"""Questions put by who has not read the corpus lead to what answers them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant.knowledge import Knowledge
from kg_build.corpus import load
from kg_build.indexes import entries
from kg_build.nodes import grow
from kg_build.snapshot import build
from tests.conftest import TODAY
from tests.kg_build.problems import problems


def test_a_question_is_one_of_the_sayings_of_what_answers_it_or_of_what_it_asks(mini: Path, tmp_path: Path) -> None:
    corpus = load(mini)
    found = {e.id: e for e in entries(grow(corpus)[0], corpus)}
    assert found["rule-new/art_6"].asked == ("临时焊个支架也要先批吗",)
    assert "临时焊个支架也要先批吗" in found["rule-new/art_6"].says
    assert found["gap-hot-work-01"].says == ("接火斗要多大", "接火盆多宽才兜得住火星")
    knowledge = Knowledge(build(tmp_path, corpus=mini, model="none", today=TODAY).folder)
    assert "临时焊个支架也要先批吗" in knowledge.provision_by_id["rule-new/art_6"].says


def test_a_question_has_an_answer_or_a_topic_and_not_both(mini: Path) -> None:
    path = mini / "asked" / "hot-work.yaml"
    written = path.read_text(encoding="utf-8")
    for wrong in (
        written.replace(", answered_by: [动火新规则 第六条]", ""),
        written.replace("[动火新规则 第六条]", "[动火新规则 第六条], topic: gap-hot-work-01"),
    ):
        path.write_text(wrong, encoding="utf-8")
        assert len(problems(mini)) == 1
        assert "answered_by" in problems(mini)[0]
        assert "asked/hot-work.yaml 第 2 行" in problems(mini)[0]


def test_a_subject_that_nobody_asks_for_is_reported(mini: Path, replace_in: Callable[[Path, str, str], None]) -> None:
    replace_in(mini / "outside" / "hot-work.yaml", "    says: [接火斗要多大]\n", "")
    assert problems(mini) == []
    replace_in(mini / "asked" / "hot-work.yaml", "topic: gap-hot-work-01", "answered_by: [动火新规则 第六条]")
    assert len(problems(mini)) == 1
    assert "没有人问" in problems(mini)[0]
