"""What the corpus does not hold is said not to be there; what it holds is never refused for being short or cited."""

from __future__ import annotations

import pytest
from rich.console import Console

from assistant.display import show_answer
from assistant.models import NOT_GROUNDS
from assistant.search import NOTHING
from assistant.service import Assistant
from assistant.web.render import answer_html

OUTSIDE = ["离婚以后房子怎么分", "买的股票被套了能不能告公司", "医保卡能不能给爸妈买药", "考驾照科目二怎么过"]


@pytest.mark.parametrize("question", OUTSIDE)
def test_what_the_corpus_does_not_hold_is_said_not_to_be_there(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert not answer.answered
    assert answer.notices[0].startswith(NOTHING)
    assert (answer.provisions, answer.checks, answer.cases) == ([], [], [])
    assert answer.nearest is not None
    assert answer.nearest.provisions


def test_a_known_outside_subject_says_whom_to_ask(assistant: Assistant) -> None:
    answer = assistant.ask("离婚以后孩子归谁抚养")
    assert answer.nearest is not None
    assert answer.nearest.topic
    assert answer.nearest.where
    assert answer.nearest.where in answer.notices[0]


@pytest.mark.parametrize(
    "question", ["有限空间", "动火作业要求", "粉尘涉爆", "GB 30871", "安全生产法第三百条", "叉车没证能开吗"]
)
def test_subjects_and_citations_are_never_refused(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).answered


def test_the_law_of_an_earlier_day_is_not_refused(assistant: Assistant) -> None:
    assert assistant.ask("有限空间作业要审批吗，谁来监护", "2023-12-31").answered


def test_what_stands_nearest_is_never_shown_as_grounds(assistant: Assistant) -> None:
    answer = assistant.ask(OUTSIDE[0])
    grounds, _, _ = answer_html(answer, 8)
    console = Console(record=True, width=200)
    show_answer(answer, console)
    for shown in (grounds, console.export_text()):
        assert NOTHING in shown
        assert NOT_GROUNDS in shown
